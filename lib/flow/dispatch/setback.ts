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
import { laneFor } from '../../routing/lanes.ts';
import type { Transport } from '../../routing/transport.ts';

/** What to do with a message of which nobody knows whether a part of it went out. */
export type UnknownPolicy = 'resend' | 'fail' | 'ask';

export interface SetbackSettings {
  readonly retryMs: readonly number[];
  readonly unknown: UnknownPolicy;
}

/** Whether a gateway rests after this: one that was cut off while it sent may be cut off again. */
export function restsGateway({ code }: Fault): boolean {
  return code === 'gateway.down' || code === 'gateway.busy' || code === 'gateway.unknown';
}

/** The gateway to which a part of the message is being handed. */
export function handedTo({ parts }: OutgoingMessage): { readonly gateway?: string } {
  const gateway = parts.find(({ state }) => state === 'handing')?.gateway;
  return gateway === undefined ? {} : { gateway };
}

/** What becomes of a message that could not be handed over: it waits, is held, or is given up and reported. */
export class Setbacks {
  readonly #settings: SetbackSettings;
  readonly #deps: SetbackDeps;

  constructor(settings: SetbackSettings, deps: SetbackDeps) {
    this.#settings = settings;
    this.#deps = deps;
  }

  async failed(lease: Lease, message: OutgoingMessage, fault: Fault, fields: HandOver): Promise<void> {
    const { store, clock, log } = this.#deps;
    if (fault.code === 'gateway.unknown') return this.unknown(lease, message, fault, fields);
    if (!fault.temporary) return this.giveUp(lease, message, 'failed', fault);
    const atFault = fault.code === 'gateway.down' || fault.code === 'gateway.busy';
    const pause = atFault ? 0 : Math.max(backoff(this.#settings.retryMs, message.attempts), fault.afterMs);
    log.warn(
      fields,
      atFault ? 'the gateway failed; the message waits' : `tried again in ${printDuration(pause)}`,
    );
    await store.defer(lease, { until: clock.now() + pause, fault: faultRecord(fault), attempted: !atFault });
  }

  /**
   * Nobody knows whether a part went out. A gateway that knows it again is given it once more, that gateway and no other;
   * elsewhere the operator's policy decides.
   */
  async unknown(lease: Lease, message: OutgoingMessage, fault: Fault, fields: HandOver): Promise<void> {
    const { store, clock, log, transports } = this.#deps;
    const { gateway } = fields;
    if (gateway !== undefined && transports.get(gateway)?.resendSafe === true) {
      const pause = backoff(this.#settings.retryMs, message.attempts);
      log.warn(
        fields,
        `outcome unknown: sent again in ${printDuration(pause)}, which the gateway recognises`,
      );
      const lane = laneFor(message.number, gateway, []) ?? message.lane;
      await store.defer(lease, { until: clock.now() + pause, fault: faultRecord(fault), lane });
      return;
    }
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

interface SetbackDeps {
  readonly store: Outgoing;
  readonly reports: Reports;
  readonly clock: Clock;
  readonly log: Log;
  readonly transports: ReadonlyMap<string, Transport>;
}

/** A hand-over, as the log names it. */
type HandOver = LogFields & { readonly gateway?: string };
