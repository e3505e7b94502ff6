import type { Clock } from '../../base/clock.ts';
import type { Service } from '../../base/lifecycle.ts';
import type { Log } from '../../base/log.ts';
import type { Outgoing } from '../../store/outgoing.ts';
import { Pump } from '../../base/pump.ts';
import type { Reports } from '../effects/reports.ts';

/**
 * Messages whose sender wants to know that they arrived, and of which the network says nothing, or speaks of some parts only:
 * after a while the sender is told that much, once (`relayed`, RFC 3461 5.2.4). Without it NOTIFY=SUCCESS could end in silence, and
 * silence would mean everything.
 */
export class Unconfirmed implements Service {
  readonly name = 'unconfirmed';
  readonly #waitMs: number;
  readonly #store: Outgoing;
  readonly #reports: Reports;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #pump: Pump;

  /** @param settings.keepMs how long settled messages are kept: the sender is told before they are forgotten. */
  constructor(
    settings: { readonly keepMs: number },
    deps: { store: Outgoing; reports: Reports; clock: Clock; log: Log },
  ) {
    this.#waitMs = Math.min(WAIT_MS, settings.keepMs / 2);
    this.#store = deps.store;
    this.#reports = deps.reports;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#pump = new Pump(() => this.#work(), deps);
  }

  async start(): Promise<void> {
    this.#pump.start();
  }

  async stop(): Promise<void> {
    await this.#pump.stop();
  }

  async #work(): Promise<number> {
    const now = this.#clock.now();
    const count = await this.#store.unconfirmed(now - this.#waitMs, BATCH, (message) =>
      this.#reports.make(message, 'relayed', undefined),
    );
    if (count > 0) this.#log.info({ count }, 'the wait for status reports of these messages is over');
    return now + (count < BATCH ? Math.min(EVERY_MS, this.#waitMs) : PAUSE_MS);
  }
}

/** Networks try for three days as a rule. */
const WAIT_MS = 4 * 86_400_000;
const BATCH = 100;
const PAUSE_MS = 50;
const EVERY_MS = 3_600_000;
