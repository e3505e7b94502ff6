import { expect } from 'chai';
import type { Charge } from '../../../lib/store/account-book.ts';
import type { Scene } from '../store.ts';
import { DAY, item, leaseOf, linkTo, parts } from '../../support/store-records.ts';

export function describeAccounts(the: () => Scene): void {
  function charge(partCount: number, limit: number, given: Partial<Charge> = {}): Charge {
    return { account: 'john', parts: partCount, limit, period: '2026-11', at: the().now, ...given };
  }

  describe('charging', () => {
    it('counts parts, and refuses what would exceed the limit', async () => {
      const { store, now } = the();
      expect(await store.charge(charge(2, 3))).to.equal('charged');
      expect(await store.charge(charge(2, 3))).to.equal('month');
      expect(await store.charge(charge(1, 3, { at: now + 5 }))).to.equal('charged');
      expect(await store.charge(charge(1, 3))).to.equal('month');
      expect(await store.charge(charge(1, 0))).to.equal('charged');
      expect(await store.usage('john', '2026-11')).to.deep.equal({
        period: '2026-11',
        sent: 4,
        previous: 0,
        lastSent: now + 5,
      });
    });

    it('begins anew each month and remembers the month before', async () => {
      const { store, now } = the();
      await store.charge(charge(5, 5, { period: '2026-12' }));
      expect(await store.charge(charge(5, 5, { period: '2027-01' }))).to.equal('charged');
      expect(await store.usage('john', '2027-01')).to.deep.include({ sent: 5, previous: 5 });
      expect(await store.usage('john', '2027-02')).to.deep.include({ sent: 0, previous: 5, lastSent: now });
      expect(await store.usage('john', '2027-03')).to.deep.equal({ period: '2027-03', sent: 0, previous: 0 });
      await store.refund('john', 2, '2026-12');
      expect(await store.usage('john', '2027-01')).to.deep.include({ sent: 5, previous: 3 });
    });

    it('keeps a limit a day, and gives back to that day alone', async () => {
      const { store } = the();
      const day = (name: string) => charge(2, 0, { day: { day: name, limit: 3 } });
      expect(await store.charge(day('2026-11-23'))).to.equal('charged');
      expect(await store.wouldExceed(day('2026-11-23'))).to.equal('day');
      expect(await store.charge(day('2026-11-23'))).to.equal('day');
      await store.refund('john', 1, '2026-11', '2026-11-22');
      expect(await store.charge(day('2026-11-23'))).to.equal('day');
      await store.refund('john', 1, '2026-11', '2026-11-23');
      expect(await store.charge(day('2026-11-23'))).to.equal('charged');
      expect(await store.charge(day('2026-11-24'))).to.equal('charged');
    });

    it('does not begin a day anew for a charge that was made before midnight and comes after it', async () => {
      const { store } = the();
      const day = (name: string) => charge(1, 0, { day: { day: name, limit: 2 } });
      expect(await store.charge(day('2026-11-24'))).to.equal('charged');
      expect(await store.charge(day('2026-11-24'))).to.equal('charged');
      expect(await store.charge(day('2026-11-23'))).to.equal('day');
      expect(await store.charge(day('2026-11-24'))).to.equal('day');
    });

    it('counts a day anew where the clock was wrong by more than that', async () => {
      const { store } = the();
      const day = (name: string) => charge(2, 0, { day: { day: name, limit: 2 } });
      expect(await store.charge(day('2099-01-01'))).to.equal('charged');
      expect(await store.charge(day('2026-11-23'))).to.equal('charged');
      expect(await store.charge(day('2026-11-23'))).to.equal('day');
    });

    it('counts one account, however the case of its name is written', async () => {
      const { store } = the();
      const as = (account: string) => charge(1, 2, { account, day: { day: '2026-11-23', limit: 9 } });
      expect(await store.charge(as('ann@example.com'))).to.equal('charged');
      expect(await store.charge(as('Ann@Example.COM'))).to.equal('charged');
      expect(await store.charge(as('ANN@example.com'))).to.equal('month');
      await store.refund('aNN@example.com', 1, '2026-11', '2026-11-23');
      expect((await store.usage('ANN@EXAMPLE.COM', '2026-11')).sent).to.equal(1);
    });

    it('lets no 60 seconds have more parts than a minute may', async () => {
      const { store, now } = the();
      const at = (seconds: number) => charge(1, 0, { at: now + seconds * 1000, minute: 2 });
      const outcomes = [];
      for (const seconds of [0, 30, 59, 60, 61, 62, 91]) outcomes.push(await store.charge(at(seconds)));
      expect(outcomes).to.deep.equal([
        'charged',
        'charged',
        'minute',
        'minute',
        'charged',
        'minute',
        'charged',
      ]);
    });

    it('changes nothing where one of several limits would be passed', async () => {
      const { store, now } = the();
      const full = { day: { day: '2026-11-23', limit: 1 }, minute: 5 };
      expect(await store.charge(charge(2, 9, full))).to.equal('day');
      expect(await store.charge(charge(2, 1, { minute: 5 }))).to.equal('month');
      expect((await store.usage('john', '2026-11')).sent).to.equal(0);
      expect(await store.wouldExceed(charge(5, 0, { minute: 5, at: now }))).to.equal(undefined);
    });

    it('refunds no more than was charged', async () => {
      const { store } = the();
      await store.charge(charge(2, 0));
      await store.refund('john', 5, '2026-11');
      await store.refund('nobody', 5, '2026-11');
      expect((await store.usage('john', '2026-11')).sent).to.equal(0);
      expect((await store.usage('nobody', '2026-11')).sent).to.equal(0);
    });

    it('keeps accounts apart', async () => {
      const { store } = the();
      await store.charge(charge(1, 0, { account: 'john' }));
      await store.charge(charge(7, 0, { account: 'john\u0000' }));
      await store.charge(charge(9, 0, { account: 'j'.repeat(5000) }));
      expect((await store.usage('john', '2026-11')).sent).to.equal(1);
      expect((await store.usage('john\u0000', '2026-11')).sent).to.equal(7);
      expect((await store.usage('j'.repeat(5000), '2026-11')).sent).to.equal(9);
      expect((await store.usage('j'.repeat(4999), '2026-11')).sent).to.equal(0);
    });

    it('accepts each item wholly or not at all: one over the limit takes none of its company with it', async () => {
      const { store, now } = the();
      const outcomes = await store.accept([
        item(now, { id: 'fits', parts: parts(2) }, { charge: charge(2, 3) }),
        item(
          now,
          { id: 'too much', parts: parts(2) },
          {
            charge: charge(2, 3),
            link: linkTo('+15559990000', 'john@example.com', now),
            dedupe: { key: 'too much', until: now + DAY },
            effects: [{ id: 'never', kind: 'mail', payload: {}, created: now, expires: now + DAY }],
          },
        ),
        item(now, { id: 'fits too' }, { charge: charge(1, 3) }),
      ]);
      expect(outcomes.map(({ outcome }) => outcome)).to.deep.equal(['accepted', 'limit', 'accepted']);
      expect(await store.find('too much')).to.equal(undefined);
      expect(await store.links('+15559990000', now)).to.deep.equal([]);
      expect(await store.takeEffects({ now, until: now, limit: 1 })).to.deep.equal([]);
      expect((await store.usage('john', '2026-11')).sent).to.equal(3);
      const again = item(now, { id: 'again' }, { dedupe: { key: 'too much', until: now + DAY } });
      expect((await store.accept([again]))[0]?.outcome).to.equal('accepted');
      expect((await store.lease(leaseOf(now))).map(({ message }) => message.id)).to.deep.equal([
        'fits',
        'fits too',
        'again',
      ]);
    });

    it('never lets a limit be passed, however many are accepted at once by however many nodes', async () => {
      const { store, now } = the();
      const other = await the().open('node2');
      const calls = Array.from({ length: 200 }, (_, index) =>
        (index % 2 === 0 ? store : other).accept([item(now, {}, { charge: charge(1, 50) })]),
      );
      const outcomes = (await Promise.all(calls)).flat().map(({ outcome }) => outcome);
      expect(outcomes.filter((outcome) => outcome === 'accepted')).to.have.length(50);
      expect(outcomes.filter((outcome) => outcome === 'limit')).to.have.length(150);
      expect((await store.usage('john', '2026-11')).sent).to.equal(50);
      expect((await other.stats()).messages.queued).to.equal(50);
    });
  });

  describe('the reply log', () => {
    it('gives the unexpired links of a number, the newest first, one for each sender', async () => {
      const { store, now } = the();
      const number = '+15551234567';
      const link = (sender: string, at: number, given = {}) =>
        item(now, {}, { link: linkTo(number, sender, at, given) });
      await store.accept([
        link('ann@example.com', now - 3, { subject: 'old' }),
        link('bob@example.com', now - 2),
        link('ann@example.com', now - 1, { subject: 'new', references: ['<a@b>'] }),
        link('cid@example.com', now - 9, { expires: now }),
        item(now, {}, { link: linkTo('+155512345678', 'dan@example.com', now) }),
      ]);
      const links = await store.links(number, now);
      expect(links.map(({ sender, subject }) => [sender, subject])).to.deep.equal([
        ['ann@example.com', 'new'],
        ['bob@example.com', undefined],
      ]);
      expect(links[0]?.references).to.deep.equal(['<a@b>']);
      expect(await store.links(number, now + DAY)).to.deep.equal([]);
    });

    it('remembers the gateways that the messages of a sender went out through, the newest last', async () => {
      const { store, now } = the();
      const number = '+15551234567';
      const via = async (gateway: string): Promise<void> => {
        await store.accept([item(now, {}, { link: linkTo(number, 'ann@example.com', now) })]);
        const [leased] = await store.lease({ ...leaseOf(now), gateway });
        if (leased !== undefined) await store.settle(leased.lease, [{ sequence: 1, at: now }]);
      };
      for (const gateway of ['modem1', 'modem2', 'modem1']) await via(gateway);
      expect((await store.links(number, now))[0]?.gateways).to.deep.equal(['modem2', 'modem1']);
    });
  });
}
