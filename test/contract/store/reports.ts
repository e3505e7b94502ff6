import { expect } from 'chai';
import type { PartReport } from '../../../lib/store/outgoing.ts';
import type { OutgoingMessage } from '../../../lib/store/records.ts';
import type { Scene } from '../store.ts';
import { DAY, effect, item, leaseOf, MINUTE, parts, take } from '../../support/store-records.ts';

export function describeReports(the: () => Scene): void {
  /** Sends a message of as many parts as there are references. */
  async function send(references: readonly string[], given: Partial<OutgoingMessage> = {}): Promise<string> {
    const { store, now } = the();
    await store.accept([item(now, { parts: parts(references.length), ...given })]);
    const [leased] = await store.lease(leaseOf(now));
    if (leased === undefined) throw new Error('nothing was leased');
    const sent = references.map((reference, index) => ({ sequence: index + 1, reference, at: now }));
    for (const part of sent.slice(0, -1)) await store.progress(leased.lease, part);
    await store.settle(leased.lease, sent.slice(-1));
    return leased.message.id;
  }

  function about(reference: string, given: Partial<PartReport> = {}): PartReport {
    return {
      gateway: 'modem1',
      number: '+15551234567',
      reference,
      at: the().now + MINUTE,
      windowMs: DAY,
      outcome: 'delivered',
      status: 0,
      ...given,
    };
  }

  describe('a status report', () => {
    it('makes the message delivered when it is the last of its parts, and queues what follows from it', async () => {
      const { store, now } = the();
      const id = await send(['1', '2']);
      const onVerdict = (): never => {
        throw new Error('no verdict yet');
      };
      const first = await store.report(about('2'), onVerdict);
      expect(first).to.deep.include({ verdict: false });
      expect(first?.message.state).to.equal('sent');
      await the().restart();
      const notice = effect(now);
      const second = await the().store.report(about('1'), (message) => {
        expect(message.state).to.equal('delivered');
        return [notice];
      });
      expect(second).to.deep.include({ verdict: true });
      expect(second?.message).to.deep.equal(await the().store.find(id));
      expect(second?.message.settledAt).to.equal(now + MINUTE);
      expect((await the().store.takeEffects(take(now))).map((each) => each.effect.id)).to.deep.equal([
        notice.id,
      ]);
      expect((await the().store.stats()).messages).to.deep.include({ sent: 0, delivered: 1 });
    });

    it('makes it undelivered when one part was not delivered', async () => {
      const id = await send(['1', '2']);
      await the().store.report(about('1', { outcome: 'undelivered', status: 0x45 }), () => []);
      await the().store.report(about('2'), () => []);
      const found = await the().store.find(id);
      expect(found?.state).to.equal('undelivered');
      expect(found?.parts.map(({ state, status }) => [state, status])).to.deep.equal([
        ['undelivered', 0x45],
        ['delivered', 0],
      ]);
    });

    it('changes nothing when it is repeated, late, or says that the network is still trying', async () => {
      const { store } = the();
      const id = await send(['1']);
      const trying = await store.report(about('1', { outcome: 'temporary', status: 0x20 }), () => []);
      expect(trying?.verdict).to.equal(false);
      expect(trying?.message.parts[0]).to.deep.include({ state: 'sent', status: 0x20 });
      await store.report(about('1'), () => []);
      const settled = await store.find(id);
      for (const outcome of ['delivered', 'undelivered', 'temporary'] as const) {
        const again = await store.report(about('1', { outcome, status: 0x41 }), () => []);
        expect(again).to.deep.equal({ message: settled, verdict: false });
      }
      expect(await store.find(id)).to.deep.equal(settled);
    });

    const none: readonly [string, Partial<PartReport>][] = [
      ['another reference', { reference: '2' }],
      ['another gateway', { gateway: 'modem2' }],
      ['another number', { number: '+15551234568' }],
      ['another country', { number: '+445551234567' }],
      ['a part that was sent before the window', { windowMs: MINUTE - 1 }],
    ];
    for (const [name, given] of none) {
      it(`finds nothing for ${name}`, async () => {
        await send(['1']);
        expect(await the().store.report(about('1', given), () => [])).to.equal(undefined);
      });
    }

    for (const number of ['5551234567', '15551234567', '05551234567', '0015551234567']) {
      it(`finds the part where the network writes the number ${number}`, async () => {
        const id = await send(['1']);
        expect((await the().store.report(about('1', { number }), () => []))?.message.id).to.equal(id);
      });
    }

    it('belongs to the newest part where the reference has come round', async () => {
      const { clock, store } = the();
      const old = await send(['1']);
      clock.advanceNow(MINUTE);
      await send(['1'], { number: '+15550000000' });
      clock.advanceNow(MINUTE);
      const recent = await send(['1']);
      expect((await store.report(about('1'), () => []))?.message.id).to.equal(recent);
      expect((await store.find(old))?.state).to.equal('sent');
    });

    describe('that does not come', () => {
      const options = { statusReport: true };

      it('is missed once for each message that wants it and has no verdict', async () => {
        const { store, now } = the();
        const none = await send(['1', '2'], { options });
        const one = await send(['3', '4'], { options });
        const both = await send(['5'], { options });
        const unwanted = await send(['6']);
        await store.report(about('3'), () => []);
        await store.report(about('5'), () => []);
        const told: OutgoingMessage[] = [];
        const onEnd = (message: OutgoingMessage) => {
          told.push(message);
          return [effect(now, { id: `told.${message.id}` })];
        };
        expect(await store.unconfirmed(now, 9, onEnd)).to.equal(0);
        await the().restart();
        expect(await the().store.unconfirmed(now + 1, 1, onEnd)).to.equal(1);
        expect(await the().store.unconfirmed(now + 1, 9, onEnd)).to.equal(1);
        expect(await the().store.unconfirmed(now + DAY, 9, onEnd)).to.equal(0);
        expect(told.map(({ id }) => id)).to.have.members([none, one]);
        expect(told.map(({ id }) => id)).not.to.include.members([both, unwanted]);
        expect(await the().store.find(one)).to.deep.equal(told.find(({ id }) => id === one));
        const effects = await the().store.takeEffects(take(now));
        expect(effects.map((each) => each.effect.id)).to.have.members([`told.${none}`, `told.${one}`]);
      });

      it('may come late all the same', async () => {
        const { store, now } = the();
        const id = await send(['1'], { options });
        await store.unconfirmed(now + 1, 9, () => []);
        expect(await store.report(about('1'), () => [])).to.deep.include({ verdict: true });
        expect((await store.find(id))?.state).to.equal('delivered');
      });

      it('is not missed of what is forgotten', async () => {
        const { store, now } = the();
        await send(['1'], { options });
        await store.purge(now + MINUTE, 9);
        expect(await store.unconfirmed(now + DAY, 9, () => [])).to.equal(0);
      });
    });

    it('is kept where it comes before the message is wholly sent', async () => {
      const { store, now } = the();
      await store.accept([item(now, { parts: parts(2) })]);
      const [leased] = await store.lease(leaseOf(now));
      if (leased === undefined) throw new Error('nothing was leased');
      await store.progress(leased.lease, { sequence: 1, reference: '1', at: now });
      const early = await store.report(about('1'), () => []);
      expect(early?.verdict).to.equal(false);
      expect(await store.settle(leased.lease, [{ sequence: 2, reference: '2', at: now }])).to.equal(true);
      expect((await store.report(about('2'), () => []))?.message.state).to.equal('delivered');
    });

    it('finds nothing once the message was forgotten', async () => {
      const { store, now } = the();
      await send(['1']);
      expect(await store.purge(now + 1, 10)).to.equal(1);
      expect(await store.report(about('1'), () => [])).to.equal(undefined);
    });
  });
}
