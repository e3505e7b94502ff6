/**
 * When a modem is given up and opened anew: after more than two failed checks, or three failed sends, in a row in
 * which no answer was read. An answer, ERROR too, shows that somebody listens, and starts the count again.
 */
export class Recovery {
  #checks = 0;
  #sends = 0;

  /** Some answer was read. */
  answered(what: 'check' | 'send'): void {
    if (what === 'check') this.#checks = 0;
    else this.#sends = 0;
  }

  /** None was. Returns the reason to open the modem anew, where there is one now. */
  silent(what: 'check' | 'send'): string | undefined {
    if (what === 'check') this.#checks++;
    else this.#sends++;
    if (this.#checks > 2) return `the modem did not answer ${this.#checks} checks in a row`;
    if (this.#sends >= 3) return `the modem did not answer ${this.#sends} sends in a row`;
    return undefined;
  }
}

/** How long to wait before attempt `attempt` (1, 2, ...) to bring a modem back: 1 s (the reference's), doubling, at most `max`. */
export function retryDelay(attempt: number, max: number): number {
  return Math.min(max, 1000 * 2 ** Math.min(Math.max(attempt - 1, 0), 20));
}

/** No modem is ready again sooner after it has lost its power, in ms. */
export const FASTEST_RESTART = 1000;
