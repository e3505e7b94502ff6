import { expect } from 'chai';
import type { Leased } from '../../../lib/store/outgoing.ts';
import type { OutgoingMessage } from '../../../lib/store/records.ts';
import type { Scene } from '../store.ts';
import {
  DAY,
  effect,
  FAULT,
  item,
  leaseOf,
  linkTo,
  MINUTE,
  parts,
  take,
} from '../../support/store-records.ts';

export function describeOutcomes(the: () => Scene): void {
  /** Accepts one message and leases it. */
  async function leaseOne(given: Partial<OutgoingMessage> = {}): Promise<Leased> {
    const { store, now } = the();
    const charge = { account: 'john', parts: given.parts?.length ?? 1, limit: 0, period: '2026-11', at: now };
    const link = linkTo('+15551234567', 'john@example.com', now);
    await store.accept([item(now, given, { charge, link })]);
    const [leased] = await store.lease(leaseOf(now));
    if (leased === undefined) throw new Error('nothing was leased');
    return leased;
  }

  describe('the outcome of a hand-over', () => {
    it('progress: a part is sent with its reference, the next one is being handed over', async () => {
      const { store, now } = the();
      const { lease, message } = await leaseOne({ parts: parts(3) });
      expect(await store.progress(lease, { sequence: 1, reference: '17', at: now + 5 })).to.equal(true);
      expect((await store.find(message.id))?.parts).to.deep.equal([
        { sequence: 1, state: 'sent', gateway: 'modem1', reference: '17', at: now + 5 },
        { sequence: 2, state: 'handing', gateway: 'modem1' },
        { sequence: 3, state: 'waiting' },
      ]);
    });

    it('settle: everything is sent, the lease ends, the link knows the gateway', async () => {
      const { store, now } = the();
      const { lease, message } = await leaseOne({ parts: parts(2) });
      await store.progress(lease, { sequence: 1, reference: '1', at: now });
      expect(await store.settle(lease, [{ sequence: 2, reference: '2', at: now + 7 }])).to.equal(true);
      const found = await store.find(message.id);
      expect(found?.state).to.equal('sent');
      expect(found?.settledAt).to.equal(now + 7);
      expect(found?.parts.map(({ state, reference }) => [state, reference])).to.deep.equal([
        ['sent', '1'],
        ['sent', '2'],
      ]);
      expect((await store.links('+15551234567', now))[0]?.gateways).to.deep.equal(['modem1']);
      expect((await store.stats()).messages).to.deep.include({ queued: 0, sending: 0, sent: 1 });
      expect(await store.nextDue()).to.equal(undefined);
      expect(await store.recover(take(now + DAY))).to.deep.equal([]);
    });

    it('defer: back to the end of its priority, sent parts stay sent, the attempt counts', async () => {
      const { store, now } = the();
      const { lease, message } = await leaseOne({ id: 'first', parts: parts(2) });
      await store.accept([item(now, { id: 'second' })]);
      await store.progress(lease, { sequence: 1, at: now });
      expect(await store.defer(lease, { until: now, fault: FAULT })).to.equal(true);
      const found = await store.find(message.id);
      expect(found).to.deep.include({ state: 'queued', attempts: 1, fault: FAULT });
      expect(found?.parts.map(({ state }) => state)).to.deep.equal(['sent', 'waiting']);
      const leased = await store.lease(leaseOf(now));
      expect(leased.map((each) => each.message.id)).to.deep.equal(['second', 'first']);
      expect(leased[1]?.message.parts.map(({ state }) => state)).to.deep.equal(['sent', 'handing']);
    });

    it('defer: until its time, into another lane, without counting an attempt', async () => {
      const { store, now } = the();
      const { lease, message } = await leaseOne();
      const until = now + MINUTE;
      await store.defer(lease, { until, fault: FAULT, attempted: false, lane: 'b' });
      expect(await store.find(message.id)).to.deep.include({ attempts: 0, lane: 'b', notBefore: until });
      expect(await store.lease(leaseOf(now, 10, ['*', 'b']))).to.deep.equal([]);
      expect(await store.nextDue()).to.equal(until);
      expect((await store.stats()).lanes).to.deep.equal({ b: 1 });
      expect(await store.lease(leaseOf(until, 10, ['*', 'b']))).to.have.length(1);
    });

    it('fail: given up, what was not sent is paid back, the effects are queued', async () => {
      const { store, now } = the();
      const { lease, message } = await leaseOne({ parts: parts(3) });
      await store.progress(lease, { sequence: 1, at: now });
      const report = effect(now);
      const failure = { state: 'failed', fault: FAULT, at: now + 1, effects: [report] } as const;
      expect(await store.fail(lease, failure)).to.equal(true);
      expect(await store.find(message.id)).to.deep.include({
        state: 'failed',
        charged: 1,
        fault: FAULT,
        settledAt: now + 1,
      });
      expect((await store.usage('john', '2026-11')).sent).to.equal(1);
      expect((await store.takeEffects(take(now))).map((each) => each.effect.id)).to.deep.equal([report.id]);
      expect(await store.lease(leaseOf(now + DAY))).to.deep.equal([]);
      expect(await store.nextDue(now + 10 * MINUTE)).to.equal(undefined);
    });

    it('hold: set aside, with the part whose outcome nobody knows, until the operator comes', async () => {
      const { store, now } = the();
      const { lease, message } = await leaseOne();
      expect(await store.hold(lease, FAULT)).to.equal(true);
      const found = await store.find(message.id);
      expect(found).to.deep.include({ state: 'held', fault: FAULT });
      expect(found?.parts[0]?.state).to.equal('handing');
      expect(await store.overdue(take(now + 100 * DAY))).to.deep.equal([]);
      expect(await store.nextDue()).to.equal(undefined);
      expect((await store.stats()).messages.held).to.equal(1);
    });

    it('warn: noted, the warning queued, and the message waits where it was', async () => {
      const { store, now } = the();
      await store.accept([item(now, { id: 'old', warnAt: now + 1 }), item(now, { id: 'new' })]);
      const [leased] = await store.overdue(take(now + 1));
      if (leased === undefined) throw new Error('nothing was overdue');
      expect(await store.warn(leased.lease, [effect(now)])).to.equal(true);
      expect(await store.find('old')).to.not.have.property('warnAt');
      expect(await store.takeEffects(take(now))).to.have.length(1);
      expect(await store.overdue(take(now + DAY))).to.deep.equal([]);
      expect((await store.lease(leaseOf(now))).map(({ message }) => message.id)).to.deep.equal([
        'old',
        'new',
      ]);
      expect(await store.nextDue(now + 10 * MINUTE)).to.equal(undefined);
    });

    it('keeps the last 40 stations of the trace', async () => {
      const { store, now } = the();
      const { message } = await leaseOne({ parts: parts(60) });
      const [leased] = await store.recover(take(now + DAY));
      if (leased === undefined) throw new Error('nothing was recovered');
      for (let sequence = 1; sequence < 60; sequence++) {
        await store.progress(leased.lease, { sequence, at: now + sequence });
      }
      const trace = (await store.find(message.id))?.trace ?? [];
      expect(trace).to.have.length(40);
      expect(trace.at(-1)?.at).to.equal(now + 59);
    });
  });
}
