import type { Clock } from './clock.ts';

/**
 * At most so many within any stretch of `windowMs`, for each key.
 *
 * Kept in memory and bounded: when there are too many keys the one that was used longest ago is forgotten.
 */
export class RateLimit {
  readonly #count: number;
  readonly #windowMs: number;
  readonly #clock: Clock;
  /** When each of the last `count` was taken, oldest first. */
  readonly #taken = new Map<string, number[]>();

  /** @param count 0: no limit */
  constructor(count: number, windowMs: number, clock: Clock) {
    this.#count = count;
    this.#windowMs = windowMs;
    this.#clock = clock;
  }

  /** Takes one; false where that would be one too many. */
  take(key: string): boolean {
    if (this.#count === 0) return true;
    const times = this.#recent(key);
    const free = times.length < this.#count;
    if (free) times.push(this.#clock.now());
    this.#taken.delete(key);
    this.#taken.set(key, times);
    if (this.#taken.size > MOST_KEYS) this.#taken.delete(this.#taken.keys().next().value ?? '');
    return free;
  }

  /** What `take` would answer; counts nothing. */
  allows(key: string): boolean {
    return this.#count === 0 || this.#recent(key).length < this.#count;
  }

  #recent(key: string): number[] {
    const since = this.#clock.now() - this.#windowMs;
    return (this.#taken.get(key) ?? []).filter((at) => at > since);
  }
}

/**
 * At most so many different members within any stretch of `windowMs`, for each key. A member that is counted already may
 * come as often as it likes. Bounded as RateLimit is.
 */
export class DistinctLimit {
  readonly #count: number;
  readonly #windowMs: number;
  readonly #clock: Clock;
  /** Members of each key and when they came last. */
  readonly #members = new Map<string, Map<string, number>>();

  /** @param count 0: no limit */
  constructor(count: number, windowMs: number, clock: Clock) {
    this.#count = count;
    this.#windowMs = windowMs;
    this.#clock = clock;
  }

  /** Counts the member; false where it would be one too many. */
  take(key: string, member: string): boolean {
    if (this.#count === 0) return true;
    const members = this.#recent(key);
    const free = members.has(member) || members.size < this.#count;
    if (free) members.set(member, this.#clock.now());
    this.#members.delete(key);
    this.#members.set(key, members);
    if (this.#members.size > MOST_KEYS) this.#members.delete(this.#members.keys().next().value ?? '');
    return free;
  }

  /** What `take` would answer; counts nothing. */
  allows(key: string, member: string): boolean {
    if (this.#count === 0) return true;
    const members = this.#recent(key);
    return members.has(member) || members.size < this.#count;
  }

  #recent(key: string): Map<string, number> {
    const since = this.#clock.now() - this.#windowMs;
    return new Map([...(this.#members.get(key) ?? [])].filter(([, at]) => at > since));
  }
}

const MOST_KEYS = 10_000;
