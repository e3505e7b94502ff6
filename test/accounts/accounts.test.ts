import { expect } from 'chai';
import type { FixedRecord } from '../../lib/accounts/account.ts';
import { Accounts, type AccountsSettings } from '../../lib/accounts/accounts.ts';
import { failures } from '../../lib/accounts/settings.ts';
import { PartlyUnavailable, type PasswordBackend } from '../../lib/accounts/backend.ts';
import { hashPassword } from '../../lib/accounts/password.ts';
import { dayIn, startOfDay } from '../../lib/base/calendar.ts';
import { Fault } from '../../lib/base/errors.ts';
import { systemRandom } from '../../lib/base/random.ts';
import { Secret } from '../../lib/base/secret.ts';
import type { AccountRecord } from '../../lib/store/records.ts';
import { ManualClock, settle } from '../support/clock.ts';

const NOW = Date.parse('2026-11-30T23:30:00Z');
const ZONE = 'Europe/Berlin';

/** Accounts with these records in the configuration and those in the store. */
class Scene {
  readonly clock = new ManualClock(NOW);
  readonly stored = new Map<string, AccountRecord>();
  readonly accounts: Accounts;
  exceeded: 'month' | 'day' | 'minute' | undefined;

  constructor(
    fixed: readonly FixedRecord[],
    more: {
      readonly stored?: readonly AccountRecord[];
      readonly backend?: PasswordBackend;
      readonly settings?: Partial<AccountsSettings>;
    } = {},
  ) {
    for (const record of more.stored ?? []) this.stored.set(record.user.toLowerCase(), record);
    this.accounts = new Accounts(
      { fixed, throttle: failures.parse({}), blankPasswords: false, ...more.settings },
      {
        store: {
          account: async (...users) =>
            users.map((user) => this.stored.get(user.toLowerCase())).find((record) => record !== undefined),
          accountsFrom: async (address) =>
            [...this.stored.values()]
              .filter(({ mailFrom = [] }) => mailFrom.includes(address))
              .map(({ user }) => user),
          wouldExceed: async () => this.exceeded,
        },
        clock: this.clock,
        random: systemRandom,
        dayOf: dayIn(ZONE),
        startOfDay: (day) => startOfDay(day, ZONE),
        ...(more.backend && { backend: more.backend }),
      },
    );
  }
}

const pass = (text: string): Secret => new Secret(text);
const john = (more: Partial<FixedRecord> = {}): FixedRecord => ({
  user: 'john',
  password: pass('hunter2'),
  monthlyLimit: 100,
  ...more,
});

async function refusal(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Fault) return `${error.code}: ${error.told}`;
    throw error;
  }
  return 'none';
}

