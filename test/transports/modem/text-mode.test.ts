import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { systemClock } from '../../../lib/base/clock.ts';
import type { Fault } from '../../../lib/base/errors.ts';
import type { ReceivedSms } from '../../../lib/routing/transport.ts';
import { decodeTpdu } from '../../../lib/sms/tpdu.ts';
import { createModemTransport, type ModemTransport } from '../../../lib/transports/modem/modem.ts';
import type { ModemSettings } from '../../../lib/transports/modem/settings.ts';
import { settle } from '../../support/clock.ts';
import { startPtyModem, type PtyModem } from '../../../lib/emulator/pty.ts';
import { needsPty } from '../../support/pty.ts';
import { job, KeptEvents, KeptLog, outcome, started, type Rig } from './rig.ts';

const FOLDER = new URL('../../../fixtures/at/models/', import.meta.url);
const script = (name: string): string => readFileSync(new URL(`${name}.txt`, FOLDER), 'utf8');
const TEXTS = 'set pdu off\n';
const IRA = 'set pdu off\nset charsets IRA\n';

/** The texts of what came in, parts of long messages decoded. */
function texts(events: KeptEvents): string[] {
  return events.received_.map((kept) => {
    if (!kept.startsWith('{')) {
      const tpdu = decodeTpdu(Buffer.from(kept, 'hex'), { smsc: false, direction: 'to-mobile' });
      return tpdu.type === 'deliver' ? `${tpdu.concat?.seq}/${tpdu.concat?.total} ${tpdu.text}` : tpdu.type;
    }
    const sms = JSON.parse(kept) as ReceivedSms;
    return sms.kind === 'text' ? sms.text : sms.kind;
  });
}

const AWKWARD = [
  'OK',
  'ERROR\nOK\n',
  '+CMTI: "SM",3',
  'one\n\n\nOK\n\n+CMGL: 1,"REC READ"',
  '',
  '> ',
  'a "b", c',
];

