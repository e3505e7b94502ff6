import type { RootDatabase } from 'lmdb';
import { Fault } from '../../../base/errors.ts';
import type {
  AccountRecord,
  Effect,
  IncomingMessage,
  OutgoingMessage,
  Quarantined,
  ReplyLink,
} from '../../records.ts';
import type { Tally } from '../../archive.ts';
import type { OpenQuestion } from '../../incoming.ts';
import { IndexTable, RecordTable } from './table.ts';

/**
 * What lies where. Whatever is counted, ordered or waited for has an index of its own, so that no call looks at more of
 * the queue than it takes. Index entries follow from the record (see place.ts), with one exception: whether a
 * queued message stands in `ready` or still in `delayed`.
 */
export const SCHEMA_VERSION = 1;

/** Who holds a piece of work, and until when. */
export interface StoredLease {
  readonly token: string;
  readonly owner: string;
  readonly incarnation: string;
  readonly until: number;
}

/** What never changes of a message, and is most of its octets: whoever changes its state need not write it again. */
export type MessageBody = Pick<OutgoingMessage, 'content' | 'origin'>;
export type MessageHead = Omit<OutgoingMessage, keyof MessageBody>;

export interface StoredMessage {
  readonly message: MessageHead;
  /** Its place among those of its priority; a message that goes back to the end gets a new one. */
  readonly order: number;
  readonly lease?: StoredLease;
  /** The gateway that has it, or had it last. */
  readonly gateway?: string;
  /** The account that was charged, which need not be the one it was sent by. */
  readonly chargedTo?: string;
  /** The calendar day that was charged, where the account has a limit a day. */
  readonly chargedDay?: string;
  /** The alarm that it belongs to. */
  readonly alarm?: string;
  /** Parts that were paid back when it was given up. */
  readonly refunded?: number;
  /** The wait for status reports is over, and its sender was told. */
  readonly reportsOver?: true;
  /** The sender under which its reply link is kept. */
  readonly linked?: string;
}

export interface StoredIncoming {
  readonly message: IncomingMessage;
  readonly order: number;
  /** When it is to be given out: 0 for a whole one, else when its missing parts are given up, or the end of its lease. */
  readonly due?: number;
  readonly lease?: StoredLease;
  /** The concatenation key that its parts came under. */
  readonly group?: string;
  readonly settledAt?: number;
}

export interface StoredEffect {
  readonly effect: Effect;
  readonly order: number;
  /** When it may be taken: its time, or the end of its lease. Absent once it has failed. */
  readonly due?: number;
  readonly lease?: StoredLease;
  readonly failedAt?: number;
}

export interface StoredUsage {
  readonly sent: number;
  readonly lastSent?: number;
}

/** What counts towards the limits of a day and of 60 seconds, of accounts that have such limits. */
export interface StoredRate {
  readonly day: string;
  readonly sent: number;
  /** Second and parts, oldest first, of the last 60 seconds; one entry a second. */
  readonly recent: readonly (readonly [second: number, parts: number])[];
}

/** A storm of equal messages: see `Collapse`. `follower` stands for those that came after the first. */
export interface StoredStorm {
  readonly until: number;
  readonly follower?: string;
}

/** Of one day, the last on which something happened. */
export interface StoredTally extends Tally {
  readonly gateway: string;
  readonly day: string;
}

export interface Tables {
  readonly meta: RecordTable<{ readonly value: number }>;
  /** [name] */
  readonly counts: RecordTable<{ readonly count: number }>;
  /** [lane] -> its name in full (a long one is a digest in keys) and how many wait in it. */
  readonly lanes: RecordTable<{ readonly lane: string; readonly waiting: number }>;
  readonly quarantine: RecordTable<Quarantined>;

  /** [id] */
  readonly messages: RecordTable<StoredMessage>;
  /** [id] */
  readonly bodies: RecordTable<MessageBody>;
  /** [state, id]: ids sort by the time of their making. */
  readonly states: IndexTable;
  /** [lane, 9 - priority, order, id] */
  readonly ready: IndexTable;
  /** [notBefore, order, lane, 9 - priority, id] */
  readonly delayed: IndexTable;
  /** [the earlier of warnAt and expires, id], while it is queued and nobody holds it */
  readonly deadlines: IndexTable;
  /** [until, id, owner, incarnation] of messages; other work is its own reminder (`due`) */
  readonly leases: IndexTable;
  /** [settledAt, id] */
  readonly settled: IndexTable;
  /** [gateway, reference, last digits of the number, at, id, sequence] */
  readonly references: IndexTable;

