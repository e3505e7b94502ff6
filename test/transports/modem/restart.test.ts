import { expect } from 'chai';
import type { Fault } from '../../../lib/base/errors.ts';
import { segment } from '../../../lib/sms/segment.ts';
import { settle } from '../../support/clock.ts';
import { job, outcome, started, type Rig, type RigOptions } from './rig.ts';

const NUMBER = '+15557654321';
/** Three parts. */
const LONG = 'It is not the voice that commands the story: it is the ear. '.repeat(7);

/** A modem as it is when it has restarted: in text mode, with echo on and without causes. */
const FORGETFUL = 'set mode text\nset cnmi 1,2,0,0,0\nset memory ME\nset boot 3000';

/** What a modem makes of AT+CMGS=37 in text mode. */
const REFUSALS = {
  '304': 'set cmee 1',
  '305': 'set cmee 1\nset refusal 305',
  '302': 'set cmee 1\nset refusal 302',
  ERROR: '',
  'a prompt, as for the number 37': 'set unquoted on',
};

interface Delivered {
  readonly codes: readonly string[];
  readonly dropped: boolean;
}

/** Does with a message what the queue does: its remaining parts again and again, until they are out or it is given up. */
async function deliver(made: Rig, text: string, during: () => void = () => undefined): Promise<Delivered> {
  const { transport, clock, events } = made;
  let left = segment(text, { reference: 7 }).parts;
  const codes: string[] = [];
  for (let attempt = 0; attempt < 10; attempt++) {
    for (let waited = 0; events.state !== 'up' && waited < 300; waited++) await clock.advance(1_000);
    const result = outcome(
      transport.send(job(text, { segments: left }), async ({ sequence }) => {
        left = left.filter((part) => part.sequence !== sequence);
      }),
    );
    if (attempt === 0) during();
    for (let waited = 0; !result.settled && waited < 300; waited++) await clock.advance(1_000);
    expect(result.settled, 'the send ends').to.equal(true);
    if (result.error === undefined) return { codes, dropped: false };
    const { code, temporary } = result.error as Fault;
    codes.push(code);
    if (!temporary) return { codes, dropped: true };
    await clock.advance(1_000);
  }
  return { codes, dropped: true };
}

/** Whether nothing was condemned: `codes` say that the modem is down, or in `unknown` that it is not known what became of a part. */
function waited({ codes, dropped }: Delivered, unknown: boolean): boolean {
  const known = codes.filter((code) => code !== 'gateway.down');
  return !dropped && (unknown ? known.every((code) => code === 'gateway.unknown') : known.length === 0);
}

const texts = ({ modem }: Rig): (string | undefined)[] => modem.sent.map((sms) => sms.text);

/** What came in, as it was given to the caller, in the end. */
async function receives(made: Rig, text: string): Promise<void> {
  const pdus = made.modem.injectText(NUMBER, text);
  await made.clock.advance(120_000);
  expect(made.events.received_.filter((hex) => pdus.includes(hex))).to.deep.equal(pdus);
  expect(made.modem.stored + made.modem.waiting.length).to.equal(0);
}

