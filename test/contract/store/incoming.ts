import { expect } from 'chai';
import type { IncomingResult, LeasedIncoming } from '../../../lib/store/incoming.ts';
import type { IncomingState } from '../../../lib/store/records.ts';
import type { Scene } from '../store.ts';
import {
  DAY,
  effect,
  incomingPart,
  item,
  leaseOf,
  linkTo,
  MINUTE,
  take,
} from '../../support/store-records.ts';

export function describeIncoming(the: () => Scene): void {
  const concat = (sequence: number, total = 3, key = 'modem1 +1555 9') => ({ key, total, sequence });

  async function takeOne(now: number): Promise<LeasedIncoming> {
    const [taken, ...more] = await the().store.takeComplete(take(now));
    if (taken === undefined || more.length > 0) throw new Error('expected one message');
    return taken;
  }

  describe('what comes from phones', () => {
    it('is given out whole as soon as it is stored, octets included', async () => {
      const { store, now } = the();
      let told = 0;
      store.watch({ incoming: () => told++ });
      const udh = Uint8Array.of(5, 4);
      const part = incomingPart(now, { body: { kind: 'binary', data: Uint8Array.of(0, 1), udh } });
      expect(await store.receive(part, now)).to.equal('stored');
      expect(told).to.equal(1);
      const { message } = await takeOne(now);
      expect(message).to.deep.include({
        id: part.id,
        gateway: 'modem1',
        parts: [part],
        total: 1,
        state: 'arrived',
      });
      expect(await store.findIncoming(part.id)).to.deep.equal(message);
      expect(await store.takeComplete(take(now))).to.deep.equal([]);
    });

    it('is kept once, however often it is read from the modem', async () => {
      const { store, now } = the();
      const part = incomingPart(now);
      expect(await store.receive(part, now)).to.equal('stored');
      expect(await store.receive({ ...part, id: 'another' }, now)).to.equal('duplicate');
      const { lease } = await takeOne(now);
      await store.finish(lease, { state: 'delivered', at: now, note: '', effects: [] });
      expect(await (await the().restart()).receive(part, now)).to.equal('duplicate');
      expect(await the().store.takeComplete(take(now + DAY))).to.deep.equal([]);
    });

    it('is put together from its parts, in whatever order they come', async () => {
      const { store, now } = the();
      const waitUntil = now + MINUTE;
      const sent = [3, 1, 2].map((sequence) => incomingPart(now + sequence, { concat: concat(sequence) }));
      await store.receive(sent[0] ?? incomingPart(now), waitUntil);
      await store.receive(incomingPart(now, { concat: concat(1, 3, 'another') }), waitUntil + 1);
      expect(await store.takeComplete(take(now))).to.deep.equal([]);
      expect(await store.nextDue()).to.equal(waitUntil);
      expect((await store.stats()).incoming).to.equal(2);
      await the().restart();
      for (const part of sent.slice(1)) await the().store.receive(part, waitUntil);
      const { message } = await takeOne(now);
      expect(message.parts.map((part) => part.concat?.sequence)).to.deep.equal([1, 2, 3]);
      expect(message).to.deep.include({ total: 3, received: now + 1 });
    });

    it('is given out in part when the rest does not come in time; what comes later is a message of its own', async () => {
      const { store, now } = the();
      await store.receive(incomingPart(now, { concat: concat(2) }), now + MINUTE);
      expect(await store.takeComplete(take(now + MINUTE - 1))).to.deep.equal([]);
      const { message } = await takeOne(now + MINUTE);
      expect(message.parts.map((part) => part.concat?.sequence)).to.deep.equal([2]);
      const late = incomingPart(now + MINUTE, { concat: concat(1) });
      expect(await store.receive(late, now + 2 * MINUTE)).to.equal('stored');
      expect((await takeOne(now + 2 * MINUTE)).message).to.deep.include({ id: late.id, total: 3 });
    });

    it('tells a part that the network repeats from another message under the same reference', async () => {
      const { store, now } = the();
      const first = incomingPart(now, { concat: concat(1, 2) });
      await store.receive(first, now + MINUTE);
      const repeated = { ...first, id: 'repeated', fingerprint: 'other stamp' };
      expect(await store.receive(repeated, now + MINUTE)).to.equal('duplicate');
      const other = incomingPart(now + 1, { concat: concat(1, 2) });
      expect(await store.receive(other, now + MINUTE)).to.equal('stored');
      await store.receive(incomingPart(now + 2, { concat: concat(2, 2) }), now + MINUTE);
      expect((await takeOne(now)).message.parts[0]?.id).to.equal(other.id);
      expect((await takeOne(now + MINUTE)).message.parts.map(({ id }) => id)).to.deep.equal([first.id]);
    });

    it('keeps both where two messages come under one id', async () => {
      const { store, now } = the();
      await store.receive(incomingPart(now, { id: 'same' }), now);
      await store.receive(incomingPart(now, { id: 'same' }), now);
      const taken = await store.takeComplete(take(now));
      expect(new Set(taken.map(({ message }) => message.id)).size).to.equal(2);
    });

    it('is finished once, with all that follows from it', async () => {
      const { store, now } = the();
      const part = incomingPart(now);
      await store.receive(part, now);
      const { lease } = await takeOne(now);
      const mail = effect(now);
      const conflict = item(
        now,
        { id: 'conflict' },
        { link: linkTo('+15550001111', 'desk@example.com', now) },
      );
      const result: IncomingResult = {
        state: 'delivered',
        at: now + 3,
        note: 'to john',
        effects: [mail],
        messages: [conflict],
      };
      expect(await store.finish(lease, result)).to.equal(true);
      expect(await store.finish(lease, result)).to.equal(false);
      const found = await store.findIncoming(part.id);
      expect(found?.state).to.equal('delivered');
      expect(found?.trace.at(-1)).to.deep.equal({ at: now + 3, event: 'delivered', note: 'to john' });
      expect((await store.takeEffects(take(now))).map((each) => each.effect.id)).to.deep.equal([mail.id]);
      expect((await store.lease(leaseOf(now))).map(({ message }) => message.id)).to.deep.equal(['conflict']);
      expect(await store.links('+15550001111', now)).to.have.length(1);
      expect((await store.stats()).incoming).to.equal(0);
    });

    it('is given out again when the lease ends, or at once when its owner is started anew', async () => {
      const { store, now } = the();
      await store.receive(incomingPart(now), now);
      const first = await takeOne(now);
      expect(await store.nextDue()).to.equal(now + 10 * MINUTE);
      const second = await takeOne(now + 10 * MINUTE);
      const result: IncomingResult = { state: 'dropped', at: now, note: '', effects: [] };
      expect(await store.finish(first.lease, result)).to.equal(false);
      const other = await the().open('node2');
      expect(await other.takeComplete(take(now))).to.deep.equal([]);
      await the().restart();
      const third = await takeOne(now);
      expect(await the().store.finish(second.lease, result)).to.equal(false);
      expect(await the().store.finish(third.lease, result)).to.equal(true);
    });

    it('are listed page by page, the newest first, those in some states by themselves', async () => {
      const { store, now } = the();
      const ids = Array.from({ length: 7 }, (_, index) => `i${index}`);
      for (const id of ids) await store.receive(incomingPart(now, { id }), now);
      for (const { lease } of await store.takeComplete(take(now, 3))) {
        await store.finish(lease, { state: 'dropped', at: now, note: 'by a rule', effects: [] });
      }
      const listed = async (states?: readonly IncomingState[]): Promise<string[][]> => {
        const pages: string[][] = [];
        let after: string | undefined;
        do {
          const page = await store.listIncoming({
            limit: 2,
            ...(states === undefined ? {} : { states }),
            ...(after === undefined ? {} : { after }),
          });
          pages.push(page.messages.map(({ id }) => id));
          after = page.next;
        } while (after !== undefined);
        return pages.filter((page) => page.length > 0);
      };
      expect(await listed()).to.deep.equal([['i6', 'i5'], ['i4', 'i3'], ['i2', 'i1'], ['i0']]);
      expect(await listed(['dropped'])).to.deep.equal([['i2', 'i1'], ['i0']]);
      expect(await listed(['arrived'])).to.deep.equal([
        ['i6', 'i5'],
        ['i4', 'i3'],
      ]);
      expect(await listed(['delivered'])).to.deep.equal([]);
    });

    it('are found among many others in bounded steps', async () => {
      const { store, now } = the();
      const receive = (id: string): Promise<unknown> => store.receive(incomingPart(now, { id }), now);
      await receive('a');
      const [first] = await store.takeComplete(take(now));
      if (first !== undefined) {
        await store.finish(first.lease, { state: 'dropped', at: now, note: '', effects: [] });
      }
      await Promise.all(Array.from({ length: 1200 }, (_, index) => receive(`b${index}`)));
      const found: string[] = [];
      let pages = 0;
      let after: string | undefined;
      do {
        const page = await store.listIncoming({
          states: ['dropped'],
          limit: 10,
          ...(after === undefined ? {} : { after }),
        });
        found.push(...page.messages.map(({ id }) => id));
        after = page.next;
        pages++;
      } while (after !== undefined);
      expect(found).to.deep.equal(['a']);
      expect(pages).to.be.within(2, 10);
    });
  });
}
