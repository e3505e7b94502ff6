import type { Clock } from '../base/clock.ts';

/**
 * Which gateway goes first, and which is left out.
 *
 * The next message goes to the free gateway that did least for its weight. One that fails is left out for a while that
 * doubles with each failure up to a minute, and is back with its first success, or when its transport says that it is up.
 */
export class Balance {
  readonly #clock: Clock;
  readonly #gateways = new Map<string, GatewayLoad>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(id: string, weight: number, capacity: number): void {
    this.#gateways.set(id, { id, weight, capacity, busy: 0, done: 0, failures: 0, restUntil: 0, up: false });
  }

  /** The transport's own word. Coming up clears a rest. */
  health(id: string, up: boolean): void {
    const load = this.#of(id);
    if (up && !load.up) {
      load.failures = 0;
      load.restUntil = 0;
      // It need not make up for what the others did meanwhile.
      const others = [...this.#gateways.values()].filter((each) => each.up).map((each) => each.done);
      if (others.length > 0) load.done = Math.max(load.done, Math.min(...others));
    }
    load.up = up;
  }

  began(id: string): void {
    this.#of(id).busy++;
  }

  /** A message left the gateway's hands; `failed`: by the gateway's fault, not the message's. */
  ended(id: string, failed: boolean): void {
    const load = this.#of(id);
    load.busy--;
    load.done += 1 / load.weight;
    if (!failed) {
      load.failures = 0;
      return;
    }
    load.failures++;
    load.restUntil = this.#clock.now() + Math.min(FIRST_REST * 2 ** (load.failures - 1), LONGEST_REST);
  }

  /** Gateways that can take something now, the one that did least for its weight first, each with its free places. */
  free(): { id: string; places: number }[] {
    const now = this.#clock.now();
    return [...this.#gateways.values()]
      .filter((load) => load.up && load.restUntil <= now && load.busy < load.capacity)
      .sort((a, b) => a.busy / a.weight - b.busy / b.weight || a.done - b.done)
      .map((load) => ({ id: load.id, places: load.capacity - load.busy }));
  }

  /** When the next rest ends; undefined where none is running. */
  restEnds(): number | undefined {
    const now = this.#clock.now();
    const ends = [...this.#gateways.values()].map((load) => load.restUntil).filter((end) => end > now);
    return ends.length === 0 ? undefined : Math.min(...ends);
  }

  #of(id: string): GatewayLoad {
    const load = this.#gateways.get(id);
    if (load === undefined) throw new Error(`no gateway "${id}"`);
    return load;
  }
}

const FIRST_REST = 1000;
const LONGEST_REST = 60_000;

interface GatewayLoad {
  readonly id: string;
  readonly weight: number;
  readonly capacity: number;
  busy: number;
  /** Messages done, divided by the weight. */
  done: number;
  /** In a row. */
  failures: number;
  restUntil: number;
  up: boolean;
}
