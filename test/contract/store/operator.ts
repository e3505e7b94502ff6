import { expect } from 'chai';
import type { IncomingFilter, MessageFilter } from '../../../lib/store/archive.ts';
import type { Scene } from '../store.ts';
import {
  DAY,
  effect,
  FAULT,
  incomingPart,
  item,
  leaseOf,
  linkTo,
  MINUTE,
  take,
} from '../../support/store-records.ts';

export function describeOperator(the: () => Scene): void {
  const charge = (at: number) => ({ account: 'john', parts: 1, limit: 1, period: '2026-11', at });

  /** Messages `queued`, `sending`, `sent`, `failed` and `held`, each named for its state. */
  async function oneOfEach(): Promise<void> {
    const { store, now } = the();
    for (const [index, id] of ['sending', 'sent', 'failed', 'held'].entries()) {
      await store.accept([item(now + index, { id })]);
      const [leased] = await store.lease(leaseOf(now + index));
      if (leased === undefined) throw new Error('nothing was leased');
      if (id === 'sent') await store.settle(leased.lease, [{ sequence: 1, at: now + index }]);
      if (id === 'failed') {
        await store.fail(leased.lease, { state: 'failed', fault: FAULT, at: now + index, effects: [] });
      }
      if (id === 'held') await store.hold(leased.lease, FAULT);
    }
    await store.accept([item(now, { id: 'queued', notBefore: now + DAY })]);
  }

  describe('the operator', () => {
    it('retries what waits, is held, or has failed, and nothing else', async () => {
      const { store, now } = the();
      await oneOfEach();
      const retry = { kind: 'retry', at: now } as const;
      const answers = ['queued', 'held', 'failed', 'sending', 'sent', 'none'].map((id) =>
        store.amend(id, retry),
      );
      expect(await Promise.all(answers)).to.deep.equal(['done', 'done', 'done', 'busy', 'refused', 'absent']);
      const leased = await store.lease(leaseOf(now));
      expect(leased.map(({ message }) => message.id)).to.deep.equal(['queued', 'held', 'failed']);
    });

    it('retries a message whose time is over with the time it had, and charges what was paid back', async () => {
      const { store, now } = the();
      await store.accept([item(now, { id: 'late', expires: now + MINUTE }, { charge: charge(now) })]);
      const [leased] = await store.overdue(take(now + MINUTE));
      if (leased === undefined) throw new Error('nothing was overdue');
      const end = { state: 'expired', fault: FAULT, at: now + MINUTE, effects: [] } as const;
      await store.fail(leased.lease, end);
      expect((await store.usage('john', '2026-11')).sent).to.equal(0);
      expect(await store.amend('late', { kind: 'retry', at: now + DAY })).to.equal('done');
      expect(await store.find('late')).to.deep.include({
        expires: now + DAY + MINUTE,
        charged: 1,
        state: 'queued',
      });
      expect(await store.find('late')).to.not.have.property('settledAt');
      expect((await store.usage('john', '2026-11')).sent).to.equal(1);
      expect(await store.purge(now + 2 * DAY, 10)).to.equal(0);
    });

    it('gives nothing back to a day that a message was not charged to again', async () => {
      const { store, now } = the();
      const onDay = (parts: number) => ({
        ...charge(now),
        limit: 0,
        parts,
        day: { day: '2026-11-23', limit: 2 },
      });
      await store.accept([item(now, { id: 'late', expires: now + MINUTE }, { charge: onDay(1) })]);
      for (let round = 1; round <= 2; round++) {
        const [leased] = await store.overdue(take(now + round * DAY));
        if (leased === undefined) throw new Error('nothing was overdue');
        const end = { state: 'expired', fault: FAULT, at: now + round * DAY, effects: [] } as const;
        await store.fail(leased.lease, end);
        if (round === 2) break;
        expect(await store.charge(onDay(2))).to.equal('charged');
        expect(await store.amend('late', { kind: 'retry', at: now + DAY })).to.equal('done');
      }
      expect((await store.usage('john', '2026-11')).sent).to.equal(2);
      expect(await store.charge(onDay(1))).to.equal('day');
    });

    it('cancels what is not being sent, which pays it back and queues what follows', async () => {
      const { store, now } = the();
      await oneOfEach();
      await store.accept([item(now, { id: 'paid' }, { charge: charge(now) })]);
      const cancel = { kind: 'cancel', at: now, effects: [effect(now)] } as const;
      const ids = ['paid', 'queued', 'held', 'failed', 'sending', 'sent', 'none'];
      const answers = await Promise.all(ids.map((id) => store.amend(id, cancel)));
      expect(answers).to.deep.equal(['done', 'done', 'done', 'refused', 'busy', 'refused', 'absent']);
      expect((await store.find('paid'))?.state).to.equal('cancelled');
      expect((await store.find('paid'))?.fault?.code).to.equal('message.cancelled');
      expect((await store.usage('john', '2026-11')).sent).to.equal(0);
      expect(await store.lease(leaseOf(now + DAY))).to.deep.equal([]);
      expect((await store.stats()).effects).to.equal(1);
    });

    it('removes a message wholly, unless it is being sent', async () => {
      const { store, now } = the();
      await oneOfEach();
      const ids = ['queued', 'held', 'failed', 'sent', 'sending', 'none'];
      const answers = await Promise.all(ids.map((id) => store.amend(id, { kind: 'remove' })));
      expect(answers).to.deep.equal(['done', 'done', 'done', 'done', 'busy', 'absent']);
      expect((await store.list({ limit: 10 })).messages.map(({ id }) => id)).to.deep.equal(['sending']);
      const { messages, lanes } = await store.stats();
      expect(messages).to.deep.include({ queued: 0, held: 0, failed: 0, sent: 0, sending: 1 });
      expect(lanes).to.deep.equal({});
      expect(await store.nextDue(now + 20 * MINUTE)).to.equal(undefined);
    });

    it('counts messages by state and lane', async () => {
      const { store } = the();
      await oneOfEach();
      const { messages, lanes } = await store.stats();
      expect(messages).to.deep.equal({
        queued: 1,
        sending: 1,
        sent: 1,
        delivered: 0,
        undelivered: 0,
        failed: 1,
        expired: 0,
        cancelled: 0,
        dropped: 0,
        diverted: 0,
        held: 1,
      });
      expect(lanes).to.deep.equal({ '*': 1 });
    });

    it('lists page by page, state by state, the newest first', async () => {
      const { store, now } = the();
      const ids = Array.from({ length: 25 }, (_, index) => `m${String(index).padStart(2, '0')}`);
      await store.accept(ids.map((id) => item(now, { id })));
      await store.lease(leaseOf(now, 10));
      const listed: string[] = [];
      let after: string | undefined;
      do {
        const query = { states: ['sending', 'sent', 'queued'] as const, limit: 4 };
        const page = await store.list(after === undefined ? query : { ...query, after });
        listed.push(...page.messages.map(({ id }) => id));
        after = page.next;
      } while (after !== undefined);
      expect(listed).to.deep.equal([...ids.slice(0, 10).reverse(), ...ids.slice(10).reverse()]);
      expect((await store.list({ limit: 100 })).messages).to.have.length(25);
      expect((await store.list({ states: ['held'], limit: 100 })).messages).to.deep.equal([]);
    });

    it('lists those that a filter asks for, and goes on where a page ended before it had found any', async () => {
      const { store, now } = the();
      const many = Array.from({ length: 600 }, (_, index) => ({ id: `n${String(index).padStart(3, '0')}` }));
      const one = {
        id: 'm',
        number: '+15550000009',
        account: 'ann',
        origin: { via: 'smtp' as const, sender: 'Eve@elsewhere.example' },
        content: { kind: 'text' as const, text: 'Pump 3 is DRY' },
      };
      await store.accept([item(now, one), ...many.map((each) => item(now, each))]);
      const filters: readonly MessageFilter[] = [
        { number: '+15550000009' },
        { sender: 'eve@ELSEWHERE.example' },
        { sender: '@elsewhere.example' },
        { sender: 'Ann', account: 'ANN' },
        { text: 'pump 3 is dry' },
      ];
      for (const where of filters) {
        const found: string[] = [];
        let pages = 0;
        let after: string | undefined;
        do {
          const query = { where, states: ['queued'] as const, limit: 10 };
          const page = await store.list(after === undefined ? query : { ...query, after });
          found.push(...page.messages.map(({ id }) => id));
          after = page.next;
          pages += 1;
        } while (after !== undefined);
        expect(found, JSON.stringify(where)).to.deep.equal(['m']);
        expect(pages).to.be.at.least(2);
      }
      const none = { where: { sender: 'e' }, limit: 1000 };
      expect((await store.list(none)).messages).to.deep.equal([]);
    });

    it('lists messages of a gateway: pinned to it, gone through it, or in the lanes named', async () => {
      const { store, now } = the();
      await store.accept([
        item(now, { id: 'pinned', lane: '=a', gateway: 'a' }),
        item(now, { id: 'alone', lane: 'a' }),
        item(now, { id: 'any', lane: '*' }),
        item(now, { id: 'other', lane: '=b', gateway: 'b' }),
      ]);
      const gateway = { id: 'a', lanes: ['=a', 'a'] };
      const listed = async () =>
        (await store.list({ where: { gateway }, limit: 10 })).messages.map(({ id }) => id);
      expect(await listed()).to.deep.equal(['pinned', 'alone']);
      const [leased] = await store.lease({ ...leaseOf(now, 1), gateway: 'a' });
      if (leased === undefined) throw new Error('nothing was leased');
      await store.settle(leased.lease, [{ sequence: 1, at: now }]);
      expect(await listed()).to.have.members(['pinned', 'alone', 'any']);
    });

    it('lists messages from phones by number, gateway and text', async () => {
      const { store, now } = the();
      const part = incomingPart(now);
      await store.receive(part, now);
      const listed = async (where: IncomingFilter) =>
        (await store.listIncoming({ where, limit: 10 })).messages.length;
      const { body } = part;
      if (body.kind !== 'text') throw new Error('no text');
      const { number, gateway } = part;
      expect(await listed({ number, gateway, text: body.text.toUpperCase() })).to.equal(1);
      for (const where of [{ number: '+1' }, { gateway: 'none' }, { text: `${body.text}?` }]) {
        expect(await listed(where), JSON.stringify(where)).to.equal(0);
      }
    });

    it('knows which message has been queued longest', async () => {
      const { store, now } = the();
      expect((await store.stats()).oldestQueued).to.equal(undefined);
      await store.accept([item(now, { id: 'b' }), item(now, { id: 'a', lane: 'x' }), item(now, { id: 'c' })]);
      expect((await store.stats()).oldestQueued).to.equal('a');
      await store.amend('a', { kind: 'cancel', at: now, effects: [], by: 'ann' });
      expect((await store.stats()).oldestQueued).to.equal('b');
      expect((await store.find('a'))?.trace.at(-1)).to.include({ event: 'cancelled', note: 'by ann' });
      await store.amend('b', { kind: 'retry', at: now, by: 'ann' });
      expect((await store.find('b'))?.trace.at(-1)).to.include({ event: 'retried', note: 'by ann' });
    });

    it('forgets what was settled before a time, a piece at a time, and nothing else', async () => {
      const { store, now } = the();
      await oneOfEach();
      const more = {
        link: linkTo('+15551112222', 'ann@example.com', now, { expires: now + 1 }),
        dedupe: { key: 'mail', until: now + 1 },
      };
      await store.accept([item(now, { id: 'other', lane: 'b' }, more)]);
      const part = incomingPart(now);
      await store.receive(part, now);
      const [taken] = await store.takeComplete(take(now));
      if (taken === undefined) throw new Error('nothing came in');
      await store.finish(taken.lease, { state: 'delivered', at: now, note: '', effects: [] });

      expect(await store.purge(now, 100)).to.equal(0);
      expect(await store.purge(now + 10, 2)).to.equal(2);
      expect(await store.find('sent')).to.equal(undefined);
      expect(await store.find('failed')).to.equal(undefined);
      expect(await store.purge(now + 10, 100)).to.equal(4);
      expect(await store.findIncoming(part.id)).to.equal(undefined);
      expect(await store.receive(part, now)).to.equal('stored');
      expect(await store.purge(now + 10, 100)).to.equal(1);
      const left = (await store.list({ limit: 10 })).messages.map(({ id }) => id);
      expect(left).to.have.members(['sending', 'held', 'queued', 'other']);
      expect((await store.stats()).messages).to.deep.include({ sent: 0, failed: 0 });
    });
  });
}
