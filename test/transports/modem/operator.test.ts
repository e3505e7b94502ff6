import { expect } from 'chai';
import { findDevice } from '../../../lib/transports/modem/find.ts';
import { probe } from '../../../lib/transports/modem/probe.ts';
import { readUssd } from '../../../lib/transports/modem/at/ussd.ts';
import { Fault } from '../../../lib/base/errors.ts';
import type { OpenPort } from '../../../lib/transports/modem/at/port.ts';
import { ManualClock, settle } from '../../support/clock.ts';
import { createMemoryModem } from '../../support/modem.ts';
import { outcome, started } from './rig.ts';

describe('USSD', () => {
  for (const [name, text, answer] of [
    ['plain text', '0,"Your balance is 4.20",15', { text: 'Your balance is 4.20', more: false }],
    [
      'a menu that waits for an entry',
      '1,"1 balance 2 top up",15',
      { text: '1 balance 2 top up', more: true },
    ],
    ['UCS-2 in hex', '0,"042F0437044B043A",72', { text: 'Язык', more: false }],
    [
      'UCS-2 in hex that says it is not',
      '0,"00420061006C0061006E00630065",15',
      { text: 'Balance', more: false },
    ],
    ['packed septets in hex', '0,"C8329BFD9E83C26E36BB3C07",15', undefined],
    ['a bare number', '0,"1234",15', { text: '1234', more: false }],
    ['no text', '0', { text: '', more: false }],
    ['an end by the network', '2,"Bye",15', { text: 'Bye', more: false }],
    ['not supported', '4', { told: 'the network does not support this code' }],
    ['no answer in time', '5', { told: 'the network did not answer in time' }],
    ['nonsense', 'xyz', undefined],
  ] as const) {
    it(`reads ${name}`, () => {
      const read = readUssd(text);
      if (name.startsWith('packed'))
        expect(read)
          .to.have.property('text')
          .that.matches(/^Hello/);
      else expect(read).to.deep.equal(answer);
    });
  }

  it('asks the network and waits for its answer, which comes after OK', async () => {
    const { modem, transport } = await started();
    const result = outcome(transport.ussd('*100#'));
    await settle(20);
    expect(modem.commands.at(-1)).to.equal('AT+CUSD=1,"*100#",15');
    expect(result.settled).to.equal(false);
    modem.say('+CUSD: 0,"4.20 EUR",15');
    await settle(20);
    expect(result.value).to.deep.equal({ text: '4.20 EUR', more: false });
    await transport.stop();
  });

  it('tries the packed form where the plain one is refused', async () => {
    const { modem, transport } = await started('> AT+CUSD=1,"*100#",15\n< ERROR');
    const result = outcome(transport.ussd('*100#'));
    await settle(20);
    expect(modem.commands.at(-1)).to.equal('AT+CUSD=1,"AA180C3602",15');
    modem.say('+CUSD: 0,"ok",15');
    await settle(20);
    expect(result.value).to.deep.equal({ text: 'ok', more: false });
    await transport.stop();
  });

  it('does not wait for ever', async () => {
    const { clock, transport } = await started();
    const result = outcome(transport.ussd('*100#'));
    await clock.advance(60_000);
    expect(result.error).to.include({ code: 'gateway.deferred' });
    await transport.stop();
  });

  it('refuses what would be another command', async () => {
    const { transport } = await started();
    const result = outcome(transport.ussd('*100#",15\rAT+CFUN=1,1'));
    await settle();
    expect(result.error).to.include({ code: 'message.content' });
    await transport.stop();
  });
});

describe('AT commands of the operator', () => {
  it('take their turn', async () => {
    const { transport } = await started();
    expect(await transport.at('AT+CGSN')).to.deep.equal(['490154203237518']);
    await transport.stop();
  });

  it('are refused where they would be two', async () => {
    const { transport } = await started();
    const result = outcome(transport.at('AT\rAT+CFUN=1,1'));
    await settle();
    expect(result.error).to.be.instanceOf(Fault);
    await transport.stop();
  });
});

