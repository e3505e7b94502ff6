import { isIPv6 } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { Fault } from '../base/errors.ts';

/**
 * Failed logins, counted by the address they come from and by the account they are for.
 *
 * After too many within the window further tries are refused, with a temporary fault and without a look at the password.
 * So that nobody can lock the owner of an account out, an address from which the account was used rightly within the last
 * day is not held up by the failures of others. Counts are in memory and bounded: a restart forgets them.
 */
export interface ThrottleSettings {
  /** Failures from one address (of IPv6: one /64), and for one account from all addresses together. */
  readonly perAddress: number;
  readonly perAccount: number;
  readonly windowMs: number;
}

interface Count {
  failures: number;
  since: number;
}

const GOOD_MS = 24 * 3600_000;
const MOST_ENTRIES = 20_000;

export class Throttle {
  readonly #settings: ThrottleSettings;
  readonly #clock: Clock;
  readonly #counts = new Map<string, Count>();
  readonly #good = new Map<string, number>();

  constructor(settings: ThrottleSettings, deps: { readonly clock: Clock }) {
    this.#settings = settings;
    this.#clock = deps.clock;
  }

  /**
   * Throws `auth.throttled` where this try may not be made.
   *
   * @param address absent where the client is a relay, which many share
   */
  check(account: string, address: string | undefined): void {
    const { perAddress, perAccount } = this.#settings;
    if (address !== undefined && this.#failures(addressKey(address)) >= perAddress) {
      throw new Fault('auth.throttled', { detail: `too many failures from ${address}` });
    }
    if (this.#failures(accountKey(account)) < perAccount) return;
    const good = this.#good.get(pairKey(account, address));
    if (good !== undefined && this.#clock.now() - good < GOOD_MS) return;
    throw new Fault('auth.throttled', { detail: `too many failures for user "${account}"` });
  }

  failed(account: string, address: string | undefined): void {
    if (address !== undefined) this.#count(addressKey(address));
    this.#count(accountKey(account));
  }

  succeeded(account: string, address: string | undefined): void {
    keep(this.#good, pairKey(account, address), this.#clock.now());
  }

  #failures(key: string): number {
    const count = this.#counts.get(key);
    if (count === undefined) return 0;
    if (this.#clock.now() - count.since < this.#settings.windowMs) return count.failures;
    this.#counts.delete(key);
    return 0;
  }

  #count(key: string): void {
    const failures = this.#failures(key) + 1;
    // Each failure begins the window anew: who goes on guessing stays shut out.
    keep(this.#counts, key, { failures, since: this.#clock.now() });
  }
}

/** Puts an entry last, and forgets the oldest where there are too many. */
function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MOST_ENTRIES) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    break;
  }
}

/** The address as far as one party can choose it freely: of IPv6 the first 64 bits. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(8 - left.length - right.length, 0);
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

function addressKey(address: string): string {
  return `@${networkOf(address)}`;
}

function accountKey(account: string): string {
  return `=${account.toLowerCase().slice(0, 256)}`;
}

function pairKey(account: string, address: string | undefined): string {
  return `${accountKey(account)}@${address === undefined ? '' : networkOf(address)}`;
}
