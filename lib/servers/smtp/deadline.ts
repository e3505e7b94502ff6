import type { Clock } from '../../base/clock.ts';

/**
 * One time-out that is set anew many times a second. Setting it costs a look at the clock; the timer behind it is
 * only set again when it runs out.
 */
export class Deadline {
  readonly #clock: Clock;
  readonly #expire: () => void;
  #at = Infinity;
  #timerAt = Infinity;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, expire: () => void) {
    this.#clock = clock;
    this.#expire = expire;
  }

  /** Expire `ms` milliseconds from now, whatever was set before. */
  set(ms: number): void {
    const now = this.#clock.now();
    this.#at = now + ms;
    if (this.#at < this.#timerAt) this.#arm(ms, now);
  }

  /** Do not expire, for now. */
  clear(): void {
    this.#at = Infinity;
  }

  /** Do not expire and leave no timer behind. */
  stop(): void {
    this.#at = Infinity;
    this.#timerAt = Infinity;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(ms: number, now: number): void {
    this.#cancel?.();
    this.#timerAt = now + ms;
    this.#cancel = this.#clock.after(ms, () => this.#due());
  }

  #due(): void {
    this.#cancel = undefined;
    this.#timerAt = Infinity;
    if (this.#at === Infinity) return;
    const now = this.#clock.now();
    if (now < this.#at) {
      this.#arm(this.#at - now, now);
      return;
    }
    this.#at = Infinity;
    this.#expire();
  }
}
