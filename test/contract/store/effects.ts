import { expect } from 'chai';
import type { LeasedEffect } from '../../../lib/store/effects.ts';
import type { Scene } from '../store.ts';
import { DAY, effect, FAULT, MINUTE, take } from '../../support/store-records.ts';

export function describeEffects(the: () => Scene): void {
  async function takeOne(now: number): Promise<LeasedEffect> {
    const [taken, ...more] = await the().store.takeEffects(take(now));
    if (taken === undefined || more.length > 0) throw new Error('expected one effect');
    return taken;
  }

  describe('effects', () => {
    it('are given out in the order they were queued, with their payload as it was', async () => {
      const { store, now } = the();
      let told = 0;
      store.watch({ effects: () => told++ });
      const payload = {
        raw: Uint8Array.of(1, 0, 255),
        nested: [{ data: Uint8Array.of() }, null, 'x', { at: 1.5 }],
      };
      const queued = [effect(now, { payload }), effect(now), effect(now, { kind: 'forward' })];
      await store.enqueue(queued);
      expect(told).to.equal(1);
      const taken = await store.takeEffects(take(now, 2));
      expect(taken[0]?.effect).to.deep.equal({ ...queued[0], attempts: 0, due: now });
      expect(taken.map((each) => each.effect.id)).to.deep.equal([queued[0]?.id, queued[1]?.id]);
      expect((await store.takeEffects(take(now))).map((each) => each.effect.kind)).to.deep.equal(['forward']);
      expect(await store.takeEffects(take(now))).to.deep.equal([]);
    });

    it('are given out by kind where that is asked for', async () => {
      const { store, now } = the();
      await store.enqueue(['mail', 'mailbox', 'mai', 'sql'].map((kind) => effect(now, { kind })));
      const taken = await store.takeEffects({ ...take(now), kinds: ['mail', 'sql', 'none'] });
      expect(taken.map((each) => each.effect.kind)).to.deep.equal(['mail', 'sql']);
    });

    it('are queued once under one id', async () => {
      const { store, now } = the();
      await store.enqueue([
        effect(now, { id: 'one', kind: 'first' }),
        effect(now, { id: 'one', kind: 'second' }),
      ]);
      expect((await takeOne(now)).effect.kind).to.equal('first');
    });

    it('are given out once in a call, even where its lease ends at once', async () => {
      const { store, now } = the();
      await store.enqueue([effect(now), effect(now)]);
      expect(await store.takeEffects({ now, until: now, limit: 10 })).to.have.length(2);
    });

    it('are done once', async () => {
      const { store, now } = the();
      await store.enqueue([effect(now)]);
      const { lease } = await takeOne(now);
      expect((await store.stats()).effects).to.equal(1);
      expect(await store.effectDone(lease)).to.equal(true);
      expect(await store.effectDone(lease)).to.equal(false);
      expect((await store.stats()).effects).to.equal(0);
      expect(await store.nextDue()).to.equal(undefined);
    });

    it('come again when they were deferred until then', async () => {
      const { store, now } = the();
      await store.enqueue([effect(now)]);
      const { lease } = await takeOne(now);
      expect(await store.effectDeferred(lease, now + MINUTE, FAULT)).to.equal(true);
      expect(await store.effectDeferred(lease, now + MINUTE, FAULT)).to.equal(false);
      expect(await store.takeEffects(take(now))).to.deep.equal([]);
      expect(await store.nextDue()).to.equal(now + MINUTE);
      expect((await takeOne(now + MINUTE)).effect).to.deep.include({
        attempts: 1,
        due: now + MINUTE,
        fault: FAULT,
      });
    });

    it('are kept as failed, and others queued in their place', async () => {
      const { store, now } = the();
      await store.enqueue([effect(now)]);
      const { lease } = await takeOne(now);
      expect(await store.effectFailed(lease, FAULT, [effect(now, { kind: 'follow' })])).to.equal(true);
      expect(await store.effectFailed(lease, FAULT, [])).to.equal(false);
      expect(await store.stats()).to.deep.include({ effects: 1, failedEffects: 1 });
      expect((await takeOne(now + DAY)).effect.kind).to.equal('follow');
      expect(await store.purge(now + 1, 10)).to.equal(1);
      expect((await store.stats()).failedEffects).to.equal(0);
    });

    it('are given out again when the lease ends, or at once when their owner is started anew', async () => {
      const { store, now } = the();
      await store.enqueue([effect(now)]);
      const first = await takeOne(now);
      const second = await takeOne(now + 10 * MINUTE);
      expect(second.effect.id).to.equal(first.effect.id);
      expect(await store.effectDone(first.lease)).to.equal(false);
      const other = await the().open('node2');
      expect(await other.takeEffects(take(now))).to.deep.equal([]);
      await the().restart();
      const third = await takeOne(now);
      expect(await the().store.effectDone(second.lease)).to.equal(false);
      expect(await the().store.effectDone(third.lease)).to.equal(true);
    });

    it('are listed: waiting ones by kind and time, then failed ones, the last one first', async () => {
      const { store, now } = the();
      const queued = [
        effect(now, { id: 'm2', kind: 'mail', created: now + 2 }),
        effect(now, { id: 'm1', kind: 'mail', created: now + 1 }),
        effect(now, { id: 'b1', kind: 'buzz', created: now + 3 }),
      ];
      await store.enqueue(queued);
      for (const id of ['f1', 'f2']) {
        await store.enqueue([effect(now, { id, kind: 'fails' })]);
        const [taken] = await store.takeEffects({ ...take(now), kinds: ['fails'] });
        if (taken === undefined) throw new Error('nothing was given out');
        await store.effectFailed(taken.lease, FAULT, []);
        await the().clock.advance(MINUTE);
      }
      const ids: string[] = [];
      let after: string | undefined;
      do {
        const page = await store.listEffects({ limit: 1, ...(after === undefined ? {} : { after }) });
        ids.push(...page.effects.map(({ effect: { id }, state }) => `${id} ${state}`));
        after = page.next;
      } while (after !== undefined);
      expect(ids).to.deep.equal(['b1 waiting', 'm1 waiting', 'm2 waiting', 'f2 failed', 'f1 failed']);
      const failed = await store.listEffects({ state: 'failed', limit: 10 });
      expect(failed.effects.map(({ effect: { id } }) => id)).to.deep.equal(['f2', 'f1']);
      expect(failed.effects[0]?.effect.fault).to.deep.equal(FAULT);
      const waiting = await store.listEffects({ state: 'waiting', limit: 10 });
      expect(waiting.effects).to.have.length(3);
      expect(failed.next ?? waiting.next).to.equal(undefined);
    });

    it('are tried again where they failed, with their time anew; removed; and left alone while they are carried out', async () => {
      const { store, now } = the();
      await store.enqueue([effect(now, { id: 'x', expires: now + MINUTE })]);
      const { lease } = await takeOne(now);
      expect((await store.findEffect('x'))?.state).to.equal('busy');
      expect(await store.amendEffect('x', { kind: 'remove' })).to.equal('busy');
      expect(await store.amendEffect('y', { kind: 'remove' })).to.equal('absent');
      await store.effectFailed(lease, FAULT, []);
      expect(await store.findEffect('x')).to.deep.include({ state: 'failed' });
      expect(await store.amendEffect('x', { kind: 'retry', at: now + DAY })).to.equal('done');
      expect(await store.stats()).to.deep.include({ effects: 1, failedEffects: 0 });
      const again = await takeOne(now + DAY);
      expect(again.effect).to.deep.include({ id: 'x', attempts: 1, expires: now + DAY + MINUTE });
      await store.effectDeferred(again.lease, now + 2 * DAY, FAULT);
      expect(await store.amendEffect('x', { kind: 'retry', at: now + DAY })).to.equal('done');
      const third = await takeOne(now + DAY);
      await store.effectFailed(third.lease, FAULT, []);
      expect(await store.amendEffect('x', { kind: 'remove' })).to.equal('done');
      expect(await store.findEffect('x')).to.equal(undefined);
      expect(await store.stats()).to.deep.include({ effects: 0, failedEffects: 0 });
    });
  });
}
