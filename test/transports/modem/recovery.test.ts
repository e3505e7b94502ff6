import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { escalate } from '../../../lib/transports/modem/escalate.ts';
import { Recovery, retryDelay } from '../../../lib/transports/modem/recovery.ts';
import type { Fault } from '../../../lib/base/errors.ts';
import { Secret } from '../../../lib/base/secret.ts';
import { ManualClock, settle } from '../../support/clock.ts';
import { createMemoryModem } from '../../support/modem.ts';
import { until } from '../../support/product.ts';
import { KeptLog, job, outcome, rig, started } from './rig.ts';

describe('recovery', () => {
  it('gives a modem up after more than two failed checks', () => {
    const recovery = new Recovery();
    expect(recovery.silent('check')).to.equal(undefined);
    expect(recovery.silent('check')).to.equal(undefined);
    expect(recovery.silent('check')).to.match(/3 checks/);
  });

  it('gives a modem up after three failed sends', () => {
    const recovery = new Recovery();
    expect([recovery.silent('send'), recovery.silent('send')]).to.deep.equal([undefined, undefined]);
    expect(recovery.silent('send')).to.match(/3 sends/);
  });

  it('begins to count again when an answer is read', () => {
    const recovery = new Recovery();
    for (let i = 0; i < 10; i++) {
      expect(recovery.silent('check')).to.equal(undefined);
      expect(recovery.silent('check')).to.equal(undefined);
      recovery.answered('check');
    }
  });

  it('waits one second, then twice as long each time, up to the bound', () => {
    expect([1, 2, 3, 4, 5, 60].map((attempt) => retryDelay(attempt, 10_000))).to.deep.equal([
      1000, 2000, 4000, 8000, 10_000, 10_000,
    ]);
  });

  it('opens the modem anew when it has answered no check three times, and not before', async () => {
    const { modem, clock, events, log, transport } = await started('> AT+CSQ [2]\n! deaf');
    await clock.advance(30_000 + 16_000);
    expect(events.state).to.equal('down');
    expect(log.opened).to.equal(1);
    await clock.advance(60_000);
    expect(log.opened).to.equal(2);
    expect(events.state).to.equal('up');
    expect(modem.commands.filter((line) => line === 'ATE0')).to.have.length(2);
    await transport.stop();
  });

  for (const greeting of [
    'RDY',
    '^SYSSTART',
    '^SYSSTART AIRPLANE MODE',
    '*PSREADY',
    'MODEM:STARTUP',
    '+AT: READY',
  ]) {
    it(`brings a modem up anew that says by "${greeting}" that it has started`, async () => {
      const { modem, clock, events, log, transport } = await started();
      modem.say(greeting);
      await settle();
      expect(events.statuses.at(-1)).to.include({ state: 'down', reason: 'the modem has restarted' });
      await clock.advance(1_000);
      expect([events.state, log.opened]).to.deep.equal(['up', 2]);
      await transport.stop();
    });
  }

  it('is not set off by ERROR, however often', async () => {
    const { clock, log, events, transport } = await started('> AT+CSQ\n< ERROR\n> PDU\n< ERROR');
    for (let i = 0; i < 10; i++) {
      const result = outcome(transport.send(job(), async () => undefined));
      await clock.advance(60_000);
      expect(result.error).to.include({ code: 'gateway.deferred', temporary: true });
    }
    expect(log.opened).to.equal(1);
    expect(events.state).to.equal('up');
    await transport.stop();
  });

  it('asks only once for the name of a network that is never told', async () => {
    const { modem, clock, events, log, transport } = await started('> AT+COPS?');
    await clock.advance(180_000);
    await clock.advance(30_000);
    expect(events.state).to.equal('up');
    const before = modem.commands.length;
    for (let n = 0; n < 5; n++) {
      const result = outcome(transport.send(job(`text ${n}`), async () => undefined));
      await clock.advance(60_000);
      expect(result).to.deep.equal({ settled: true, value: undefined });
    }
    expect(modem.commands.slice(before)).not.to.include('AT+COPS?');
    expect(modem.commands.filter((line) => line === 'AT+COPS?')).to.have.length(1);
    expect(log.opened).to.equal(1);
    await transport.stop();
  });

  it('says at once that the modem is gone', async () => {
    const { memory, events, transport } = await started();
    memory.unplug();
    expect(events.statuses.at(-1)).to.include({ state: 'down', reason: 'unplugged' });
    const result = outcome(transport.send(job(), async () => undefined));
    await settle(5);
    expect(result.error).to.include({ code: 'gateway.down' });
    await transport.stop();
  });

  it('waits a second before it opens again', async () => {
    const { memory, clock, log, transport } = await started();
    memory.unplug();
    memory.replug();
    await clock.advance(999);
    expect(log.opened).to.equal(1);
    await clock.advance(1);
    await settle(200);
    expect(log.opened).to.equal(2);
    await transport.stop();
  });

  it('finds a modem that is plugged in after hours within seconds', async () => {
    const { memory, clock, events, transport } = await started();
    memory.unplug();
    await clock.advance(6 * 3_600_000);
    expect(events.state).to.equal('down');
    memory.replug();
    await clock.advance(5_000);
    await settle(200);
    expect(events.state).to.equal('up');
    await transport.stop();
  });

  it('starts without the modem and says why it is down', async () => {
    const made = rig();
    made.memory.unplug();
    await made.transport.start(made.events);
    await settle();
    expect(made.events.statuses.at(-1)).to.deep.include({ state: 'down' });
    expect(made.events.statuses.at(-1)?.reason).to.include('/dev/memory: not there');
    made.memory.replug();
    await made.clock.advance(5_000);
    await settle(200);
    expect(made.events.state).to.equal('up');
    await made.transport.stop();
  });

  for (const [name, settings] of [
    ['a device', { device: 'tcp://nowhere' }],
    ['a PIN', { pin: new Secret('12"34') }],
    ['a service centre', { smsc: 'ask me' }],
  ] as const) {
    it(`refuses to start with ${name} that cannot be`, async () => {
      const made = rig('', { settings });
      const result = outcome(made.transport.start(made.events));
      await settle();
      expect(result.error).to.include({ code: 'config.invalid' });
    });
  }

  it('pauses the gateway when the SIM fails, and tries again after half a minute', async () => {
    const { modem, clock, events, transport } = await started('> PDU [1]\n< +CMS ERROR: 313');
    const first = outcome(transport.send(job(), async () => undefined));
    await settle(50);
    expect(first.error).to.include({ code: 'gateway.down', told: 'the SIM failed' });
    expect(events.statuses.at(-1)).to.include({ state: 'down', reason: 'the SIM failed' });
    await clock.advance(29_000);
    expect(events.state).to.equal('down');
    await clock.advance(1_000);
    expect(events.state).to.equal('up');
    await transport.send(job(), async () => undefined);
    expect(modem.sent).to.have.length(1);
    await transport.stop();
  });

  it('clears the memory when it is full, and leaves the rest to the queue', async () => {
    const { modem, clock, events, transport } = await started(
      'set storages SM:2\n> PDU [1]\n< +CMS ERROR: 322',
      {
        settings: { sweepMs: 3_600_000 },
      },
    );
    let room = false;
    events.onReceived = () => (room ? Promise.resolve() : Promise.reject(new Error('not yet')));
    const pdus = [...modem.injectText('+1555', 'one'), ...modem.injectText('+1555', 'two')];
    await clock.advance(1_000);
    expect(modem.stored).to.equal(2);
    room = true;
    const full = outcome(transport.send(job(), async () => undefined));
    await settle(200);
    // The gateway rests, the message waits: neither counts as the message's fault.
    expect(full.error).to.include({ code: 'gateway.busy', temporary: true });
    expect(events.state).to.equal('up');
    expect(events.received_).to.deep.equal(pdus);
    expect(modem.stored).to.equal(0);
    await transport.send(job(), async () => undefined);
    expect(modem.sent).to.have.length(1);
    await transport.stop();
  });

  it('brings the modem up anew, PIN and all, when the SIM asks for its PIN in between', async () => {
    const { clock, log, events, transport } = await started(
      '> PDU [1]\n< +CMS ERROR: 311\n> AT+CPIN? [2]\n< +CPIN: SIM PIN\n< OK',
    );
    outcome(transport.send(job(), async () => undefined));
    await clock.advance(40_000);
    await settle(200);
    expect(log.opened).to.equal(2);
    expect(events.state).to.equal('up');
    await transport.stop();
  });

  it('resets the modem after so many failed attempts, where the settings say so', async () => {
    const { modem, clock, events, transport } = await started('> AT+CPIN? [1-4]\n< +CME ERROR: 13', {
      settings: { escalate: [{ after: 3, do: 'reset' }] },
    });
    await clock.advance(120_000);
    expect(modem.commands.filter((line) => line === 'AT+CFUN=1,1')).to.have.length(1);
    expect(events.state).to.equal('up');
    await transport.stop();
  });

  it('goes on when a program that it runs does not end, and ends it', async () => {
    const marker = join(tmpdir(), `mailsms-escalate-${process.pid}`);
    const clock = new ManualClock();
    const log = new KeptLog();
    const script = `trap '' TERM; echo $$ > ${marker}; while :; do sleep 60; done`;
    const settings = {
      ...{ id: 'm', device: '/dev/memory' },
      escalate: [{ after: 1, do: { command: ['sh', '-c', script] as [string, ...string[]] } }],
    };
    const tried = outcome(escalate(2, settings, { clock, log, openPort: createMemoryModem('').openPort }));
    const pid = await until('the program', () => Number(readOrNothing(marker)) || undefined);
    await clock.advance(29_000);
    expect(tried.settled).to.equal(false);
    await clock.advance(1_000);
    expect(tried.settled).to.equal(true);
    expect(log.text).to.contain('not done within 30 s');
    await until('its end', () => (isRunning(pid) ? undefined : true));
    rmSync(marker);
  });

  it('goes on when what it tries more cannot be done', async () => {
    const { clock, events, log, transport } = await started('> AT+CPIN? [1-4]\n< +CME ERROR: 13', {
      settings: {
        escalate: [
          { after: 2, do: 'dtr' },
          { after: 3, do: { command: ['/nonexistent/usb-power'] } },
        ],
      },
    });
    for (let i = 0; i < 40 && events.state !== 'up'; i++) {
      await clock.advance(3_000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(events.state).to.equal('up');
    expect(log.text).to.include('this line has no DTR');
    expect(log.text).to.include('/nonexistent/usb-power');
    await transport.stop();
  });
});

describe('stopping', () => {
  it('waits for the part under way and does not begin the next', async () => {
    const { modem, clock, transport } = await started('set latency 5000');
    const told: number[] = [];
    const result = outcome(
      transport.send(job('x'.repeat(400)), async ({ sequence }) => void told.push(sequence)),
    );
    await settle(20);
    const stopped = outcome(transport.stop());
    await clock.advance(5_000);
    await settle(50);
    expect(told).to.deep.equal([1]);
    expect((result.error as Fault).code).to.equal('gateway.down');
    expect(stopped.settled).to.equal(true);
    expect(modem.sent).to.have.length(1);
  });

  it('ends though the modem hangs, and says that the outcome is not known', async () => {
    const { clock, transport } = await started('> PDU\n! deaf', { settings: { stopMs: 10_000 } });
    const result = outcome(transport.send(job(), async () => undefined));
    await settle(20);
    const stopped = outcome(transport.stop());
    await clock.advance(10_000);
    await settle(50);
    expect(stopped.settled).to.equal(true);
    expect(result.error).to.include({ code: 'gateway.unknown' });
  });

  for (const [when, script] of [
    ['while it waits for the PIN to sink in', 'set pin 0000\n> AT+CPIN=*\n< OK'],
    ['while the modem is silent', '> AT+CMEE?\n! deaf'],
    ['while it waits to try again', '> AT+CPIN?\n< +CME ERROR: 10'],
  ] as const) {
    it(`ends at once ${when}`, async () => {
      const { transport, clock } = await started(script, { settings: { pin: new Secret('0000') } });
      const stopped = outcome(transport.stop());
      await clock.advance(2_000);
      await settle(50);
      expect(stopped.settled).to.equal(true);
    });
  }

  it('leaves no timer behind', async () => {
    const { transport, clock, memory } = await started();
    await transport.send(job(), async () => undefined);
    await transport.stop();
    memory.unplug();
    await settle();
    expect(clock.pending).to.equal(0);
  });
});

function readOrNothing(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
