import type { Clock } from '../base/clock.ts';
import { Fault, asFault, messageOf } from '../base/errors.ts';
import type { Service } from '../base/lifecycle.ts';
import type { Log } from '../base/log.ts';
import { printDuration } from '../base/units.ts';
import type { Balance } from '../routing/balance.ts';
import { serves } from '../routing/lanes.ts';
import type { Transport } from '../routing/transport.ts';
import type { Lease, SentPart, Store } from '../store/contract.ts';
import type { OutgoingMessage } from '../store/records.ts';
import { backoff } from './backoff.ts';
import { waitingSegments } from './content.ts';
import { faultRecord } from './fault-record.ts';
import { Pump } from './pump.ts';
import type { Reports } from './reports.ts';

/**
 * Dispatch: hands waiting messages to gateways.
 *
 * Promises: a message is handed over as soon as it is accepted and a gateway that may take it is free; nothing is
 * polled. A gateway holds no more messages than it can send at once, so what a dying gateway takes with it is small and known.
 * Before octets leave, the store knows that they are about to; after each part, it knows that part's reference: when
 * the process dies, parts that went out are not sent again, and the one that was being handed over has an unknown outcome,
 * for which the policy decides.
 *
 * Failure: a gateway's fault leaves the gateway out for a while and the message goes back without an attempt
 * counted; a message's temporary fault is tried again after a pause, until it expires; a permanent one is reported to the sender.
 */
export type UnknownPolicy = 'resend' | 'fail' | 'ask';

export interface DispatchSettings {
  readonly retryMs: readonly number[];
  readonly unknown: UnknownPolicy;
  /** Gateways that ask for a status report on every message. */
  readonly reports: ReadonlySet<string>;
}

export interface DispatchDeps {
  readonly store: Store;
  readonly transports: ReadonlyMap<string, Transport>;
  readonly balance: Balance;
  readonly reports: Reports;
  readonly clock: Clock;
  readonly log: Log;
}

/** A lease that may be replaced by a newer one on the same message. */
interface Holder {
  lease: Lease;
}

const LEASE_MS = 120_000;
const RECOVER_BATCH = 100;

export class Dispatch implements Service {
  readonly name = 'dispatch';
  readonly #settings: DispatchSettings;
  readonly #deps: DispatchDeps;
  readonly #pump: Pump;
  readonly #active = new Set<Promise<void>>();
  /** What is being handed over right now, by message. */
  readonly #inFlight = new Map<string, Holder>();
  #unwatch: (() => void) | undefined;

  constructor(settings: DispatchSettings, deps: DispatchDeps) {
    this.#settings = settings;
    this.#deps = deps;
    this.#pump = new Pump(() => this.#work(), deps);
  }

  async start(): Promise<void> {
    this.#unwatch = this.#deps.store.watch({ messages: () => this.#pump.wake() });
    this.#pump.start();
  }

  /** Takes nothing more and waits for what is being handed over. */
  async stop(): Promise<void> {
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
    const due = await store.nextDue(clock.now());
    const rest = balance.restEnds();
    return due === undefined || (rest !== undefined && rest < due) ? rest : due;
  }

