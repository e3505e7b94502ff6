import { expect } from 'chai';
import fc from 'fast-check';
import { Channel } from '../../../../lib/transports/modem/at/channel.ts';
import type { CommandOptions } from '../../../../lib/transports/modem/at/command.ts';
import { ChannelError } from '../../../../lib/transports/modem/at/result.ts';
import type { Urc } from '../../../../lib/transports/modem/at/urc.ts';
import { ManualClock, settle } from '../../../support/clock.ts';
import { Wire } from '../../../support/modem-wire.ts';
import { outcome } from '../rig.ts';

function make() {
  const wire = new Wire();
  const clock = new ManualClock();
  const urcs: Urc[] = [];
  const stray: string[] = [];
  const late: string[] = [];
  const trace: string[] = [];
  const ended: string[] = [];
  const channel = new Channel(
    wire.port,
    { clock },
    {
      urc: (urc) => urcs.push(urc),
      stray: (line) => stray.push(line),
      late: (_, line) => late.push(line),
      closed: (reason) => ended.push(reason),
      trace: (direction, text) => trace.push(`${direction} ${text}`),
    },
  );
  return { wire, clock, channel, urcs, stray, late, trace, ended };
}

interface Case {
  readonly name: string;
  readonly command: string;
  readonly options?: CommandOptions;
  readonly said: string;
  readonly lines?: readonly string[];
  readonly refused?: string;
  readonly urcs?: readonly Urc[];
}

const CASES: readonly Case[] = [
  { name: 'OK alone', command: 'AT', said: '\r\nOK\r\n', lines: [] },
  { name: 'a line and OK', command: 'AT+CGMI', said: '\r\nSIEMENS\r\n\r\nOK\r\n', lines: ['SIEMENS'] },
  {
    name: 'echo before the answer',
    command: 'AT+CSQ',
    said: 'AT+CSQ\r\r\n+CSQ: 24,0\r\n\r\nOK\r\n',
    lines: ['+CSQ: 24,0'],
  },
  {
    name: 'an echo that noise has eaten at',
    command: 'AT+CGMI',
    said: 'AT+C\x00\x7fI\r\r\nSIEMENS\r\n\r\nOK\r\n',
    lines: ['SIEMENS'],
  },
  { name: 'LF only', command: 'AT+CSQ', said: '\n+CSQ: 24,0\n\nOK\n', lines: ['+CSQ: 24,0'] },
  { name: 'CR only', command: 'AT+CSQ', said: '\r+CSQ: 24,0\r\rOK\r', lines: ['+CSQ: 24,0'] },
  {
    name: 'CR CR LF',
    command: 'AT+CSQ',
    said: '\r\r\n+CSQ: 24,0\r\r\n\r\r\nOK\r\r\n',
    lines: ['+CSQ: 24,0'],
  },
  { name: 'no blank lines', command: 'AT+CSQ', said: '+CSQ: 24,0\r\nOK\r\n', lines: ['+CSQ: 24,0'] },
  {
    name: 'binary noise between',
    command: 'AT+CSQ',
    said: '\xff\xfe\x00\r\n+CS\x80Q: 24,0\r\n\x01\x02\r\nOK\r\n',
    lines: ['+CSQ: 24,0'],
  },
  { name: 'ERROR', command: 'AT+CMMS=2', said: '\r\nERROR\r\n', refused: 'none:undefined' },
  { name: '+CME ERROR in numbers', command: 'AT+CPIN?', said: '\r\n+CME ERROR: 10\r\n', refused: 'CME:10' },
  {
    name: '+CMS ERROR in words',
    command: 'AT+CMGR=1',
    said: '\r\n+CMS ERROR: invalid memory index\r\n',
    refused: 'CMS:invalid memory index',
  },
  {
    name: '+CMS ERROR without a blank',
    command: 'AT+CMGR=1',
    said: '\r\n+CMS ERROR:321\r\n',
    refused: 'CMS:321',
  },
  {
    name: 'COMMAND NOT SUPPORT (Huawei)',
    command: 'AT+CMMS=2',
    said: '\r\nCOMMAND NOT SUPPORT\r\n',
    refused: 'none:undefined',
  },
  {
    name: 'a URC before the echo',
    command: 'AT+CSQ',
    said: '\r\n+CMTI: "SM",3\r\nAT+CSQ\r\r\n+CSQ: 24,0\r\n\r\nOK\r\n',
    lines: ['+CSQ: 24,0'],
    urcs: [{ name: '+CMTI', text: '"SM",3' }],
  },
  {
    name: 'a URC inside an answer, between a header and its PDU',
    command: 'AT+CMGL=4',
    options: { answer: '+CMGL:' },
    said: '\r\n+CMGL: 1,1,,3\r\n+CMTI: "ME",9\r\n00040102\r\n\r\nOK\r\n',
    lines: ['+CMGL: 1,1,,3', '00040102'],
    urcs: [{ name: '+CMTI', text: '"ME",9' }],
  },
  {
    name: 'a direct message with its PDU inside an answer',
    command: 'AT+CMGR=1',
    options: { answer: '+CMGR:' },
    said: '\r\n+CMGR: 1,,3\r\n\r\n+CMT: ,2\r\n000405\r\n00040102\r\n\r\nOK\r\n',
    lines: ['+CMGR: 1,,3', '00040102'],
    urcs: [{ name: '+CMT', text: ',2', body: '000405' }],
  },
  {
    name: 'RING, NO CARRIER and start-up words',
    command: 'AT',
    said: '\r\nRING\r\n\r\nNO CARRIER\r\n\r\nCall Ready\r\n\r\nOK\r\n',
    lines: [],
    urcs: ['RING', 'NO CARRIER', 'CALL READY'].map((name) => ({ name, text: '' })),
  },
  {
    name: 'indications of vendors that nobody asked for',
    command: 'AT+CGMM',
    said: '\r\n^RSSI: 12\r\n\r\nE1550\r\n^BOOT:9485,0,0,0,72\r\n+QIND: SMS DONE\r\n\r\nOK\r\n',
    lines: ['E1550'],
    urcs: [
      { name: '^RSSI', text: '12' },
      { name: '^BOOT', text: '9485,0,0,0,72' },
      { name: '+QIND', text: 'SMS DONE' },
    ],
  },
  {
    name: '+CREG as an answer and as news',
    command: 'AT+CREG?',
    said: '\r\n+CREG: 2,"0001","0002"\r\n\r\n+CREG: 2,1,"0001","0002"\r\n\r\nOK\r\n',
    lines: ['+CREG: 2,1,"0001","0002"'],
    urcs: [{ name: '+CREG', text: '2,"0001","0002"' }],
  },
  {
    name: '+CREG right after it was switched on',
    command: 'AT+CREG=1',
    said: '\r\n+CREG: 1\r\n\r\nOK\r\n',
    lines: [],
    urcs: [{ name: '+CREG', text: '1' }],
  },
];

