import { expect } from 'chai';
import { ManualClock, settle } from '../../support/clock.ts';
import { Outage } from '../../../lib/transports/modem/outage.ts';
import { Speeds } from '../../../lib/transports/modem/speeds.ts';
import { job, KeptLog, rig, started } from './rig.ts';

const warnings = (log: KeptLog): number =>
  log.lines.filter(({ level, text }) => level === 'warn' && text.startsWith('the modem is out')).length;

describe('the log of a modem that is out', () => {
  it('says so at once, then after pauses that grow to an hour, though it is looked for every few seconds', async () => {
    const { memory, transport, events, clock, log } = rig();
    memory.unplug();
    await transport.start(events);
    await settle();
    const told: number[] = [];
    const begin = clock.now();
    for (let minute = 0; minute < 8 * 60; minute++) {
      const before = warnings(log);
      await clock.advance(60_000);
      if (warnings(log) > before) told.push(Math.round((clock.now() - begin) / 60_000));
    }
    expect(warnings(log)).to.be.within(10, 14);
    expect(log.lines.filter(({ level }) => level === 'debug').length).to.be.greaterThan(5_000);
    memory.replug();
    await clock.advance(5_000);
    expect(events.state).to.equal('up');
    const before = warnings(log);
    memory.unplug();
    await settle();
    expect(warnings(log)).to.equal(before + 1);
    await transport.stop();
  });

  it('says each cause by itself', () => {
    const clock = new ManualClock();
    const log = new KeptLog();
    const outage = new Outage({ clock, log });
    for (let n = 0; n < 5; n++) {
      outage.tell('it is not there', 5_000);
      outage.tell('it does not answer', 5_000);
      clock.advanceNow(5_000);
    }
    expect(warnings(log)).to.equal(2);
  });
});

describe('a modem at another speed than that of its settings', () => {
  it('is found at one that modems have by themselves, and stays there', async () => {
    const made = rig('set baud 9600', { settings: { baudRate: 115_200 } });
    await made.transport.start(made.events);
    await made.clock.advance(120_000);
    expect(made.events.state, made.log.text).to.equal('up');
    expect(made.log.text).to.match(/another speed.*9600/);
    await made.transport.send(job(), async () => undefined);
    const { opened } = made.log;
    made.memory.unplug();
    made.memory.replug();
    await made.clock.advance(2_000);
    expect([made.events.state, made.log.opened]).to.deep.equal(['up', opened + 1]);
    await made.transport.stop();
  });

  it('that falls back to it while it is open is found again, and says what came', async () => {
    const made = await started('', { settings: { baudRate: 19_200, retryMaxMs: 5_000 } });
    made.modem.set('baud', '115200');
    made.modem.restart('silent');
    await made.clock.advance(300_000);
    expect([made.log.opened, made.events.state], made.log.text).to.deep.equal([2, 'up']);
    expect(made.log.text).to.match(/only noise: is the speed of the line right\?|did not answer 3 checks/);
    await made.transport.send(job(), async () => undefined);
    expect(made.modem.sent).to.have.length(1);
    await made.transport.stop();
  });

  it('is tried at every other attempt, and not where there is no speed', () => {
    const speeds = new Speeds({ id: 'm', device: '/dev/ttyUSB0', baudRate: 9600 });
    const tried: number[] = [];
    for (let n = 0; n < 8; n++) {
      tried.push(speeds.next);
      speeds.fails(true);
    }
    expect(tried).to.deep.equal([9600, 115_200, 9600, 19_200, 9600, 38_400, 9600, 57_600]);
    const tcp = new Speeds({ id: 'm', device: 'tcp://127.0.0.1:7001' });
    tcp.fails(true);
    expect(tcp.next).to.equal(115_200);
  });

  it('that the line cannot be set to is passed over', () => {
    const speeds = new Speeds({ id: 'm', device: '/dev/ttyUSB0' });
    speeds.fails(false);
    expect(speeds.next).to.equal(115_200);
    speeds.fails(true);
    expect(speeds.next).to.equal(9600);
    speeds.fails(false);
    expect(speeds.next).to.equal(115_200);
  });
});
