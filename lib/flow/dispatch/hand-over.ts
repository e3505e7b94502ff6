import type { Clock } from '../../base/clock.ts';
import { Fault, asFault, messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Transport } from '../../routing/transport.ts';
import type { Lease } from '../../store/lease.ts';
import type { Outgoing, SentPart } from '../../store/outgoing.ts';
import type { OutgoingMessage } from '../../store/records.ts';
import { faultRecord } from '../effects/fault-record.ts';
import { contentNow, waitingSegments } from '../outgoing/content.ts';
import type { Setbacks } from './setback.ts';

/**
 * A message given to a gateway, part by part.
 *
 * Promises: a part is noted as sent before the gateway is given the next one; the lease is kept for as long as the gateway works
 * on it; `give` never rejects, and says whether all parts went out, the gateway or the message failed, or somebody else
 * holds the message by now: that one goes on with it, and it is nobody's fault.
 */
export class HandOver {
  readonly #reports: ReadonlySet<string>;
  readonly #deps: HandOverDeps;

  constructor(settings: { readonly reports: ReadonlySet<string> }, deps: HandOverDeps) {
    this.#reports = settings.reports;
    this.#deps = deps;
  }

  /** Gives the gateway all parts that wait. Nothing of how it ended is kept yet: that is `settle` and `fail`. */
  async give(hand: Hand): Promise<Given> {
    const sent: Sent = { unnoted: [], whole: false, count: 0, lost: false };
    const stopRenewal = this.#renew(hand.message.id, hand.holder);
    try {
      await this.#send(hand, sent);
      return { outcome: 'sent', ...sent };
    } catch (error) {
      return { outcome: sent.lost ? 'lost' : 'failed', fault: asFault(error), ...sent };
    } finally {
      stopRenewal();
    }
  }

  /** Keeps that all parts went out. */
  async settle({ gateway, holder, message }: Hand, { unnoted }: Given): Promise<void> {
    const { store, log } = this.#deps;
    if (holder.lease === undefined || !(await store.settle(holder.lease, unnoted))) {
      log.error({ message: message.id }, 'sent, but somebody else holds the message by now');
      return;
    }
    for (const part of unnoted) this.#tellPart(message.id, gateway, part);
  }

  /** Keeps that it failed, and what is to become of the message. */
  async fail(hand: Hand, given: NotSent): Promise<void> {
    const { store, clock, log, setbacks } = this.#deps;
    const { gateway, holder, message } = hand;
    const { fault, whole, unnoted } = given;
    // A gateway may fail before the message is ours.
    await holder.cleared?.catch(() => undefined);
    const { lease, withdrawn } = holder;
    if (lease === undefined) return;
    const fields = { message: message.id, gateway, error: fault.message };
    if (withdrawn === true) {
      log.debug(fields, 'taken back before it was handed over');
      await store.defer(lease, { until: clock.now(), fault: faultRecord(fault), attempted: false });
    } else if (whole) {
      // Everything went out, and only the gateway's goodbye failed.
      log.warn(fields, 'all parts were sent, then the gateway failed');
      await this.settle(hand, given);
    } else {
      // It went out and the store did not take it. Unless it does now, its outcome is unknown, as after a crash.
      for (const part of unnoted) {
        if (!(await store.progress(lease, part))) return;
        this.#tellPart(message.id, gateway, part);
      }
      await setbacks.failed(lease, message, fault, fields);
    }
  }

