import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Accounts } from '../lib/accounts/accounts.ts';
import { failures } from '../lib/accounts/settings.ts';
import { hashPassword } from '../lib/accounts/password.ts';
import { systemClock } from '../lib/base/clock.ts';
import { newId, systemRandom } from '../lib/base/random.ts';
import { Secret } from '../lib/base/secret.ts';
import type { Charge } from '../lib/store/account-book.ts';
import type { AcceptItem } from '../lib/store/outgoing.ts';
import type { Store } from '../lib/store/store.ts';
import { openLmdbStore } from '../lib/store/lmdb.ts';

/**
 * What a login and a charge cost with 100,000 accounts in the store, beside the same with 100, in the same run: the
 * rounds of the two take turns, and the best of each counts.
 *
 *     node --import tsx bench/accounts.ts [--accounts 100000] [--rounds 7] [--dir /var/tmp]
 *
 * cold    a login whose password has to be derived with scrypt, one after the other
 * warm    a login whose password was right a moment ago, by users all over the table; processor time
 * charge  a message accepted with its charge, by users all over the table, 50 at once; each synced to disk
 */
const MANY = Number(option('--accounts') ?? 100_000);
const FEW = 100;
const ROUNDS = Number(option('--rounds') ?? 7);
const dir = option('--dir') ?? tmpdir();
const COLD = 12;
const WARM = 20_000;
const CHARGES = 2_000;
const CALLERS = 50;
const PASSWORD = new Secret('correct horse battery staple');
const now = systemClock.now();
const PERIOD = '2026-11';

function option(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at === -1 ? undefined : process.argv[at + 1];
}

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 'yyyy-mm-dd'.length);
const startOfDay = (day: string): number => Date.parse(`${day}T00:00:00Z`);

/** A store with so many accounts, each with a counter, and what asks it. */
class Bench {
  readonly count: number;
  readonly #path: string;
  readonly #store: Store;
  #accounts: Accounts;

  private constructor(count: number, path: string, store: Store) {
    this.count = count;
    this.#path = path;
    this.#store = store;
    this.#accounts = this.#fresh();
  }

  /** `hashes`: one for each of the users whose cold login is measured, and the last one for all others. */
  static async make(count: number, hashes: readonly string[]): Promise<Bench> {
    const path = mkdtempSync(join(dir, 'mailsms-bench-'));
    const store = await openLmdbStore({ path, clock: systemClock, random: systemRandom, owner: 'bench' });
    const bench = new Bench(count, path, store);
    for (let first = 0; first < count; first += 1000) {
      const users = Array.from({ length: Math.min(1000, count - first) }, (_, n) => first + n);
      await store.changeAccounts(
        users.map((n) => ({
          kind: 'put' as const,
          when: 'any' as const,
          record: {
            ...{ user: name(n), description: `Number ${n}, night shift`, monthlyLimit: 1_000_000 },
            password: hashes[bench.#coldIndex(n)] ?? hashes.at(-1) ?? '',
          },
        })),
      );
      await Promise.all(users.map((n) => store.charge(bench.#charge(n))));
    }
    return bench;
  }

  /** Milliseconds for a login with nothing remembered. */
  async cold(): Promise<number> {
    this.#accounts = this.#fresh();
    const begun = performance.now();
    for (let n = 0; n < COLD; n++) await this.#accounts.verify(name(this.#coldUser(n)), PASSWORD);
    return (performance.now() - begun) / COLD;
  }

  /** Microseconds of processor time for a login that is remembered. */
  async warm(): Promise<number> {
    await this.#accounts.verify(name(1), PASSWORD);
    const users = this.#users(WARM);
    const begun = process.cpuUsage();
    for (const user of users) await this.#accounts.verify(user, PASSWORD);
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / WARM;
  }

  /** Microseconds for an accepted message, `CALLERS` at once. */
  async accept(): Promise<number> {
    const users = this.#users(CHARGES);
    const begun = performance.now();
    await Promise.all(
      Array.from({ length: CALLERS }, async () => {
        for (let user = users.pop(); user !== undefined; user = users.pop()) {
          const account = await this.#accounts.of(user);
          await this.#accounts.permit(account, ['+15551234567']);
          await this.#store.accept([message(this.#accounts.charge(account, 1))]);
        }
      }),
    );
    return ((performance.now() - begun) * 1000) / CHARGES;
  }

  async remove(): Promise<void> {
    await this.#store.close();
    rmSync(this.#path, { recursive: true });
  }

  #fresh(): Accounts {
    return new Accounts(
      { fixed: [], throttle: failures.parse({}), blankPasswords: false },
      { store: this.#store, clock: systemClock, random: systemRandom, dayOf, startOfDay },
    );
  }

  #charge(n: number): Charge {
    return { account: name(n), parts: 1, limit: 1_000_000, period: PERIOD, at: now };
  }

  /** The users with a hash of their own lie evenly in the table, and user 1 is none of them. */
  #coldUser(index: number): number {
    return Math.floor((index * this.count) / COLD);
  }

  #coldIndex(n: number): number {
    const index = Math.round((n * COLD) / this.count);
    return this.#coldUser(index) === n && index < COLD ? index : COLD;
  }

  /** Users at random, but none with a hash of his own: his login would be a cold one. */
  #users(count: number): string[] {
    return Array.from({ length: count }, () => {
      for (;;) {
        const n = Buffer.from(systemRandom.bytes(4)).readUInt32LE() % this.count;
        if (this.#coldIndex(n) === COLD) return name(n);
      }
    });
  }
}

function name(n: number): string {
  return `user${String(n).padStart(6, '0')}@office.example`;
}

function message(charge: Charge): AcceptItem {
  const id = newId(systemClock, systemRandom);
  const day = 86_400_000;
  return {
    message: {
      ...{
        id,
        number: '+15551234567',
        content: { kind: 'text', text: 'The kettle has boiled.' },
        options: {},
      },
      ...{ parts: [{ sequence: 1, state: 'waiting' }], concatReference: 1, charged: 0, state: 'queued' },
      ...{ attempts: 0, created: now, notBefore: now, expires: now + 5 * day, lane: '*', priority: 0 },
      origin: { via: 'smtp', sender: charge.account },
      trace: [{ at: now, event: 'accepted' }],
    },
    charge,
  };
}

const hashes = await Promise.all(
  Array.from({ length: COLD + 1 }, () => hashPassword(PASSWORD, systemRandom)),
);
const benches = [await Bench.make(FEW, hashes), await Bench.make(MANY, hashes)];
const measures = [
  ['cold', 'ms', (bench: Bench) => bench.cold()],
  ['warm', 'us of processor time', (bench: Bench) => bench.warm()],
  ['charge', 'us', (bench: Bench) => bench.accept()],
] as const;
for (const [what, unit, measure] of measures) {
  const best = benches.map(() => Infinity);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, bench] of benches.entries()) {
      best[index] = Math.min(best[index] ?? Infinity, await measure(bench));
    }
  }
  const [few = NaN, many = NaN] = best;
  const figures = `${few.toFixed(1)} ${unit} with ${FEW} accounts, ${many.toFixed(1)} with ${MANY}`;
  process.stdout.write(`${what.padEnd(7)} ${figures}: ${(many / few).toFixed(2)}x\n`);
}
for (const bench of benches) await bench.remove();
