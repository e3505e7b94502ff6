import type { Clock } from './clock.ts';
import { messageOf } from './errors.ts';
import type { Log } from './log.ts';

/**
 * A pump runs `work` when it is woken, never twice at once, and once more when it was woken meanwhile. `work` says when
 * it wants to run again by itself (milliseconds since 1970). There is no polling: an idle pump has one timer or none.
 *
 * When `work` throws (the store is down), it runs again after a pause that doubles up to half a minute.
 */
export class Pump {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #work: () => Promise<number | undefined>;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = true;
  #failures = 0;
  #cancel: (() => void) | undefined;

  constructor(work: () => Promise<number | undefined>, deps: { clock: Clock; log: Log }) {
    this.#work = work;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  start(): void {
    this.#stopped = false;
    this.wake();
  }

  wake(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#again) this.wake();
    });
  }

  /** Runs no more; resolves when the run under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      this.#cancel?.();
      try {
        const next = await this.#work();
        this.#failures = 0;
        if (next !== undefined) this.#wakeAt(next);
      } catch (error) {
        this.#failures++;
        this.#log.error({ error: messageOf(error) }, 'work was interrupted and will be taken up again');
        this.#wakeAt(this.#clock.now() + Math.min(100 * 2 ** this.#failures, 30_000));
      }
    }
  }

  #wakeAt(time: number): void {
    if (this.#stopped) return;
    this.#cancel = this.#clock.after(Math.max(time - this.#clock.now(), 1), () => this.wake());
  }
}