  async #take(gateway: string, lanes: readonly string[], limit: number): Promise<number> {
    const { store, balance, clock } = this.#deps;
    const now = clock.now();
    const leased = await store.lease({ gateway, lanes, limit, now, until: now + LEASE_MS });
    leased.forEach(({ lease, message }, index) => {
      balance.began(gateway);
      const holder = { lease };
      this.#inFlight.set(message.id, holder);
      const more = index < leased.length - 1 || leased.length === limit;
      const done = this.#handOver(gateway, holder, message, more)
        .catch((error: unknown) => {
          // The store could not be told. The lease ends by itself, and the message is recovered then.
          const fields = { message: message.id, gateway, error: messageOf(error) };
          this.#deps.log.error(fields, 'the outcome of a hand-over was not kept');
          balance.ended(gateway, true);
        })
        .finally(() => {
          this.#inFlight.delete(message.id);
          this.#active.delete(done);
          this.#pump.wake();
        });
      this.#active.add(done);
    });
    return leased.length;
  }

  async #handOver(gateway: string, holder: Holder, message: OutgoingMessage, more: boolean): Promise<void> {
    const { store, transports, balance, clock, log } = this.#deps;
    const transport = transports.get(gateway);
    const unsettled: SentPart[] = [];
    const stopRenewal = this.#renew(holder);
    try {
      if (transport === undefined) throw new Fault('gateway.down', { detail: `no gateway "${gateway}"` });
      const segments = waitingSegments(message);
      const { id, number, content, expires } = message;
      const statusReport = message.options.statusReport === true || this.#settings.reports.has(gateway);
      const options = { ...message.options, statusReport };
      let left = segments.length;
      await transport.send(
        { messageId: id, number, content, options, segments, expires, more },
        async (part) => {
          left--;
          const sent: SentPart = { ...part, at: clock.now() };
          if (left === 0) unsettled.push(sent);
          else if (!(await store.progress(holder.lease, sent))) {
            throw new Fault('internal', { detail: 'somebody else holds the message by now' });
          }
          // Said once it is kept: what the log tells is true even when the process dies right after.
          log.info({ message: id, gateway, part: part.sequence, reference: part.reference }, 'part sent');
        },
      );
      if (left > 0) throw new Fault('internal', { detail: `${left} parts were not accounted for` });
      stopRenewal();
      await this.#settle(holder.lease, message, unsettled);
      balance.ended(gateway, false);
      log.info({ message: id, gateway, number, parts: message.parts.length }, 'sent');
    } catch (error) {
      stopRenewal();
      const fault = asFault(error);
      await this.#failed(gateway, holder.lease, message, fault, unsettled);
      balance.ended(gateway, fault.code === 'gateway.down' || fault.code === 'gateway.busy');
    }
  }

  async #settle(lease: Lease, message: OutgoingMessage, sent: readonly SentPart[]): Promise<void> {
    if (await this.#deps.store.settle(lease, sent)) return;
    this.#deps.log.error({ message: message.id }, 'sent, but somebody else holds the message by now');
  }

  async #failed(
    gateway: string,
    lease: Lease,
    message: OutgoingMessage,
    fault: Fault,
    unsettled: readonly SentPart[],
  ): Promise<void> {
    const { store, clock, log } = this.#deps;
    const fields = { message: message.id, gateway, error: fault.message };
    if (unsettled.length > 0) {
      // Everything went out, and only the gateway's goodbye failed.
      log.warn(fields, 'all parts were sent, then the gateway failed');
      await this.#settle(lease, message, unsettled);
      return;
    }
    if (fault.code === 'gateway.unknown') return this.#unknown(lease, message, fault, fields);
    if (!fault.temporary) return this.#giveUp(lease, message, 'failed', fault);
    const atFault = fault.code === 'gateway.down' || fault.code === 'gateway.busy';
    const pause = atFault ? 0 : backoff(this.#settings.retryMs, message.attempts);
    log.warn(
      fields,
      atFault ? 'the gateway failed; the message waits' : `tried again in ${printDuration(pause)}`,
    );
    await store.defer(lease, { until: clock.now() + pause, fault: faultRecord(fault), attempted: !atFault });
  }

  /** Nobody knows whether a part went out: the operator's policy decides. */
  async #unknown(lease: Lease, message: OutgoingMessage, fault: Fault, fields: object): Promise<void> {
    const { store, clock, log } = this.#deps;
    switch (this.#settings.unknown) {
      case 'resend': {
        const pause = backoff(this.#settings.retryMs, message.attempts);
        log.warn(
          { ...fields },
          `outcome unknown: sent again in ${printDuration(pause)}, which may make a duplicate`,
        );
        await store.defer(lease, { until: clock.now() + pause, fault: faultRecord(fault) });
        return;
      }
      case 'fail':
        log.warn({ ...fields }, 'outcome unknown: given up, as the policy says');
        return this.#giveUp(lease, message, 'failed', fault);
      case 'ask':
        log.warn({ ...fields }, 'outcome unknown: held until the operator decides (mailsms queue retry|rm)');
        await store.hold(lease, faultRecord(fault));
    }
  }

  async #giveUp(
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

  /** Leases that ended without a word: a process died, this one's predecessor or another node's. */
  async #recover(): Promise<void> {
    const { store, clock, log } = this.#deps;
    for (;;) {
      const now = clock.now();
      const found = await store.recover({ now, until: now + LEASE_MS, limit: RECOVER_BATCH });
      for (const { lease, message } of found) {
        const fields = { message: message.id };
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
          await this.#unknown(lease, message, fault, fields);
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
          const cause = message.fault?.told ?? 'no gateway was free in time';
          const fault = new Fault('message.expired', { told: `the message expired: ${cause}` });
          await this.#giveUp(lease, message, 'expired', fault);
        } else {
          log.info({ message: message.id }, 'the sender is told that the message is still waiting');
          await store.warn(lease, reports.make(message, 'delayed', message.fault));
        }
      }
      if (found.length < RECOVER_BATCH) return;
    }
  }

  /** Keeps the lease while the gateway works on it, however long that takes. */
  #renew(holder: Holder): () => void {
    const { store, clock, log } = this.#deps;
    let cancel: () => void;
    const arm = (): void => {
      cancel = clock.after(LEASE_MS / 3, () => {
        store.renew(holder.lease, clock.now() + LEASE_MS).catch((error: unknown) => {
          log.error({ message: holder.lease.id, error: messageOf(error) }, 'the lease could not be renewed');
        });
        arm();
      });
    };
    arm();
    return () => cancel();
  }
}
