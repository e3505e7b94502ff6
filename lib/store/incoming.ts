import type { Lease, TakeRequest } from './lease.ts';
import type { AcceptItem } from './outgoing.ts';
import type { IncomingMessage, IncomingPart, NewEffect, ReplyLink } from './records.ts';

/** Messages from phones: kept SMS by SMS, taken when they are whole, and whom they answer. */
export interface Incoming {
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
  /** The unexpired links of a number, newest first: one for each sender, about the newest message. */
  links(number: string, now: number): Promise<readonly ReplyLink[]>;
}

export interface LeasedIncoming {
  readonly lease: Lease;
  readonly message: IncomingMessage;
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
