import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Product, until } from '../support/product.ts';
import { type PtyModem, startPtyModem } from '../../lib/emulator/pty.ts';
import { needsPty } from '../support/pty.ts';

const SCRIPT = `
> AT+CUSD=1,"*100#",15
< OK
< +CUSD: 0,"Your balance is 4.20 EUR",15
> AT+CUSD=1,"*101#",15
< OK
< +CUSD: 1,"1 tariff 2 top up",15
> AT+CUSD=1,"*102#",15
< OK
< +CUSD: 4
> AT+CUSD=1,*
< +CME ERROR: 30
> PDU [2]
< +CMS ERROR: 28
`;

const TALKATIVE = `
> ATI
< Manufacturer: huawei
< +GCAP: +CGSM,+DS,+ES
< OK
`;

describe('the tools for modems', () => {
  let modem: PtyModem;
  let product: Product;

  before(needsPty);
  before(async () => {
    modem = await startPtyModem(SCRIPT);
    const from = 'sms:%s@sms.example.com';
    product = await new Product({
      gateways: [
        { id: 'modem1', type: 'modem', device: modem.device, from },
        { id: 'absent', type: 'modem', device: '/nowhere/ttyUSB0', from },
        { id: 'spare', type: 'modem', device: '/nowhere/ttyUSB1', from, active: false },
        { id: 'phone', type: 'virtual', from },
      ],
    }).start();
    await product.logged(/"gateway":"modem1".*gateway up/);
  });
  after(async () => {
    await product?.dispose();
    await modem?.close();
  });

  describe('modem ussd', () => {
    it('prints what the network answers', async () => {
      const { code, stdout, stderr } = await product.cli('modem', 'ussd', 'modem1', '*100#');
      expect({ code, stdout, stderr }).to.deep.equal({
        code: 0,
        stdout: 'Your balance is 4.20 EUR\n',
        stderr: '',
      });
    });

    it('says where the network waits for an entry', async () => {
      const { code, stdout, stderr } = await product.cli('modem', 'ussd', 'modem1', '*101#');
      expect({ code, stdout }).to.deep.equal({ code: 0, stdout: '1 tariff 2 top up\n' });
      expect(stderr).to.contain('mailsms modem ussd modem1 ENTRY');
    });

    const mistakes: [name: string, gateway: string, code: string, told: RegExp][] = [
      ['a code that the network does not know', 'modem1', '*102#', /does not support this code/],
      ['a code that the modem refuses', 'modem1', '*103#', /no network/],
      ['what is no code', 'modem1', 'AT"', /is not a USSD code/],
      ['a gateway that is not there', 'modem2', '*100#', /there is no gateway "modem2"/],
      ['a gateway without USSD', 'phone', '*100#', /"phone" is of type virtual and has no USSD/],
      ['a gateway that is switched off', 'spare', '*100#', /gateway "spare" is switched off/],
      ['a modem that is out', 'absent', '*100#', /\/nowhere\/ttyUSB0|cannot be opened|not ready/],
    ];
    for (const [name, gateway, code, told] of mistakes) {
      it(`says what is wrong with ${name}`, async () => {
        const finished = await product.cli('modem', 'ussd', gateway, code);
        expect(finished.code).to.equal(1);
        expect(finished.stdout).to.equal('');
        expect(finished.stderr).to.match(told);
      });
    }
  });

  describe('gateways', () => {
    before(async () => {
      for (const [gateway, number] of [
        ['modem1', '+15551230001'],
        ['modem1', '+15551230002'],
        ['absent', '+15551230003'],
      ] as const) {
        const args = ['--to', number, '--text', 'hello', '--gateway', gateway];
        const { code, stderr } = await product.cli('send', ...args);
        expect(code, stderr).to.equal(0);
      }
      await product.logged(/"failed"/);
      await product.logged(/"sent"/);
    });

    it('shows people a line a gateway: state, signal, operator, SIM, what waits, was sent and failed, and why', async () => {
      const { code, stdout } = await product.cli('gateways');
      expect(code).to.equal(0);
      const [head, ...lines] = stdout.trimEnd().split('\n');
      expect(head?.split(/ +/)).to.deep.equal([
        'ID',
        'TYPE',
        'STATE',
        'SIGNAL',
        'OPERATOR',
        'IMEI',
        'SIM',
        'WAITING',
        'SENT',
        'FAILED',
        'REASON',
      ]);
      const [modem1 = [], absent = [], phone = []] = lines.map((line) => line.split(/ {2,}/));
      expect(modem1.slice(0, 10)).to.deep.equal([
        'modem1',
        'modem',
        'up',
        '##### -65 dBm',
        'Test Network',
        '490154203237518',
        '8900100000000000001',
        '0',
        '1',
        '1',
      ]);
      expect(modem1[10]).to.match(/^last error \d{4}-\d\d-\d\d \d\d:\d\d:\d\d: the mobile network does not/);
      expect(absent.slice(0, 9)).to.deep.equal(['absent', 'modem', 'down', '-', '-', '-', '-', '1', '0']);
      expect(absent[10]).to.contain('/nowhere/ttyUSB0');
      expect(phone).to.deep.equal(['phone', 'virtual', 'up', '-', '-', '-', '-', '0', '0', '0']);
    });

    it('gives scripts everything, one JSON object a line', async () => {
      const { stdout } = await product.cli('gateways', '--json');
      const [modem1, absent] = stdout
        .trimEnd()
        .split('\n')
        .map(
          (line) =>
            JSON.parse(line) as {
              id: string;
              waiting: number;
              lastError: { at: string; cause: string };
              status: { facts: object };
            },
        );
      expect(modem1).to.deep.include({ id: 'modem1', waiting: 0, today: { sent: 1, failed: 1 } });
      expect(modem1?.lastError.cause).to.match(/^the mobile network does not.*CMS ERROR: 28/);
      expect(new Date(modem1?.lastError.at ?? '').toISOString()).to.equal(modem1?.lastError.at);
      expect(modem1?.status.facts).to.include({
        bars: 5,
        signal: -65,
        imsi: '001010123456789',
        registration: 'home',
      });
      expect(absent).to.deep.include({ id: 'absent', waiting: 1, today: { sent: 0, failed: 0 } });
      expect(absent?.lastError.cause).to.contain('/nowhere/ttyUSB0');
    });

    it('what was counted outlives the process', async () => {
      expect(await product.stop('SIGKILL')).to.equal('SIGKILL');
      await product.start();
      const { stdout } = await product.cli('gateways', '--json');
      const [first] = stdout.split('\n').map((line) => (line === '' ? {} : (JSON.parse(line) as object)));
      expect(first).to.deep.include({ today: { sent: 1, failed: 1 } });
      await product.logged(/"gateway":"modem1".*gateway up/);
    });
  });

  describe('start --trace', () => {
    let locked: PtyModem;
    let traced: Product;
    beforeEach(async () => {
      locked = await startPtyModem('set pin 86427531');
      traced = new Product({
        gateways: [{ id: 'm', type: 'modem', device: locked.device, pin: '86427531', from: '%s' }],
      });
    });
    afterEach(async () => {
      await traced?.dispose();
      await locked?.close();
    });

    it('logs what is said on the line with gateway and length, and never the PIN', async () => {
      await traced.start('--trace');
      await traced.logged(/gateway up/);
      const { code, stderr } = await traced.cli('send', '--to', '+15551230001', '--text', 'hello');
      expect(code, stderr).to.equal(0);
      await locked.waitForSent(1);
      const line = JSON.parse(await traced.logged(/"< \+CMGS: /)) as object;
      expect(line).to.include({ level: 'debug', gateway: 'm' });
      expect(line).to.have.property('octets').that.is.greaterThan(7);
      expect(traced.output)
        .to.contain('"> AT+CPIN=\\"***\\""')
        .and.to.match(/"> AT\+CMGS=\d+"/);
      expect(traced.output).to.not.contain('86427531');
    });

    it('is off without it', async () => {
      await traced.start();
      await traced.logged(/gateway up/);
      expect(traced.output).to.not.match(/AT\+/);
    });
  });

  it('escalate runs the program that the file names for a modem that stays away', async () => {
    const away = new Product();
    try {
      const done = join(away.dir, 'switched');
      const device = '/nowhere/ttyUSB0';
      const escalate = [{ after: 1, do: ['touch', done] }];
      away.configure({ gateways: [{ id: 'm', type: 'modem', device, from: '%s', escalate }] });
      await away.start();
      await until('the program to have run', () => existsSync(done) || undefined);
    } finally {
      await away.dispose();
    }
  });

  describe('on a device that no gateway uses', () => {
    let other: PtyModem;
    before(async () => {
      other = await startPtyModem(TALKATIVE);
    });
    after(() => other?.close());

    it('modem probe says who answers and what works', async () => {
      const { code, stdout } = await product.cli('modem', 'probe', other.device);
      expect(code, stdout).to.equal(0);
      expect(stdout)
        .to.contain('IMEI 490154203237518')
        .and.to.match(/yes {2}PDU mode/);
    });

    it('both warn of a line that another program has open', async function () {
      if (process.platform !== 'linux') this.skip();
      for (const words of [['probe'], ['at']]) {
        const rest = words[0] === 'at' ? ['AT'] : [];
        const { stderr } = await product.cli('modem', ...words, other.device, ...rest);
        expect(stderr).to.match(/^\/dev\/pts\/\d+ is also open in .*\(process \d+\)/m);
      }
    });

    it('a speed that is none is refused', async () => {
      const { code, stderr } = await product.cli('modem', 'at', other.device, 'AT', '--baud-rate', 'fast');
      expect(code).to.equal(1);
      expect(stderr).to.contain('9600 or 115200');
    });

    it('modem at prints the answer and the final result', async () => {
      const { code, stdout } = await product.cli('modem', 'at', other.device, 'AT+CGSN');
      expect({ code, stdout }).to.deep.equal({ code: 0, stdout: '490154203237518\nOK\n' });
      const refused = await product.cli('modem', 'at', other.device, 'AT+NONSENSE');
      expect(refused).to.deep.include({ code: 1, stdout: 'ERROR\n' });
    });

    it('modem at shows what was not asked for beside the answer', async () => {
      const { code, stdout, stderr } = await product.cli('modem', 'at', other.device, 'ATI');
      expect({ code, stdout }).to.deep.equal({ code: 0, stdout: 'Manufacturer: huawei\nOK\n' });
      expect(stderr).to.match(/^unasked: \+GCAP: \+CGSM,\+DS,\+ES$/m);
    });
  });
});
