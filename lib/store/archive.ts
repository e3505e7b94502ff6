import type {
  IncomingMessage,
  IncomingState,
  FaultRecord,
  MessageState,
  NewEffect,
  OutgoingMessage,
  Quarantined,
} from './records.ts';

/** Everything that is kept, as the operator looks at it, amends it and has it forgotten. */
export interface Archive {
  find(id: string): Promise<OutgoingMessage | undefined>;
  findIncoming(id: string): Promise<IncomingMessage | undefined>;
  /** A page of messages from phones, newest first (by id). One that has a `next` may be short, or empty. */
  listIncoming(query: IncomingQuery): Promise<IncomingPage>;
  /**
   * A page of messages: state by state in the order asked for, newest first (by id) within each. One that has a `next` may be
   * short, or empty, where a filter is asked for.
   */
  list(query: ListQuery): Promise<Page>;
  /**
   * The operator's hand: `retry` queues a waiting, held, failed or expired message now, and charges again what was
   * refunded; `cancel` and `remove` end one that is not being sent, and refund it.
   */
  amend(id: string, change: Amendment): Promise<'done' | 'absent' | 'busy' | 'refused'>;
  /** By gateway: what went out through it and failed on it today, the calendar day in the store's zone. */
  tallies(): Promise<ReadonlyMap<string, Tally>>;
  stats(): Promise<StoreStats>;
  quarantined(limit: number): Promise<readonly Quarantined[]>;
  /**
   * Forgets up to `limit` things older than `before`: settled messages, finished incoming ones, failed effects, links and
   * dedupe keys that have expired, fingerprints. Says how many.
   */
  purge(before: number, limit: number): Promise<number>;
}

export interface ListQuery {
  readonly states?: readonly MessageState[];
  readonly where?: MessageFilter;
  readonly limit: number;
  /** The `next` of the page before. */
  readonly after?: string;
}

/** What messages must have to be listed; what is absent is not asked for. store/filter.ts says what each means. */
export interface MessageFilter {
  readonly number?: string;
  /** A sender's address, all of a domain (`@example.com`), or an account. */
  readonly sender?: string;
  /** The account that it was sent by, or all of a domain (`@example.com`). */
  readonly account?: string;
  /** A gateway, with the lanes that it alone serves. */
  readonly gateway?: { readonly id: string; readonly lanes: readonly string[] };
  /** Stands in its text, in whichever case. */
  readonly text?: string;
}

export type IncomingFilter = Pick<MessageFilter, 'number' | 'text'> & {
  /** The gateway that it came through. */
  readonly gateway?: string;
};

export interface Page {
  readonly messages: readonly OutgoingMessage[];
  readonly next?: string;
}

export interface IncomingQuery {
  readonly states?: readonly IncomingState[];
  readonly where?: IncomingFilter;
  readonly limit: number;
  /** The `next` of the page before. */
  readonly after?: string;
}

export interface IncomingPage {
  readonly messages: readonly IncomingMessage[];
  readonly next?: string;
}

/** `by` is who does it, for the message's stations. */
export type Amendment =
  | { readonly kind: 'retry'; readonly at: number; readonly by?: string }
  | {
      readonly kind: 'cancel';
      readonly at: number;
      readonly effects: readonly NewEffect[];
      readonly by?: string;
    }
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
  /** The id of the one that has been `queued` longest, those that wait for their time included. */
  readonly oldestQueued?: string;
  readonly incoming: number;
  readonly effects: number;
  readonly failedEffects: number;
  readonly quarantined: number;
}
