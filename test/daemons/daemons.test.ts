import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { DAEMONS, settingsText } from '../../lib/daemons/daemons.ts';
import type { Found } from '../../lib/daemons/found.ts';
import { loadingText } from '../config/loading.ts';

const FOLDER = resolve(import.meta.dirname, '../../fixtures/daemons');
const FILES = { smstools: 'smsd.conf', gammu: 'gammu-smsdrc', kannel: 'kannel.conf' } as const;

function read(name: keyof typeof FILES, text = readFileSync(resolve(FOLDER, FILES[name]), 'utf8')): Found {
  const daemon = DAEMONS[name];
  if (daemon === undefined) throw new Error(`no daemon ${name}`);
  return daemon.read(text);
}

const notes = (found: Found): string[] => found.notes.map(({ line, message }) => `${line} ${message}`);

describe('the configuration of another daemon', () => {
  it('of SMS Server Tools becomes gateways', () => {
    const found = read('smstools');
    expect(found.gateways).to.deep.equal([
      {
        id: 'NIGHT',
        type: 'modem',
        device: '/dev/ttyUSB0',
        baudRate: 19200,
        pin: '0123',
        smsc: '+491722270000',
        init: ['AT+CPMS="ME","ME","ME"'],
        rtscts: true,
        reports: true,
        prefixes: ['+49162', '+491520'],
      },
      { id: 'LAN', type: 'modem', device: 'tcp://192.0.2.10:5000', receive: false },
      { id: 'spare-1', type: 'modem', device: '/dev/ttyUSB1', active: false, receive: false },
    ]);
    expect(notes(found)).to.include.members([
      '3 outgoing: mailsms keeps its own queue and takes mail, not files',
      '7 is neither a setting nor a comment',
      '21 init2: mailsms sets the mode itself, and has a setting for the PIN',
      '28 NIGHT, eventhandler: what is to happen with a message is said by rules; see docs/rules.md',
      '37 pin: is not a PIN of 4 to 8 digits',
      '39 smsc: is not the number of an SMS centre',
      '41 broken has no device that can be used: it is left out',
    ]);
  });

  it('of Gammu SMSD becomes a gateway', () => {
    const found = read('gammu');
    expect(found.gateways).to.deep.equal([
      {
        id: 'desk-phone',
        type: 'modem',
        device: '/dev/ttyACM0',
        baudRate: 19200,
        pin: '4321',
        reports: true,
      },
    ]);
    expect(notes(found)).to.include.members([
      '6 gammu1: gammu-smsd does not use it',
      '13 smsd, password: mailsms keeps its own queue and takes mail, not files or tables',
      '18 smsd, RunOnReceive: what is to happen with a message is said by rules; see docs/rules.md',
      '21 tables: is not used',
    ]);
  });

  it('of Gammu SMSD is left out where the phone speaks no AT commands', () => {
    const found = read('gammu', '[gammu]\ndevice = /dev/ttyS0\nconnection = fbus\n[smsd]\nservice = files\n');
    expect(found.gateways).to.deep.equal([]);
    expect(notes(found)).to.include(
      '3 connection: mailsms speaks AT commands over a serial line or TCP alone',
    );
  });

  it('of Kannel becomes gateways and accounts', () => {
    const found = read('kannel');
    expect(found.gateways).to.deep.equal([
      {
        id: 'stick-one',
        type: 'modem',
        device: '/dev/ttyUSB3',
        baudRate: 9600,
        pin: '9876',
        smsc: '+436640501',
        init: ['AT+CNMI=1,2,0,1,0'],
        prefixes: ['+43', '+49'],
        rate: '1/5s',
        description: '43664123456',
      },
      { id: 'at-21', type: 'modem', device: 'tcp://192.0.2.11:4001', active: false },
      {
        id: 'upstream',
        type: 'http',
        preset: 'kannel',
        settings: {
          baseUrl: 'http://192.0.2.20:13013',
          username: 'tester',
          password: 'foobar',
          sender: '12345',
        },
        description: '12345',
      },
      { id: 'own', type: 'http', url: 'http://192.0.2.21/send?to=%number%&text=%data%&from=%sender%' },
    ]);
    expect(found.accounts).to.deep.equal([
      {
        user: 'alarms',
        password: 's3cret',
        gateway: 'stick-one',
        sender: '1234',
        maxmsgs: 3,
        description: 'monitoring',
      },
    ]);
    expect(notes(found)).to.include.members([
      '1 group core: ports, logs and stores of Kannel',
      '17 allowed-prefix: national prefixes are not taken: write them with + and the country code',
      '42 smsc odd: its send-url has %D, for which there is nothing here: it is left out',
      '48 smsc cgw-48: there is no kind of gateway like "smsc = cgw" here: it is left out',
      '59 sendsms-user, user-allow-ip: who may write where is said by the account: allowed, denied',
      '61 a sendsms-user without name or password is left out',
    ]);
  });

  it('is never shown with its passwords where it is not used', () => {
    for (const name of Object.keys(FILES) as (keyof typeof FILES)[]) {
      expect(notes(read(name)).join('\n'), name).not.to.match(/not-to-be-shown|foobar|s3cret|4321|9876|0123/);
    }
  });

  it('names every line that is not used, and no other', () => {
    for (const name of Object.keys(FILES) as (keyof typeof FILES)[]) {
      const text = readFileSync(resolve(FOLDER, FILES[name]), 'utf8');
      const lines = text.split('\n').map((line, index) => ({ line, number: index + 1 }));
      const named = new Set(read(name).notes.map(({ line }) => line));
      const strange = lines.filter(
        ({ line }) => /(?:event|log|admin|RunOn|status-success)/i.test(line) && line.includes(' = '),
      );
      for (const { line, number } of strange) {
        const inCore = name === 'kannel' && number < 7;
        if (!inCore) expect(named.has(number), `${name}:${number} ${line}`).to.equal(true);
      }
      expect([...named].every((number) => (lines[number - 1]?.line ?? '') !== '')).to.equal(true);
    }
  });

  it('gives settings that mailsms takes', async () => {
    for (const name of ['smstools', 'gammu'] as const) {
      const { config } = await loadingText(settingsText(read(name))).load();
      expect(config.gateways.map(({ id }) => id)).to.deep.equal(read(name).gateways.map(({ id }) => id));
    }
    const { gateways, accounts } = read('kannel');
    const modems = gateways.filter(({ type }) => type === 'modem');
    const { config } = await loadingText(settingsText({ gateways: modems, accounts, notes: [] })).load();
    expect(config.accounts.map(({ user }) => user)).to.deep.equal(['alarms']);
  });

  it('keeps a PIN that begins with zero', () => {
    const written = parse(settingsText(read('smstools'))) as { gateways: { pin?: unknown }[] };
    expect(written.gateways[0]?.pin).to.equal('0123');
  });

  it('is nothing where there is nothing', () => {
    for (const daemon of Object.values(DAEMONS)) {
      expect(settingsText(daemon.read(''))).to.equal('');
      expect(() => daemon.read('\0\xff[[[=\n=\n[]\n= x\ngroup =\n')).not.to.throw();
    }
  });
});