describe('a modem that restarts', () => {
  for (const how of ['announced', 'silent'] as const) {
    const restart = how === 'announced' ? '! restart' : '! restart-silent';

    for (const echo of ['on', 'off'] as const) {
      for (const [answer, script] of Object.entries(REFUSALS)) {
        it(`${how} between two messages, echo ${echo}, and meets AT+CMGS with ${answer}: all go out`, async () => {
          const made = await started(`${FORGETFUL}\nset echo ${echo}\n${script}`);
          await made.clock.advance(20_000);
          expect(await deliver(made, 'one')).to.deep.equal({ codes: [], dropped: false });
          made.modem.restart(how);
          await made.clock.advance(3_000);
          for (const text of ['two', 'three']) {
            const result = await deliver(made, text);
            expect(waited(result, false), JSON.stringify(result)).to.equal(true);
          }
          expect(texts(made)).to.deep.equal(['one', 'two', 'three']);
          expect(new Set(made.modem.sent.map((sms) => sms.number))).to.deep.equal(new Set(['+15551234567']));
          expect(made.log.opened).to.equal(2);
          await receives(made, 'and back');
          await made.transport.stop();
        });
      }
    }

    for (const [answer, script] of Object.entries(REFUSALS).filter(([each]) => !each.includes('prompt'))) {
      it(`${how} faster than can be noticed, and meets AT+CMGS with ${answer}: all go out`, async () => {
        const made = await started(
          `${FORGETFUL}\nset boot 0\nset echo off\nset greeting Call Ready\n${script}`,
        );
        await made.clock.advance(20_000);
        expect(await deliver(made, 'one')).to.deep.equal({ codes: [], dropped: false });
        made.modem.restart(how);
        for (const text of ['two', 'three']) {
          const result = await deliver(made, text);
          expect(waited(result, false), JSON.stringify(result)).to.equal(true);
        }
        expect(texts(made)).to.deep.equal(['one', 'two', 'three']);
        expect(made.log.opened).to.equal(2);
        await made.transport.stop();
      });
    }

    for (const [when, script, unknown, duplicates] of [
      ['at the command', `> AT+CMGS=* [2]\n${restart}`, false, 0],
      ['after the prompt has come', `> AT+CMGS=* [2]\n! prompt\n${restart}`, true, 0],
      ['in the PDU', `> PDU-START [2]\n${restart}`, true, 0],
      ['after the PDU', `> PDU [2]\n${restart}`, true, 0],
      ['after the network has the message', `> PDU [2]\n! take\n${restart}`, true, 1],
    ] as const) {
      it(`${how} ${when}: nothing is condemned, and all parts go out`, async () => {
        const made = await started(`${FORGETFUL}\n${script}`);
        const result = await deliver(made, LONG);
        expect(waited(result, unknown), JSON.stringify(result)).to.equal(true);
        expect([...new Set(texts(made))].join('')).to.equal(LONG);
        expect(texts(made).length - new Set(texts(made)).size).to.equal(duplicates);
        expect(made.log.opened).to.equal(2);
        await receives(made, 'and back');
        await made.transport.stop();
      });
    }

    it(`${how} while nothing is sent: it is found out, and what comes in is received`, async () => {
      const made = await started(FORGETFUL);
      made.modem.restart(how);
      await made.clock.advance(35_000);
      expect([made.log.opened, made.events.state]).to.deep.equal([2, 'up']);
      await receives(made, 'hello');
      await made.transport.stop();
    });

    it(`${how} while it is brought up: it is brought up once more`, async () => {
      const made = await started(`${FORGETFUL}\nset boot 0\n> AT+CPMS=? [1]\n! default\n${restart}`);
      expect(made.log.text).to.match(/brought up once more/);
      expect([made.log.opened, made.events.state]).to.deep.equal([1, 'up']);
      expect(await deliver(made, 'hello')).to.deep.equal({ codes: [], dropped: false });
      await receives(made, 'and back');
      await made.transport.stop();
    });

    it(`${how} while a message that it was asked for is kept: no other is deleted in its place`, async () => {
      const made = await started('set mode text\nset boot 3000\nset echo off');
      let keep: () => void = () => undefined;
      let first = true;
      made.events.onReceived = () => {
        if (!first) return Promise.resolve();
        first = false;
        return new Promise((resolve) => (keep = resolve));
      };
      const [one = ''] = made.modem.injectText(NUMBER, 'one');
      await settle(50);
      const [two = ''] = made.modem.pdusOf(NUMBER, 'two');
      made.modem.storages.get('ME')?.set(1, { stat: 0, hex: two });
      made.modem.set('memory', 'ME');
      made.modem.restart(how);
      await made.clock.advance(3_500);
      keep();
      await made.clock.advance(120_000);
      expect(made.events.received_).to.deep.equal([one, two]);
      expect(made.modem.stored).to.equal(0);
      await made.transport.stop();
    });
  }

  it('in silence gives a text directly: it is kept, and the modem is brought up anew', async () => {
    for (const headers of [false, true]) {
      const made = await started('set mode text\nset cnmi 1,2,0,1,0');
      made.modem.restart('silent');
      // AT+CSDH=1 as a modem has it that keeps this one setting.
      if (headers) made.modem.feed(Buffer.from('AT+CSDH=1\r'));
      await settle();
      made.modem.injectText(NUMBER, 'straight to you');
      await made.clock.advance(5_000);
      expect(made.events.received_.map((sms) => JSON.parse(sms) as object)).to.have.length(1);
      expect(JSON.parse(made.events.received_[0] ?? '')).to.include({
        number: NUMBER,
        text: 'straight to you',
      });
      await made.clock.advance(10_000);
      expect([made.log.opened, made.events.state], made.log.text).to.deep.equal([2, 'up']);
      await made.transport.stop();
    }
  });

  it('in silence gives a status report directly: it is kept', async () => {
    const made = await started('set mode text\nset cnmi 1,2,0,1,0');
    made.modem.restart('silent');
    made.modem.injectReport({ reference: 5, number: NUMBER });
    await made.clock.advance(5_000);
    expect(JSON.parse(made.events.received_[0] ?? '')).to.include({
      number: NUMBER,
      reference: '5',
      outcome: 'delivered',
    });
    await made.transport.stop();
  });

  it('cannot say in which mode it is: a refusal is believed only of one that was just brought up', async () => {
    const made = await started(
      `${FORGETFUL}\nset echo off\nset cmee 1\n> AT+CMGF?\n< ERROR\n> AT+CNMI?\n< ERROR\n> AT+CSMS?\n< ERROR`,
    );
    await made.clock.advance(20_000);
    made.modem.restart('silent');
    await made.clock.advance(3_000);
    const result = await deliver(made, 'hello');
    expect(waited(result, false), JSON.stringify(result)).to.equal(true);
    expect(texts(made)).to.deep.equal(['hello']);
    const refused = await started('> AT+CMGF?\n< ERROR\n> PDU\n< +CMS ERROR: 304');
    await refused.clock.advance(20_000);
    const { codes, dropped } = await deliver(refused, 'hello');
    expect({ codes, dropped }).to.deep.equal({ codes: ['gateway.down', 'message.content'], dropped: true });
    await made.transport.stop();
    await refused.transport.stop();
  });

  it('is not taken for one where a message is really not liked', async () => {
    const made = await started('> PDU [1]\n< +CMS ERROR: 304');
    await made.clock.advance(60_000);
    const { codes, dropped } = await deliver(made, 'hello');
    expect({ codes, dropped, opened: made.log.opened }).to.deep.equal({
      codes: ['message.content'],
      dropped: true,
      opened: 1,
    });
    await made.transport.stop();
  });

  it('and keeps its echo and its mode whatever it is told is used as it is', async () => {
    const made = await started('> ATE0\n< OK\n> AT+CMGF?\n< +CMGF: 1\n< OK');
    expect(made.log.text).to.contain('does not keep what it is told');
    expect(await deliver(made, 'hello')).to.deep.equal({ codes: [], dropped: false });
    await made.clock.advance(600_000);
    expect([made.log.opened, made.events.state]).to.deep.equal([1, 'up']);
    await made.transport.stop();
  });
});

