import { expect } from 'chai';
import { EmulatorConsole } from '../../lib/emulator/console.ts';
import { EmulatedModem } from '../../lib/emulator/modem.ts';
import { parseScript } from '../../lib/emulator/script.ts';
import { ManualClock, settle } from '../support/clock.ts';

/** An emulated modem with what it said. */
function emulated(script: string) {
  const clock = new ManualClock();
  const modem = new EmulatedModem(script, clock);
  let said = '';
  modem.attach({ write: (octets) => (said += octets), unplug: () => modem.detach() });
  return {
    clock,
    modem,
    /** What it answers to one line, visibly. */
    ask: async (command: string): Promise<string> => {
      said = '';
      modem.feed(Buffer.from(`${command}\r`));
      await settle();
      return said.replace(/\r\n/g, ' ').trim();
    },
    /** What it says in `ms`. */
    hear: async (ms: number): Promise<string> => {
      said = '';
      await clock.advance(ms);
      return said.replace(/\r\n/g, ' ').trim();
    },
  };
}

describe('a script of the emulated modem', () => {
  for (const [script, told] of [
    ['set ecko on', /line 1: there is no trait "ecko"/],
    ['# first\nset echo maybe', /line 2: echo is on or off, not "maybe"/],
    ['set latency soon', /line 1: latency is a number, not "soon"/],
    ['set mode word', /mode is pdu or text/],
    ['set toString on', /there is no trait "toString"/],
    ['> AT\n! explode', /line 2 is not understood: ! explode/],
    ['> AT\n! wait soon', /line 2/],
    ['< OK', /line 1 stands before any/],
    ['hello', /line 1 is not understood: hello/],
  ] as const) {
    it(`says what is wrong with ${JSON.stringify(script)}`, () => {
      expect(() => new EmulatedModem(script)).to.throw(told);
    });
  }

  it('takes a command that fits a pattern, the times that stand in brackets', async () => {
    const { ask } = emulated('set echo off\n> AT+CSQ [2-3]\n< +CSQ: 1,1\n< OK\n> AT+COPS* [2-]\n< ERROR');
    const answers = [];
    for (let n = 0; n < 4; n++) answers.push(await ask('AT+CSQ'));
    expect(answers).to.deep.equal(['+CSQ: 24,0  OK', '+CSQ: 1,1  OK', '+CSQ: 1,1  OK', '+CSQ: 24,0  OK']);
    expect([await ask('AT+COPS?'), await ask('AT+COPS?')]).to.deep.equal([
      '+COPS: 0,0,"Test Network"  OK',
      'ERROR',
    ]);
  });

  it('does what a time says when it has come', async () => {
    const { hear, modem } = emulated(
      '@ 5000\n< RING\n! wait 1000\n< NO CARRIER\n@ 8000\n! sms +15551230001 hello there',
    );
    expect(await hear(4_999)).to.equal('');
    expect(await hear(1)).to.equal('RING');
    expect(await hear(1_000)).to.equal('NO CARRIER');
    await hear(2_000);
    expect(modem.stored).to.equal(1);
  });

  it('writes octets as they are written', () => {
    const { rules } = parseScript('> AT\n<< a\\r\\n\\x1a\\\\');
    expect(rules[0]?.actions).to.deep.equal([{ kind: 'write', octets: 'a\r\n\x1a\\' }]);
  });
});

describe('an emulated modem that restarts', () => {
  it('forgets what it was told, and says so', async () => {
    const { ask, hear, modem } = emulated('set mode text\nset boot 3000\nset greeting RDY|Call Ready');
    for (const command of ['ATE0', 'AT+CMEE=1', 'AT+CMGF=0', 'AT+CNMI=2,1,0,1,0']) await ask(command);
    expect(await ask('AT+CMGF?')).to.equal('+CMGF: 0  OK');
    modem.restart();
    expect(await ask('AT')).to.equal('');
    expect(await hear(3_000)).to.equal('RDY  Call Ready');
    expect(await ask('AT+CMGF?')).to.equal('AT+CMGF?\r +CMGF: 1  OK');
    await ask('ATE0');
    expect(await ask('AT+CMEE?')).to.equal('+CMEE: 0  OK');
    expect(await ask('AT+CNMI?')).to.equal('+CNMI: 0,0,0,0,0  OK');
  });

  it('says nothing where it restarts in silence', async () => {
    const { hear, modem } = emulated('');
    modem.restart('silent');
    expect(await hear(60_000)).to.equal('');
  });

  it('has no SIM until it is put back, and asks for the PIN again', async () => {
    const { ask, hear, modem } = emulated('set echo off\nset pin 1234');
    await ask('AT+CMEE=1');
    await ask('AT+CPIN=1234');
    modem.sim = false;
    expect(await hear(0)).to.equal('');
    expect([await ask('AT+CPIN?'), await ask('AT+CMGL=4')]).to.deep.equal([
      '+CME ERROR: 10',
      '+CMS ERROR: 310',
    ]);
    modem.sim = true;
    expect(await ask('AT+CPIN?')).to.equal('+CPIN: SIM PIN  OK');
  });

  it('hears and says noise where the line has another speed', async () => {
    const modem = new EmulatedModem('set baud 9600');
    let said = '';
    modem.attach({ write: (octets) => (said += octets), unplug: () => undefined, baud: 115_200 });
    modem.feed(Buffer.from('AT\r'));
    await settle();
    expect(said).to.match(/[\x80-\xff]/);
    expect(said).to.not.contain('OK');
    expect(modem.commands).to.deep.equal([]);
  });
});

describe('what is said to a running emulation', () => {
  it('is a text from a phone, a fault at once, a rule, a trait', async () => {
    const { ask, modem } = emulated('set echo off');
    const console = new EmulatorConsole({ modem, unplug: () => modem.detach(), replug: () => undefined });
    await console.obey('+15551230001 hello there');
    expect(modem.stored).to.equal(1);
    await console.obey('> AT+CSQ [1]');
    await console.obey('< ERROR');
    await console.obey('');
    await console.obey('set signal 7');
    expect([await ask('AT+CSQ'), await ask('AT+CSQ')]).to.deep.equal(['ERROR', '+CSQ: 7,0  OK']);
    await ask('AT+CMEE=1');
    await console.obey('! restart-silent');
    expect(await ask('AT+CMEE?')).to.equal('+CMEE: 0  OK');
    await console.obey('unplug');
    expect(await ask('AT')).to.equal('');
  });

  for (const [line, told] of [
    ['hello', /not understood: hello/],
    ['! explode', /not understood: ! explode/],
    ['report 3', /there is no SMS 3; 0 were sent/],
    ['set ecko on', /there is no trait "ecko"/],
  ] as const) {
    it(`says what is wrong with "${line}"`, async () => {
      const { modem } = emulated('');
      const console = new EmulatorConsole({ modem, unplug: () => undefined, replug: () => undefined });
      const problem = await console.obey(line).then(
        () => 'none',
        (error: unknown) => String(error),
      );
      expect(problem).to.match(told);
    });
  }
});
