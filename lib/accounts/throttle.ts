import { type Clock, within } from '../base/clock.ts';
import { Fault } from '../base/errors.ts';
import { networkOf } from '../base/host.ts';
import { PartlyUnavailable } from './backend.ts';
import type { ThrottleSettings } from './settings.ts';
import { UnderWay } from './under-way.ts';

interface Count {
  failures: number;
  since: number;
}

/** Something that a try counts against, and how many failures it stands. */
interface Bound {
  readonly key: string;
  readonly most: number;
  /** For the log: `from 192.0.2.1`. */
  readonly of: string;
}

const GOOD_MS = 24 * 3600_000;
const MOST_ENTRIES = 20_000;
/** How many may wait for an address or an account, and how long. */
const MOST_WAITING = 100;
const WAIT_MS = 30_000;

/**
 * Failed logins, counted by the address they come from and by the account they are for.
 *
 * After too many within the window further tries are refused, with a temporary fault and without a look at the password.
 * A try that is under way counts as a failure until it proves otherwise: so guesses made at once are no more than those made
 * one after the other, however slow the server is that knows the password. A try that would be one too many only then waits
 * until one of the others ends: nobody is refused because his mail programs log in all at once.
 *
 * So that nobody can lock the owner of an account out, an address from which the account was used rightly within the last
 * day is held up by no failures but its own. Counts are in memory and bounded: a restart forgets them.
 */
export class Throttle {
  readonly #settings: ThrottleSettings;
  readonly #clock: Clock;
  readonly #counts = new Map<string, Count>();
  readonly #good = new Map<string, number>();
  readonly #underWay = new UnderWay(MOST_WAITING);

  constructor(settings: ThrottleSettings, deps: { readonly clock: Clock }) {
    this.#settings = settings;
    this.#clock = deps.clock;
  }

  /**
   * Makes a try. Throws `auth.throttled` where it may not be made, `auth.unavailable` where its turn does not come, and
   * what `look` throws: then nobody knows whether the password was right, and nothing is counted, unless it is a
   * `PartlyUnavailable`.
   *
   * @param address absent where the client is a relay, which many share
   * @param look resolves with undefined where the password is wrong
   */
  async attempt<T>(
    account: string,
    address: string | undefined,
    look: () => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const keys = await this.#begin(account, address);
    // A set: for a stranger to the account it is among the keys already.
    const failed = (): void => new Set([...keys, accountKey(account)]).forEach((key) => this.#count(key));
    try {
      const proven = await look();
      if (proven === undefined) failed();
      else keep(this.#good, pairKey(account, address), this.#clock.now());
      return proven;
    } catch (error) {
      if (error instanceof PartlyUnavailable) failed();
      throw error;
    } finally {
      this.#underWay.end(keys);
    }
  }

  /** Takes a place under each bound as soon as all have one; resolves with their keys. */
  async #begin(account: string, address: string | undefined): Promise<readonly string[]> {
    const end = this.#clock.now() + WAIT_MS;
    for (;;) {
      const bounds = this.#bounds(account, address);
      const over = bounds.find(({ key, most }) => this.#failures(key) >= most);
      if (over !== undefined) throw new Fault('auth.throttled', { detail: `too many failures ${over.of}` });
      const full = bounds.find(({ key, most }) => this.#failures(key) + this.#underWay.count(key) >= most);
      if (full === undefined) {
        const keys = bounds.map(({ key }) => key);
        this.#underWay.begin(keys);
        return keys;
      }
      const late = (): Fault =>
        new Fault('auth.unavailable', { detail: `too many logins at once ${full.of}` });
      const next = this.#underWay.next(full.key);
      if (next === undefined) throw late();
      await within(this.#clock, end - this.#clock.now(), next.came, late).finally(next.leave);
    }
  }

  #bounds(account: string, address: string | undefined): readonly Bound[] {
    const { perAddress, perAccount } = this.#settings;
    const pair = pairKey(account, address);
    const good = this.#good.get(pair);
    const isGood = good !== undefined && this.#clock.now() - good < GOOD_MS;
    const forAccount = {
      key: isGood ? pair : accountKey(account),
      most: perAccount,
      of: `for user "${account}"`,
    };
    if (address === undefined) return [forAccount];
    return [{ key: addressKey(address), most: perAddress, of: `from ${address}` }, forAccount];
  }

  #failures(key: string): number {
    const count = this.#counts.get(key);
    if (count === undefined) return 0;
    if (this.#clock.now() - count.since < this.#settings.window) return count.failures;
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

function addressKey(address: string): string {
  return `@${networkOf(address)}`;
}

function accountKey(account: string): string {
  return `=${account.toLowerCase().slice(0, 256)}`;
}

function pairKey(account: string, address: string | undefined): string {
  return `${accountKey(account)}@${address === undefined ? '' : networkOf(address)}`;
}