  /** [key] */
  readonly dedupe: RecordTable<{ readonly id: string; readonly until: number }>;
  /** [number, sender] */
  readonly links: RecordTable<ReplyLink>;
  /** [time, `dedupe` | `fingerprint` | `storm`, key], [time, `link`, number, sender], [time, `question`, number, gateway] */
  readonly expiries: IndexTable;

  /** [id] */
  readonly incoming: RecordTable<StoredIncoming>;
  /** [due, order, id] */
  readonly incomingDue: IndexTable;
  /** [id, owner, incarnation] of incoming messages and, likewise, of effects that somebody holds */
  readonly incomingLeases: IndexTable;
  readonly effectLeases: IndexTable;
  /** [settledAt, id] */
  readonly incomingSettled: IndexTable;
  /** [concatenation key] -> the message that its parts join */
  readonly groups: RecordTable<{ readonly id: string }>;
  /** [fingerprint] */
  readonly fingerprints: IndexTable;

  /** [id] */
  readonly effects: RecordTable<StoredEffect>;
  /** [kind, due, order, id] */
  readonly effectsDue: IndexTable;
  /** [failedAt, id] */
  readonly effectsFailed: IndexTable;

  /** [account in lower case, period] */
  readonly usage: RecordTable<StoredUsage>;
  /** [gateway] */
  readonly tallies: RecordTable<StoredTally>;
  /** [account in lower case] */
  readonly rates: RecordTable<StoredRate>;
  /** [user in lower case] */
  readonly accounts: RecordTable<AccountRecord>;
  /** [address or @domain in lower case, user in lower case] */
  readonly accountMail: IndexTable;
  /** [alarm key, id] of messages that may still wait */
  readonly alarms: IndexTable;
  /** [time when its last part went out, id] of messages that wait for status reports */
  readonly unconfirmed: IndexTable;
  /** [collapse key] */
  readonly storms: RecordTable<StoredStorm>;
  /** [number, gateway] */
  readonly questions: RecordTable<OpenQuestion>;
}

export function openTables(root: RootDatabase): Tables {
  return {
    meta: new RecordTable(root, 'meta', 'plain'),
    counts: new RecordTable(root, 'counts', 'plain'),
    lanes: new RecordTable(root, 'lanes', 'plain'),
    quarantine: new RecordTable(root, 'quarantine', 'with octets'),
    messages: new RecordTable(root, 'messages', 'plain'),
    bodies: new RecordTable(root, 'bodies', 'with octets'),
    states: new IndexTable(root, 'states'),
    ready: new IndexTable(root, 'ready'),
    delayed: new IndexTable(root, 'delayed'),
    deadlines: new IndexTable(root, 'deadlines'),
    leases: new IndexTable(root, 'leases'),
    settled: new IndexTable(root, 'settled'),
    references: new IndexTable(root, 'references'),
    dedupe: new RecordTable(root, 'dedupe', 'plain'),
    links: new RecordTable(root, 'links', 'plain'),
    expiries: new IndexTable(root, 'expiries'),
    incoming: new RecordTable(root, 'incoming', 'with octets'),
    incomingDue: new IndexTable(root, 'incomingDue'),
    incomingLeases: new IndexTable(root, 'incomingLeases'),
    effectLeases: new IndexTable(root, 'effectLeases'),
    incomingSettled: new IndexTable(root, 'incomingSettled'),
    groups: new RecordTable(root, 'groups', 'plain'),
    fingerprints: new IndexTable(root, 'fingerprints'),
    effects: new RecordTable(root, 'effects', 'with octets'),
    effectsDue: new IndexTable(root, 'effectsDue'),
    effectsFailed: new IndexTable(root, 'effectsFailed'),
    usage: new RecordTable(root, 'usage', 'plain'),
    tallies: new RecordTable(root, 'tallies', 'plain'),
    rates: new RecordTable(root, 'rates', 'plain'),
    accounts: new RecordTable(root, 'accounts', 'plain'),
    accountMail: new IndexTable(root, 'accountMail'),
    alarms: new IndexTable(root, 'alarms'),
    unconfirmed: new IndexTable(root, 'unconfirmed'),
    storms: new RecordTable(root, 'storms', 'plain'),
    questions: new RecordTable(root, 'questions', 'plain'),
  };
}

/** Refuses a store that a newer mailsms has written. A store without a mark is new, or its mark is damaged: both get one. */
export function checkSchema(found: number | undefined, path: string): void {
  if (found === undefined || found <= SCHEMA_VERSION) return;
  throw new Fault('store.version', {
    detail: `${path} has schema ${found}, this version knows schemas up to ${SCHEMA_VERSION}`,
  });
}
