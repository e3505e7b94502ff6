import type { Charge, LimitKind } from './account-book.ts';
import type { Lease, TakeRequest } from './lease.ts';
import type { FaultRecord, NewEffect, OutgoingMessage, ReplyLink } from './records.ts';

/** Messages on their way to phones: taken into the queue, leased lane by lane, handed over, reported on. */
export interface Outgoing {
  /** Charges, dedupes, queues, links: per item, all or nothing; all items of the call in one transaction. */
  accept(items: readonly AcceptItem[]): Promise<readonly Accepted[]>;
  /** What `accept` would answer to these items now: nothing of them is kept. */
  foresee(items: readonly AcceptItem[]): Promise<readonly Accepted[]>;

  /**
   * Takes up to `limit` messages from the given lanes: highest priority first, then in the order they were queued.
   * Each becomes `sending`, its first waiting part `handing`: from here on a crash leaves its outcome unknown.
   */
  lease(request: LeaseRequest): Promise<readonly Leased[]>;
  /** What `lease` would give out now, without those named in `skip`: nothing is taken, and another may be faster. */
  peek(request: PeekRequest): Promise<readonly OutgoingMessage[]>;
  lanes(): Promise<readonly string[]>;
  /** A part went out; the next one is `handing` from here on. Not for the last part: that is `settle`. */
  progress(lease: Lease, sent: SentPart): Promise<boolean>;
  /** All parts went out (those given here and those given to `progress`): `sent`. Ends the lease. */
  settle(lease: Lease, sent: readonly SentPart[]): Promise<boolean>;
  /**
   * Back to the end of its priority, to be tried again at `until`. A part that was `handing` is waiting again, those
   * that were sent stay sent. Ends the lease.
   */
  defer(lease: Lease, deferral: Deferral): Promise<boolean>;
  /** Given up; unsent parts are refunded, effects queued. Ends the lease. */
  fail(lease: Lease, failure: Failure): Promise<boolean>;
  /** Sets it aside until the operator decides. Ends the lease. */
  hold(lease: Lease, fault: FaultRecord): Promise<boolean>;
  /** Notes that the sender was warned, and queues the warning. Ends the lease; the message goes on waiting. */
  warn(lease: Lease, effects: readonly NewEffect[]): Promise<boolean>;
  /** Moves the end of a lease, for a hand-over that takes long. */
  renew(lease: Lease, until: number): Promise<boolean>;

  /**
   * Messages whose lease has ended without a word, or whose owner is `owner` in an earlier incarnation. Each comes with
   * a new lease; a part still `handing` means that its outcome is unknown.
   */
  recover(request: TakeRequest): Promise<readonly Leased[]>;
  /** Waiting messages whose expiry or warning time has come, each with a lease. */
  overdue(request: TakeRequest): Promise<readonly Leased[]>;

  /**
   * A status report: finds the part by gateway, reference and number, newest first, within `windowMs`. When every part
   * has its verdict the message becomes `delivered` or `undelivered`, and what `onVerdict` returns is queued in the
   * same transaction; `onVerdict` must be pure and quick, and may be called more than once.
   */
  report(
    report: PartReport,
    onVerdict: (message: OutgoingMessage) => readonly NewEffect[],
  ): Promise<{ readonly message: OutgoingMessage; readonly verdict: boolean } | undefined>;

  /**
   * Messages whose last part went out before `before`, for which a status report was wanted and which have no verdict: each
   * comes once, and what `onEnd` returns is queued in the same transaction; it must be pure and quick, and may be called more
   * than once. They stay `sent`, and a late report still finds them. Resolves to how many there were, `limit` at most.
   */
  unconfirmed(
    before: number,
    limit: number,
    onEnd: (message: OutgoingMessage) => readonly NewEffect[],
  ): Promise<number>;
}

export interface AcceptItem {
  /**
   * To be queued, unless a rule took it off its way: one that is `dropped` or `diverted` is kept as the settled message that it
   * is, with its effects and its dedupe key, and with nothing else of the item.
   */
  readonly message: OutgoingMessage;
  readonly charge?: Charge;
  readonly link?: ReplyLink;
  readonly effects?: readonly NewEffect[];
  /** Recognises the same mail sent again (Message-ID and recipient); forgotten at `until`. */
  readonly dedupe?: { readonly key: string; readonly until: number };
  /** The alarm it belongs to: what still waits under the same key is cancelled. */
  readonly alarm?: {
    readonly key: string;
    /** It is the alarm's end: where something could be cancelled, it need not be sent itself. */
    readonly ends: boolean;
  };
  readonly collapse?: Collapse;
}

/**
 * Storms: of messages with the same `key` the first goes out at once. Those after it within `windowMs` become one, which
 * waits for the end of that time and counts them (`OutgoingMessage.repeats`).
 */
export interface Collapse {
  readonly key: string;
  readonly windowMs: number;
  /** The message as it is where it stands for others: with room for the count in its text. */
  readonly follower: Pick<OutgoingMessage, 'content' | 'parts'>;
}

/**
 * What became of an item. `collapsed`: it is counted by the message with this id. `withdrawn`: it ended an alarm that was
 * still waiting, whose id this is; neither is sent.
 */
export type Accepted =
  | { readonly outcome: 'accepted' | 'duplicate' | 'collapsed' | 'withdrawn'; readonly id: string }
  | { readonly outcome: 'limit'; readonly limit: LimitKind };

export interface Leased {
  readonly lease: Lease;
  readonly message: OutgoingMessage;
}

export interface LeaseRequest extends TakeRequest {
  readonly gateway: string;
  readonly lanes: readonly string[];
  /** This message and no other, where it still waits in one of the lanes. */
  readonly only?: string;
}

export interface PeekRequest {
  readonly lanes: readonly string[];
  readonly limit: number;
  readonly skip: ReadonlySet<string>;
}

export interface SentPart {
  readonly sequence: number;
  readonly reference?: string;
  readonly at: number;
}

export interface Deferral {
  readonly until: number;
  readonly fault: FaultRecord;
  /** Counts as an attempt (default true): a gateway that went down before anything was tried does not. */
  readonly attempted?: boolean;
  /** A new lane, where the gateways have changed; default: the one it has. */
  readonly lane?: string;
}

export interface Failure {
  readonly state: 'failed' | 'expired' | 'cancelled';
  readonly fault: FaultRecord;
  readonly at: number;
  readonly effects: readonly NewEffect[];
}

export interface PartReport {
  readonly gateway: string;
  readonly number: string;
  readonly reference: string;
  readonly at: number;
  readonly windowMs: number;
  /** `temporary`: the network is still trying. */
  readonly outcome: 'delivered' | 'undelivered' | 'temporary';
  /** TP-Status (3GPP TS 23.040 9.2.3.15), where the gateway has one. */
  readonly status?: number;
  readonly note?: string;
}
