import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { Fault } from '../base/errors.ts';
import type { Secret } from '../base/secret.ts';
import type { Charge } from '../store/contract.ts';
import { periodOf } from './period.ts';

/**
 * Who may send, and how much.
 *
 * Promises: a password is compared in constant time and an unknown user costs the same time as a wrong password; an
 * account that is inactive or expired never sends. Counting itself is the store's: what leaves here is the charge to be
 * made in the transaction that queues the message.
 */
export interface Account {
  readonly user: string;
  /** Absent: it cannot log in, but a trusted relay's sender of that name is charged to it. */
  readonly password?: Secret;
  /** The gateway its messages are pinned to. */
  readonly gateway?: string;
  /** Parts a calendar month; 0: no limit. */
  readonly monthlyLimit: number;
  /** Milliseconds since 1970: from then on it may not send. */
  readonly expires?: number;
  readonly active: boolean;
  readonly maxmsgs?: number;
}

export class Accounts {
  readonly #byUser: ReadonlyMap<string, Account>;
  readonly #clock: Clock;
  readonly #zone: string;

  constructor(accounts: readonly Account[], deps: { clock: Clock; zone: string }) {
    this.#byUser = new Map(accounts.map((account) => [account.user.toLowerCase(), account]));
    this.#clock = deps.clock;
    this.#zone = deps.zone;
  }

  /** The account of that name, whatever its case. */
  find(user: string): Account | undefined {
    return this.#byUser.get(user.toLowerCase());
  }

  /** The account that this password proves. Throws `auth.credentials`, or `auth.denied` as `admit` does. */
  verify(user: string, password: string): Account {
    const account = this.find(user);
    const expected = account?.password?.open();
    const same = equal(expected ?? '', password);
    if (account === undefined || expected === undefined || !same) {
      throw new Fault('auth.credentials', { detail: `user "${user}"` });
    }
    return this.admit(account);
  }

  /** The account, if it may send now; else throws `auth.denied`. */
  admit(account: Account): Account {
    if (!account.active) {
      throw new Fault('auth.denied', {
        told: 'this account is not active',
        detail: `user "${account.user}"`,
      });
    }
    if (account.expires !== undefined && this.#clock.now() >= account.expires) {
      throw new Fault('auth.denied', { told: 'this account has expired', detail: `user "${account.user}"` });
    }
    return account;
  }

  /** What a message of `parts` parts costs this account. */
  charge(account: Account, parts: number): Charge {
    const at = this.#clock.now();
    return {
      account: account.user,
      parts,
      limit: account.monthlyLimit,
      period: periodOf(at, this.#zone),
      at,
    };
  }
}

function equal(expected: string, given: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(expected), digest(given));
}
