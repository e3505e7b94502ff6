import { Fault } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Balance } from '../../routing/balance.ts';
import { serves } from '../../routing/lanes.ts';
import type { Archive } from '../../store/archive.ts';
import type { Leased, LeaseRequest, Outgoing } from '../../store/outgoing.ts';
import type { FaultRecord, OutgoingMessage } from '../../store/records.ts';
import { faultRecord } from '../effects/fault-record.ts';
import { waitingParts } from '../outgoing/content.ts';

/** Under a cap, so many messages that are too large for the day are looked past. */
const LOOK_PAST = 50;

/** What dispatch does about gateways that may not be given everything (routing/quota.ts). */
export class Quotas {
  readonly #deps: QuotasDeps;
  /** Gateways of which it was said that they have had what they may be given. */
  readonly #told = new Set<string>();

  constructor(deps: QuotasDeps) {
    this.#deps = deps;
  }

  /** Learns what each gateway with a cap has sent today, whoever sent it and in whichever life of this process. */
  async count(): Promise<void> {
    const capped = this.#deps.balance.capped;
    if (capped.size === 0) return;
    const tallies = await this.#deps.store.tallies();
    for (const [id, quota] of capped) quota.known(tallies.get(id)?.sent ?? 0);
  }

  /** Takes messages that have room under the gateway's cap. One that is too large for the day is left to others. */
  async lease(request: LeaseRequest, inFlight: ReadonlyMap<string, unknown>): Promise<Leased[]> {
    const { store, balance } = this.#deps;
    const { gateway, lanes, limit } = request;
    const seen = await store.peek({ lanes, limit: limit + LOOK_PAST, skip: new Set(inFlight.keys()) });
    const taken: Leased[] = [];
    let parts = 0;
    for (const { id, lane, ...message } of seen) {
      const more = waitingParts(message.parts);
      if (taken.length === limit) break;
      if (!balance.admits(gateway, parts + more)) continue;
      const leased = await store.lease({ ...request, lanes: [lane], limit: 1, only: id });
      if (leased.length > 0) parts += more;
      taken.push(...leased);
    }
    return taken;
  }

  /** Writes to the log, once each time, that a gateway has had what it may be given. */
  tell(): void {
    const { balance, transports, log } = this.#deps;
    for (const gateway of transports.keys()) {
      const reason = balance.held(gateway);
      if (reason !== undefined && !this.#told.has(gateway)) log.info({ gateway }, `the gateway ${reason}`);
      if (reason === undefined) this.#told.delete(gateway);
      else this.#told.add(gateway);
    }
  }

  /** Why gateways that might take the message are not given it, though nothing is wrong with them. */
  why({ lane, parts }: OutgoingMessage): FaultRecord | undefined {
    const { balance, transports } = this.#deps;
    const reasons = [...transports.keys()].flatMap((id) => {
      const reason = serves(id, lane) ? balance.held(id, waitingParts(parts)) : undefined;
      return reason === undefined ? [] : [`gateway ${id} ${reason}`];
    });
    return reasons.length === 0
      ? undefined
      : faultRecord(new Fault('gateway.none', { told: reasons.join('; ') }));
  }
}

export interface QuotasDeps {
  readonly store: Pick<Outgoing, 'lease' | 'peek'> & Pick<Archive, 'tallies'>;
  readonly balance: Balance;
  readonly transports: ReadonlyMap<string, unknown>;
  readonly log: Log;
}
