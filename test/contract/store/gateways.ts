import { expect } from 'chai';
import type { Leased } from '../../../lib/store/outgoing.ts';
import { DAY, FAULT, item, leaseOf, MINUTE, parts } from '../../support/store-records.ts';
import type { Scene } from '../store.ts';

export function describeGateways(the: () => Scene): void {
  async function leaseOne(count = 1): Promise<Leased> {
    const { store, now } = the();
    await store.accept([item(now, { parts: parts(count) })]);
    const [leased] = await store.lease(leaseOf(now));
    if (leased === undefined) throw new Error('nothing was leased');
    return leased;
  }

  describe('what a gateway did today', () => {
    it('counts the parts that it took and the hand-overs that failed, with the last error and its time', async () => {
      const { store, now } = the();
      const first = await leaseOne(3);
      await store.progress(first.lease, { sequence: 1, at: now });
      await store.defer(first.lease, { until: now, fault: FAULT });
      const [again] = await store.lease(leaseOf(now));
      if (again === undefined) throw new Error('it should be waiting');
      await store.settle(again.lease, [{ sequence: 2, at: now }]);
      const second = await leaseOne();
      await store.hold(second.lease, FAULT);
      const third = await leaseOne();
      the().clock.advanceNow(MINUTE);
      await store.fail(third.lease, { state: 'failed', fault: FAULT, at: now, effects: [] });
      expect([...(await store.tallies())]).to.deep.equal([
        ['modem1', { sent: 3, failed: 3, lastError: { at: now + MINUTE, fault: FAULT } }],
      ]);
    });

    it('is none of a gateway what nobody was handing over', async () => {
      const { store, now } = the();
      await store.accept([item(now, { expires: now })]);
      const [found] = await store.overdue({ now, until: now + MINUTE, limit: 1 });
      if (found === undefined) throw new Error('it should be overdue');
      await store.fail(found.lease, { state: 'expired', fault: FAULT, at: now, effects: [] });
      expect([...(await store.tallies())]).to.deep.equal([]);
    });

    it('outlives a restart, and begins anew with the day; the last error stays', async () => {
      const { now, clock } = the();
      const first = await leaseOne();
      await the().store.settle(first.lease, []);
      const second = await leaseOne();
      await the().store.defer(second.lease, { until: now, fault: FAULT });
      await the().restart();
      const lastError = { at: now, fault: FAULT };
      expect((await the().store.tallies()).get('modem1')).to.deep.equal({ sent: 1, failed: 1, lastError });
      clock.advanceNow(DAY);
      expect((await the().store.tallies()).get('modem1')).to.deep.equal({ sent: 0, failed: 0, lastError });
      const third = await leaseOne();
      await the().store.settle(third.lease, []);
      expect((await the().store.tallies()).get('modem1')).to.deep.equal({ sent: 1, failed: 0, lastError });
    });
  });

  describe('a look at what would be leased', () => {
    const look = (limit: number, ...skip: string[]) =>
      the().store.peek({ lanes: ['*', 'b'], limit, skip: new Set(skip) });

    it('shows it in the order of the lease, without what is to be skipped, and takes nothing', async () => {
      const { store, now } = the();
      await store.accept([
        item(now, { id: 'first' }),
        item(now, { id: 'second', lane: 'b' }),
        item(now, { id: 'other', lane: 'c' }),
        item(now, { id: 'high', priority: 9 }),
      ]);
      const ids = (await look(2)).map(({ id }) => id);
      expect(ids).to.deep.equal(['high', 'first']);
      expect((await look(2, 'high', 'first')).map(({ id }) => id)).to.deep.equal(['second']);
      expect((await store.lease(leaseOf(now, 2))).map(({ message }) => message.id)).to.deep.equal(ids);
    });

    it('what was seen is leased by name, where it still waits', async () => {
      const { store, now } = the();
      await store.accept([item(now, { id: 'first' }), item(now, { id: 'second' })]);
      const only = { ...leaseOf(now), only: 'second' };
      expect((await store.lease(only)).map(({ message }) => message.id)).to.deep.equal(['second']);
      expect((await store.find('second'))?.parts[0]?.state).to.equal('handing');
      expect(await store.lease(only)).to.deep.equal([]);
      expect(await store.lease({ ...leaseOf(now), lanes: ['b'], only: 'first' })).to.deep.equal([]);
      expect(await store.lease({ ...leaseOf(now), only: 'nowhere' })).to.deep.equal([]);
    });

    it('a deferred message whose time has come is seen once somebody has leased', async () => {
      const { store, now, clock } = the();
      await store.accept([
        item(now, { id: 'later', notBefore: now + MINUTE, priority: 9 }),
        item(now, { id: 'a' }),
      ]);
      expect(await store.lease({ ...leaseOf(now), only: 'later' })).to.deep.equal([]);
      clock.advanceNow(MINUTE);
      await store.lease({ ...leaseOf(now + MINUTE), only: 'a' });
      expect((await look(1)).map(({ id }) => id)).to.deep.equal(['later']);
    });
  });
}
