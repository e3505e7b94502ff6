import { expect } from 'chai';
import type { AcceptItem } from '../../../lib/store/outgoing.ts';
import { MINUTE, item, linkTo, parts } from '../../support/store-records.ts';
import type { Scene } from '../store.ts';

export function describeForesight(the: () => Scene): void {
  describe('foresee', () => {
    /** One item for each answer that `accept` has, some of them because of others of the same call. */
    const mixed = (): AcceptItem[] => {
      const { now } = the();
      const charge = (parts: number) => ({ account: 'john', parts, limit: 3, period: '2026-11', at: now });
      const dedupe = { key: 'mail 1', until: now + MINUTE };
      const follower = { content: { kind: 'text' as const, text: 'again' }, parts: parts(1) };
      const collapse = { key: 'storm', windowMs: MINUTE, follower };
      return [
        item(
          now,
          { id: 'a' },
          { charge: charge(2), dedupe, link: linkTo('+15551234567', 'ann@example.com', now) },
        ),
        item(now, { id: 'b' }, { charge: charge(2), dedupe }),
        item(now, { id: 'c' }, { charge: charge(2) }),
        item(now, { id: 'd' }, { charge: charge(1) }),
        item(now, { id: 'e' }, { alarm: { key: 'disk', ends: false } }),
        item(now, { id: 'f' }, { alarm: { key: 'disk', ends: true } }),
        item(now, { id: 'g' }, { collapse }),
        item(now, { id: 'h' }, { collapse }),
        item(now, { id: 'i' }, { collapse }),
      ];
    };

    it('answers what accept then answers', async () => {
      const { store } = the();
      const items = mixed();
      const foreseen = await store.foresee(items);
      expect(foreseen.map((each) => each.outcome)).to.deep.equal([
        ...['accepted', 'duplicate', 'limit', 'accepted', 'accepted', 'withdrawn'],
        ...['accepted', 'accepted', 'collapsed'],
      ]);
      expect(await store.foresee(items)).to.deep.equal(foreseen);
      expect(await store.accept(items)).to.deep.equal(foreseen);
    });

    it('keeps nothing, and wakes nobody', async () => {
      const { store, now } = the();
      const woken: string[] = [];
      store.watch({ messages: (lanes) => woken.push(...lanes) });
      const before = await store.stats();
      await store.foresee(mixed());
      expect(await store.stats()).to.deep.equal(before);
      expect(await store.lanes()).to.deep.equal([]);
      expect(await store.find('a')).to.equal(undefined);
      expect((await store.usage('john', '2026-11')).sent).to.equal(0);
      expect(await store.links('+15551234567', now)).to.deep.equal([]);
      expect(woken).to.deep.equal([]);
    });

    it('takes nothing back of what is accepted beside it', async () => {
      const { store, now } = the();
      const [, [kept]] = await Promise.all([
        store.foresee([item(now, { id: 'a' })]),
        store.accept([item(now, { id: 'b' })]),
        store.foresee([item(now, { id: 'c' })]),
      ]);
      expect(kept).to.deep.equal({ outcome: 'accepted', id: 'b' });
      expect((await store.stats()).messages.queued).to.equal(1);
    });
  });
}
