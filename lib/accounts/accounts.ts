import type { Clock } from '../base/clock.ts';
import { Fault } from '../base/errors.ts';
import { Gate } from '../base/gate.ts';
import { cutAddress } from '../base/mail-address.ts';
import type { Random } from '../base/random.ts';
import type { Secret } from '../base/secret.ts';
import type { AccountBook, Charge, LimitKind } from '../store/account-book.ts';
import type { AccountRecord } from '../store/records.ts';
import { type Account, type FixedRecord, accountOf, isLevel, levelsOf } from './account.ts';
import type { PasswordBackend } from './backend.ts';
import { notPermitted } from './destinations.ts';
import { decoy, fingerprint, matches } from './password.ts';
import type { ThrottleSettings } from './settings.ts';
import { Throttle } from './throttle.ts';

/**
 * Who may send, and how much.
 *
 * Settings stand at levels: the user's own, then the domain's (`@example.com`), then everybody's (`*`); the first that has
 * a record wins, whole. A record of the configuration comes before one of the same name in the store.
 *
 * Promises: a password is compared in constant time, and somebody unknown costs the same time as a wrong password;
 * after too many failures no password is looked at, and no more guesses than that are under way at once; an account that is inactive or expired never sends. Counting
 * itself is the store's: what leaves here is the charge to be made in the transaction that queues the message.
 */
export interface AccountsSettings {
  /** The records of the configuration. */
  readonly fixed: readonly FixedRecord[];
  readonly throttle: ThrottleSettings;
  /** An account whose password is empty needs none. */
  readonly blankPasswords: boolean;
}

export type AccountStore = Pick<AccountBook, 'account' | 'accountsFrom' | 'wouldExceed'>;

export interface AccountsDeps {
  readonly store: AccountStore;
  readonly clock: Clock;
  readonly random: Random;
  /** The calendar day of a time in the configured zone, `2026-11-23`, and when a day begins there. */
  readonly dayOf: (at: number) => string;
  readonly startOfDay: (day: string) => number;
  /** Who knows the passwords that are not kept here. */
  readonly backend?: PasswordBackend;
}

/** Who is at the other end of a login. */
export interface Client {
  /** The IP address; absent where it is a relay's, or a program's of this machine, which many share. */
  readonly remote?: string;
}

/** How long a password that was right need not be derived again, and how many are remembered so. */
const REMEMBERED_MS = 5 * 60_000;
const MOST_REMEMBERED = 10_000;
/** Passwords that are derived at once, and that may wait for it. */
const DERIVED_AT_ONCE = 2;
const MOST_WAITING = 200;

export class Accounts {
  readonly #settings: AccountsSettings;
  readonly #deps: AccountsDeps;
  #fixed: ReadonlyMap<string, AccountRecord>;
  readonly #throttle: Throttle;
  /** Fingerprints of right passwords, under a key that dies with the process. */
  readonly #right = new Map<string, number>();
  readonly #key: Uint8Array;
  readonly #deriving = new Gate(DERIVED_AT_ONCE, MOST_WAITING);

  constructor(settings: AccountsSettings, deps: AccountsDeps) {
    this.#settings = settings;
    this.#deps = deps;
    this.#fixed = byName(settings.fixed);
    this.#throttle = new Throttle(settings.throttle, deps);
    this.#key = deps.random.bytes(32);
  }

  /** Takes these in place of the records of the configuration, from the next login or message on. */
  replaceFixed(records: readonly FixedRecord[]): void {
    this.#fixed = byName(records);
  }