describe('a modem that has text mode alone', () => {
  for (const chunk of [undefined, 1]) {
    const how = chunk === undefined ? '' : ', octet by octet';
    const begin = (text: string, settings: Partial<ModemSettings> = {}): Promise<Rig> =>
      started(text, { settings, ...(chunk !== undefined && { chunk }) });

    it(`sends what PDU mode sends: characters, class, validity, a report asked for${how}`, async () => {
      const { modem, transport, events } = await begin(TEXTS);
      expect(events.state).to.equal('up');
      expect(transport.status().facts).to.include({ mode: 'text (UCS2)' });
      const options = { class: 0, validityMinutes: 60, statusReport: true } as const;
      await transport.send(job('Grüße {1} €\nПривет', { options }), async () => undefined);
      await transport.send(job('plain @ [x] ^'), async () => undefined);
      const [first, second] = modem.sent;
      expect(first?.text).to.equal('Grüße {1} €\nПривет');
      expect(first?.number).to.equal('+15551234567');
      expect(first?.tpdu).to.include({ statusReport: true });
      expect(first?.tpdu.validity).to.include({ minutes: 60 });
      expect(first?.tpdu.dcs).to.include({ class: 0, alphabet: 'ucs2' });
      expect(second?.text).to.equal('plain @ [x] ^');
      expect(second?.tpdu.dcs.raw).to.equal(0);
      expect(modem.sent.map(({ reference }) => reference)).to.deep.equal([1, 2]);
      await transport.stop();
    });

    for (const [charset, text] of [
      ['HEX', '@£$Ω€[]\nx'],
      ['GSM', '@£$ plain\nä'],
      ['IRA', '@$ plain [1]\nb'],
    ] as const) {
      it(`writes and reads texts in ${charset}${how}`, async () => {
        const { modem, transport, events } = await begin(`set pdu off\nset charsets ${charset}\n`);
        expect(transport.status().facts).to.include({ mode: `text (${charset})` });
        await transport.send(job(text), async () => undefined);
        expect(modem.sent.map((sms) => sms.text)).to.deep.equal([text]);
        modem.injectText('+15557654321', text);
        await settle(100);
        expect(texts(events)).to.deep.equal([text]);
        expect(JSON.parse(events.received_[0] ?? '')).to.include({ number: '+15557654321' });
        expect(modem.stored).to.equal(0);
        await transport.stop();
      });
    }

    it(`ties the parts of a long text together by a header${how}`, async () => {
      const { modem, transport } = await begin(TEXTS);
      for (const text of ['x'.repeat(400), 'й'.repeat(150)]) {
        modem.sent.length = 0;
        await transport.send(job(text), async () => undefined);
        expect(modem.sent.map(({ tpdu }) => tpdu.concat?.seq)).to.deep.equal([1, 2, 3]);
        expect(modem.sent.map((sms) => sms.text?.replace(/@$/, '')).join('')).to.equal(text);
      }
      await transport.stop();
    });

    it(`is not misled by texts that read like results and news${how}`, async () => {
      for (const more of ['', 'set csdh off\n']) {
        const { modem, transport, events, clock } = await begin(IRA + more);
        for (const text of AWKWARD.filter((each) => more === '' || !/\n\n|\n$|^\+|^$/.test(each))) {
          events.received_.length = 0;
          modem.injectText('+15557654321', text);
          for (let i = 0; i < 20 && modem.stored > 0; i++) await clock.advance(500);
          expect(texts(events), JSON.stringify(text)).to.deep.equal([text]);
          expect(modem.stored).to.equal(0);
        }
        await transport.stop();
      }
    });

    it(`is not misled by the echo of such texts${how}`, async () => {
      const { modem, transport, clock } = await begin(`${IRA}> ATE0\n< ERROR\n> PDU [3]\n< +CMS ERROR: 38`);
      for (const text of ['ERROR\nOK', 'OK']) {
        const result = outcome(transport.send(job(text), async () => undefined));
        await settle(50);
        expect(result).to.deep.equal({ settled: true, value: undefined });
      }
      const refused = outcome(transport.send(job('OK'), async () => undefined));
      await clock.advance(100);
      expect(refused.error).to.include({ code: 'gateway.deferred' });
      expect(modem.sent.map((sms) => sms.text)).to.deep.equal(['ERROR\nOK', 'OK']);
      await transport.stop();
    });

    it(`gets reports, directly and from the storage${how}`, async () => {
      for (const storages of ['SM:20', 'SM:20,SR:10']) {
        const { modem, transport, events, clock } = await begin(`${TEXTS}set storages ${storages}\n`);
        const options = { statusReport: true };
        await transport.send(job('report, please', { options }), async () => undefined);
        modem.injectReport({ reference: 1, number: '+15551234567' }, 0);
        modem.injectReport({ reference: 1, number: '+15551234567' }, 0x46);
        await clock.advance(1_000);
        const reports = events.received_.map((kept) => JSON.parse(kept) as { kind: string; outcome: string });
        const about = { kind: 'report', number: '+15551234567', reference: '1' };
        expect(reports).to.have.length(2);
        expect(reports[0]).to.include({ ...about, outcome: 'delivered', status: 0 });
        expect(reports[1]).to.include({ ...about, outcome: 'undelivered', status: 0x46 });
        expect(modem.stored).to.equal(0);
        await transport.stop();
      }
    });
  }

  it('numbers the parts of a long text where the modem takes no header', async () => {
    const { modem, transport } = await started(`${TEXTS}set udh off\n`);
    await transport.send(job('x'.repeat(400)), async () => undefined);
    expect(modem.sent.map((sms) => sms.text?.replace(/x+/, 'x'))).to.deep.equal([
      '(1/3) x',
      '(2/3) x',
      '(3/3) x',
    ]);
    modem.sent.length = 0;
    await transport.send(job('й'.repeat(100)), async () => undefined);
    expect(modem.sent.map((sms) => sms.text?.replace(/й+/, 'й'))).to.deep.equal(['1/2й', '(2/2) й']);
    await transport.stop();
  });

  it('refuses long texts where the operator wants that, and sends short ones', async () => {
    const { modem, transport } = await started(TEXTS, { settings: { longText: 'refuse' } });
    const long = outcome(transport.send(job('x'.repeat(400)), async () => undefined));
    await settle(50);
    expect(long.error).to.include({ code: 'message.content' });
    expect((long.error as Fault).told).to.include('several parts');
    await transport.send(job('short'), async () => undefined);
    expect(modem.sent).to.have.length(1);
    await transport.stop();
  });

  for (const [name, text] of [
    ['characters that its character set lacks', 'Größe'],
    ['Unicode', 'Привет'],
  ] as const) {
    it(`says what it cannot send: ${name}`, async () => {
      const { modem, transport } = await started(script('text-cdma'));
      const result = outcome(transport.send(job(text), async () => undefined));
      await settle(50);
      expect(result.error).to.include({ code: 'message.content', temporary: false });
      expect((result.error as Fault).told).to.match(/IRA characters only, not|plain texts only/);
      expect(modem.sent).to.have.length(0);
      await transport.stop();
    });
  }

  it('takes numbers as they are where the modem does not know them in UCS2', async () => {
    const { modem, transport } = await started(`${TEXTS}set wideNumbers off\n`);
    await transport.send(job('a'), async () => undefined);
    await transport.send(job('b'), async () => undefined);
    expect(modem.sent.map(({ number }) => number)).to.deep.equal(['+15551234567', '+15551234567']);
    expect(modem.commands.filter((line) => line.startsWith('AT+CMGS="00'))).to.have.length(1);
    await transport.stop();
  });

  it('receives the parts of a long text as the parts that they are', async () => {
    const { modem, transport, events, clock } = await started(TEXTS);
    modem.injectText('+15557654321', 'z'.repeat(300), { reference: 77 });
    modem.injectText('+15557654321', 'ж'.repeat(100), { reference: 78 });
    await clock.advance(1_000);
    expect(texts(events).map((text) => text.replace(/(.)\1+/, '$1'))).to.deep.equal([
      '1/2 z',
      '2/2 z',
      '1/2 ж',
      '2/2 ж',
    ]);
    await transport.stop();
  });

  it('gives what could not be kept again, the same under the same reference, and deletes it then', async () => {
    const { modem, transport, events, clock } = await started(TEXTS);
    const given: string[] = [];
    events.onReceived = (kept) => {
      given.push(kept);
      return given.length < 3 ? Promise.reject(new Error('the disk is full')) : Promise.resolve();
    };
    modem.injectText('+15557654321', 'again and again');
    await clock.advance(125_000);
    expect(given).to.have.length(3);
    expect(new Set(given).size).to.equal(1);
    expect((JSON.parse(given[0] ?? '{}') as { reference: string }).reference).to.have.length.greaterThan(20);
    expect(modem.stored).to.equal(0);
    await transport.stop();
  });

  it('is down, and says so, where text mode is refused as well', async () => {
    const { events, transport } = await started('set pdu off\n> AT+CMGF=1\n< ERROR');
    expect(events.state).to.equal('down');
    expect(events.statuses.at(-1)?.reason).to.include('refuses both PDU mode and text mode');
    await transport.stop();
  });
});

