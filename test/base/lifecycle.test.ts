import { expect } from 'chai';
import { Lifecycle, type Service } from '../../lib/base/lifecycle.ts';
import { ManualClock } from '../support/clock.ts';
import { MemoryLog } from '../support/log.ts';

describe('the lifecycle', () => {
  let said: string[];
  let log: MemoryLog;
  let clock: ManualClock;
  let lifecycle: Lifecycle;

  beforeEach(() => {
    said = [];
    log = new MemoryLog();
    clock = new ManualClock();
    lifecycle = new Lifecycle({ clock, log, graceMs: 1000 });
  });

  const service = (name: string, more: Partial<Service> = {}): Service => ({
    name,
    start: async () => void said.push(`+${name}`),
    stop: async () => void said.push(`-${name}`),
    ...more,
  });
  const fails = (): Promise<void> => Promise.reject(new Error('no such device'));

  it('starts in order and stops in reverse', async () => {
    await lifecycle.start([service('store'), service('mailer'), service('smtp')]);
    await lifecycle.stop();
    expect(said.join(' ')).to.equal('+store +mailer +smtp -smtp -mailer -store');
  });

  it('unwinds a start that fails, and says why it failed', async () => {
    const services = [service('store'), service('modem', { start: fails }), service('smtp')];
    const error = await lifecycle.start(services).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.have.property('message', 'no such device');
    expect(said.join(' ')).to.equal('+store -store');
  });

  it('goes on stopping when one service fails to', async () => {
    await lifecycle.start([service('store'), service('modem', { stop: fails }), service('smtp')]);
    await lifecycle.stop();
    expect(said.join(' ')).to.equal('+store +modem +smtp -smtp -store');
    expect(log.lines.join()).to.contain('no such device');
  });

  it('leaves a service behind that never stops', async () => {
    await lifecycle.start([service('store'), service('modem', { stop: () => new Promise(() => {}) })]);
    const stopped = lifecycle.stop();
    await clock.advance(1000);
    await stopped;
    expect(said.join(' ')).to.equal('+store +modem -store');
    expect(log.lines.join()).to.contain('modem').and.to.contain('1000 ms');
  });

  it('stops twice without harm', async () => {
    await lifecycle.start([service('store')]);
    await Promise.all([lifecycle.stop(), lifecycle.stop()]);
    expect(said.join(' ')).to.equal('+store -store');
  });
});