  /** What applies to a user; undefined where no level has a record. */
  async find(user: string): Promise<Account | undefined> {
    if (isLevel(user)) return undefined;
    const levels = levelsOf(user);
    const fixedAt = levels.findIndex(({ name }) => this.#fixed.has(name.toLowerCase()));
    const before = (fixedAt < 0 ? levels : levels.slice(0, fixedAt)).map(({ name }) => name);
    const stored = before.length === 0 ? undefined : await this.#deps.store.account(...before);
    const record = stored ?? this.#fixed.get(levels[fixedAt]?.name.toLowerCase() ?? '');
    if (record === undefined) return undefined;
    const level =
      levels.find(({ name }) => name.toLowerCase() === record.user.toLowerCase())?.level ?? 'user';
    const group = await this.#groupOf(record);
    return accountOf(level === 'user' ? record.user : user, level, record, group, this.#deps.startOfDay);
  }

  /** The same, for somebody who has proved who he is: without a record at any level there is nothing against him. */
  async of(user: string): Promise<Account> {
    return (await this.find(user)) ?? accountOf(user, 'default', {}, undefined, this.#deps.startOfDay);
  }

  /**
   * The account that this password proves. Throws `auth.credentials`, `auth.throttled`, `auth.unavailable`, or
   * `auth.denied` as `admit` does.
   */
  async verify(user: string, password: Secret, client: Client = {}): Promise<Account> {
    const proven = await this.#throttle.attempt(user, client.remote, () => this.#proven(user, password));
    return this.#admitted(user, proven);
  }

  /** The same for a password that the operator wrote, into a list: it is nobody's guess, and counts for none. */
  async verifyWritten(user: string, password: Secret): Promise<Account> {
    return this.#admitted(user, await this.#proven(user, password));
  }

  async #admitted(user: string, proven: string | undefined): Promise<Account> {
    if (proven === undefined) throw new Fault('auth.credentials', { detail: `user "${user}"` });
    return this.admit(await this.of(proven));
  }

  /** The account that a bearer token proves. Throws as `verify` does. */
  async verifyToken(user: string, token: Secret, client: Client = {}): Promise<Account> {
    const proven = await this.#throttle.attempt(user, client.remote, async () =>
      this.#deps.backend?.verifyToken?.(user, token),
    );
    if (proven === undefined) throw new Fault('auth.credentials', { detail: `user "${user}", by a token` });
    return this.admit(await this.of(proven));
  }

  /** Whether anybody can check bearer tokens. */
  get takesTokens(): boolean {
    return this.#deps.backend?.verifyToken !== undefined;
  }

  /** The account, if it may send now; else throws `auth.denied`. */
  admit(account: Account): Account {
    const detail = `user "${account.user}"`;
    if (!account.active) throw new Fault('auth.denied', { told: 'this account is not active', detail });
    if (account.expires !== undefined && this.#deps.clock.now() >= account.expires) {
      throw new Fault('auth.denied', { told: 'this account has expired', detail });
    }
    return account;
  }

  /**
   * Throws where the account may not send to one of these numbers (`auth.destination`), or where one of its limits is
   * reached already (`limit.month`, `limit.rate`), so that whoever sends hears it before the mail itself.
   */
  async permit(account: Account, numbers: readonly string[]): Promise<void> {
    for (const number of numbers) this.permitNumber(account, number);
    if (!isLimited(account)) return;
    const exceeded = await this.#deps.store.wouldExceed(this.charge(account, 1));
    if (exceeded !== undefined) throw limitFault(exceeded, account);
  }

  /** Throws `auth.destination` where the account may not send to this number. */
  permitNumber(account: Account, number: string): void {
    const why = notPermitted(number, account);
    if (why !== undefined) throw new Fault('auth.destination', { told: `${why} (${number})` });
  }

  /** What a message of `parts` parts costs this account. */
  charge(account: Account, parts: number): Charge {
    const at = this.#deps.clock.now();
    const day = this.#deps.dayOf(at);
    const { charged, monthlyLimit, dailyLimit, minuteLimit } = account;
    return {
      account: charged,
      parts,
      limit: monthlyLimit,
      period: day.slice(0, 'yyyy-mm'.length),
      at,
      ...(dailyLimit > 0 ? { day: { day, limit: dailyLimit } } : {}),
      ...(minuteLimit > 0 ? { minute: minuteLimit } : {}),
    };
  }

  /** Users that mail from this address proves, where the address is proved. */
  async provenBy(address: string): Promise<string[]> {
    const name = address.toLowerCase();
    const { domain = '' } = cutAddress(name);
    const fixed = [...this.#fixed.values()]
      .filter(({ mailFrom = [] }) =>
        mailFrom.some((each) => [name, `@${domain}`].some((candidate) => candidate === each.toLowerCase())),
      )
      .map(({ user }) => user);
    const stored = await this.#deps.store.accountsFrom(address);
    return [...fixed, ...stored.filter((user) => !this.#fixed.has(user))];
  }

  async #record(name: string): Promise<AccountRecord | undefined> {
    return this.#fixed.get(name.toLowerCase()) ?? this.#deps.store.account(name);
  }

  /** A group that is missing lets nobody send: its limits are not known. */
  async #groupOf({ group }: AccountRecord): Promise<AccountRecord | undefined> {
    if (group === undefined) return undefined;
    return (await this.#record(group)) ?? { user: group, active: false };
  }

  /** The name of the user that the password proves. */
  async #proven(user: string, password: Secret): Promise<string | undefined> {
    const record = isLevel(user) ? undefined : await this.#record(user);
    const kept =
      record === undefined ? undefined : (record.password ?? (await this.#groupOf(record))?.password);
    if (record !== undefined && kept !== undefined) {
      return (await this.#isRight(kept, password)) ? record.user : undefined;
    }
    const proven = await this.#deps.backend?.verify(user, password);
    if (proven !== undefined) return proven;
    const taken = this.#derive(() => decoy(password));
    // What a backend has refused counts, even where there is no room to take as long over it as over others.
    await (this.#deps.backend === undefined ? taken : taken.catch(() => undefined));
    return undefined;
  }

  /** Deriving a key takes a core and memory: a flood of logins must not have them all. */
  #derive<T>(work: () => Promise<T>): Promise<T> {
    return this.#deriving.run(
      work,
      () => new Fault('auth.unavailable', { detail: 'too many logins at once' }),
    );
  }

  async #isRight(kept: string, password: Secret): Promise<boolean> {
    if (kept === '') {
      if (!this.#settings.blankPasswords) await this.#derive(() => decoy(password));
      return this.#settings.blankPasswords;
    }
    const now = this.#deps.clock.now();
    const print = fingerprint(this.#key, kept, password);
    if ((this.#right.get(print) ?? 0) > now) return true;
    if (!(await this.#derive(() => matches(kept, password)))) return false;
    this.#right.delete(print);
    this.#right.set(print, now + REMEMBERED_MS);
    if (this.#right.size > MOST_REMEMBERED) this.#right.delete(this.#right.keys().next().value ?? '');
    return true;
  }
}

/** What is told where a limit is reached. A minute or a day passes by itself; a month is not waited for. */
export function limitFault(kind: LimitKind, account: Pick<Account, 'user'> | undefined): Fault {
  const detail = account === undefined ? {} : { detail: `user "${account.user}"` };
  if (kind === 'month') return new Fault('limit.month', detail);
  const span = kind === 'day' ? 'day' : 'minute';
  return new Fault('limit.rate', { told: `the limit of messages a ${span} is reached`, ...detail });
}

function isLimited({ monthlyLimit, dailyLimit, minuteLimit }: Account): boolean {
  return monthlyLimit > 0 || dailyLimit > 0 || minuteLimit > 0;
}

function byName(records: readonly FixedRecord[]): ReadonlyMap<string, AccountRecord> {
  return new Map(records.map((record) => [record.user.toLowerCase(), opened(record)]));
}

function opened(record: FixedRecord): AccountRecord {
  const { password, ...rest } = record;
  return password === undefined ? rest : { ...rest, password: password.open() };
}
