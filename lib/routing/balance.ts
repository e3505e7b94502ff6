import type { Clock } from '../base/clock.ts';
import type { Quota } from './quota.ts';

/**
 * Which gateway goes first, and which is left out.
 *
 * The next message goes to the free gateway that did least for its weight. One that fails is left out for a while that
 * doubles with each failure up to a minute, is then given one message to see, and is back with its first success, or when its
 * transport says that it is up.
 * One that has had what its quota allows is left out until there is room again.
 */
export class Balance {
  readonly #clock: Clock;
  readonly #gateways = new Map<string, GatewayLoad>();
  readonly #capped = new Map<string, Quota>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param quota absent: it may be given whatever it can take */
  add(id: string, weight: number, capacity: number, quota?: Quota): void {
    const load = { id, weight, capacity, busy: 0, done: 0, failures: 0, restUntil: 0, up: false };
    this.#gateways.set(id, quota === undefined ? load : { ...load, quota });
    if (quota?.capped === true) this.#capped.set(id, quota);
  }

  /** The transport's own word. Coming up clears a rest. */
  health(id: string, up: boolean): void {
    const load = this.#of(id);
    if (up && !load.up) {
      load.failures = 0;
      load.restUntil = 0;
      // A gateway that comes back starts level with the others; otherwise it would get every message until it had caught up.
      const others = [...this.#gateways.values()].filter((each) => each.up).map((each) => each.done);
      if (others.length > 0) load.done = Math.max(load.done, Math.min(...others));
    }
    load.up = up;
  }

  /** The gateway was given a message of so many SMS. */
  began(id: string, parts: number): void {
    const load = this.#of(id);
    load.busy++;
    load.quota?.began(parts);
  }

  /**
   * A message of so many SMS left the gateway's hands, `sent` of them towards the network; `failed`: by the
   * gateway's fault, not the message's.
   */
  ended(id: string, { parts, sent, failed }: { parts: number; sent: number; failed: boolean }): void {
    const load = this.#of(id);
    load.busy--;
    load.quota?.ended(parts, sent);
    load.done += 1 / load.weight;
    if (!failed) {
      load.failures = 0;
      return;
    }
    // What was under way when it began to rest says nothing new.
    if (load.restUntil > this.#clock.now()) return;
    load.failures++;
    load.restUntil = this.#clock.now() + Math.min(FIRST_REST * 2 ** (load.failures - 1), LONGEST_REST);
  }

  /** Gateways that can take something now, the one that did least for its weight first, each with its free places. */
  free(): { id: string; places: number }[] {
    const now = this.#clock.now();
    return [...this.#gateways.values()]
      .filter((load) => load.up && load.restUntil <= now && places(load) > 0)
      .sort((a, b) => a.busy / a.weight - b.busy / b.weight || a.done - b.done)
      .map((load) => ({ id: load.id, places: places(load) }));
  }

  /** When a gateway that is left out may be back by itself; undefined where that is nothing that time brings. */
  restEnds(): number | undefined {
    const now = this.#clock.now();
    const ends = [...this.#gateways.values()]
      .flatMap((load) => [load.restUntil, load.quota?.opens() ?? 0])
      .filter((end) => end > now);
    return ends.length === 0 ? undefined : Math.min(...ends);
  }

  /** The quotas that a day's count of SMS belongs to, by gateway. */
  get capped(): ReadonlyMap<string, Quota> {
    return this.#capped;
  }

  /** Whether the gateway's cap has room for a message of so many SMS. */
  admits(id: string, parts: number): boolean {
    return this.#of(id).quota?.admits(parts) ?? true;
  }

  /** Why a gateway is given nothing, or not a message of so many SMS, though it is up: `may send 500 SMS a day`. */
  held(id: string, parts = 1): string | undefined {
    return this.#gateways.get(id)?.quota?.held(parts);
  }

  #of(id: string): GatewayLoad {
    const load = this.#gateways.get(id);
    if (load === undefined) throw new Error(`no gateway "${id}"`);
    return load;
  }
}

const FIRST_REST = 1000;
const LONGEST_REST = 60_000;

/** How many messages a gateway can be given now. */
function places({ capacity, busy, failures, quota }: GatewayLoad): number {
  return Math.min((failures > 0 ? 1 : capacity) - busy, quota?.places() ?? Infinity);
}

interface GatewayLoad {
  readonly id: string;
  readonly weight: number;
  readonly capacity: number;
  readonly quota?: Quota;
  busy: number;
  /** Messages done, divided by the weight. */
  done: number;
  /** In a row. */
  failures: number;
  restUntil: number;
  up: boolean;
}