describe('probing a device', () => {
  it('says who answers and what works', async () => {
    const { openPort } = createMemoryModem('set csms off\n> AT+CMMS*\n< ERROR');
    const report = await probe('/dev/ttyUSB0', { clock: new ManualClock(), openPort });
    expect(report).to.include({ answers: true, sim: 'READY', operator: 'Test Network', signalDbm: -65 });
    expect(report.identity).to.include({ imei: '490154203237518' });
    expect(Object.fromEntries(report.findings.map(({ what, works }) => [what, works]))).to.deep.equal({
      SIM: true,
      network: true,
      'PDU mode': true,
      'service centre': true,
      receiving: true,
      indications: true,
      acknowledgement: false,
      'kept link': false,
    });
  });

  for (const [name, script, pduMode, textMode] of [
    ['both', '', [true, 'AT+CMGF=0'], undefined],
    ['text mode alone', 'set pdu off', [false, 'AT+CMGF=0 is refused'], [true, 'used instead, in UCS2']],
    [
      'neither',
      '> AT+CMGF=*\n< ERROR',
      [false, 'AT+CMGF=0 is refused'],
      [false, 'AT+CMGF=1 is refused: no mode works'],
    ],
  ] as const) {
    it(`says which mode works: ${name}`, async () => {
      const { openPort } = createMemoryModem(script);
      const { findings } = await probe('/dev/ttyUSB0', { clock: new ManualClock(), openPort });
      const found = (mode: string): unknown => {
        const finding = findings.find(({ what }) => what === mode);
        return finding && [finding.works, finding.note];
      };
      expect(found('PDU mode')).to.deep.equal(pduMode);
      expect(found('text mode')).to.deep.equal(textMode);
    });
  }

  it('gives no PIN and reads no message', async () => {
    const { modem, openPort } = createMemoryModem('set pin 1234');
    const report = await probe('x', { clock: new ManualClock(), openPort });
    expect(report.sim).to.equal('SIM PIN');
    expect(modem.commands.filter((line) => /CPIN=|CMGL|CMGR|CMGD/.test(line))).to.deep.equal([]);
  });

  it('says that nobody answers', async () => {
    const clock = new ManualClock();
    const { openPort } = createMemoryModem('> *\n');
    const result = outcome(probe('x', { clock, openPort }));
    for (let i = 0; i < 10; i++) await clock.advance(1_000);
    expect(result.value).to.include({ answers: false });
  });

  it('says that the device cannot be opened', async () => {
    const openPort: OpenPort = () =>
      Promise.reject(new Fault('gateway.down', { told: 'the modem cannot be opened' }));
    expect(await probe('x', { clock: new ManualClock(), openPort })).to.deep.include({
      answers: false,
      problem: 'the modem cannot be opened',
    });
  });
});

describe('finding a modem', () => {
  const LINES = [
    { path: '/dev/ttyS0' },
    { path: '/dev/ttyUSB0', vendor: '12d1', product: '1001', serial: 'A' },
    { path: '/dev/ttyUSB1', vendor: '12d1', product: '1001', serial: 'A' },
    { path: '/dev/ttyUSB2', vendor: '2c7c', product: '0125', serial: 'B' },
  ];
  /** ttyUSB0 answers nothing, the others are two modems. */
  function world(): { open: OpenPort; opened: string[] } {
    const modems: Record<string, OpenPort> = {
      '/dev/ttyUSB0': createMemoryModem('> *\n').openPort,
      '/dev/ttyUSB1': createMemoryModem('set imei 111111111111119').openPort,
      '/dev/ttyUSB2': createMemoryModem('set imei 222222222222228').openPort,
    };
    const opened: string[] = [];
    return {
      opened,
      open: async (path, options) => {
        opened.push(path);
        const open = modems[path];
        if (open === undefined) throw new Error('a console');
        return open(path, options);
      },
    };
  }

  it('does not wait for ever for the list of lines', async () => {
    const clock = new ManualClock();
    const list = (): Promise<never> => new Promise(() => undefined);
    const wanted = { kind: 'usb', vendor: '12d1', product: '1001' } as const;
    const result = outcome(findDevice(wanted, { clock }, { open: world().open, list }));
    await clock.advance(9_999);
    expect(result.settled).to.equal(false);
    await clock.advance(1);
    expect(result.error).to.include({ code: 'gateway.down' });
    expect((result.error as Error).message).to.contain('usb:12d1:1001: the system did not list its lines');
  });

  for (const [name, wanted, path] of [
    ['by its IMEI', { kind: 'imei', imei: '222222222222228' }, '/dev/ttyUSB2'],
    ['by its IMEI without check digit', { kind: 'imei', imei: '11111111111111' }, '/dev/ttyUSB1'],
    [
      'by its USB device, on the line that answers',
      { kind: 'usb', vendor: '12d1', product: '1001' },
      '/dev/ttyUSB1',
    ],
    [
      'by its USB serial number',
      { kind: 'usb', vendor: '2c7c', product: '0125', serial: 'B' },
      '/dev/ttyUSB2',
    ],
  ] as const) {
    it(name, async () => {
      const clock = new ManualClock();
      const { open, opened } = world();
      const result = outcome(findDevice(wanted, { clock }, { open, list: async () => LINES }));
      for (let i = 0; i < 12 && !result.settled; i++) await clock.advance(1_000);
      expect(result).to.deep.equal({ value: path, settled: true });
      expect(opened).to.not.include('/dev/ttyS0');
    });
  }

  it('says so where it is on no line', async () => {
    const clock = new ManualClock();
    const { open } = world();
    const result = outcome(
      findDevice(
        { kind: 'usb', vendor: '12d1', product: '1001', serial: 'Z' },
        { clock },
        { open, list: async () => LINES },
      ),
    );
    await settle();
    expect(result.error).to.include({ code: 'gateway.down' });
    expect((result.error as Fault).detail).to.include('usb:12d1:1001:Z');
  });
});
