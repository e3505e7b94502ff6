import type { Clock } from '../../base/clock.ts';
import type { Fault } from '../../base/errors.ts';
import type { Log, LogFields } from '../../base/log.ts';
import { printDuration } from '../../base/units.ts';
import type { Lease } from '../../store/lease.ts';
import type { Outgoing } from '../../store/outgoing.ts';
import type { OutgoingMessage } from '../../store/records.ts';
import { backoff } from '../effects/backoff.ts';
import { faultRecord } from '../effects/fault-record.ts';
import type { Reports } from '../effects/reports.ts';

/** What to do with a message of which nobody knows whether a part of it went out. */
export type UnknownPolicy = 'resend' | 'fail' | 'ask';

export interface SetbackSettings {
  readonly retryMs: readonly number[];
  readonly unknown: UnknownPolicy;
}

/** What becomes of a message that could not be handed over: it waits, is held, or is given up and reported. */
export class Setbacks {
  readonly #settings: SetbackSettings;
  readonly #deps: { store: Outgoing; reports: Reports; clock: Clock; log: Log };

  constructor(
    settings: SetbackSettings,
    deps: { store: Outgoing; reports: Reports; clock: Clock; log: Log },
  ) {
    this.#settings = settings;
    this.#deps = deps;
  }

  /** `fields` go to the log. */
  async failed(lease: Lease, message: OutgoingMessage, fault: Fault, fields: LogFields): Promise<void> {
    const { store, clock, log } = this.#deps;
    if (fault.code === 'gateway.unknown') return this.unknown(lease, message, fault, fields);
    if (!fault.temporary) return this.giveUp(lease, message, 'failed', fault);
    const atFault = fault.code === 'gateway.down' || fault.code === 'gateway.busy';
    const pause = atFault ? 0 : backoff(this.#settings.retryMs, message.attempts);
    log.warn(
      fields,
      atFault ? 'the gateway failed; the message waits' : `tried again in ${printDuration(pause)}`,
    );
    await store.defer(lease, { until: clock.now() + pause, fault: faultRecord(fault), attempted: !atFault });
  }

  /** Nobody knows whether a part went out: the operator's policy decides. */
  async unknown(lease: Lease, message: OutgoingMessage, fault: Fault, fields: LogFields): Promise<void> {
    const { store, clock, log } = this.#deps;
    switch (this.#settings.unknown) {
      case 'resend': {
        const pause = backoff(this.#settings.retryMs, message.attempts);
        log.warn(
          fields,
          `outcome unknown: sent again in ${printDuration(pause)}, which may make a duplicate`,
        );
        await store.defer(lease, { until: clock.now() + pause, fault: faultRecord(fault) });
        return;
      }
      case 'fail':
        log.warn(fields, 'outcome unknown: given up, as the policy says');
        return this.giveUp(lease, message, 'failed', fault);
      case 'ask':
        log.warn(fields, 'outcome unknown: held until the operator decides (mailsms queue retry|rm)');
        await store.hold(lease, faultRecord(fault));
    }
  }

  async giveUp(
    lease: Lease,
    message: OutgoingMessage,
    state: 'failed' | 'expired',
    fault: Fault,
  ): Promise<void> {
    const { store, clock, log, reports } = this.#deps;
    log.error({ message: message.id, number: message.number, error: fault.message }, state);
    const record = faultRecord(fault);
    const effects = reports.make(message, 'failed', record);
    await store.fail(lease, { state, fault: record, at: clock.now(), effects });
  }
}