describe('a modem whose settings change while it is open', () => {
  const outOfOrder: [what: string, script: string, change: string, options?: RigOptions][] = [
    ['another program sets it to text mode', '', 'AT+CMGF=1'],
    ['another program switches its echo on', '', 'ATE1'],
    ['another program takes its causes away', '', 'AT+CMEE=0'],
    ['another program takes its indications', '', 'AT+CNMI=2,2,0,0,0'],
    ['another program has it acknowledge by itself', '', 'AT+CSMS=0'],
    ['one with text mode alone gets another character set', 'set pdu off', 'AT+CSCS="GSM"'],
    ['one with text mode alone shows no headers any more', 'set pdu off', 'AT+CSDH=0'],
  ];
  for (const [what, script, change] of outOfOrder) {
    it(`${what}: it is brought up anew within its check, and nothing is lost`, async () => {
      const made = await started(script);
      await made.clock.advance(5_000);
      made.modem.feed(Buffer.from(`${change}\r`));
      await settle();
      const result = await deliver(made, 'hello');
      expect(waited(result, false), JSON.stringify(result)).to.equal(true);
      await made.clock.advance(40_000);
      expect([made.log.opened, made.events.state], made.log.text).to.deep.equal([2, 'up']);
      expect(texts(made)).to.deep.equal(['hello']);
      await made.transport.stop();
    });
  }

  it('is read from the storages that it has, whichever another program has selected', async () => {
    const made = await started('set storages SM:20\n> AT+CNMI=*\n< ERROR');
    // Another one appears, and is what the modem looks at from now on.
    made.modem.storages.set('ME', new Map());
    made.modem.feed(Buffer.from('AT+CPMS="ME","ME","SM"\r'));
    await receives(made, 'hello');
    await made.transport.stop();
  });

  it('whose SIM is taken out says so, and asks for the PIN when it is back', async () => {
    const { Secret } = await import('../../../lib/base/secret.ts');
    for (const said of ['on', 'off']) {
      const made = await started('set pin 1234', { settings: { pin: new Secret('1234') } });
      expect(made.events.state).to.equal('none');
      await made.clock.advance(3_000);
      expect(made.events.state).to.equal('up');
      if (said === 'on') made.modem.sim = false;
      else {
        made.modem.set('sim', 'off');
        made.modem.set('registration', '0');
      }
      await made.clock.advance(60_000);
      expect(made.events.statuses.at(-1)).to.deep.include({ state: 'down' });
      expect(made.events.statuses.at(-1)?.reason).to.match(/has no SIM/);
      made.modem.sim = true;
      made.modem.set('registration', '1');
      const result = await deliver(made, 'hello');
      expect(waited(result, false), JSON.stringify(result)).to.equal(true);
      expect(texts(made)).to.deep.equal(['hello']);
      await made.transport.stop();
    }
  });
});
