import { expect } from 'chai';
import type { AccountRecord } from '../../../lib/store/records.ts';
import type { Scene } from '../store.ts';

export function describeRecords(the: () => Scene): void {
  const put = (record: AccountRecord, when: 'new' | 'existing' | 'any' = 'any') =>
    the().store.changeAccounts([{ kind: 'put', record, when }]);

  describe('account records', () => {
    it('are found by their name in any case, and keep the case they were written in', async () => {
      await put({ user: 'John@Example.com', monthlyLimit: 5, allowed: ['+1', 'DE'] });
      expect(await the().store.account('john@EXAMPLE.com')).to.deep.equal({
        user: 'John@Example.com',
        monthlyLimit: 5,
        allowed: ['+1', 'DE'],
      });
      expect(await the().store.account('john')).to.equal(undefined);
    });

    it('outlive a restart', async () => {
      await put({ user: '@example.com', active: false });
      const store = await the().restart();
      expect(await store.account('@example.com')).to.deep.equal({ user: '@example.com', active: false });
    });

    it('are made, replaced and removed only where the caller is right about them being there', async () => {
      const { store } = the();
      expect(await put({ user: 'john' }, 'existing')).to.deep.equal({ refused: 0 });
      expect(await put({ user: 'john', description: 'one' }, 'new')).to.equal('done');
      expect(await put({ user: 'JOHN', description: 'two' }, 'new')).to.deep.equal({ refused: 0 });
      expect((await store.account('john'))?.description).to.equal('one');
      expect(await put({ user: 'JOHN', description: 'three' }, 'existing')).to.equal('done');
      expect((await store.account('john'))?.description).to.equal('three');
      expect(await store.changeAccounts([{ kind: 'remove', user: 'John' }])).to.equal('done');
      expect(await store.changeAccounts([{ kind: 'remove', user: 'John' }])).to.deep.equal({ refused: 0 });
      expect(await store.account('john')).to.equal(undefined);
    });

    it('are changed together or not at all', async () => {
      const { store } = the();
      const outcome = await store.changeAccounts([
        { kind: 'put', record: { user: 'ann' }, when: 'new' },
        { kind: 'usage', user: 'ann', period: '2026-11', sent: 7 },
        { kind: 'put', record: { user: 'ANN' }, when: 'new' },
      ]);
      expect(outcome).to.deep.equal({ refused: 2 });
      expect(await store.account('ann')).to.equal(undefined);
      expect((await store.usage('ann', '2026-11')).sent).to.equal(0);
    });

    it('set the counters of a month', async () => {
      const { store, now } = the();
      const usage = (sent: number, lastSent?: number) => ({
        kind: 'usage' as const,
        user: 'ann',
        period: '2026-11',
        sent,
        ...(lastSent === undefined ? {} : { lastSent }),
      });
      await store.changeAccounts([usage(7, now)]);
      await store.changeAccounts([usage(0)]);
      expect(await store.usage('ann', '2026-12')).to.deep.include({ previous: 0, lastSent: now });
    });

    it('are listed in the order of their names, page by page', async () => {
      const { store } = the();
      const users = ['zoe', 'Ann', 'bob', '*', '@example.com'];
      await store.changeAccounts(
        users.map((user) => ({ kind: 'put' as const, record: { user }, when: 'new' as const })),
      );
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const page = await store.listAccounts({ limit: 2, ...(after === undefined ? {} : { after }) });
        seen.push(...page.records.map(({ user }) => user));
        after = page.next;
      } while (after !== undefined);
      expect(seen).to.deep.equal(['*', '@example.com', 'Ann', 'bob', 'zoe']);
    });

    it('are found by the addresses whose mail proves them', async () => {
      const { store } = the();
      await put({ user: 'ann', mailFrom: ['Ann@Example.com', '@ann.example'] });
      await put({ user: 'all', mailFrom: ['@example.com'] });
      expect(await store.accountsFrom('ann@EXAMPLE.com')).to.have.members(['ann', 'all']);
      expect(await store.accountsFrom('x@ann.example')).to.deep.equal(['ann']);
      expect(await store.accountsFrom('x@sub.ann.example')).to.deep.equal([]);
      await put({ user: 'ann', mailFrom: ['@ann.example'] });
      expect(await store.accountsFrom('ann@example.com')).to.deep.equal(['all']);
      await store.changeAccounts([{ kind: 'remove', user: 'ann' }]);
      expect(await store.accountsFrom('x@ann.example')).to.deep.equal([]);
    });
  });
}
