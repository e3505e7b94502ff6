import { expect } from 'chai';
import { Fault } from '../../../lib/base/errors.ts';
import { ScriptedTransport, World, type WorldOptions } from '../../support/world.ts';

const TWO_PARTS = 'abcdefghij'.repeat(20);
const THREE_PARTS = 'abcdefghij'.repeat(40);
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 1440 * MINUTE;

describe('gateways that may not be given everything', () => {
  let world: World;
  let count = 0;
  const begin = async (options: WorldOptions): Promise<World> => (world = await World.start(options));
  const one = async (text = `hello ${++count}`, parameters = ''): Promise<string> => {
    const [result] = await world.mail(`"sms:+15551234567${parameters}"@sms.example.com`, text);
    if (result === undefined || !('ids' in result)) throw new Error('not accepted');
    return result.ids[0] ?? '';
  };
  const untilMidnight = (): number => DAY - (world.clock.now() % DAY);
  const told = (text: string): number => world.log.lines.filter((line) => line.includes(text)).length;
  afterEach(async () => {
    await world.stop();
    world.remove();
  });

  it('rate: no more messages than it says in any stretch of that time, and the rest after it', async () => {
    const gateway = new ScriptedTransport('modem1', [], 4);
    await begin({ gateways: [gateway], quotas: { modem1: { rate: { count: 2, ms: MINUTE } } } });
    for (let i = 0; i < 5; i++) await one();
    await world.rest(() => gateway.taken.length === 2, 'the first two');
    await world.pass(MINUTE - 1);
    expect(gateway.taken.length).to.equal(2);
    await world.pass(1);
    expect(gateway.taken.length).to.equal(4);
    await world.pass(MINUTE);
    expect(gateway.taken.length).to.equal(5);
    expect(told('has sent all that it may at 2/m')).to.equal(1);
  });

  it('rate: a message of several SMS counts once', async () => {
    const gateway = new ScriptedTransport('modem1');
    await begin({ gateways: [gateway], quotas: { modem1: { rate: { count: 2, ms: MINUTE } } } });
    await world.state(await one(THREE_PARTS), 'sent');
    await world.state(await one(), 'sent');
  });

  it('rate: what is more goes to another gateway', async () => {
    const [a, b] = [new ScriptedTransport('a', [], 8), new ScriptedTransport('b', [], 8)];
    await begin({ gateways: [a, b], quotas: { a: { rate: { count: 1, ms: MINUTE } } } });
    const ids = await Promise.all(Array.from({ length: 8 }, () => one()));
    for (const id of ids) await world.state(id, 'sent');
    expect([a.taken.length, b.taken.length]).to.deep.equal([1, 7]);
  });

  it('rate: a clock that is set back holds nothing longer than the rate does', async () => {
    const gateway = new ScriptedTransport('modem1');
    await begin({ gateways: [gateway], quotas: { modem1: { rate: { count: 1, ms: MINUTE } } } });
    await world.state(await one(), 'sent');
    world.clock.advanceNow(-DAY);
    const waiting = await one();
    await world.pass(MINUTE);
    await world.state(waiting, 'sent');
  });

  it('dailyCap: SMS are counted, not messages; the next day all goes on', async () => {
    const gateway = new ScriptedTransport('modem1', [], 4);
    await begin({ gateways: [gateway], quotas: { modem1: { dailyCap: 4 } } });
    await world.state(await one(THREE_PARTS), 'sent');
    const tooLarge = await one(TWO_PARTS);
    const fits = await one();
    await world.state(fits, 'sent');
    const more = await one();
    await world.pass(untilMidnight() - 1);
    expect(gateway.taken.length).to.equal(4);
    await world.pass(1);
    await world.state(tooLarge, 'sent');
    await world.state(more, 'sent');
    expect(told('has sent the 4 SMS that it may send a day')).to.equal(1);
  });

  it('dailyCap: holds however many messages are under way at once', async () => {
    const gateway = new ScriptedTransport('modem1', [], 32);
    await begin({ gateways: [gateway], quotas: { modem1: { dailyCap: 5 } } });
    await Promise.all(Array.from({ length: 20 }, (_, i) => one(i % 2 === 0 ? TWO_PARTS : undefined)));
    await world.pass(SECOND);
    expect(gateway.taken.length).to.equal(5);
  });

  it('dailyCap: what a gateway failed to send does not count', async () => {
    const gateway = new ScriptedTransport('modem1', [new Fault('gateway.busy')]);
    await begin({ gateways: [gateway], quotas: { modem1: { dailyCap: 1 } } });
    const id = await one();
    await world.pass(SECOND);
    await world.state(id, 'sent');
  });

  it('dailyCap: what is more goes to another gateway', async () => {
    const [a, b] = [new ScriptedTransport('a'), new ScriptedTransport('b')];
    await begin({ gateways: [a, b], quotas: { a: { dailyCap: 2 } } });
    await world.state(await one(THREE_PARTS), 'sent');
    expect([a.taken.length, b.taken.length]).to.deep.equal([0, 3]);
  });

  it('dailyCap: outlasts the process', async () => {
    const gateways = [new ScriptedTransport('modem1')];
    const quotas = { modem1: { dailyCap: 1 } };
    await begin({ gateways, quotas });
    await world.state(await one(), 'sent');
    await world.stop();
    const { dir, clock } = world;
    await begin({ gateways, quotas, dir, clock, incarnation: 'second' });
    await one();
    await world.pass(SECOND);
    expect(gateways[0]?.taken.length).to.equal(1);
  });

  it('says why a message waits, and why it expired', async () => {
    const [a, b] = [new ScriptedTransport('a'), new ScriptedTransport('b')];
    await begin({ gateways: [a, b], quotas: { a: { dailyCap: 1 } } });
    const id = await one(TWO_PARTS, '?id=a');
    await world.pass(240 * MINUTE);
    const [warning] = await world.mails(1);
    expect(warning?.raw).to.contain('gateway a may send 1 SMS a day, and the message takes 2');
    await world.pass(7200 * MINUTE);
    const message = await world.state(id, 'expired');
    expect(message.fault?.told).to.equal(
      'the message expired: gateway a may send 1 SMS a day, and the message takes 2',
    );
  });
});
