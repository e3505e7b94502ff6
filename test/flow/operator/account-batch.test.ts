import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { AccountSettings } from '../../../lib/accounts/account.ts';
import { isHash, matches } from '../../../lib/accounts/password.ts';
import { dayIn } from '../../../lib/base/calendar.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { Secret } from '../../../lib/base/secret.ts';
import { ManageAccounts } from '../../../lib/flow/operator/accounts.ts';
import { MACHINE_OPERATOR } from '../../../lib/flow/operator/actor.ts';
import type { BatchAccount } from '../../../lib/flow/operator/queries.ts';
import type { Store } from '../../../lib/store/store.ts';
import { openLmdbStore } from '../../../lib/store/lmdb.ts';
import { ManualClock } from '../../support/clock.ts';
import { MemoryLog } from '../../support/log.ts';

/** In Berlin it is December already. */
const NOW = Date.parse('2026-11-30T23:30:00Z');
const DAY = 86_400_000;

describe('a list of accounts', () => {
  let path: string;
  let store: Store;
  let log: MemoryLog;
  let manage: ManageAccounts;
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'mailsms-batch-'));
    const clock = new ManualClock(NOW);
    store = await openLmdbStore({ path, clock, owner: 'test', random: systemRandom });
    log = new MemoryLog();
    manage = new ManageAccounts(
      { fixed: [{ user: 'Filed' }], gateways: ['modem1'] },
      { store, clock, random: systemRandom, log, dayOf: dayIn('Europe/Berlin') },
    );
  });
  afterEach(async () => {
    await store.close();
    await rm(path, { recursive: true });
  });

  const given = (
    user: string,
    settings: Partial<AccountSettings> = {},
    more: Partial<BatchAccount> = {},
  ): BatchAccount => ({
    user,
    settings,
    ...more,
  });
  const apply = async (...entries: BatchAccount[]) => {
    const { applied, results } = await manage.batch(MACHINE_OPERATOR, { accounts: entries, dryRun: false });
    return {
      applied,
      results: results.map(({ user, action, changes }) => [user, action, ...changes].join(' ')),
    };
  };
  const users = async () => (await store.listAccounts({ limit: 100 })).records.map(({ user }) => user);
  const usage = async (user: string, period = '2026-12') => {
    const { sent, previous } = await store.usage(user, period);
    return [sent, previous];
  };

  it('is new at first and the same from then on', async () => {
    const list = [
      given(
        'john',
        { monthlyLimit: 5 },
        { password: new Secret('johnpw'), counters: { sent: 3, previous: 9, lastSent: NOW } },
      ),
      given('@office.example', { gateway: 'modem1' }),
      given('*'),
    ];
    expect(await apply(...list)).to.deep.equal({
      applied: true,
      results: ['john new sent in 2026-12 0 -> 3 sent in 2026-11 0 -> 9', '@office.example new', '* new'],
    });
    expect(await apply(...list)).to.deep.equal({
      applied: true,
      results: ['john same', '@office.example same', '* same'],
    });
    const { password = '' } = (await store.account('john')) ?? {};
    expect(isHash(password) && (await matches(password, new Secret('johnpw')))).to.equal(true);
    expect(log.lines.join()).to.not.contain('johnpw');
  });

  it('only says what it would do in a dry run', async () => {
    const list = [
      given('john', {}, { password: new Secret('x'), counters: { sent: 3, previous: 0, lastSent: NOW } }),
    ];
    const { applied, results } = await manage.batch(MACHINE_OPERATOR, { accounts: list, dryRun: true });
    expect(applied).to.equal(false);
    expect(results[0]).to.deep.include({ user: 'john', action: 'new' });
    expect(await users()).to.deep.equal([]);
    expect(await usage('john')).to.deep.equal([0, 0]);
  });

  it('lets mails in while it is worked through, however long it is', async () => {
    let turns = 0;
    let done = false;
    const tick = (): void => {
      turns += 1;
      if (!done) setImmediate(tick);
    };
    setImmediate(tick);
    await manage.batch(MACHINE_OPERATOR, {
      accounts: Array.from({ length: 200 }, (_, index) => given(`user${index}`)),
      dryRun: true,
    });
    done = true;
    expect(turns).to.be.at.least(50);
  });

  it('names what changes, and leaves alone what is not named', async () => {
    await apply(
      given('John', { monthlyLimit: 5, dailyLimit: 2, description: 'old' }, { password: new Secret('one') }),
    );
    const after = await apply(
      given('JOHN', { monthlyLimit: 6, description: 'new' }, { password: new Secret('two') }),
    );
    expect(after.results).to.deep.equal(['John changed description old -> new monthlyLimit 5 -> 6 password']);
    expect(await store.account('john')).to.deep.include({ user: 'John', dailyLimit: 2, monthlyLimit: 6 });
  });

  const WRONG: readonly (readonly [name: string, entry: BatchAccount, why: string])[] = [
    [
      'a gateway that is none',
      given('x', { gateway: 'modem9' }),
      'there is no gateway "modem9"; there are modem1',
    ],
    ['a group that is none', given('x', { group: 'nobody' }), 'the group "nobody" is no account'],
    ['a name given twice', given('First'), '"First" stands in the list twice'],
    [
      'a password of a domain',
      given('@a.example', {}, { password: new Secret('x') }),
      '"@a.example" is no user',
    ],
    ['settings that are wrong', given('x', { expire: 'soon' }), 'expire: "soon" is not a date'],
  ];
  for (const [name, entry, why] of WRONG) {
    it(`is refused as a whole for ${name}`, async () => {
      const accounts = [given('first'), entry, given('last')];
      const { applied, results } = await manage.batch(MACHINE_OPERATOR, { accounts, dryRun: false });
      expect(applied).to.equal(false);
      expect(results.map(({ action }) => action)).to.deep.equal(['new', 'refused', 'new']);
      expect(results[1]?.why).to.contain(why);
      expect(await users()).to.deep.equal([]);
    });
  }

  it('passes over accounts of the configuration file', async () => {
    expect((await apply(given('filed', { monthlyLimit: 1 }), given('john'))).results).to.deep.equal([
      'filed skipped',
      'john new',
    ]);
    expect(await users()).to.deep.equal(['john']);
  });

  it('never puts an empty password in the place of one, and keeps it where there is none', async () => {
    await apply(given('john', {}, { password: new Secret('johnpw') }));
    const blank = { password: new Secret('') };
    expect((await apply(given('john', {}, blank), given('open', {}, blank))).results).to.deep.equal([
      'john same',
      'open new',
    ]);
    expect(isHash((await store.account('john'))?.password ?? '')).to.equal(true);
    expect((await store.account('open'))?.password).to.equal('');
    expect((await apply(given('open', {}, blank))).results).to.deep.equal(['open same']);
  });

  describe('counters of another system', () => {
    const counted = async (sent: number, previous: number, lastSent?: number) => {
      const counters = { sent, previous, ...(lastSent === undefined ? {} : { lastSent }) };
      const accounts = [{ user: 'ann', counters }];
      const { results } = await manage.batch(MACHINE_OPERATOR, { accounts, dryRun: false });
      return { action: results[0]?.action, why: results[0]?.why, usage: await usage('ann') };
    };

    it('count for this month where it last sent in it, in the configured zone', async () => {
      expect(await counted(4, 9, NOW)).to.deep.equal({ action: 'changed', why: undefined, usage: [4, 9] });
      expect((await store.usage('ann', '2026-12')).lastSent).to.equal(NOW);
      expect(await users()).to.deep.equal([]);
    });

    it('count for the month before where it last sent then', async () => {
      const { usage: counts, why } = await counted(4, 9, NOW - DAY);
      expect(counts).to.deep.equal([0, 4]);
      expect(why).to.equal('sent 4 counts for 2026-11');
    });

    it('have begun a new month already where nothing is sent in it', async () => {
      expect((await counted(0, 9, NOW - DAY)).usage).to.deep.equal([0, 9]);
    });

    it('mean nothing where it last sent long ago', async () => {
      const { usage: counts, why } = await counted(4, 9, NOW - 90 * DAY);
      expect(counts).to.deep.equal([0, 0]);
      expect(why).to.equal('sent 4 is not counted: it last sent in 2026-09');
    });

    it('are not of this month where nobody knows when it last sent', async () => {
      const { usage: counts, why } = await counted(4, 9);
      expect(counts).to.deep.equal([0, 9]);
      expect(why).to.contain('it is not known when it last sent');
    });

    it('never make one fall that has gone on here', async () => {
      await counted(4, 9, NOW);
      await store.charge({ account: 'ann', parts: 3, limit: 0, period: '2026-12', at: NOW });
      const again = await counted(4, 9, NOW);
      expect(again).to.deep.equal({ action: 'same', why: 'sent in 2026-12 stays 7', usage: [7, 9] });
    });
  });
});

