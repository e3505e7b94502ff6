import type {
  AccountRecord,
  Effect,
  FaultRecord,
  IncomingMessage,
  IncomingPart,
  IncomingState,
  MessageState,
  NewEffect,
  OutgoingMessage,
  Quarantined,
  ReplyLink,
  Usage,
} from './records.ts';

/**
 * The store: what mailsms must not lose.
 *
 * Each call is atomic: all of it is kept or nothing. A call that changes something resolves only when the change is
 * synced to disk, so that an answer given after it (a 250, a deletion from the modem) is a promise that outlives a
 * power cut. No call's cost grows with the queue.
 *
 * No call may assume that it is alone: other nodes may work on the same store. Whoever takes work takes a lease on
 * it, which carries an owner and ends at a time; every later call on that work shows the lease and is refused
 * (`false`) when somebody else holds it by now.
 *
 * Failure: a call that cannot be done rejects with a Fault (`store.full`, `store.down`), both temporary. A record that
 * cannot be decoded is set aside (`quarantined`) and the call goes on with the next.
 */
export interface Store {
  /** Charges, dedupes, queues, links: per item, all or nothing; all items of the call in one transaction. */
  accept(items: readonly AcceptItem[]): Promise<readonly Accepted[]>;

  /**
   * Takes up to `limit` messages from the given lanes: highest priority first, then in the order they were queued.
   * Each becomes `sending`, its first waiting part `handing`: from here on a crash leaves its outcome unknown.
   */
  lease(request: LeaseRequest): Promise<readonly Leased[]>;
  /** What `lease` would give out now, without those named in `skip`: nothing is taken, and another may be faster. */
  peek(request: PeekRequest): Promise<readonly OutgoingMessage[]>;
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

  /** Keeps one SMS. `duplicate`: the same one is kept already, and nothing was changed. */
  receive(part: IncomingPart, waitUntil: number): Promise<'stored' | 'duplicate'>;
  /** Whole messages from phones, and those whose missing parts did not come until their `waitUntil`; leased. */
  takeComplete(request: TakeRequest): Promise<readonly LeasedIncoming[]>;
  /** Done with it: what is to be mailed, sent, or linked, in one transaction. Ends the lease. */
  finish(lease: Lease, result: IncomingResult): Promise<boolean>;
  /**
   * It is not clear whom it is for: it waits for the phone's choice until `question.until`, and comes again then. `ask` is
   * queued where the phone has not been asked yet. Ends the lease.
   */
  park(lease: Lease, question: Question, ask: AcceptItem | undefined): Promise<boolean>;
  /** The open question to a phone, or its answer, until the time is over. */
  question(number: string, gateway: string, now: number): Promise<OpenQuestion | undefined>;

  enqueue(effects: readonly NewEffect[]): Promise<void>;
  takeEffects(
    request: TakeRequest & { readonly kinds?: readonly string[] },
  ): Promise<readonly LeasedEffect[]>;
  /** The effect took place. Ends the lease. */
  effectDone(lease: Lease): Promise<boolean>;
  effectDeferred(lease: Lease, until: number, fault: FaultRecord): Promise<boolean>;
  /** Given up; it is kept among the failed ones for the operator. `follow` is queued in its place. */
  effectFailed(lease: Lease, fault: FaultRecord, follow: readonly NewEffect[]): Promise<boolean>;
  findEffect(id: string): Promise<ListedEffect | undefined>;
  /** A page of effects: those that wait, by kind and in the order they fall due; then failed ones, the last one first. */
  listEffects(query: EffectQuery): Promise<EffectPage>;
  /**
   * The operator's hand: `retry` makes a waiting or failed effect due at `at`, with the time it had once more where
   * that is over; `remove` forgets it. `busy`: it is being carried out.
   */
  amendEffect(id: string, change: EffectAmendment): Promise<'done' | 'absent' | 'busy'>;