describe('a modem with text mode behind a real terminal', function () {
  this.timeout(40_000);
  before(needsPty);
  let modem: PtyModem;
  let transport: ModemTransport;
  let events: KeptEvents;

  async function start(text: string): Promise<void> {
    modem = await startPtyModem(text, { link: `/tmp/mailsms-test-text-${process.pid}` });
    events = new KeptEvents();
    const quick = { readTimeoutMs: 2_000, sendTimeoutMs: 2_000, sweepMs: 1_000 };
    transport = createModemTransport(
      { id: 'm', device: modem.device, ...quick },
      { clock: systemClock, log: new KeptLog() },
    );
    await transport.start(events);
    await events.until(() => events.state === 'up', 'up');
  }

  afterEach(async () => {
    await transport.stop();
    await modem.close();
  });

  const codeOf = (sending: Promise<void>): Promise<string> =>
    sending.then(
      () => 'sent',
      (error: unknown) => (error as Fault).code,
    );

  for (const name of ['text-wavecom-wmod2', 'text-cdma']) {
    describe(name, () => {
      it('sends, receives, and is told what became of it', async () => {
        await start(script(name));
        await transport.send(job('over a real line [1]\nOK'), async () => undefined);
        expect(modem.sent.map((sms) => sms.text)).to.deep.equal(['over a real line [1]\nOK']);
        modem.injectText('+15557654321', 'and back\nOK\n\nERROR');
        await events.until(() => events.received_.length === 1, 'received');
        expect(texts(events)).to.deep.equal(['and back\nOK\n\nERROR']);
        if (name !== 'text-cdma') {
          modem.injectReport(modem.sent[0] ?? { reference: 0, number: '' });
          await events.until(() => events.received_.length === 2, 'the report');
          expect(JSON.parse(events.received_[1] ?? '')).to.include({ kind: 'report', outcome: 'delivered' });
        }
        await modem.modem.waitForEmpty();
      });

      it('says what the network says, and goes on', async () => {
        await start(`${script(name)}\n> PDU [1]\n< +CMS ERROR: 38\n> PDU [1]\n< +CMS ERROR: 28`);
        expect(await codeOf(transport.send(job(), async () => undefined))).to.equal('gateway.deferred');
        expect(await codeOf(transport.send(job(), async () => undefined))).to.equal('gateway.number');
        expect(await codeOf(transport.send(job('third'), async () => undefined))).to.equal('sent');
        expect(modem.sent.map((sms) => sms.text)).to.deep.equal(['third']);
      });

      for (const [when, fault, code] of [
        ['at the command', '> AT+CMGS=* [1]\n! unplug', 'gateway.down'],
        ['in the text', '> PDU-START [1]\n! unplug', 'gateway.unknown'],
        ['after the text, and it is out', '> PDU [1]\n! take\n! unplug', 'gateway.unknown'],
      ] as const) {
        it(`is pulled out ${when}, and comes back`, async () => {
          await start(`${script(name)}\n${fault}`);
          expect(await codeOf(transport.send(job('x'), async () => undefined))).to.equal(code);
          await events.until(() => events.state === 'down', 'down');
          await modem.replug();
          await events.until(() => events.state === 'up', 'up');
          expect(await codeOf(transport.send(job('x'), async () => undefined))).to.equal('sent');
          expect(modem.sent.length).to.equal(when.endsWith('out') ? 2 : 1);
        });
      }
    });
  }
});
