import type { Clock } from '../../base/clock.ts';
import { Fault, messageOf } from '../../base/errors.ts';
import type { Service } from '../../base/lifecycle.ts';
import type { Log } from '../../base/log.ts';
import type { Balance } from '../../routing/balance.ts';
import { serves } from '../../routing/lanes.ts';
import type { Transport } from '../../routing/transport.ts';
import type { Outgoing } from '../../store/outgoing.ts';
import type { Agenda } from '../../store/agenda.ts';
import type { Archive } from '../../store/archive.ts';
import { type Hand, HandOver, type Holder, LEASE_MS, LostRace } from './hand-over.ts';
import { Lookahead, type Upcoming, isAsSeen } from './lookahead.ts';
import { waitingParts } from '../outgoing/content.ts';
import { Quotas } from './quotas.ts';
import { faultRecord } from '../effects/fault-record.ts';
import { Pump } from '../../base/pump.ts';
import type { Reports } from '../effects/reports.ts';
import { Setbacks, type UnknownPolicy, handedTo, restsGateway } from './setback.ts';

/**
 * Dispatch: hands waiting messages to gateways.
 *
 * Promises: a message is handed over as soon as it is accepted and a gateway that may take it is free; nothing is
 * polled. A gateway holds no more messages than it can send at once, so what a dying gateway takes with it is small and known.
 * Before octets leave, the store knows that they are about to; after each part, it knows that part's reference: when
 * the process dies, parts that went out are not sent again, and the one that was being handed over has an unknown outcome,
 * for which the policy decides.
 *
 * A gateway that has just sent a message is given the next one while that is noted: what it sent and what it is about to be
 * handed are one transaction, and a gateway that can makes ready meanwhile (`cleared` in routing/transport.ts). No octet
 * of the next message leaves before both are kept, so a crash never leaves more than one outcome unknown. What is next is
 * looked up when the gateway has become free, not before: nothing waits for a gateway while another could take it.
 *
 * Failure: a gateway's fault leaves the gateway out for a while and the message goes back without an attempt
 * counted; a message's temporary fault is tried again after a pause, until it expires; a permanent one is reported to the sender.
 */
export interface DispatchSettings {
  readonly retryMs: readonly number[];
  readonly unknown: UnknownPolicy;
  /** Gateways that ask for a status report on every message. */
  readonly reports: ReadonlySet<string>;
}

export interface DispatchDeps {
  readonly store: Outgoing & Agenda & Pick<Archive, 'tallies'>;
  readonly transports: ReadonlyMap<string, Transport>;
  readonly balance: Balance;
  readonly reports: Reports;
  readonly clock: Clock;
  readonly log: Log;
}

/** What is being handed over. The lease comes a moment later where the message follows another; a newer one may replace it. */
const RECOVER_BATCH = 100;

export class Dispatch implements Service {
  readonly name = 'dispatch';
  readonly #deps: DispatchDeps;
  readonly #setbacks: Setbacks;
  readonly #hands: HandOver;
  readonly #pump: Pump;
  readonly #active = new Set<Promise<void>>();
  /** What is being handed over right now, by message. */
  readonly #inFlight = new Map<string, Holder>();
  readonly #lookahead: Lookahead;
  readonly #quotas: Quotas;
  #unwatch: (() => void) | undefined;
  #stopping = false;