  async #send({ gateway, holder, message, more }: Hand, sent: Sent): Promise<void> {
    const { store, transports, clock, look } = this.#deps;
    const transport = transports.get(gateway);
    if (transport === undefined) throw new Fault('gateway.down', { detail: `no gateway "${gateway}"` });
    const segments = waitingSegments(message);
    const { id, number, account, expires } = message;
    const statusReport = message.options.statusReport === true || this.#reports.has(gateway);
    const options = { ...message.options, statusReport };
    let { cleared } = holder;
    if (cleared !== undefined && transport.awaitsClearance !== true) {
      await cleared;
      cleared = undefined;
    }
    // One turn later than the gateway's own: the message goes first.
    const ours = (cleared ?? Promise.resolve()).then(() => undefined);
    void ours.then(() => look(gateway)).catch(() => undefined);
    await transport.send(
      {
        ...{ messageId: id, number, account, content: contentNow(message), options, segments, expires, more },
        ...(cleared === undefined ? {} : { cleared }),
      },
      async (given) => {
        const part: SentPart = { ...given, at: clock.now() };
        sent.unnoted.push(part);
        sent.count++;
        sent.whole = sent.count === segments.length;
        // The last one is noted together with the end of the message.
        if (sent.whole) return;
        if (holder.lease === undefined || !(await store.progress(holder.lease, part))) {
          sent.lost = true;
          throw new LostRace('somebody else holds the message by now');
        }
        sent.unnoted.pop();
        this.#tellPart(id, gateway, part);
      },
    );
    const left = segments.length - sent.count;
    if (left > 0) throw new Fault('internal', { detail: `${left} parts were not accounted for` });
  }

  /** Said once it is kept: what the log tells is true even when the process dies right after. */
  #tellPart(message: string, gateway: string, { sequence, reference }: SentPart): void {
    this.#deps.log.info({ message, gateway, part: sequence, reference }, 'part sent');
  }

  /** Keeps the lease while the gateway works on it, however long that takes. */
  #renew(message: string, holder: Holder): () => void {
    const { store, clock, log } = this.#deps;
    let cancel: () => void;
    const arm = (): void => {
      cancel = clock.after(LEASE_MS / 3, () => {
        if (holder.lease !== undefined) {
          store.renew(holder.lease, clock.now() + LEASE_MS).catch((error: unknown) => {
            log.error({ message, error: messageOf(error) }, 'the lease could not be renewed');
          });
        }
        arm();
      });
    };
    arm();
    return () => cancel();
  }
}

export interface HandOverDeps {
  readonly store: Pick<Outgoing, 'progress' | 'settle' | 'defer' | 'renew'>;
  readonly transports: ReadonlyMap<string, Transport>;
  readonly setbacks: Setbacks;
  /** Looks for the gateway's next message while this one is under way. */
  readonly look: (gateway: string) => Promise<void> | void;
  readonly clock: Clock;
  readonly log: Log;
}

/** How long a message is held without a word to the store. */
export const LEASE_MS = 120_000;

/** A message on its way to a gateway. */
export interface Hand {
  readonly gateway: string;
  readonly holder: Holder;
  readonly message: OutgoingMessage;
  /** More messages wait for this gateway. */
  readonly more: boolean;
}

/** Who holds the message: we, as soon as `cleared` has resolved. */
export interface Holder {
  lease: Lease | undefined;
  /** Resolves when the message is ours; rejects with LostRace where it is not to be had after all. Absent: it is. */
  readonly cleared?: Promise<void>;
  /** Set when `cleared` has rejected. */
  withdrawn?: boolean;
}

/** How it ended. `lost`: another process holds the message. */
export type Given = ({ readonly outcome: 'sent' } & Taken) | NotSent;

export type NotSent = { readonly outcome: 'failed' | 'lost'; readonly fault: Fault } & Taken;

/** What the gateway took of a message. */
interface Taken {
  /** Not known to the store yet. */
  readonly unnoted: readonly SentPart[];
  /** Nothing is left to be sent. */
  readonly whole: boolean;
  /** Parts. */
  readonly count: number;
}

interface Sent {
  readonly unnoted: SentPart[];
  whole: boolean;
  count: number;
  lost: boolean;
}

/** Somebody else took the message first. An ordinary thing where several take work from one store. */
export class LostRace extends Error {
  override readonly name = 'LostRace';
}