describe('accounts', () => {
  describe('passwords', () => {
    it('are known in the clear and as a hash, whatever the case of the user', async () => {
      const hash = await hashPassword(pass('hunter2'), systemRandom);
      expect(hash).to.match(/^\$scrypt\$ln=15,r=8,p=3\$[^$]+\$[^$]+$/);
      for (const kept of ['hunter2', hash]) {
        const { accounts } = new Scene([john({ password: pass(kept) })]);
        expect((await accounts.verify('John', pass('hunter2'))).user).to.equal('john');
        // Now that it is remembered.
        expect((await accounts.verify('john', pass('hunter2'))).user).to.equal('john');
        expect(await refusal(() => accounts.verify('john', pass('hunter3')))).to.contain('auth.credentials');
      }
    });

    it('are the same however a letter with an accent was typed', async () => {
      const password = pass(await hashPassword(pass('caf\u00e9'), systemRandom));
      const { accounts } = new Scene([john({ password })]);
      expect((await accounts.verify('john', pass('cafe\u0301'))).user).to.equal('john');
    });

    const refused: [name: string, account: Partial<FixedRecord>, user: string, password: string][] = [
      ['a wrong one', {}, 'john', 'hunter3'],
      ['an empty one', {}, 'john', ''],
      ['that of an unknown user', {}, 'jane', 'hunter2'],
      ['a blank one where blank ones are not allowed', { password: pass('') }, 'john', ''],
      ['a hash for its own password', { password: pass('$scrypt$x') }, 'john', '$scrypt$x'],
      ['a level', { user: '@example.com' }, '@example.com', 'hunter2'],
    ];
    for (const [name, account, user, password] of refused) {
      it(`do not include ${name}`, async () => {
        const { accounts } = new Scene([john(account)]);
        expect(await refusal(() => accounts.verify(user, pass(password)))).to.equal(
          'auth.credentials: authentication failed',
        );
      });
    }

    it('are not asked for where they are blank and that is allowed', async () => {
      const { accounts } = new Scene([], {
        stored: [{ user: 'guest', password: '' }],
        settings: { blankPasswords: true },
      });
      expect((await accounts.verify('guest', pass('anything'))).user).to.equal('guest');
    });

    it('of a group open the accounts of its members that have none', async () => {
      const { accounts } = new Scene([
        { user: 'ward', password: pass('shared') },
        { user: 'ann', group: 'ward' },
        { user: 'bob', group: 'ward', password: pass('own') },
      ]);
      expect((await accounts.verify('ann', pass('shared'))).charged).to.equal('ward');
      expect(await refusal(() => accounts.verify('bob', pass('shared')))).to.contain('auth.credentials');
      expect((await accounts.verify('bob', pass('own'))).charged).to.equal('ward');
    });

    it('that changed are known no more', async () => {
      const scene = new Scene([], { stored: [{ user: 'john', password: 'old' }] });
      await scene.accounts.verify('john', pass('old'));
      scene.stored.set('john', { user: 'john', password: 'new' });
      expect(await refusal(() => scene.accounts.verify('john', pass('old')))).to.contain('auth.credentials');
      expect((await scene.accounts.verify('john', pass('new'))).user).to.equal('john');
    });
  });

  describe('a backend', () => {
    const knows = (user: string, password: string): PasswordBackend => ({
      name: 'test',
      verify: async (given, secret) => (given === user && secret.open() === password ? user : undefined),
      close: async () => {},
    });

    it('is asked about whom no password of ours is kept', async () => {
      const backend = knows('ann', 'a');
      const { accounts } = new Scene([{ user: 'ann', monthlyLimit: 5 }, john()], { backend });
      expect(await accounts.verify('ann', pass('a'))).to.deep.include({ user: 'ann', monthlyLimit: 5 });
      expect(await refusal(() => accounts.verify('ann', pass('z')))).to.contain('auth.credentials');
    });

    it('proves those that have no record too', async () => {
      const { accounts } = new Scene([], { backend: knows('zoe', 'z') });
      expect(await accounts.verify('zoe', pass('z'))).to.deep.include({ user: 'zoe', level: 'default' });
    });

    it('is not asked about whom one is kept', async () => {
      const { accounts } = new Scene([john()], { backend: knows('john', 'other') });
      expect(await refusal(() => accounts.verify('john', pass('other')))).to.contain('auth.credentials');
    });

    it('that is down makes a temporary fault', async () => {
      const down: PasswordBackend = {
        ...knows('ann', 'a'),
        verify: async () => {
          throw new Fault('auth.unavailable');
        },
      };
      const { accounts } = new Scene([john()], { backend: down });
      expect(await refusal(() => accounts.verify('ann', pass('a')))).to.contain('auth.unavailable');
      expect(await refusal(() => accounts.verify('john', pass('hunter2')))).to.equal('none');
    });
  });

  describe('levels', () => {
    const levels: AccountRecord[] = [
      { user: '*', monthlyLimit: 1 },
      { user: '@example.com', monthlyLimit: 2, gateway: 'modem2' },
      { user: 'ann@example.com', monthlyLimit: 3 },
    ];
    const found: [user: string, level: string, limit: number, gateway: string | undefined][] = [
      ['ann@example.com', 'user', 3, undefined],
      ['ANN@Example.COM', 'user', 3, undefined],
      ['bob@example.com', 'domain', 2, 'modem2'],
      ['bob@other.example', 'global', 1, undefined],
      ['bob', 'global', 1, undefined],
    ];
    for (const [user, level, monthlyLimit, gateway] of found) {
      it(`give ${user} what stands at the level ${level}, whole`, async () => {
        const { accounts } = new Scene([], { stored: levels });
        const account = await accounts.find(user);
        expect(account).to.deep.include({ level, monthlyLimit });
        expect(account?.gateway).to.equal(gateway);
        expect(account?.charged.toLowerCase()).to.equal(user.toLowerCase());
      });
    }

    it('give nobody anything where there are none', async () => {
      const { accounts } = new Scene([]);
      expect(await accounts.find('john')).to.equal(undefined);
      expect(await accounts.of('john')).to.deep.include({ level: 'default', monthlyLimit: 0, active: true });
    });

    it('of the configuration come before those of the store that bear the same name', async () => {
      const { accounts } = new Scene([john({ monthlyLimit: 7 })], {
        stored: [{ user: 'John', monthlyLimit: 8 }, ...levels],
      });
      expect((await accounts.find('john'))?.monthlyLimit).to.equal(7);
    });
  });

  describe('groups', () => {
    it('share gateway, limits and expiry; what else a member has is its own', async () => {
      const { accounts } = new Scene([
        {
          user: 'ward',
          gateway: 'modem2',
          monthlyLimit: 9,
          expire: '2027-01-01',
          maxmsgs: 2,
          denied: ['US'],
        },
        { user: 'ann', group: 'Ward', gateway: 'modem1', monthlyLimit: 1, maxmsgs: 5, denied: ['DE'] },
      ]);
      expect(await accounts.find('ann')).to.deep.include({
        user: 'ann',
        charged: 'ward',
        gateway: 'modem2',
        monthlyLimit: 9,
        expires: startOfDay('2027-01-01', ZONE),
        maxmsgs: 5,
        denied: ['DE', 'US'],
      });
    });

    it('that are not there let their members not send', async () => {
      const { accounts } = new Scene([{ user: 'ann', group: 'gone' }]);
      expect((await accounts.of('ann')).active).to.equal(false);
    });
  });

  describe('admission', () => {
    const day = '2026-12-01';
    const cases: [name: string, account: Partial<FixedRecord>, answer: string][] = [
      ['an account that is not active', { active: false }, 'auth.denied: this account is not active'],
      ['one whose day has begun in its zone', { expire: day }, 'auth.denied: this account has expired'],
      ['one whose day is tomorrow', { expire: '2026-12-02' }, 'none'],
    ];
    for (const [name, account, answer] of cases) {
      it(`of ${name}: ${answer}`, async () => {
        const { accounts } = new Scene([john(account)]);
        expect(await refusal(() => accounts.verify('john', pass('hunter2')))).to.equal(answer);
      });
    }
  });

  describe('destinations', () => {
    const cases: [allowed: string[], denied: string[], number: string, told: string | undefined][] = [
      [[], [], '+15551234567', undefined],
      [['+1'], [], '+15551234567', undefined],
      [['+1'], [], '+4915112345678', 'this account may send to +1 only (+4915112345678)'],
      [['DE', 'at'], [], '+4366412345678', undefined],
      [['US'], [], '+12042345678', 'this account may send to US only (+12042345678)'],
      [['CA'], [], '+12042345678', undefined],
      [[], ['+1900'], '+19002345678', 'this account may not send to +1900 (+19002345678)'],
      [['+1'], ['+1900'], '+19002345678', 'this account may not send to +1900 (+19002345678)'],
      [['112'], [], '112', undefined],
      [['DE'], [], '112', 'this account may send to DE only (112)'],
    ];
    for (const [allowed, denied, number, told] of cases) {
      it(`allowed [${allowed.join()}], denied [${denied.join()}]: ${number} is ${told === undefined ? '' : 'not '}permitted`, async () => {
        const { accounts } = new Scene([john({ allowed, denied })]);
        const account = await accounts.of('john');
        expect(await refusal(() => accounts.permit(account, [number]))).to.equal(
          told === undefined ? 'none' : `auth.destination: ${told}`,
        );
      });
    }
  });

  describe('limits', () => {
    it('are asked for before the mail comes', async () => {
      const scene = new Scene([john({ minuteLimit: 1 })]);
      const account = await scene.accounts.of('john');
      const answer = (): Promise<string> => refusal(() => scene.accounts.permit(account, ['+15551234567']));
      expect(await answer()).to.equal('none');
      scene.exceeded = 'month';
      expect(await answer()).to.equal('limit.month: the monthly message limit is reached');
      scene.exceeded = 'minute';
      expect(await answer()).to.equal('limit.rate: the limit of messages a minute is reached');
    });

    it('are charged to the calendar month and day of the zone', async () => {
      const { accounts } = new Scene([john({ dailyLimit: 5, minuteLimit: 2 })]);
      expect(accounts.charge(await accounts.of('john'), 3)).to.deep.equal({
        account: 'john',
        parts: 3,
        limit: 100,
        period: '2026-12',
        at: NOW,
        day: { day: '2026-12-01', limit: 5 },
        minute: 2,
      });
    });
  });

  describe('failed logins', () => {
    const settings = { throttle: { perAddress: 3, perAccount: 5, window: 60_000 } };
    const scene = (): Scene => new Scene([john({ password: pass('right') })], { settings });
    const guess = (the: Scene, remote: string, password = 'wrong', user = 'john'): Promise<string> =>
      refusal(() => the.accounts.verify(user, pass(password), { remote }));

    it('from one address shut it out, whatever accounts it tries, and whatever it knows', async () => {
      const the = scene();
      for (const user of ['john', 'jane', 'jim']) await guess(the, '192.0.2.1', 'wrong', user);
      expect(await guess(the, '192.0.2.1', 'right')).to.contain('auth.throttled');
      expect(await guess(the, '192.0.2.2', 'right')).to.equal('none');
      the.clock.advanceNow(60_000);
      expect(await guess(the, '192.0.2.1', 'right')).to.equal('none');
    });

    it('made at once are no more than those made one after the other', async () => {
      const the = scene();
      const answers = await Promise.all(Array.from({ length: 12 }, () => guess(the, '192.0.2.1')));
      expect(answers.filter((answer) => answer.includes('auth.credentials'))).to.have.length(3);
      expect(answers.filter((answer) => answer.includes('auth.throttled'))).to.have.length(9);
    });

    it('from one IPv6 network count together', async () => {
      const the = scene();
      for (const host of ['1', '2', 'ffff:1']) await guess(the, `2001:db8::${host}`);
      expect(await guess(the, '2001:db8:0:0:9::1', 'right')).to.contain('auth.throttled');
      expect(await guess(the, '2001:db8:0:1::1', 'right')).to.equal('none');
    });

    it('for one account from many addresses shut out all but those that its owner uses', async () => {
      const the = scene();
      expect(await guess(the, '192.0.2.99', 'right')).to.equal('none');
      for (let host = 1; host <= 5; host++) await guess(the, `192.0.2.${host}`);
      expect(await guess(the, '192.0.2.50', 'right')).to.contain('auth.throttled');
      expect(await guess(the, '192.0.2.99', 'right')).to.equal('none');
    });

    it('of a relay do not count against its address', async () => {
      const the = scene();
      for (let n = 0; n < 4; n++) await refusal(() => the.accounts.verify('jane', pass('wrong')));
      expect(await refusal(() => the.accounts.verify('john', pass('right')))).to.equal('none');
    });

    it('do not come of a password that the operator wrote', async () => {
      const the = scene();
      for (let n = 0; n < 7; n++) {
        const written = refusal(() => the.accounts.verifyWritten('john', pass('old')));
        expect(await written).to.contain('auth.credentials');
      }
      expect(await guess(the, '192.0.2.1', 'right')).to.equal('none');
      expect((await the.accounts.verifyWritten('john', pass('right'))).user).to.equal('john');
    });

    it('for one account through a relay are bounded, even where its owner sends that way', async () => {
      const the = scene();
      const through = (password: string): Promise<string> =>
        refusal(() => the.accounts.verify('john', pass(password)));
      expect(await through('right')).to.equal('none');
      for (let n = 0; n < 5; n++) expect(await through('wrong')).to.contain('auth.credentials');
      expect(await through('wrong')).to.contain('auth.throttled');
    });
  });

  describe('logins under way at a slow backend', () => {
    const settings = { throttle: { perAddress: 3, perAccount: 5, window: 60_000 } };

    /** A backend that answers when it is told to. */
    class Slow implements PasswordBackend {
      readonly name = 'slow';
      /** How many are under way, and how many were at the most. */
      asked = 0;
      most = 0;
      readonly #answers: ((error?: Fault) => void)[] = [];

      verify(user: string, password: Secret): Promise<string | undefined> {
        this.asked++;
        this.most = Math.max(this.most, this.#answers.length + 1);
        return new Promise((resolve, reject) => {
          this.#answers.push((error) =>
            error === undefined ? resolve(password.open() === 'right' ? user : undefined) : reject(error),
          );
        });
      }

      async close(): Promise<void> {}

      /** Answers all that are under way, and what comes after them, until nobody asks any more. */
      async answerAll(error?: Fault): Promise<void> {
        for (await settle(); this.#answers.length > 0; await settle()) this.#answers.shift()?.(error);
      }
    }

    const scene = (): { the: Scene; slow: Slow } => {
      const slow = new Slow();
      return { the: new Scene([john()], { settings, backend: slow }), slow };
    };
    const login = (the: Scene, remote: string, password: string, user = 'ann'): Promise<string> =>
      refusal(() => the.accounts.verify(user, pass(password), { remote }));
    const kinds = async (answers: readonly Promise<string>[]): Promise<Record<string, number>> => {
      const counted: Record<string, number> = {};
      for (const answer of await Promise.all(answers)) {
        const [code = ''] = answer.split(':');
        counted[code] = (counted[code] ?? 0) + 1;
      }
      return counted;
    };
    const times = (count: number, work: (n: number) => Promise<string>): Promise<string>[] =>
      Array.from({ length: count }, (_, n) => work(n));

    it('are no more than failures from an address are allowed, whatever accounts they are for', async () => {
      const { the, slow } = scene();
      const answers = times(12, (n) => login(the, '192.0.2.1', 'wrong', `user${n}`));
      await settle();
      expect(slow.asked).to.equal(3);
      await slow.answerAll();
      expect(await kinds(answers)).to.deep.equal({ 'auth.credentials': 3, 'auth.throttled': 9 });
      expect(slow.asked).to.equal(3);
    });

    it('are no more than failures for an account are allowed, wherever they come from', async () => {
      const { the, slow } = scene();
      const answers = times(12, (n) => login(the, `192.0.2.${n}`, `guess ${n}`));
      await settle();
      expect(slow.asked).to.equal(5);
      await slow.answerAll();
      expect(await kinds(answers)).to.deep.equal({ 'auth.credentials': 5, 'auth.throttled': 7 });
      expect(slow.asked).to.equal(5);
    });

    it('are fewer where some have failed already', async () => {
      const { the, slow } = scene();
      const failed = times(2, () => login(the, '192.0.2.1', 'wrong'));
      await slow.answerAll();
      expect(await kinds(failed)).to.deep.equal({ 'auth.credentials': 2 });
      const answers = times(4, (n) => login(the, '192.0.2.1', `guess ${n}`));
      await settle();
      expect(slow.asked).to.equal(3);
      await slow.answerAll();
      expect(await kinds(answers)).to.deep.equal({ 'auth.credentials': 1, 'auth.throttled': 3 });
    });

    it('all come in where they are right, however many programs of one user there are', async () => {
      const { the, slow } = scene();
      const answers = times(20, () => login(the, '192.0.2.1', 'right'));
      await slow.answerAll();
      expect(await kinds(answers)).to.deep.equal({ none: 20 });
      expect(slow.most).to.equal(3);
    });

    it('give their place back: one that was right leaves room for as many failures as before', async () => {
      const { the, slow } = scene();
      const right = login(the, '192.0.2.1', 'right');
      const wrong = times(3, (n) => login(the, '192.0.2.1', `guess ${n}`));
      await settle();
      expect(slow.asked).to.equal(3);
      await slow.answerAll();
      expect(await right).to.equal('none');
      expect(await kinds(wrong)).to.deep.equal({ 'auth.credentials': 3 });
    });

    it('give their place back where the backend could not say, and count for nothing', async () => {
      const { the, slow } = scene();
      const answers = times(9, () => login(the, '192.0.2.1', 'wrong'));
      await slow.answerAll(new Fault('auth.unavailable'));
      expect(await kinds(answers)).to.deep.equal({ 'auth.unavailable': 9 });
      const after = login(the, '192.0.2.1', 'right');
      await slow.answerAll();
      expect(await after).to.equal('none');
    });

    it('count where one of several backends refused, though another could not say', async () => {
      const { the, slow } = scene();
      const answers = times(9, () => login(the, '192.0.2.1', 'wrong'));
      await slow.answerAll(new PartlyUnavailable(new Fault('auth.unavailable')));
      expect(await kinds(answers)).to.deep.equal({ 'auth.unavailable': 3, 'auth.throttled': 6 });
    });

    it('of strangers do not keep the owner waiting where the account is used from', async () => {
      const { the, slow } = scene();
      const first = login(the, '192.0.2.99', 'right');
      await slow.answerAll();
      expect(await first).to.equal('none');
      const strangers = times(5, (n) => login(the, `192.0.2.${n}`, 'wrong'));
      await settle();
      const asked = slow.asked;
      const owner = login(the, '192.0.2.99', 'right');
      await settle();
      expect(slow.asked).to.equal(asked + 1);
      await slow.answerAll();
      expect(await owner).to.equal('none');
      expect(await kinds(strangers)).to.deep.equal({ 'auth.credentials': 5 });
    });

    it('are not waited for endlessly, nor by endlessly many', async () => {
      const { the, slow } = scene();
      const answers = times(3 + 100 + 7, () => login(the, '192.0.2.1', 'right'));
      await settle();
      // Seven are refused at once: a hundred wait already.
      await the.clock.advance(29_999);
      expect(the.clock.pending).to.equal(100);
      await the.clock.advance(1);
      expect(the.clock.pending).to.equal(0);
      await slow.answerAll();
      expect(await kinds(answers)).to.deep.equal({ none: 3, 'auth.unavailable': 107 });
      expect(slow.asked).to.equal(3);
    });
  });

  it('knows whose mail proves whom', async () => {
    const { accounts } = new Scene([john({ mailFrom: ['John@Example.com', '@john.example'] })], {
      stored: [{ user: 'ann', mailFrom: ['john@example.com'] }],
    });
    expect(await accounts.provenBy('john@example.com')).to.deep.equal(['john', 'ann']);
    expect(await accounts.provenBy('any@JOHN.example')).to.deep.equal(['john']);
    expect(await accounts.provenBy('any@sub.john.example')).to.deep.equal([]);
  });
});
