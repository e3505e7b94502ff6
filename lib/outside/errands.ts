import type { Clock } from '../base/clock.ts';
import { Fault } from '../base/errors.ts';
import { printDuration } from '../base/units.ts';

/**
 * Runs what goes outside: so many at once, each with an end.
 *
 * Promises: work gets a signal that is aborted when its time is up or when we stop, with the Fault to throw as its reason. The
 * time counts from the asking, so waiting for a turn is within it. What waits and is aborted is never begun.
 */
export interface ErrandSettings {
  /** At once. */
  readonly concurrency: number;
  /** How many may wait for their turn. */
  readonly waiting: number;
}

export class Errands {
  readonly #settings: ErrandSettings;
  readonly #clock: Clock;
  readonly #queue = new Set<() => void>();
  readonly #active = new Map<Promise<unknown>, AbortController>();
  #stopped = false;

  constructor(settings: ErrandSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /** Rejects with what the work throws, or with `effect.down`: too many wait, the time is up, we stop. */
  async run<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#stopped) throw closing();
    const controller = new AbortController();
    const cancel = this.#clock.after(ms, () => {
      const detail = `not done within its time limit of ${printDuration(ms)}`;
      controller.abort(new Fault('effect.down', { detail }));
    });
    const errand = this.#take(controller.signal, work);
    this.#active.set(errand, controller);
    try {
      return await errand;
    } finally {
      cancel();
      this.#active.delete(errand);
    }
  }

  /** Takes nothing new, aborts what is under way, and resolves when all of it has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const controller of this.#active.values()) controller.abort(closing());
    await Promise.allSettled(this.#active.keys());
  }

  #busy = 0;

  async #take<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#busy >= this.#settings.concurrency) await this.#turn(signal);
    else this.#busy++;
    try {
      return await work(signal);
    } finally {
      this.#pass();
    }
  }

  /** Waits until somebody passes their place on. */
  #turn(signal: AbortSignal): Promise<void> {
    if (this.#queue.size >= this.#settings.waiting) {
      const detail = `${this.#busy} are under way and ${this.#queue.size} wait`;
      return Promise.reject(new Fault('effect.down', { detail }));
    }
    return new Promise((resolve, reject) => {
      const next = (): void => {
        signal.removeEventListener('abort', give);
        resolve();
      };
      const give = (): void => {
        this.#queue.delete(next);
        reject(signal.reason as Fault);
      };
      signal.addEventListener('abort', give, { once: true });
      this.#queue.add(next);
    });
  }

  #pass(): void {
    const [next] = this.#queue;
    if (next === undefined) {
      this.#busy--;
    } else {
      this.#queue.delete(next);
      next();
    }
  }
}

function closing(): Fault {
  return new Fault('effect.down', { detail: 'mailsms is shutting down' });
}

/**
 * `promise`, or the signal's reason as soon as it is aborted. What comes after that goes to `late`, so that what was opened can
 * be closed.
 */
export function unless<T>(
  signal: AbortSignal,
  promise: Promise<T>,
  late: (value: T) => void = () => undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let over = false;
    const abort = (): void => {
      over = true;
      reject(signal.reason as Fault);
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    promise.then(
      (value) => {
        signal.removeEventListener('abort', abort);
        if (over) late(value);
        else resolve(value);
      },
      (error: unknown) => {
        signal.removeEventListener('abort', abort);
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}
