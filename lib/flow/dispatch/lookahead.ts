import { messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { serves } from '../../routing/lanes.ts';
import type { Outgoing } from '../../store/outgoing.ts';
import type { OutgoingMessage } from '../../store/records.ts';
import { isWaiting } from '../outgoing/content.ts';

/** What a gateway would be given next. */
export interface Upcoming {
  readonly message: OutgoingMessage;
  /** Others wait behind it. */
  readonly more: boolean;
}

/**
 * A look at what is next for a gateway, taken while it sends, so that nothing has to be read when it is done. It binds
 * nobody: what was seen is looked up again where messages have come since or somebody else took it, and whether
 * it is to be had is decided by the lease.
 */
export class Lookahead {
  readonly #inFlight: ReadonlyMap<string, unknown>;
  readonly #store: Outgoing;
  readonly #log: Log;
  readonly #seen = new Map<
    string,
    { readonly glance: Promise<Upcoming | undefined>; readonly news: number }
  >();
  #news = 0;

  /** `inFlight` holds the ids of messages that are being handed over. */
  constructor(inFlight: ReadonlyMap<string, unknown>, deps: { store: Outgoing; log: Log }) {
    this.#inFlight = inFlight;
    this.#store = deps.store;
    this.#log = deps.log;
  }

  /** Messages have come into lanes: what was seen before need not be what is next. */
  news(): void {
    this.#news++;
  }

  look(gateway: string): void {
    this.#seen.set(gateway, { glance: this.#glance(gateway), news: this.#news });
  }

  /** What the gateway is to be given now. Never rejects. */
  async next(gateway: string): Promise<Upcoming | undefined> {
    const seen = this.#seen.get(gateway);
    this.#seen.delete(gateway);
    const glance = await seen?.glance;
    const holds = glance === undefined || !this.#inFlight.has(glance.message.id);
    return seen?.news === this.#news && holds ? glance : this.#glance(gateway);
  }

  async #glance(gateway: string): Promise<Upcoming | undefined> {
    try {
      const lanes = (await this.#store.lanes()).filter((lane) => serves(gateway, lane));
      if (lanes.length === 0) return undefined;
      const skip = new Set(this.#inFlight.keys());
      const [message, second] = await this.#store.peek({ lanes, limit: 2, skip });
      return message === undefined ? undefined : { message, more: second !== undefined };
    } catch (error) {
      this.#log.warn({ gateway, error: messageOf(error) }, 'what is next could not be looked up');
      return undefined;
    }
  }
}

/** Whether the same parts are to be sent as when it was looked at. */
export function isAsSeen(seen: OutgoingMessage, taken: OutgoingMessage): boolean {
  const sequences = ({ parts }: OutgoingMessage): string =>
    parts
      .filter(isWaiting)
      .map(({ sequence }) => sequence)
      .join();
  return sequences(seen) === sequences(taken);
}
