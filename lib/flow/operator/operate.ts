import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type {
  Archive,
  IncomingPage,
  IncomingQuery,
  ListQuery,
  Page,
  StoreStats,
  Tally,
} from '../../store/archive.ts';
import type { EffectPage, EffectQuery, Effects, ListedEffect } from '../../store/effects.ts';
import type { IncomingMessage, OutgoingMessage } from '../../store/records.ts';
import { faultRecord } from '../effects/fault-record.ts';
import type { Reports } from '../effects/reports.ts';

/**
 * What an operator does with messages: look, try again, cancel (the sender is told), remove (nobody is); and with the mail
 * queue: look, try again, remove.
 */
export class Operate {
  readonly #store: Archive & Effects;
  readonly #reports: Reports;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor(deps: { store: Archive & Effects; reports: Reports; clock: Clock; log: Log }) {
    this.#store = deps.store;
    this.#reports = deps.reports;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  list(query: ListQuery): Promise<Page> {
    return this.#store.list(query);
  }

  find(id: string): Promise<OutgoingMessage | undefined> {
    return this.#store.find(id);
  }

  findIncoming(id: string): Promise<IncomingMessage | undefined> {
    return this.#store.findIncoming(id);
  }

  listIncoming(query: IncomingQuery): Promise<IncomingPage> {
    return this.#store.listIncoming(query);
  }

  stats(): Promise<StoreStats> {
    return this.#store.stats();
  }

  /** By gateway: what it sent and failed today. */
  tallies(): Promise<ReadonlyMap<string, Tally>> {
    return this.#store.tallies();
  }

  async amend(
    id: string,
    kind: 'retry' | 'cancel' | 'remove',
  ): Promise<'done' | 'absent' | 'busy' | 'refused'> {
    const at = this.#clock.now();
    const outcome = await this.#store.amend(
      id,
      kind === 'cancel' ? { kind, at, effects: await this.#cancelled(id) } : { kind, at },
    );
    if (outcome === 'done') this.#log.info({ message: id }, `${kind} by the operator`);
    return outcome;
  }

  listEffects(query: EffectQuery): Promise<EffectPage> {
    return this.#store.listEffects(query);
  }

  findEffect(id: string): Promise<ListedEffect | undefined> {
    return this.#store.findEffect(id);
  }

  async amendEffect(id: string, kind: 'retry' | 'remove'): Promise<'done' | 'absent' | 'busy'> {
    const outcome = await this.#store.amendEffect(
      id,
      kind === 'retry' ? { kind, at: this.#clock.now() } : { kind },
    );
    if (outcome === 'done') this.#log.info({ effect: id }, `${kind} by the operator`);
    return outcome;
  }

  async #cancelled(id: string) {
    const message = await this.#store.find(id);
    if (message === undefined) return [];
    const fault = faultRecord(new Fault('message.cancelled', { told: 'the operator cancelled the message' }));
    return this.#reports.make(message, 'failed', fault);
  }
}