describe('the AT channel', () => {
  for (const { name, command, options, said, lines, refused, urcs = [] } of CASES) {
    for (const way of ['say', 'trickle'] as const) {
      it(`understands ${name}${way === 'trickle' ? ', octet by octet' : ''}`, async () => {
        const dialogue = make();
        const result = outcome(dialogue.channel.command(command, options));
        expect(await dialogue.wire.written()).to.equal(`${command}\\r`);
        dialogue.wire[way](said);
        await settle(3);
        if (refused === undefined) expect(result).to.deep.equal({ value: lines, settled: true });
        else {
          const { kind, given } = result.error as ChannelError;
          expect(
            `${kind} ${given?.family}:${given?.code ?? (given?.family === 'none' ? undefined : given?.text)}`,
          ).to.equal(`refused ${refused}`);
        }
        expect(dialogue.urcs).to.deep.equal(urcs);
      });
    }
  }

  it('has one command in flight', async () => {
    const { wire, channel } = make();
    const first = outcome(channel.command('AT+CSQ'));
    const second = outcome(channel.command('AT+CREG?'));
    expect(await wire.written()).to.equal('AT+CSQ\\r');
    wire.say('\r\n+CSQ: 1,0\r\n\r\nOK\r\n');
    expect(await wire.written()).to.equal('AT+CREG?\\r');
    wire.say('\r\n+CREG: 0,1\r\n\r\nOK\r\n');
    await settle(3);
    expect([first.value, second.value]).to.deep.equal([['+CSQ: 1,0'], ['+CREG: 0,1']]);
  });

  it('goes on after a refusal', async () => {
    const { wire, channel } = make();
    const first = outcome(channel.command('AT+CMMS=2'));
    const second = outcome(channel.command('AT'));
    await wire.written();
    wire.say('\r\nERROR\r\n');
    expect(await wire.written()).to.equal('AT\\r');
    wire.say('\r\nOK\r\n');
    await settle(3);
    expect(first.error).to.be.instanceOf(ChannelError);
    expect(second.value).to.deep.equal([]);
  });

  describe('handing over a PDU', () => {
    const PDU = '0011000B915155214365F70000AA05E8329BFD06';
    const send = (channel: Channel) =>
      channel.command('AT+CMGS=19', { pdu: PDU, answer: '+CMGS:', pduTimeoutMs: 60_000 });

    for (const [name, prompt] of [
      ['the usual one', '\r\n> '],
      ['without a blank', '\r\n>'],
      ['right after the echo', 'AT+CMGS=19\r\r\n> '],
      ['after an echo that lost its end', 'AT+CMGS=1> '],
      ['after noise', '\x00\xff\r\n> '],
      ['after news', '\r\n+CMTI: "SM",1\r\n\r\n> '],
    ] as const) {
      it(`takes a prompt: ${name}`, async () => {
        const { wire, channel } = make();
        const result = outcome(send(channel));
        expect(await wire.written()).to.equal('AT+CMGS=19\\r');
        wire.trickle(prompt);
        expect(await wire.written()).to.equal(`${PDU}^Z`);
        wire.trickle(`${PDU}\x1a\r\n+CMGS: 7\r\n\r\nOK\r\n`);
        await settle(3);
        expect(result.value).to.deep.equal(['+CMGS: 7']);
      });
    }

    it('does not take a > in another answer for a prompt', async () => {
      const { wire, channel } = make();
      const result = outcome(channel.command('AT+COPS?'));
      await wire.written();
      wire.say('\r\n+COPS: 0,0,"> Net"\r\n\r\nOK\r\n');
      await settle(3);
      expect(result.value).to.deep.equal(['+COPS: 0,0,"> Net"']);
    });

    it('passes on an error in place of the prompt', async () => {
      const { wire, channel } = make();
      const result = outcome(send(channel));
      await wire.written();
      wire.say('\r\n+CMS ERROR: 302\r\n');
      await settle(3);
      expect(result.error).to.include({ kind: 'refused', stage: 'command' });
      expect(await wire.written()).to.equal('');
    });

    it('says that nothing was handed over when no prompt comes, and leaves a prompt that comes too late', async () => {
      const { wire, channel, clock } = make();
      const result = outcome(send(channel));
      await wire.written();
      await clock.advance(16_000);
      expect(result.error).to.include({ kind: 'timeout', stage: 'command' });
      const next = outcome(channel.command('AT+CSQ'));
      expect(await wire.written()).to.equal('^[^Z\\rAT+CMEE?\\r');
      wire.say('\r\n> \r\nOK\r\n\r\n+CMEE: 1\r\n\r\nOK\r\n');
      expect(await wire.written()).to.equal('AT+CSQ\\r');
      wire.say('\r\n+CSQ: 9,0\r\n\r\nOK\r\n');
      await settle(3);
      expect(next.value).to.deep.equal(['+CSQ: 9,0']);
    });

    it('leaves the prompt that comes after an OK which was not its own', async () => {
      const { wire, channel } = make();
      const result = outcome(channel.command('AT+CMGS=23', { pdu: '00' }));
      await settle();
      wire.say('\r\nOK\r\n');
      await settle();
      expect(result.error).to.include({ kind: 'refused', stage: 'command' });
      wire.say('\r\n> ');
      const next = outcome(channel.command('AT+CSQ'));
      await settle();
      expect(await wire.written()).to.equal('AT+CMGS=23\\r^[^Z\\rAT+CMEE?\\r');
      wire.say('\r\n+CMEE: 1\r\n\r\nOK\r\n');
      await settle();
      wire.say('\r\n+CSQ: 20,0\r\n\r\nOK\r\n');
      await settle();
      expect(next.value).to.deep.equal(['+CSQ: 20,0']);
    });

    it('says that the outcome is unknown when nothing follows the PDU, and does not take its late answer for the next', async () => {
      const { wire, channel, clock, late } = make();
      const result = outcome(send(channel));
      await wire.written();
      wire.say('\r\n> ');
      await settle(3);
      await clock.advance(59_999);
      expect(result.settled).to.equal(false);
      await clock.advance(1);
      expect(result.error).to.include({ kind: 'timeout', stage: 'handed' });
      await wire.written();
      const next = outcome(channel.command('AT+CMGS=19', { pdu: PDU, answer: '+CMGS:' }));
      expect(await wire.written()).to.equal('^[^Z\\rAT+CMEE?\\r');
      wire.say('\r\n+CMGS: 7\r\n\r\nOK\r\n');
      await settle(3);
      expect(next.settled).to.equal(false);
      wire.say('\r\n+CMEE: 1\r\n\r\nOK\r\n');
      expect(await wire.written()).to.equal('AT+CMGS=19\\r');
      wire.say('\r\n> ');
      await settle(3);
      wire.say('\r\n+CMGS: 8\r\n\r\nOK\r\n');
      await settle(3);
      expect(next.value).to.deep.equal(['+CMGS: 8']);
      expect(late).to.deep.equal(['+CMGS: 7']);
    });

    it('takes a reference without OK for a success', async () => {
      const { wire, channel, clock } = make();
      const result = outcome(send(channel));
      await wire.written();
      wire.say('\r\n> ');
      await settle(3);
      wire.say('\r\n+CMGS: 7\r\n');
      await settle(3);
      await clock.advance(60_000);
      expect(result.value).to.deep.equal(['+CMGS: 7']);
    });
  });

  describe('time', () => {
    it('waits as long as lines of a long answer keep coming', async () => {
      const { wire, channel, clock } = make();
      const result = outcome(channel.command('AT+CMGL=4', { answer: '+CMGL:' }));
      await wire.written();
      for (let i = 1; i <= 6; i++) {
        await clock.advance(10_000);
        wire.say(`\r\n+CMGL: ${i},1,,1\r\n0004\r\n`);
      }
      wire.say('\r\nOK\r\n');
      await settle(3);
      expect(result.value).to.have.length(12);
    });

    it('waits for no OK where some modems say none, and does not take a late one for that of the next command', async () => {
      const { wire, channel, clock } = make();
      const result = outcome(channel.command('AT+CPIN?', { answer: '+CPIN:', bare: true }));
      await wire.written();
      wire.say('\r\n+CPIN: READY\r\n');
      await clock.advance(1_999);
      expect(result.settled).to.equal(false);
      await clock.advance(1);
      expect(result.value).to.deep.equal(['+CPIN: READY']);
      const next = outcome(channel.command('AT+CMGF=0'));
      expect(await wire.written()).to.equal('^[^Z\\rAT+CMEE?\\r');
      wire.say('\r\nOK\r\n');
      wire.say('\r\n+CMEE: 1\r\n\r\nOK\r\n');
      expect(await wire.written()).to.equal('AT+CMGF=0\\r');
      expect(next.settled).to.equal(false);
      wire.say('\r\nERROR\r\n');
      await settle(3);
      expect(next.error).to.include({ kind: 'refused' });
    });

    it('waits the whole time for the line that some modems end without OK', async () => {
      const { wire, channel, clock } = make();
      const result = outcome(channel.command('AT+CPIN?', { answer: '+CPIN:', bare: true }));
      await wire.written();
      wire.say('\r\nnoise\r\n');
      await clock.advance(15_999);
      expect(result.settled).to.equal(false);
      await clock.advance(1);
      expect(result.error).to.include({ kind: 'timeout' });
    });

    it('does not wait for ever, whatever trickles in', async () => {
      const { wire, channel, clock } = make();
      const result = outcome(channel.command('AT+CGMI'));
      await wire.written();
      for (let i = 0; i < 40 && !result.settled; i++) {
        wire.say('\r\nnoise\r\n');
        await clock.advance(10_000);
      }
      expect(result.error).to.include({ kind: 'timeout' });
    });

    it('is not kept waiting by news', async () => {
      const { wire, channel, clock } = make();
      const result = outcome(channel.command('AT+CSQ'));
      await wire.written();
      for (let i = 0; i < 4; i++) {
        wire.say('\r\nRING\r\n');
        await clock.advance(4_000);
      }
      expect(result.error).to.include({ kind: 'timeout' });
    });

    it('does without the mark where a modem does not know it', async () => {
      const { wire, channel, clock } = make();
      const open = outcome(channel.open());
      expect(await wire.written()).to.equal('^[^Z\\rAT+CMEE?\\r');
      wire.say('\r\nERROR\r\n');
      await clock.advance(1_999);
      expect(open.settled).to.equal(false);
      await clock.advance(1);
      expect(open).to.deep.equal({ value: undefined, settled: true });
    });

    it('knocks three times before it gives up', async () => {
      const { wire, channel, clock } = make();
      const open = outcome(channel.open());
      let knocks = 0;
      for (let i = 0; i < 20 && !open.settled; i++) {
        knocks += (await wire.written()).split('AT+CMEE?').length - 1;
        await clock.advance(1_000);
      }
      expect(knocks).to.equal(3);
      expect(open.error).to.include({ kind: 'timeout' });
    });

    it('gives up a line that takes no data', async () => {
      const { wire, channel, clock } = make();
      wire.breakWrites = 'hang';
      const result = outcome(channel.command('AT'));
      await clock.advance(16_000);
      expect(result.error).to.include({ kind: 'timeout' });
    });

    it('leaves no timer behind', async () => {
      const { wire, channel, clock } = make();
      const result = outcome(channel.command('AT'));
      await wire.written();
      wire.say('\r\nOK\r\n');
      await settle(3);
      expect(result.settled).to.equal(true);
      expect(clock.pending).to.equal(0);
    });
  });

  describe('the end of the port', () => {
    it('settles the command in flight and all that wait', async () => {
      const { wire, channel, ended } = make();
      const results = ['AT', 'AT+CSQ', 'AT+CREG?'].map((command) => outcome(channel.command(command)));
      await settle(3);
      wire.hangUp();
      await settle(5);
      for (const { error } of results) expect(error).to.include({ kind: 'closed' });
      expect(ended).to.deep.equal(['unplugged']);
      expect(outcome(channel.command('AT'))).to.include({ settled: false });
      await settle(3);
    });

    it('settles commands that come later', async () => {
      const { wire, channel } = make();
      wire.hangUp();
      const result = outcome(channel.command('AT'));
      await settle(3);
      expect(result.error).to.include({ kind: 'closed', stage: 'command' });
    });

    it('settles a command whose write fails', async () => {
      const { wire, channel } = make();
      wire.breakWrites = 'fail';
      const result = outcome(channel.command('AT'));
      await settle(3);
      expect(result.error).to.include({ kind: 'closed' });
    });
  });

  it('masks a PIN in the trace, in its echo too', async () => {
    const { wire, channel, trace } = make();
    const result = outcome(channel.command('AT+CPIN="4711"', { shown: 'AT+CPIN="***"' }));
    await wire.written();
    wire.say('AT+CPIN="4711"\r\r\n+CME ERROR: 16\r\n');
    await settle(3);
    expect(result.error).to.have.property('message').that.does.not.include('4711');
    expect(trace.join('\n')).to.not.include('4711');
    expect(trace).to.include('> AT+CPIN="***"');
  });

  it('gives the same events however the stream is cut', async () => {
    const said =
      CASES.map((one) => one.said).join('') + '\r\n+CMT: ,2\r\n000405\r\n> \r\n+CDS: 2\r\nRING\r\n';
    const whole = await listen([said]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: said.length - 1 }), { maxLength: 30 }),
        async (cuts) => {
          const at = [0, ...[...new Set(cuts)].sort((a, b) => a - b), said.length];
          const pieces = at.slice(1).map((end, i) => said.slice(at[i], end));
          expect(await listen(pieces)).to.deep.equal(whole);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('never throws, and settles, whatever octets come', async () => {
    const scrap = fc.oneof(
      fc.constantFrom(
        'OK\r\n',
        'ERROR\r\n',
        '> ',
        '\r',
        '\n',
        '+CMT: ,2\r\n',
        '+CMGS: 1\r\n',
        '+CMS ERROR: ',
        '+CMTI: "SM",1\r\n',
        'AT+CMGS=19',
        '\x1a',
        '\x1b',
      ),
      fc.uint8Array({ maxLength: 12 }).map((octets) => Buffer.from(octets).toString('latin1')),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(scrap, { maxLength: 40 }), async (pieces) => {
        const { wire, channel, clock } = make();
        const result = outcome(channel.command('AT+CMGS=19', { pdu: '00', answer: '+CMGS:' }));
        await settle(2);
        for (const piece of pieces) wire.say(piece);
        await clock.advance(600_000);
        expect(result.settled).to.equal(true);
        wire.hangUp();
      }),
      { numRuns: 100 },
    );
  });

  async function listen(pieces: readonly string[]): Promise<unknown> {
    const { wire, channel, urcs, stray } = make();
    const result = outcome(channel.command('AT+CSQ'));
    await settle(1);
    for (const piece of pieces) wire.say(piece);
    await settle(1);
    wire.hangUp();
    await settle(1);
    return { urcs, stray, result: JSON.stringify(result) };
  }
});
