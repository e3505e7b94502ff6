import { expect } from 'chai';
import type { Scene } from '../store.ts';
import { DAY, FAULT, item, leaseOf, MINUTE, outgoing, parts, take } from '../../support/store-records.ts';

export function describeQueue(the: () => Scene): void {
  describe('the queue', () => {
    it('gives back what it was given, octets and odd characters included', async () => {
      const { store, now } = the();
      const message = outgoing(now, {
        id: 'odd \u0000 \u{1f600} "id"',
        number: '+4366412345',
        lane: 'modem1,modem2\u0000',
        content: { kind: 'binary', data: Uint8Array.of(0, 255, 1), udh: Uint8Array.of(5, 0, 3) },
        origin: { via: 'http', subject: 'line\nbreak \u2028 \u{10ffff} \ud800' },
      });
      expect(await store.accept([{ message }])).to.deep.equal([{ outcome: 'accepted', id: message.id }]);
      expect(await store.find(message.id)).to.deep.equal(message);
      const [leased] = await store.lease(leaseOf(now, 1, [message.lane]));
      expect(leased?.message.content).to.deep.equal(message.content);
      expect(await store.find('another')).to.equal(undefined);
    });

    it('gives out the highest priority first, and within it what was queued first', async () => {
      const { store, now } = the();
      const ids = ['low', 'first', 'second', 'high'];
      await store.accept([
        item(now, { id: 'low', priority: 1 }),
        item(now, { id: 'first' }),
        item(now, { id: 'second' }),
        item(now, { id: 'high', priority: 9 }),
      ]);
      const leased = await store.lease(leaseOf(now, 3));
      expect(leased.map(({ message }) => message.id)).to.deep.equal(['high', 'first', 'second']);
      expect((await store.lease(leaseOf(now))).map(({ message }) => message.id)).to.deep.equal([ids[0]]);
      expect(await store.lease(leaseOf(now))).to.deep.equal([]);
    });

    it('keeps that order across lanes, and gives out nothing of other lanes', async () => {
      const { store, now } = the();
      const lanes = ['a', 'b', 'a', 'c', 'b', 'a'];
      await store.accept(lanes.map((lane, index) => item(now, { id: `${index}${lane}`, lane })));
      await store.accept([item(now, { id: 'urgent', lane: 'b', priority: 8 })]);
      const leased = await store.lease(leaseOf(now, 100, ['b', 'a', 'b', 'none']));
      expect(leased.map(({ message }) => message.id)).to.deep.equal(['urgent', '0a', '1b', '2a', '4b', '5a']);
      expect(await store.lanes()).to.deep.equal(['c']);
      expect((await store.stats()).lanes).to.deep.equal({ c: 1 });
    });

    it('marks what it gives out: sending, its first waiting part being handed over, the gateway noted', async () => {
      const { store, now } = the();
      await store.accept([item(now, { id: 'two', parts: parts(2) })]);
      const [leased] = await store.lease(leaseOf(now));
      expect(leased?.message).to.deep.equal(await store.find('two'));
      expect(leased?.message.state).to.equal('sending');
      expect(leased?.message.parts.map(({ state }) => state)).to.deep.equal(['handing', 'waiting']);
      expect(leased?.message.trace.at(-1)).to.deep.equal({ at: now, event: 'leased', gateway: 'modem1' });
    });

    it('keeps a message until its time, tells when that is, and gives it out then', async () => {
      const { store, now } = the();
      await store.accept([item(now, { id: 'later', notBefore: now + 5 * MINUTE })]);
      expect(await store.lease(leaseOf(now))).to.deep.equal([]);
      expect(await store.nextDue()).to.equal(now + 5 * MINUTE);
      expect((await store.stats()).lanes).to.deep.equal({ '*': 1 });
      expect(await store.lease(leaseOf(now + 5 * MINUTE - 1))).to.deep.equal([]);
      const leased = await store.lease(leaseOf(now + 5 * MINUTE));
      expect(leased.map(({ message }) => message.id)).to.deep.equal(['later']);
    });

    it('gives out all that is due however much is due in other lanes', async () => {
      const { store, now } = the();
      const due = { notBefore: now + MINUTE };
      await store.accept(Array.from({ length: 1200 }, () => item(now, { ...due, lane: 'other' })));
      await store.accept([item(now, { ...due, id: 'mine', lane: 'mine' })]);
      const leased = await store.lease(leaseOf(now + MINUTE, 10, ['mine']));
      expect(leased.map(({ message }) => message.id)).to.deep.equal(['mine']);
      expect(await store.lease(leaseOf(now + MINUTE, 2000, ['other']))).to.have.length(1200);
    });

    it('tells of the earliest thing that falls due, and on request of the first one after a time', async () => {
      const { store, now } = the();
      expect(await store.nextDue()).to.equal(undefined);
      await store.accept([
        item(now, { expires: now + 2 * DAY, warnAt: now + DAY }),
        item(now, { notBefore: now + 10, expires: now + 3 * DAY }),
      ]);
      expect(await store.nextDue()).to.equal(now + 10);
      expect(await store.nextDue(now + 10)).to.equal(now + DAY);
      await store.lease(leaseOf(now, 1));
      expect(await store.nextDue(now + 10)).to.equal(now + 10 * MINUTE);
      expect(await store.nextDue(now + 10 * MINUTE)).to.equal(now + 3 * DAY);
    });

    it('gives no message to two takers, however many ask at once', async () => {
      const { store, now } = the();
      const other = await the().open('node2');
      await store.accept(Array.from({ length: 300 }, () => item(now)));
      const takers = Array.from({ length: 60 }, (_, index) =>
        (index % 2 === 0 ? store : other).lease(leaseOf(now, 7)),
      );
      const ids = (await Promise.all(takers)).flat().map(({ message }) => message.id);
      expect(ids).to.have.length(300);
      expect(new Set(ids).size).to.equal(300);
    });

    it('takes the same message once', async () => {
      const { store, now } = the();
      const message = outgoing(now, { id: 'once' });
      await store.accept([{ message }]);
      expect(await store.accept([{ message }])).to.deep.equal([{ outcome: 'duplicate', id: 'once' }]);
      expect((await store.stats()).messages.queued).to.equal(1);
    });

    it('recognises the same mail sent again until the time given, and charges it once', async () => {
      const { store, now, clock } = the();
      const again = (id: string) =>
        item(
          now,
          { id },
          {
            dedupe: { key: '<a@b> +1555', until: now + MINUTE },
            charge: { account: 'john', parts: 1, limit: 0, period: '2026-11', at: now },
          },
        );
      expect(await store.accept([again('one'), again('two')])).to.deep.equal([
        { outcome: 'accepted', id: 'one' },
        { outcome: 'duplicate', id: 'one' },
      ]);
      await the().restart();
      clock.advanceNow(MINUTE - 1);
      expect(await the().store.accept([again('three')])).to.deep.equal([{ outcome: 'duplicate', id: 'one' }]);
      clock.advanceNow(1);
      expect(await the().store.accept([again('four')])).to.deep.equal([{ outcome: 'accepted', id: 'four' }]);
      expect((await the().store.usage('john', '2026-11')).sent).to.equal(2);
    });

    it('tells watchers of messages that became ready, after they can be had, until they stop watching', async () => {
      const { store, now } = the();
      const told: (readonly string[])[] = [];
      let found: Promise<unknown> = Promise.resolve();
      const stop = store.watch({
        messages: (lanes) => {
          told.push(lanes);
          found = store.find('seen');
        },
      });
      store.watch({
        messages: () => {
          throw new Error('a watcher that fails');
        },
      });
      await store.accept([item(now, { id: 'seen', lane: 'a' }), item(now, { lane: 'b' })]);
      expect(told).to.deep.equal([['a', 'b']]);
      expect(await found).to.have.property('id', 'seen');
      stop();
      await store.accept([item(now)]);
      expect(told).to.have.length(1);
    });

    it('keeps what it has over a restart', async () => {
      const { store, now } = the();
      await store.accept([item(now, { id: 'kept', lane: 'a' }), item(now, { notBefore: now + MINUTE })]);
      const before = [await store.stats(), await store.nextDue(), await store.list({ limit: 10 })];
      const after = await the().restart();
      expect([await after.stats(), await after.nextDue(), await after.list({ limit: 10 })]).to.deep.equal(
        before,
      );
      expect((await after.lease(leaseOf(now, 10, ['a'])))[0]?.message.id).to.equal('kept');
    });

    it('lets no call that fails take with it those that are made beside it', async () => {
      const { store, now } = the();
      await store.accept([item(now)]);
      const [leased] = await store.lease(leaseOf(now));
      await store.settle(leased?.lease ?? { id: '', token: '' }, [{ sequence: 1, reference: '1', at: now }]);
      const about = { gateway: 'modem1', number: '+15551234567', reference: '1', at: now, windowMs: MINUTE };
      const beside = [item(now, { id: 'before' }), item(now, { id: 'after' })];
      const [before, failing, after] = await Promise.allSettled([
        store.accept(beside.slice(0, 1)),
        store.report({ ...about, outcome: 'delivered', status: 0 }, () => {
          throw new Error('no verdict can be made');
        }),
        store.accept(beside.slice(1)),
      ]);
      expect(before).to.deep.include({ value: [{ outcome: 'accepted', id: 'before' }] });
      expect(after).to.deep.include({ value: [{ outcome: 'accepted', id: 'after' }] });
      expect(failing).to.have.property('reason').that.includes({ code: 'internal', temporary: true });
      expect((await store.stats()).messages).to.deep.include({ sent: 1, delivered: 0, queued: 2 });
    });

    it('refuses calls once it is closed, and lets those under way end', async () => {
      const { store, now } = the();
      const last = store.accept([item(now)]);
      await store.close();
      expect((await last)[0]?.outcome).to.equal('accepted');
      const refusal = await store.accept([item(now)]).catch((error: unknown) => error);
      expect(refusal).to.have.property('code', 'store.down');
    });
  });

  describe('leases', () => {
    it('are refused once somebody else has the work', async () => {
      const { store, now } = the();
      await store.accept([item(now)]);
      const [mine] = await store.lease(leaseOf(now));
      const [theirs] = await store.recover(take(now + 10 * MINUTE));
      if (mine === undefined || theirs === undefined) throw new Error('nothing was leased');
      expect(theirs.message.id).to.equal(mine.message.id);
      const sent = { sequence: 1, at: now };
      const end = { state: 'failed', fault: FAULT, at: now, effects: [] } as const;
      expect(await store.progress(mine.lease, sent)).to.equal(false);
      expect(await store.settle(mine.lease, [sent])).to.equal(false);
      expect(await store.defer(mine.lease, { until: now, fault: FAULT })).to.equal(false);
      expect(await store.fail(mine.lease, end)).to.equal(false);
      expect(await store.hold(mine.lease, FAULT)).to.equal(false);
      expect(await store.warn(mine.lease, [])).to.equal(false);
      expect(await store.renew(mine.lease, now + DAY)).to.equal(false);
      expect(await store.settle(theirs.lease, [sent])).to.equal(true);
      expect(await store.settle(theirs.lease, [sent])).to.equal(false);
      expect(await store.settle({ id: 'nothing', token: 'x' }, [])).to.equal(false);
    });

    it('hold while nobody took the work, even past their end', async () => {
      const { store, now, clock } = the();
      await store.accept([item(now)]);
      const [leased] = await store.lease(leaseOf(now));
      clock.advanceNow(DAY);
      expect(await store.settle(leased?.lease ?? { id: '', token: '' }, [])).to.equal(true);
    });

    it('are given to who recovers only when they ended; a part that was being handed over shows it', async () => {
      const { store, now } = the();
      const other = await the().open('node2');
      await store.accept([item(now, { id: 'lost' })]);
      const [leased] = await store.lease(leaseOf(now));
      if (leased === undefined) throw new Error('nothing was leased');
      expect(await store.renew(leased.lease, now + DAY)).to.equal(true);
      expect(await other.recover(take(now + 10 * MINUTE))).to.deep.equal([]);
      expect(await store.recover(take(now + 10 * MINUTE))).to.deep.equal([]);
      const [recovered] = await other.recover(take(now + DAY));
      expect(recovered?.message.parts).to.deep.equal([{ sequence: 1, state: 'handing', gateway: 'modem1' }]);
      expect(recovered?.message.state).to.equal('sending');
      expect(await other.recover(take(now + DAY))).to.deep.equal([]);
    });

    it('of an earlier process of the same owner are recovered at once, of another owner not', async () => {
      const { store, now } = the();
      const other = await the().open('node2');
      await store.accept([item(now, { id: 'mine' }), item(now, { id: 'theirs' })]);
      await store.lease(leaseOf(now, 1));
      await other.lease(leaseOf(now, 1));
      const again = await the().restart();
      const recovered = await again.recover(take(now));
      expect(recovered.map(({ message }) => message.id)).to.deep.equal(['mine']);
      expect(await again.recover(take(now))).to.deep.equal([]);
    });

    it('are given for waiting messages that are overdue, once each', async () => {
      const { store, now } = the();
      await store.accept([
        item(now, { id: 'warn', warnAt: now + MINUTE }),
        item(now, { id: 'expire', expires: now + MINUTE, notBefore: now + DAY }),
        item(now, { id: 'fine' }),
      ]);
      expect(await store.overdue(take(now + MINUTE - 1))).to.deep.equal([]);
      const leased = await store.overdue(take(now + MINUTE));
      expect(leased.map(({ message }) => [message.id, message.state])).to.have.deep.members([
        ['warn', 'queued'],
        ['expire', 'queued'],
      ]);
      expect(await store.overdue(take(now + MINUTE))).to.deep.equal([]);
      expect((await store.lease(leaseOf(now + DAY))).map(({ message }) => message.id)).to.deep.equal([
        'fine',
      ]);
      expect((await store.stats()).lanes).to.deep.equal({});
      expect(await store.recover(take(now + DAY))).to.have.length(2);
    });
  });
}
