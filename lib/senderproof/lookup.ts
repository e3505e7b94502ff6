import { Resolver } from 'node:dns/promises';
import { type Clock, within } from '../base/clock.ts';

/** A DNS answer as Node gives it: `string[]` for addresses and PTR, `string[][]` for TXT, objects for MX. */
export type Answer = Awaited<ReturnType<Resolver['resolve']>>;

/** Looks a name up. Rejects with code ENOTFOUND or ENODATA where it isn't there; with any other, nobody knows. */
export type Lookup = (name: string, type: string) => Promise<Answer>;

export interface LookupSettings {
  /** Addresses of DNS servers, with a port where it isn't 53. Absent: the system's. */
  readonly servers?: readonly string[];
  /** Time for one look-up, in milliseconds. */
  readonly lookupMs: number;
}

/** Look-ups that one mail may cause: SPF's ten, each with up to ten hosts (RFC 7208 4.6.4), keys and policies. */
const MOST_LOOKUPS = 130;
/** Characters of a name, RFC 1035 2.3.4. */
const LONGEST_NAME = 253;

/** A failure that may pass: nothing is known. The code is one that mailauth takes for temporary everywhere. */
class LookupFailed extends Error {
  readonly code = 'ETIMEOUT';
}

/** The look-ups of one mail: each name is asked for once, all are ended by `end`. */
export class Lookups {
  readonly #resolve: Lookup;
  readonly #clock: Clock;
  readonly #lookupMs: number;
  readonly #answers = new Map<string, Promise<Answer>>();
  readonly #resolver: Resolver | undefined;

  constructor(settings: LookupSettings, deps: { clock: Clock; lookup?: Lookup | undefined }) {
    this.#clock = deps.clock;
    this.#lookupMs = settings.lookupMs;
    if (deps.lookup !== undefined) {
      this.#resolve = deps.lookup;
      return;
    }
    // Asked twice within the time of a look-up: a packet that gets lost is no failure.
    const resolver = new Resolver({ timeout: Math.max(Math.floor(settings.lookupMs / 3), 1), tries: 2 });
    if (settings.servers !== undefined) resolver.setServers(settings.servers);
    this.#resolver = resolver;
    this.#resolve = (name, type) => resolver.resolve(name, type);
  }

  readonly lookup: Lookup = (name, type) => {
    const key = `${type} ${name.toLowerCase()}`;
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const answer = this.#ask(name, type);
    this.#answers.set(key, answer);
    return answer;
  };

  end(): void {
    this.#resolver?.cancel();
  }

  async #ask(name: string, type: string): Promise<Answer> {
    if (this.#answers.size >= MOST_LOOKUPS) throw new LookupFailed('too many look-ups for one mail');
    if (!isAskable(name)) throw Object.assign(new Error(`not a name: ${name}`), { code: 'ENOTFOUND' });
    const late = (): Error => new LookupFailed(`no answer for ${name}`);
    try {
      return await within(this.#clock, this.#lookupMs, this.#resolve(name, type), late);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'ENOTFOUND' || code === 'ENODATA') throw error;
      throw new LookupFailed(`${name}: ${String(code)}`);
    }
  }
}

/** mailauth asks for "_dmarc.null" where a domain has no organisational domain: a public suffix has none. */
function isAskable(name: string): boolean {
  return name.length <= LONGEST_NAME && name !== '_dmarc.null' && /^[\x21-\x7e]+$/.test(name);
}
