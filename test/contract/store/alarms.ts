import { expect } from 'chai';
import type { AcceptItem } from '../../../lib/store/outgoing.ts';
import type { Content, OutgoingMessage } from '../../../lib/store/records.ts';
import type { Scene } from '../store.ts';
import { DAY, MINUTE, item, leaseOf, parts } from '../../support/store-records.ts';

export function describeAlarms(the: () => Scene): void {
  const alarm = (id: string, given: Partial<OutgoingMessage> = {}, ends = false): AcceptItem =>
    item(the().now, { id, ...given }, { alarm: { key: 'disk', ends } });

  describe('alarms', () => {
    it('take the place of one that waits under the same key, which is paid back', async () => {
      const { store, now } = the();
      const charge = { account: 'john', parts: 1, limit: 1, period: '2026-11', at: now };
      const other = { ...alarm('c'), alarm: { key: 'fan', ends: false } };
      await store.accept([{ ...alarm('a'), charge }, other]);
      const [first] = await store.accept([{ ...alarm('b'), charge: { ...charge, limit: 2 } }]);
      expect(first).to.deep.equal({ outcome: 'accepted', id: 'b' });
      expect((await store.find('a'))?.state).to.equal('cancelled');
      expect((await store.find('a'))?.fault?.told).to.equal('replaced by b');
      expect((await store.find('c'))?.state).to.equal('queued');
      expect((await store.usage('john', '2026-11')).sent).to.equal(1);
    });

    it('stay as they are where the newer one is over its limit', async () => {
      const { store, now } = the();
      const charge = { account: 'john', parts: 2, limit: 1, period: '2026-11', at: now };
      await store.accept([alarm('a')]);
      expect(await store.accept([{ ...alarm('b'), charge }])).to.deep.equal([
        { outcome: 'limit', limit: 'month' },
      ]);
      expect((await store.find('a'))?.state).to.equal('queued');
    });

    it('end without a word where they still waited, and with one where they did not', async () => {
      const { store, now } = the();
      await store.accept([alarm('a')]);
      expect(await store.accept([alarm('end', {}, true)])).to.deep.equal([{ outcome: 'withdrawn', id: 'a' }]);
      expect((await store.find('a'))?.fault?.told).to.equal('the alarm has ended');
      expect(await store.find('end')).to.equal(undefined);
      await store.accept([alarm('b')]);
      await store.lease(leaseOf(now));
      expect(await store.accept([alarm('end', {}, true)])).to.deep.equal([
        { outcome: 'accepted', id: 'end' },
      ]);
      expect((await store.find('b'))?.state).to.equal('sending');
    });

    it('that were tried in vain can still be ended; those with a part sent cannot', async () => {
      const { store, now } = the();
      await store.accept([alarm('a')]);
      const [leased] = await store.lease(leaseOf(now));
      const fault = { code: 'gateway.busy', enhanced: '4.4.5', told: 'busy' };
      if (leased !== undefined) await store.defer(leased.lease, { until: now + MINUTE, fault });
      expect((await store.accept([alarm('x', {}, true)]))[0]?.outcome).to.equal('withdrawn');

      await store.accept([alarm('b', { parts: parts(2) })]);
      const [half] = await store.lease(leaseOf(now));
      if (half !== undefined) {
        await store.progress(half.lease, { sequence: 1, at: now });
        await store.defer(half.lease, { until: now + MINUTE, fault });
      }
      expect((await store.accept([alarm('y', {}, true)]))[0]?.outcome).to.equal('accepted');
    });
  });

  it('an alarm of which nobody knows whether it went out is not ended without a word', async () => {
    const { store, now } = the();
    await store.accept([alarm('a')]);
    const [leased] = await store.lease(leaseOf(now));
    if (leased === undefined) throw new Error('nothing to lease');
    const fault = (code: string) => ({ code, enhanced: '4.4.0', told: code });
    await store.defer(leased.lease, { until: now, fault: fault('gateway.unknown') });
    // What happened to it since does not make it known.
    const [again] = await store.lease(leaseOf(now));
    if (again === undefined) throw new Error('nothing to lease');
    await store.defer(again.lease, { until: now + MINUTE, fault: fault('gateway.down') });
    expect(await store.accept([alarm('end', {}, true)])).to.deep.equal([{ outcome: 'accepted', id: 'end' }]);
    expect((await store.find('a'))?.state).to.equal('queued');
  });

  describe('storms', () => {
    const text = (words: string): Content => ({ kind: 'text', text: words });
    let made = 0;
    const same = (given: Partial<AcceptItem> = {}): AcceptItem => {
      const { now } = the();
      const charge = { account: 'john', parts: 1, limit: 0, period: '2026-11', at: now };
      const follower = { content: text('alarm (+0000 more)'), parts: parts(2) };
      return {
        ...item(now, { id: `s${++made}`, content: text('alarm') }),
        charge,
        collapse: { key: 'alarm', windowMs: 10 * MINUTE, follower },
        ...given,
      };
    };
    const later = (ms: number): void => the().clock.advanceNow(ms);

    it('send the first at once and one more, for all others, when the time is over', async () => {
      const { store, now } = the();
      const [first] = await store.accept([same()]);
      later(MINUTE);
      const [second] = await store.accept([same()]);
      const id = second !== undefined && 'id' in second ? second.id : '';
      expect([first?.outcome, second?.outcome]).to.deep.equal(['accepted', 'accepted']);
      for (let n = 1; n <= 3; n++) {
        expect(await store.accept([same()])).to.deep.equal([{ outcome: 'collapsed', id }]);
      }
      const follower = await store.find(id);
      expect(follower).to.deep.include({ notBefore: now + 10 * MINUTE, repeats: 3 });
      expect(follower?.content).to.deep.equal(text('alarm (+0000 more)'));
      expect(follower?.trace.map(({ event }) => event)).to.deep.equal(['accepted', 'repeated']);
      expect((await store.usage('john', '2026-11')).sent).to.equal(3);
      expect((await store.stats()).messages.queued).to.equal(2);
    });

    it('are not begun by a message that its account cannot pay for', async () => {
      const { store, now } = the();
      const tooMuch = { account: 'john', parts: 2, limit: 1, period: '2026-11', at: now };
      for (let n = 1; n <= 2; n++) {
        expect((await store.accept([same({ charge: tooMuch })]))[0]).to.deep.equal({
          outcome: 'limit',
          limit: 'month',
        });
      }
      const [first] = await store.accept([same()]);
      expect(first?.outcome).to.equal('accepted');
      const id = first !== undefined && 'id' in first ? first.id : '';
      expect(await store.find(id)).to.deep.include({ notBefore: now, content: text('alarm') });
    });

    it('go on window by window, and end after one without', async () => {
      const { store, now } = the();
      const notBefore = async (): Promise<number | undefined> => {
        const [outcome] = await store.accept([same()]);
        const found = outcome !== undefined && 'id' in outcome ? await store.find(outcome.id) : undefined;
        return found === undefined ? undefined : (found.notBefore - now) / MINUTE;
      };
      expect(await notBefore()).to.equal(0);
      expect(await notBefore()).to.equal(10);
      later(10 * MINUTE);
      await store.lease(leaseOf(the().now));
      later(MINUTE);
      expect(await notBefore()).to.equal(20);
      later(9 * MINUTE);
      await store.lease(leaseOf(the().now));
      later(21 * MINUTE);
      expect(await notBefore()).to.equal(41);
    });

    it('do not count a mail that is sent twice', async () => {
      const { store, now } = the();
      const dedupe = (key: string) => ({ dedupe: { key, until: now + DAY } });
      await store.accept([same(dedupe('one'))]);
      const [second] = await store.accept([same(dedupe('two'))]);
      expect(await store.accept([same(dedupe('two'))])).to.deep.equal([{ ...second, outcome: 'duplicate' }]);
      await store.accept([same(dedupe('three'))]);
      expect(await store.accept([same(dedupe('three'))])).to.deep.equal([
        { ...second, outcome: 'duplicate' },
      ]);
      const id = second !== undefined && 'id' in second ? second.id : '';
      expect((await store.find(id))?.repeats).to.equal(1);
    });
  });
}
