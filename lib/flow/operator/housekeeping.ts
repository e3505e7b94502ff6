import type { Clock } from '../../base/clock.ts';
import type { Service } from '../../base/lifecycle.ts';
import type { Log } from '../../base/log.ts';
import type { Agenda } from '../../store/agenda.ts';
import type { Archive } from '../../store/archive.ts';
import { Pump } from '../../base/pump.ts';

/** Forgets what was settled long ago, a batch at a time so that nothing else waits, and says what was set aside as unreadable. */
export class Housekeeping implements Service {
  readonly name = 'housekeeping';
  readonly #keepMs: number;
  readonly #store: Archive & Agenda;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #pump: Pump;
  #unwatch: (() => void) | undefined;

  constructor(
    settings: { readonly keepMs: number },
    deps: { store: Archive & Agenda; clock: Clock; log: Log },
  ) {
    this.#keepMs = settings.keepMs;
    this.#store = deps.store;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#pump = new Pump(() => this.#work(), deps);
  }

  async start(): Promise<void> {
    this.#unwatch = this.#store.watch({
      quarantined: ({ id, table, key, reason }) =>
        this.#log.error({ record: id, table, key, reason }, 'a record could not be read and was set aside'),
    });
    this.#pump.start();
  }

  async stop(): Promise<void> {
    this.#unwatch?.();
    await this.#pump.stop();
  }

  async #work(): Promise<number> {
    const now = this.#clock.now();
    const forgotten = await this.#store.purge(now - this.#keepMs, BATCH);
    return now + (forgotten < BATCH ? EVERY_MS : PAUSE_MS);
  }
}

const BATCH = 500;
const PAUSE_MS = 50;
const EVERY_MS = 3_600_000;
