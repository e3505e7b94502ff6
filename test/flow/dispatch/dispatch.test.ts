import { expect } from 'chai';
import { Fault } from '../../../lib/base/errors.ts';
import { MACHINE_OPERATOR } from '../../../lib/flow/operator/actor.ts';
import type { Job, PartSent } from '../../../lib/routing/transport.ts';
import { ScriptedTransport, World, type WorldOptions } from '../../support/world.ts';

const TO = '"sms:+15551234567"@sms.example.com';
const THREE_PARTS = 'abcdefghij'.repeat(40);
const busy = new Fault('gateway.busy');
const down = new Fault('gateway.down');
const refusedForNow = new Fault('gateway.none', { told: 'the network is out of resources' });
const refused = new Fault('gateway.number', { told: 'the number is not assigned' });
const unknown = new Fault('gateway.unknown');
const MINUTE = 60_000;

describe('dispatch', () => {
  let world: World;
  const begin = async (options: WorldOptions = {}): Promise<World> => (world = await World.start(options));
  const one = async (text = 'hello', to = TO): Promise<string> => {
    const [result] = await world.mail(to, text);
    if (result === undefined || !('ids' in result)) throw new Error('not accepted');
    return result.ids[0] ?? '';
  };
  afterEach(async () => {
    await world.stop();
    world.remove();
  });

  it('hands a message over without waiting for a timer', async () => {
    const gateway = new ScriptedTransport('modem1');
    await begin({ gateways: [gateway] });
    const at = world.clock.now();
    await world.state(await one(), 'sent');
    expect(world.clock.now()).to.equal(at);
    expect(gateway.taken).to.have.length(1);
  });

  it('sends the parts in order and keeps the reference of each', async () => {
    await begin();
    const message = await world.state(await one(THREE_PARTS), 'sent');
    expect(message.parts.map(({ state, reference, gateway }) => [state, reference, gateway])).to.deep.equal([
      ['sent', '1', 'modem1'],
      ['sent', '2', 'modem1'],
      ['sent', '3', 'modem1'],
    ]);
  });

  it('tries again after each pause of the list, and the last for ever', async () => {
    const gateway = new ScriptedTransport(
      'modem1',
      Array.from({ length: 5 }, () => refusedForNow),
    );
    await begin({ gateways: [gateway] });
    const id = await one();
    let asked = 1;
    for (const pause of [30_000, 60_000, 300_000, 300_000, 300_000]) {
      await world.pass(pause - 1);
      expect(gateway.asked).to.equal(asked);
      await world.pass(1);
      expect(gateway.asked).to.equal(++asked);
    }
    const message = await world.state(id, 'sent');
    expect(message.attempts).to.equal(5);
  });

  it('does not send again what went out before a failure', async () => {
    const gateway = new ScriptedTransport('modem1', ['take', 'take', refusedForNow]);
    await begin({ gateways: [gateway] });
    const id = await one(THREE_PARTS);
    await world.rest(() => world.log.lines.some((line) => line.includes('tried again')), 'deferred');
    await world.pass(30_000);
    await world.state(id, 'sent');
    expect(gateway.taken.map(({ sequence }) => sequence)).to.deep.equal([1, 2, 3]);
  });

  it('does not send again what went out while the store could not note it', async () => {
    const gateway = new ScriptedTransport('modem1');
    await begin({ gateways: [gateway] });
    const progress = world.store.progress.bind(world.store);
    let asked = 0;
    world.store.progress = (lease, sent) =>
      ++asked === 2 ? Promise.reject(new Fault('store.down')) : progress(lease, sent);
    const id = await one(THREE_PARTS);
    await world.rest(() => world.log.lines.some((line) => line.includes('tried again')), 'deferred');
    await world.pass(30_000);
    const message = await world.state(id, 'sent');
    expect(gateway.taken.map(({ sequence }) => sequence)).to.deep.equal([1, 2, 3]);
    expect(message.parts.map(({ reference }) => reference)).to.deep.equal(['1', '2', '3']);
  });

  it('says that a part may be sent twice where the store could not note it at all', async () => {
    const gateway = new ScriptedTransport('modem1');
    await begin({ gateways: [gateway] });
    const progress = world.store.progress.bind(world.store);
    world.store.progress = () => Promise.reject(new Fault('store.down'));
    const id = await one(THREE_PARTS);
    await world.rest(() => world.log.lines.some((line) => line.includes('was not kept')), 'not kept');
    world.store.progress = progress;
    await world.pass(2 * MINUTE);
    await world.rest(() => world.log.lines.some((line) => line.includes('may make a duplicate')), 'said');
    await world.pass(30_000);
    await world.state(id, 'sent');
    expect(gateway.taken.map(({ sequence }) => sequence)).to.deep.equal([1, 1, 2, 3]);
  });

  it('moves what a failing gateway held to another, without counting an attempt', async () => {
    const [a, b] = [new ScriptedTransport('a', [down]), new ScriptedTransport('b')];
    await begin({ gateways: [a, b] });
    const message = await world.state(await one(), 'sent');
    expect([a.taken.length, b.taken.length]).to.deep.equal([0, 1]);
    expect([message.attempts, message.parts[0]?.gateway]).to.deep.equal([0, 'b']);
  });

  it('lets a pinned message wait for its gateway', async () => {
    const [a, b] = [new ScriptedTransport('a', [down]), new ScriptedTransport('b')];
    await begin({ gateways: [a, b] });
    const id = await one('pinned', '"sms:+15551234567?id=a"@sms.example.com');
    await world.rest(() => world.log.lines.some((line) => line.includes('the message waits')), 'deferred');
    expect([a.taken.length, b.taken.length]).to.deep.equal([0, 0]);
    await world.pass(1000);
    await world.state(id, 'sent');
    expect([a.taken.length, b.taken.length]).to.deep.equal([1, 0]);
  });

  it('goes by the prefixes of the gateways', async () => {
    const [us, de] = [new ScriptedTransport('us'), new ScriptedTransport('de')];
    await begin({ gateways: [us, de], prefixes: { us: ['+1'], de: ['+49'] } });
    await world.state(await one('nach Deutschland', '"sms:+4917012345678"@sms.example.com'), 'sent');
    await world.state(await one('to the US'), 'sent');
    expect([us.taken.length, de.taken.length]).to.deep.equal([1, 1]);
    expect(de.taken[0]?.number).to.equal('+4917012345678');
  });

  it('spreads a burst over the gateways', async () => {
    const gateways = [new ScriptedTransport('a'), new ScriptedTransport('b'), new ScriptedTransport('c')];
    await begin({ gateways });
    const ids = await Promise.all(Array.from({ length: 30 }, (_, i) => one(`message ${i}`)));
    for (const id of ids) await world.state(id, 'sent');
    for (const { taken } of gateways) expect(taken.length).to.be.within(5, 15);
  });

  it('takes the higher priority first', async () => {
    const gateway = new ScriptedTransport('modem1', [busy]);
    await begin({ gateways: [gateway] });
    const low = await one('low', '"sms:+15551110000?priority=-1"@sms.example.com');
    await world.rest(() => gateway.moves.length === 0, 'the gateway to be resting');
    await one('middle', '"sms:+15552220000"@sms.example.com');
    const high = await one('high', '"sms:+15553330000?priority=9"@sms.example.com');
    await world.pass(1000);
    await world.state(low, 'sent');
    await world.state(high, 'sent');
    expect(gateway.taken.map(({ number }) => number)).to.deep.equal([
      '+15553330000',
      '+15552220000',
      '+15551110000',
    ]);
  });

  it('keeps a message with at= until its time', async () => {
    const gateway = new ScriptedTransport('modem1');
    await begin({ gateways: [gateway] });
    const at = new Date(world.clock.now() + 90 * MINUTE).toISOString();
    const id = await one('later', `"sms:+15551234567?at=${encodeURIComponent(at)}"@sms.example.com`);
    await world.pass(90 * MINUTE - 1);
    expect(gateway.taken).to.have.length(0);
    await world.pass(1);
    await world.state(id, 'sent');
  });

  it('tells the sender when the network refuses for good', async () => {
    await begin({ gateways: [new ScriptedTransport('modem1', [refused])] });
    await world.state(await one('hello?'), 'failed');
    const [report] = await world.mails(1);
    expect(report).to.deep.include({ from: '', to: ['john@office.example'] });
    expect(report?.raw).to.match(/^Action: failed\r$/m);
    expect(report?.raw).to.match(/^Status: 5\.1\.1\r$/m);
    expect(report?.raw).to.contain('the number is not assigned').and.to.contain('hello?');
  });

  it('warns the sender once, and reports when the message expires', async () => {
    const gateway = new ScriptedTransport('modem1', [], 1);
    gateway.start = async () => undefined;
    await begin({ gateways: [gateway] });
    const id = await one('nobody home');
    await world.pass(239 * MINUTE);
    expect(world.mailer.mails).to.have.length(0);
    await world.pass(MINUTE);
    const [warning] = await world.mails(1);
    expect(warning?.raw).to.match(/^Action: delayed\r$/m);
    expect(warning?.raw).to.match(/^Will-Retry-Until: /m);
    await world.pass(6959 * MINUTE);
    expect(world.mailer.mails).to.have.length(1);
    await world.pass(MINUTE);
    const message = await world.state(id, 'expired');
    expect(message.fault?.enhanced).to.equal('5.4.7');
    const [, report] = await world.mails(2);
    expect(report?.raw).to.match(/^Action: failed\r$/m);
  });

  it('expires with its validity where that is shorter', async () => {
    const gateway = new ScriptedTransport('modem1');
    gateway.start = async () => undefined;
    await begin({ gateways: [gateway] });
    const id = await one('soon stale', '"sms:+15551234567?validity=10"@sms.example.com');
    await world.pass(10 * MINUTE);
    await world.state(id, 'expired');
  });

  const silences: [name: string, more: object][] = [
    ['NOTIFY=NEVER', { dsn: { notify: ['never'] } }],
    ['NOTIFY=SUCCESS', { dsn: { notify: ['success'] } }],
  ];
  for (const [name, more] of silences) {
    it(`reports no failure with ${name}`, async () => {
      await begin({ gateways: [new ScriptedTransport('modem1', [refused])] });
      const [result] = await world.mail(TO, 'x', more);
      await world.state(result !== undefined && 'ids' in result ? (result.ids[0] ?? '') : '', 'failed');
      await world.state(await one('y'), 'sent');
      expect(world.mailer.mails).to.have.length(0);
    });
  }

  describe('when nobody knows whether a part went out', () => {
    it('resend: it goes out again after a pause, and the log says so', async () => {
      const gateway = new ScriptedTransport('modem1', [unknown]);
      await begin({ gateways: [gateway], unknown: 'resend' });
      const id = await one();
      await world.rest(
        () => world.log.lines.some((line) => line.includes('may make a duplicate')),
        'the log line',
      );
      await world.pass(30_000);
      await world.state(id, 'sent');
    });

    it('fail: the sender is told', async () => {
      await begin({ gateways: [new ScriptedTransport('modem1', [unknown])], unknown: 'fail' });
      await world.state(await one(), 'failed');
      const [report] = await world.mails(1);
      expect(report?.raw).to.match(/^Action: failed\r$/m);
      expect(report?.raw).to.contain('may not have been delivered.');
    });

    it('ask: it is held until the operator says', async () => {
      const gateway = new ScriptedTransport('modem1', [unknown]);
      await begin({ gateways: [gateway], unknown: 'ask' });
      const id = await one();
      await world.state(id, 'held');
      await world.pass(60 * MINUTE);
      expect(gateway.taken).to.have.length(0);
      await world.messages.amend(MACHINE_OPERATOR, id, 'retry');
      await world.state(id, 'sent');
    });
  });

  it('after a crash, only the part that was being handed over is sent again', async () => {
    const before = new ScriptedTransport('modem1', ['take', 'hang']);
    await begin({ gateways: [before], incarnation: 'first' });
    const id = await one(THREE_PARTS);
    await world.rest(
      async () => (await world.store.find(id))?.parts[1]?.state === 'handing',
      'part 2 under way',
    );
    await world.crash();

    const after = new ScriptedTransport('modem1');
    const { dir, clock } = world;
    world = await World.start({ gateways: [after], dir, clock, incarnation: 'second' });
    await world.rest(() => world.log.lines.some((line) => line.includes('outcome unknown')), 'recovered');
    await world.pass(30_000);
    await world.state(id, 'sent');
    expect(before.taken.map(({ sequence }) => sequence)).to.deep.equal([1]);
    expect(after.taken.map(({ sequence }) => sequence)).to.deep.equal([2, 3]);
  });

  describe('one message after the other', () => {
    /** Makes ready for the next message while the last one is being noted, as a modem does. */
    class EagerTransport extends ScriptedTransport {
      readonly awaitsClearance = true;
      /** What it was given before it was cleared, and what became of that. */
      readonly early: { id: string; outcome: 'waits' | 'cleared' | 'taken back' }[] = [];
      onEarly: (id: string) => void = () => undefined;
      /** While this is pending, nothing is sent. */
      gate: Promise<void> = Promise.resolve();

      override async send(job: Job, sent: PartSent): Promise<void> {
        await this.gate;
        if (job.cleared !== undefined) {
          const entry: (typeof this.early)[number] = { id: job.messageId, outcome: 'waits' };
          this.early.push(entry);
          this.onEarly(job.messageId);
          await job.cleared.catch((error: unknown) => {
            entry.outcome = 'taken back';
            throw error;
          });
          entry.outcome = 'cleared';
        }
        await super.send(job, sent);
      }
    }

    /** Three messages that wait when the gateway comes up. */
    async function backlog(gateway: EagerTransport): Promise<string[]> {
      let open: () => void = () => undefined;
      gateway.gate = new Promise((resolve) => (open = resolve));
      await begin({ gateways: [gateway], incarnation: 'first' });
      const ids = [await one('first'), await one('second'), await one('third')];
      await world.rest(async () => (await world.store.find(ids[0] ?? ''))?.state === 'sending', 'under way');
      gateway.gate = Promise.resolve();
      open();
      return ids;
    }

    it('the next is made ready while the last is noted, and leaves when both are kept', async () => {
      const gateway = new EagerTransport('modem1');
      const seen: Promise<(string | undefined)[]>[] = [];
      gateway.onEarly = (id) => {
        const [first, second] = ids;
        if (id !== second) return;
        const look = async () => [
          (await world.store.find(first ?? ''))?.state,
          (await world.store.find(second ?? ''))?.parts[0]?.state,
        ];
        seen.push(look());
        const take = gateway.taken.push.bind(gateway.taken);
        gateway.taken.push = (...parts) => {
          if (parts[0]?.messageId === second) seen.push(look());
          return take(...parts);
        };
      };
      let ids: string[] = [];
      ids = await backlog(gateway);
      for (const id of ids) await world.state(id, 'sent');
      expect(gateway.taken.map(({ messageId }) => messageId)).to.deep.equal(ids);
      expect(gateway.early.map(({ id, outcome }) => [id, outcome])).to.deep.equal([
        [ids[1], 'cleared'],
        [ids[2], 'cleared'],
      ]);
      expect(await Promise.all(seen)).to.deep.equal([
        ['sending', 'waiting'],
        ['sent', 'handing'],
      ]);
    });

    it('what came in meanwhile with a higher priority goes first', async () => {
      const gateway = new EagerTransport('modem1');
      let open: () => void = () => undefined;
      gateway.gate = new Promise((resolve) => (open = resolve));
      await begin({ gateways: [gateway] });
      const ids = [await one('first')];
      await world.rest(async () => (await world.store.find(ids[0] ?? ''))?.state === 'sending', 'under way');
      ids.push(await one('second'));
      ids.push(await one('third', '"sms:+15551234567?priority=9"@sms.example.com'));
      open();
      for (const id of ids) await world.state(id, 'sent');
      const [first, second, third] = ids;
      expect(gateway.taken.map(({ messageId }) => messageId)).to.deep.equal([first, third, second]);
    });

    it('somebody else was faster: it is taken back, and nothing is counted or lost', async () => {
      const gateway = new EagerTransport('modem1');
      const ids = await backlog(gateway);
      for (const id of ids) await world.state(id, 'sent');
      gateway.taken.length = 0;
      gateway.early.length = 0;
      const lease = world.store.lease.bind(world.store);
      let refused = 0;
      world.store.lease = (request) =>
        request.only !== undefined && refused++ === 0 ? Promise.resolve([]) : lease(request);
      let open: () => void = () => undefined;
      gateway.gate = new Promise((resolve) => (open = resolve));
      const more = [await one('fourth'), await one('fifth')];
      await world.rest(async () => (await world.store.find(more[0] ?? ''))?.state === 'sending', 'under way');
      open();
      for (const id of more) await world.state(id, 'sent');
      expect(gateway.early).to.deep.equal([{ id: more[1], outcome: 'taken back' }]);
      expect(gateway.taken.map(({ messageId }) => messageId)).to.deep.equal(more);
      expect((await world.store.find(more[1] ?? ''))?.attempts).to.equal(0);
    });

    it('the last one cannot be noted: the next does not leave, so that never two are unknown', async () => {
      const gateway = new EagerTransport('modem1');
      let open: () => void = () => undefined;
      gateway.gate = new Promise((resolve) => (open = resolve));
      await begin({ gateways: [gateway] });
      const ids = [await one('first'), await one('second')];
      await world.rest(async () => (await world.store.find(ids[0] ?? ''))?.state === 'sending', 'under way');
      const settle = world.store.settle.bind(world.store);
      let failed = 0;
      world.store.settle = (lease, sent) =>
        failed++ === 0 ? Promise.reject(new Fault('store.down')) : settle(lease, sent);
      open();
      await world.rest(() => gateway.early[0]?.outcome === 'taken back', 'taken back');
      expect(gateway.taken.map(({ messageId }) => messageId)).to.deep.equal([ids[0]]);
      await world.rest(
        async () => (await world.store.find(ids[1] ?? ''))?.state === 'queued' || gateway.taken.length > 1,
        'waiting again',
      );
      await world.pass(1_000);
      const second = await world.state(ids[1] ?? '', 'sent');
      expect(second.attempts).to.equal(0);
    });

    it('stops between two messages', async () => {
      const gateway = new EagerTransport('modem1');
      let open: () => void = () => undefined;
      gateway.gate = new Promise((resolve) => (open = resolve));
      await begin({ gateways: [gateway] });
      const ids = [await one('first'), await one('second')];
      await world.rest(async () => (await world.store.find(ids[0] ?? ''))?.state === 'sending', 'under way');
      const stopped = world.stop();
      open();
      await stopped;
      expect(gateway.taken.map(({ messageId }) => messageId)).to.deep.equal([ids[0]]);
      expect(gateway.early).to.deep.equal([]);
      const { dir, clock } = world;
      world = await World.start({ dir, clock, incarnation: 'second' });
      expect((await world.store.find(ids[0] ?? ''))?.state).to.equal('sent');
      await world.state(ids[1] ?? '', 'sent');
    });
  });

  it('the operator cancels a message, and its sender is told', async () => {
    const gateway = new ScriptedTransport('modem1', [refusedForNow]);
    await begin({ gateways: [gateway] });
    const id = await one('never mind');
    await world.rest(() => world.log.lines.some((line) => line.includes('tried again')), 'deferred');
    await world.messages.amend(MACHINE_OPERATOR, id, 'cancel');
    await world.state(id, 'cancelled');
    const [report] = await world.mails(1);
    expect(report?.raw).to.contain('the operator cancelled the message');
    await world.pass(60 * MINUTE);
    expect(gateway.taken).to.have.length(0);
  });
});
