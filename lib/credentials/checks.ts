import { type Clock, within } from '../base/clock.ts';
import { Fault, messageOf } from '../base/errors.ts';

/** What a backend needs of the world. */
export interface CheckDeps {
  readonly clock: Clock;
}

/** Checks under way at one backend at once. More than that are refused: whoever asks tries again later. */
const MOST_AT_ONCE = 100;

/** `auth.unavailable`, with which backend and why for the log. `detail` never holds a password. */
export function unavailable(name: string, detail: string, cause?: unknown): Fault {
  return new Fault('auth.unavailable', { detail: `${name}: ${detail}`, cause });
}

/**
 * The checks of one backend: each ends within the time-out, and what is thrown is `auth.unavailable`. The signal is
 * aborted when a check is over, however it ended, and when the backend is closed: what a check opened hangs on it.
 */
export class Checks {
  readonly #name: string;
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  readonly #running = new Set<AbortController>();
  #closed = false;

  constructor(name: string, timeoutMs: number, { clock }: CheckDeps) {
    this.#name = name;
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
  }

  async run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#closed) throw unavailable(this.#name, 'closed');
    if (this.#running.size >= MOST_AT_ONCE) {
      throw unavailable(this.#name, `${MOST_AT_ONCE} checks are under way`);
    }
    const controller = new AbortController();
    this.#running.add(controller);
    const late = (): Error => unavailable(this.#name, `no answer within ${this.#timeoutMs} ms`);
    try {
      return await within(this.#clock, this.#timeoutMs, work(controller.signal), late);
    } catch (error) {
      throw error instanceof Fault ? error : unavailable(this.#name, messageOf(error), error);
    } finally {
      controller.abort();
      this.#running.delete(controller);
    }
  }

  /** Ends what is under way as unavailable, and takes nothing new. */
  close(): void {
    this.#closed = true;
    for (const controller of this.#running) controller.abort();
  }
}