describe('an account that is changed by several at once', () => {
  it('keeps what each of them changed', async () => {
    const path = await mkdtemp(join(tmpdir(), 'mailsms-manage-'));
    const clock = new ManualClock(NOW);
    const store = await openLmdbStore({ path, clock, owner: 'test', random: systemRandom });
    try {
      const log = new MemoryLog();
      const deps = { store, clock, random: systemRandom, log, dayOf: dayIn('UTC') };
      const manage = new ManageAccounts({ fixed: [], gateways: [] }, deps);
      await manage.add(MACHINE_OPERATOR, { user: 'ann', monthlyLimit: 5 });
      const password = manage.setPassword(MACHINE_OPERATOR, 'ann', new Secret('annpw'));
      await Promise.all([
        manage.change(MACHINE_OPERATOR, 'ann', { monthlyLimit: 10 }),
        manage.change(MACHINE_OPERATOR, 'ANN', { dailyLimit: 3 }),
        manage.change(MACHINE_OPERATOR, 'ann', { alias: '+15550000001' }),
      ]);
      await password;
      const kept = await store.account('ann');
      expect(kept).to.deep.include({ user: 'ann', monthlyLimit: 10, dailyLimit: 3, alias: '+15550000001' });
      expect(await matches(kept?.password ?? '', new Secret('annpw'))).to.equal(true);
    } finally {
      await store.close();
      await rm(path, { recursive: true });
    }
  });
});