  constructor(settings: DispatchSettings, deps: DispatchDeps) {
    this.#deps = deps;
    this.#lookahead = new Lookahead(this.#inFlight, deps);
    this.#setbacks = new Setbacks(settings, deps);
    this.#hands = new HandOver(settings, {
      ...deps,
      setbacks: this.#setbacks,
      look: (gateway) => this.#lookahead.look(gateway),
    });
    this.#quotas = new Quotas(deps);
    this.#pump = new Pump(() => this.#work(), deps);
  }

  async start(): Promise<void> {
    this.#unwatch = this.#deps.store.watch({
      messages: () => {
        this.#lookahead.news();
        this.#pump.wake();
      },
    });
    this.#pump.start();
  }

  /** Takes nothing more and waits for what is being handed over. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#unwatch?.();
    await this.#pump.stop();
    await Promise.all(this.#active);
  }

  /** A gateway's state has changed. */
  wake(): void {
    this.#pump.wake();
  }

  async #work(): Promise<number | undefined> {
    const { store, balance, clock } = this.#deps;
    await this.#recover();
    await this.#overdue();
    await this.#quotas.count();
    const lanes = balance.free().length === 0 ? [] : await store.lanes();
    // One at a time to the gateway that did least, so that a burst is spread; all that is left to the last one.
    for (let free = balance.free(); free.length > 0 && lanes.length > 0; free = balance.free()) {
      let taken = 0;
      for (const { id, places } of free) {
        const served = lanes.filter((lane) => serves(id, lane));
        if (served.length > 0) taken += await this.#take(id, served, free.length === 1 ? places : 1);
      }
      if (taken === 0) break;
    }
    this.#quotas.tell();
    const due = await store.nextDue(clock.now());
    const rest = balance.restEnds();
    return due === undefined || (rest !== undefined && rest < due) ? rest : due;
  }

  async #take(gateway: string, lanes: readonly string[], limit: number): Promise<number> {
    const { store, balance, clock } = this.#deps;
    const now = clock.now();
    const request = { gateway, lanes, limit, now, until: now + LEASE_MS };
    const leased = balance.capped.has(gateway)
      ? await this.#quotas.lease(request, this.#inFlight)
      : await store.lease(request);
    leased.forEach(({ lease, message }, index) => {
      const more = index < leased.length - 1 || leased.length === limit;
      this.#begin({ gateway, holder: { lease }, message, more });
    });
    return leased.length;
  }

  #begin(hand: Hand): void {
    const { balance, log } = this.#deps;
    const { gateway, holder, message } = hand;
    balance.began(gateway, waitingParts(message.parts));
    this.#inFlight.set(message.id, holder);
    const done = this.#handOver(hand)
      .catch((error: unknown) => {
        // The store could not be told. The lease ends by itself, and the message is recovered then.
        const fields = { message: message.id, gateway, error: messageOf(error) };
        log.error(fields, 'the outcome of a hand-over was not kept');
        return false;
      })
      .then((followed) => {
        this.#inFlight.delete(message.id);
        this.#active.delete(done);
        // The pump has its own timers; a gateway that goes on by itself does not need it.
        if (!followed) this.#pump.wake();
      });
    this.#active.add(done);
  }

  /** Whether the gateway was given the next message already. */
  async #handOver(hand: Hand): Promise<boolean> {
    const { balance, log } = this.#deps;
    const { gateway, message } = hand;
    const parts = waitingParts(message.parts);
    const given = await this.#hands.give(hand);
    if (given.outcome !== 'sent') {
      let failed = true;
      try {
        await this.#hands.fail(hand, given);
        failed = given.outcome === 'failed' && restsGateway(given.fault);
      } finally {
        balance.ended(gateway, { parts, sent: given.count, failed });
      }
      return false;
    }
    const next = this.#stopping ? undefined : await this.#lookahead.next(gateway);
    // From here to the call of #follow in one turn: what is asked of the store in one turn is one transaction.
    const settled = this.#hands.settle(hand, given);
    balance.ended(gateway, { parts, sent: given.count, failed: false });
    const followed = next !== undefined && this.#follow(gateway, next, settled);
    await settled;
    log.info({ message: message.id, gateway, number: message.number, parts: message.parts.length }, 'sent');
    return followed;
  }

  /**
   * Hands the gateway its next message while `settled`, the note of the last one, is being kept. False where it is not this
   * gateway's turn, or somebody else was faster: then the pump decides.
   */
  #follow(gateway: string, { message, more }: Upcoming, settled: Promise<void>): boolean {
    const { store, balance, clock } = this.#deps;
    if (this.#stopping || this.#inFlight.has(message.id)) return false;
    const free = balance.free();
    const at = free.findIndex(({ id }) => id === gateway);
    if (at < 0 || !balance.admits(gateway, waitingParts(message.parts))) return false;
    if (free.slice(0, at).some(({ id }) => serves(id, message.lane))) return false;
    const now = clock.now();
    const { id: only, lane } = message;
    const leased = store.lease({ gateway, lanes: [lane], limit: 1, now, until: now + LEASE_MS, only });
    const take = async (): Promise<void> => {
      const [found] = await leased;
      if (found === undefined) throw new LostRace('somebody else was faster');
      holder.lease = found.lease;
      if (!isAsSeen(message, found.message)) throw new LostRace('it has changed');
      // Not before it is known what became of the last one: there shall never be two that nobody knows about.
      await settled;
    };
    const holder: Holder = { lease: undefined, cleared: take() };
    holder.cleared?.catch(() => {
      holder.withdrawn = true;
    });
    this.#begin({ gateway, holder, message, more });
    return true;
  }

  /** Leases that ended without a word: a process died, this one's predecessor or another node's. */
  async #recover(): Promise<void> {
    const { store, clock, log } = this.#deps;
    for (;;) {
      const now = clock.now();
      const found = await store.recover({ now, until: now + LEASE_MS, limit: RECOVER_BATCH });
      for (const { lease, message } of found) {
        const fields = { message: message.id, ...handedTo(message) };
        const holder = this.#inFlight.get(message.id);
        if (holder !== undefined) {
          // This process slept longer than a lease; the gateway still works on it.
          holder.lease = lease;
          continue;
        }
        const fault = new Fault('gateway.unknown', {
          detail: 'the process ended while the message was being handed over',
        });
        if (message.parts.some((part) => part.state === 'handing')) {
          await this.#setbacks.unknown(lease, message, fault, fields);
        } else {
          log.info(fields, 'taken up again');
          await store.defer(lease, { until: now, fault: faultRecord(fault), attempted: false });
        }
      }
      if (found.length < RECOVER_BATCH) return;
    }
  }

  async #overdue(): Promise<void> {
    const { store, clock, log, reports } = this.#deps;
    for (;;) {
      const now = clock.now();
      const found = await store.overdue({ now, until: now + LEASE_MS, limit: RECOVER_BATCH });
      for (const { lease, message } of found) {
        if (now >= message.expires) {
          const cause = (message.fault ?? this.#quotas.why(message))?.told ?? 'no gateway was free in time';
          const fault = new Fault('message.expired', { told: `the message expired: ${cause}` });
          await this.#setbacks.giveUp(lease, message, 'expired', fault);
        } else {
          log.info({ message: message.id }, 'the sender is told that the message is still waiting');
          await store.warn(
            lease,
            reports.make(message, 'delayed', message.fault ?? this.#quotas.why(message)),
          );
        }
      }
      if (found.length < RECOVER_BATCH) return;
    }
  }
}
