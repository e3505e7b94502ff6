import { type Clock, within } from './clock.ts';
import { messageOf } from './errors.ts';
import type { Log } from './log.ts';

/** Something that is started, and stopped again. */
export interface Service {
  readonly name: string;
  start(): Promise<void>;
  /** Finishes what is under way, takes nothing new, closes. Must end by itself. */
  stop(): Promise<void>;
}

/**
 * Starts services in the order given and stops them in reverse. A start that fails stops those already started and
 * rejects with the failure. A service that does not stop in `graceMs` is left behind, with a word in the log.
 */
export class Lifecycle {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #graceMs: number;
  readonly #started: Service[] = [];

  constructor(deps: { clock: Clock; log: Log; graceMs: number }) {
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#graceMs = deps.graceMs;
  }

  async start(services: readonly Service[]): Promise<void> {
    for (const service of services) {
      try {
        await service.start();
        this.#started.push(service);
      } catch (error) {
        await this.stop();
        throw error;
      }
    }
  }

  async stop(): Promise<void> {
    for (let service = this.#started.pop(); service !== undefined; service = this.#started.pop()) {
      const { name } = service;
      const late = (): Error => new Error(`did not stop within ${this.#graceMs} ms`);
      try {
        await within(this.#clock, this.#graceMs, service.stop(), late);
      } catch (error) {
        this.#log.error({ service: name, error: messageOf(error) }, 'service did not stop cleanly');
      }
    }
  }
}
