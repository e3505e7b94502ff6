import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';

/**
 * Says in the log that a modem is out, for as long as it is: at once, and after pauses that grow to an hour, each cause by itself. An absent
 * modem is looked for every few seconds, and that would fill the log.
 */
export class Outage {
  readonly #tools: OutageTools;
  /** What was said, when it is said again, and the pause after that. */
  readonly #told = new Map<string, { again: number; pause: number }>();

  constructor(tools: OutageTools) {
    this.#tools = tools;
  }

  /** An attempt has failed; the next one follows after `retryMs`. */
  tell(cause: string, retryMs: number): void {
    const { clock, log } = this.#tools;
    const now = clock.now();
    const last = this.#told.get(cause);
    const what = 'the modem is out; it is opened again';
    if (last !== undefined && now < last.again) return log.debug({ cause, retryMs }, what);
    const pause = last === undefined ? FIRST_PAUSE : Math.min(last.pause * 2, LONGEST_PAUSE);
    if (this.#told.size >= MOST_CAUSES) this.#told.clear();
    this.#told.set(cause, { again: now + pause, pause });
    log.warn({ cause, retryMs }, what);
  }

  /** The modem was there again: the next outage is news. */
  end(): void {
    this.#told.clear();
  }
}

export interface OutageTools {
  readonly clock: Clock;
  readonly log: Log;
}

const FIRST_PAUSE = 60_000;
const LONGEST_PAUSE = 3_600_000;
const MOST_CAUSES = 10;
