import { expect } from 'chai';
import type { Scene } from '../store.ts';
import { DAY, effect, item, leaseOf, linkTo, MINUTE, parts, take } from '../../support/store-records.ts';

export function describeRuledOff(the: () => Scene): void {
  /** A message that a rule took off its way, with all that an item may have. */
  const ended = (id: string, state: 'dropped' | 'diverted', now: number) =>
    item(
      now,
      { id, state, parts: [], lane: '', settledAt: now, expires: now },
      { effects: [effect(now, { id: `${id}.1` })], dedupe: { key: 'mail', until: now + DAY } },
    );

  describe('messages that a rule took off their way', () => {
    for (const state of ['dropped', 'diverted'] as const) {
      it(`are kept as ${state}, with their effects, and given out to nobody`, async () => {
        const { store, now } = the();
        expect(await store.accept([ended('m', state, now)])).to.deep.equal([
          { outcome: 'accepted', id: 'm' },
        ]);
        expect(await store.find('m')).to.deep.include({ state, settledAt: now, parts: [], charged: 0 });
        const { messages } = await store.list({ states: [state], limit: 10 });
        expect(messages.map(({ id }) => id)).to.deep.equal(['m']);
        expect((await store.stats()).messages).to.deep.include({ [state]: 1, queued: 0 });
        expect(await store.lanes()).to.deep.equal([]);
        expect(await store.lease(leaseOf(now))).to.deep.equal([]);
        expect(await store.overdue(take(now + DAY))).to.deep.equal([]);
        expect((await store.findEffect('m.1'))?.state).to.equal('waiting');
      });
    }

    it('cost nothing, answer nobody, and end no alarm and no storm, whatever else the item has', async () => {
      const { store, now } = the();
      const alarm = { key: 'disk', ends: true };
      await store.accept([item(now, { id: 'alarm' }, { alarm: { key: 'disk', ends: false } })]);
      const more = {
        charge: { account: 'john', parts: 1, limit: 1, period: '2026-11', at: now },
        link: linkTo('+15551234567', 'ann@example.com', now),
        alarm,
        collapse: {
          key: 'disk full',
          windowMs: 10 * MINUTE,
          follower: { content: { kind: 'text', text: 'x' }, parts: parts(1) },
        } as const,
      };
      await store.accept([{ ...ended('m', 'dropped', now), ...more }]);
      expect((await store.usage('john', '2026-11')).sent).to.equal(0);
      expect(await store.links('+15551234567', now)).to.deep.equal([]);
      expect((await store.find('alarm'))?.state).to.equal('queued');
      const [next] = await store.accept([item(now, { id: 'first' }, { collapse: more.collapse })]);
      expect(next).to.deep.equal({ outcome: 'accepted', id: 'first' });
      expect((await store.find('first'))?.notBefore).to.equal(now);
    });

    it('are taken once: the same mail again finds them, and has no effects', async () => {
      const { store, now } = the();
      await store.accept([ended('m', 'diverted', now)]);
      const again = await store.accept([ended('n', 'diverted', now)]);
      expect(again).to.deep.equal([{ outcome: 'duplicate', id: 'm' }]);
      expect(await store.find('n')).to.equal(undefined);
      expect(await store.findEffect('n.1')).to.equal(undefined);
      expect((await store.stats()).effects).to.equal(1);
    });

    it('are no reason to keep the same mail back once the rules let it through', async () => {
      const { store, now } = the();
      const dedupe = { key: 'mail', until: now + DAY };
      await store.accept([ended('m', 'dropped', now)]);
      const send = (id: string) => store.accept([item(now, { id }, { dedupe })]);
      expect(await send('n')).to.deep.equal([{ outcome: 'accepted', id: 'n' }]);
      expect(await send('o')).to.deep.equal([{ outcome: 'duplicate', id: 'n' }]);
      expect(await store.accept([ended('p', 'dropped', now)])).to.deep.equal([
        { outcome: 'duplicate', id: 'n' },
      ]);
    });

    it('cannot be tried again or cancelled, can be removed, and are forgotten when their time is over', async () => {
      const { store, now } = the();
      await store.accept([ended('m', 'dropped', now)]);
      expect(await store.amend('m', { kind: 'retry', at: now })).to.equal('refused');
      expect(await store.amend('m', { kind: 'cancel', at: now, effects: [] })).to.equal('refused');
      await store.purge(now, 10);
      expect(await store.find('m')).to.not.equal(undefined);
      await store.purge(now + 1, 10);
      expect(await store.find('m')).to.equal(undefined);
      await store.accept([item(now, { id: 'other', state: 'dropped', parts: [], settledAt: now })]);
      expect(await store.amend('other', { kind: 'remove' })).to.equal('done');
      expect((await store.stats()).messages.dropped).to.equal(0);
    });
  });
}