  /**
   * Adds to an account's counters, unless that would exceed one of its limits: then says which. Accounts are told apart
   * without the case of their names, here and in the calls below.
   */
  charge(charge: Charge): Promise<'charged' | LimitKind>;
  /** Gives parts back to a month, and to the day where one was counted. */
  refund(account: string, parts: number, period: string, day?: string): Promise<void>;
  usage(account: string, period: string): Promise<Usage>;
  /** Which limit a charge would exceed now; changes nothing. */
  wouldExceed(charge: Charge): Promise<LimitKind | undefined>;

  /** The first of these that has a record (a user, a domain, everybody), whatever the case of its name. */
  account(...users: readonly string[]): Promise<AccountRecord | undefined>;
  /** Users (by `mailFrom`) whose mail comes from this address: exactly so, or from its whole domain (`@example.com`). */
  accountsFrom(address: string): Promise<readonly string[]>;
  /** All changes or, where one cannot be made, none: then the index of that one. */
  changeAccounts(changes: readonly AccountChange[]): Promise<'done' | { readonly refused: number }>;
  /** In the order of their names in lower case. */
  listAccounts(query: AccountQuery): Promise<AccountPage>;

  /** The unexpired links of a number, newest first: one for each sender, about the newest message. */
  links(number: string, now: number): Promise<readonly ReplyLink[]>;

  find(id: string): Promise<OutgoingMessage | undefined>;
  findIncoming(id: string): Promise<IncomingMessage | undefined>;
  /** A page of messages from phones, newest first (by id). One with a `next` may be short, or empty. */
  listIncoming(query: IncomingQuery): Promise<IncomingPage>;
  /** A page of messages: state by state in the order asked for, newest first (by id) within each. */
  list(query: ListQuery): Promise<Page>;
  /**
   * The operator's hand: `retry` queues a waiting, held, failed or expired message now, and charges again what was
   * refunded; `cancel` and `remove` end one that is not being sent, and refund it.
   */
  amend(id: string, change: Amendment): Promise<'done' | 'absent' | 'busy' | 'refused'>;
  lanes(): Promise<readonly string[]>;
  /** By gateway: what went out through it and failed on it today, the calendar day in the store's zone. */
  tallies(): Promise<ReadonlyMap<string, Tally>>;
  stats(): Promise<StoreStats>;
  quarantined(limit: number): Promise<readonly Quarantined[]>;
  /**
   * Forgets up to `limit` things older than `before`: settled messages, finished incoming ones, failed effects, links and
   * dedupe keys that have expired, fingerprints. Says how many.
   */
  purge(before: number, limit: number): Promise<number>;

  /**
   * The earliest time at which a deferred message, a deadline, a lease, an effect or a reassembly falls due. It lies in
   * the past where something is due and nobody has taken it yet. With `after` (the time up to which the caller has
   * taken what it can) only later times count: who waits for its return needs that, or it never sleeps while others
   * have a backlog.
   */
  nextDue(after?: number): Promise<number | undefined>;
  /** Tells of new work as soon as it is kept. Returns what ends that. A hint: other nodes' work may come untold. */
  watch(watcher: Watcher): () => void;
  /** Waits for what is under way, then closes. */
  close(): Promise<void>;
}

/** Proof that the caller holds the work. */
export interface Lease {
  readonly id: string;
  readonly token: string;
}

export interface Leased {
  readonly lease: Lease;
  readonly message: OutgoingMessage;
}

export interface LeasedIncoming {
  readonly lease: Lease;
  readonly message: IncomingMessage;
}

export interface LeasedEffect {
  readonly lease: Lease;
  readonly effect: Effect;
}

/** An effect as the operator sees it. */
export interface ListedEffect {
  readonly effect: Effect;
  readonly state: EffectState;
  /** When it was given up. */
  readonly failedAt?: number;
}

/** `busy`: somebody carries it out right now. */
export type EffectState = 'waiting' | 'busy' | 'failed';

export interface EffectQuery {
  /** Default: both. `waiting` has those that are carried out right now too. */
  readonly state?: 'waiting' | 'failed';
  readonly limit: number;
  /** The `next` of the page before. */
  readonly after?: string;
}

export interface EffectPage {
  readonly effects: readonly ListedEffect[];
  readonly next?: string;
}

export type EffectAmendment = { readonly kind: 'retry'; readonly at: number } | { readonly kind: 'remove' };

/** Who takes, until when, and how many. */
export interface TakeRequest {
  readonly now: number;
  readonly until: number;
  readonly limit: number;
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

export type LimitKind = 'month' | 'day' | 'minute';

export interface Charge {
  readonly account: string;
  readonly parts: number;
  /** Parts allowed a month; 0: no limit. */
  readonly limit: number;
  readonly period: string;
  readonly at: number;
  /** Parts allowed on a calendar day, and that day: `2026-11-23`. */
  readonly day?: { readonly day: string; readonly limit: number };
  /** Parts allowed in any 60 seconds. */
  readonly minute?: number;
}

/** `new`: refused where there is one; `existing`: where there is none; `any`: never. */
export type AccountChange =
  | { readonly kind: 'put'; readonly record: AccountRecord; readonly when: 'new' | 'existing' | 'any' }
  | { readonly kind: 'remove'; readonly user: string }
  /** Sets the counters of a month. */
  | {
      readonly kind: 'usage';
      readonly user: string;
      readonly period: string;
      readonly sent: number;
      readonly lastSent?: number;
    };

export interface AccountQuery {
  readonly limit: number;
  /** The `next` of the page before. */
  readonly after?: string;
}

export interface AccountPage {
  readonly records: readonly AccountRecord[];
  readonly next?: string;
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
  readonly status: number;
  readonly note?: string;
}

export interface IncomingResult {
  readonly state: 'delivered' | 'dropped';
  readonly at: number;
  readonly note: string;
  readonly effects: readonly NewEffect[];
  /** What the rules said of it. */
  readonly rules?: unknown;
  /** Texts that go back to phones. */
  readonly messages?: readonly AcceptItem[];
  /** The phone has made its choice: what waited for it is done with too. */
  readonly chosen?: {
    readonly sender: string;
    readonly waited: readonly { readonly id: string; readonly effects: readonly NewEffect[] }[];
  };
}

/** Whom of several a phone answers. There is one question for each number and gateway at a time. */
export interface Question {
  readonly number: string;
  readonly gateway: string;
  /** Senders, as they were numbered from 1. */
  readonly choices: readonly string[];
  readonly until: number;
}

export interface OpenQuestion extends Question {
  /** Incoming messages that wait for the answer. */
  readonly waiting: readonly string[];
  readonly chosen?: string;
}

export interface ListQuery {
  readonly states?: readonly MessageState[];
  readonly limit: number;
  /** The `next` of the page before. */
  readonly after?: string;
}

export interface Page {
  readonly messages: readonly OutgoingMessage[];
  readonly next?: string;
}

export interface IncomingQuery {
  readonly states?: readonly IncomingState[];
  readonly limit: number;
  /** The `next` of the page before. */
  readonly after?: string;
}

export interface IncomingPage {
  readonly messages: readonly IncomingMessage[];
  readonly next?: string;
}

export type Amendment =
  | { readonly kind: 'retry'; readonly at: number }
  | { readonly kind: 'cancel'; readonly at: number; readonly effects: readonly NewEffect[] }
  | { readonly kind: 'remove' };

/** Kept in the transactions that tell of parts: neither a crash nor a restart makes them differ from what happened. */
export interface Tally {
  /** Parts that the gateway took. */
  readonly sent: number;
  /** Hand-overs that ended otherwise. */
  readonly failed: number;
  /** The last of those, of whichever day. */
  readonly lastError?: { readonly at: number; readonly fault: FaultRecord };
}

export interface StoreStats {
  readonly messages: Readonly<Record<MessageState, number>>;
  /** Waiting messages by lane, those that wait for their time included. */
  readonly lanes: Readonly<Record<string, number>>;
  readonly incoming: number;
  readonly effects: number;
  readonly failedEffects: number;
  readonly quarantined: number;
}

export interface Watcher {
  /** Messages came into these lanes: they are ready, or will be at their time. */
  readonly messages?: (lanes: readonly string[]) => void;
  readonly incoming?: () => void;
  readonly effects?: () => void;
  readonly quarantined?: (record: Quarantined) => void;
}
