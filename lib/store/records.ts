/** What the store keeps, in the domain's words. Times are milliseconds since 1970 (UTC); records are plain data. */

/** What is to be sent: a text, or octets with an optional user data header (hex). */
export type Content =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'binary'; readonly data: Uint8Array; readonly udh?: Uint8Array };

/** How it is to be sent: the part of a SMS-SUBMIT that the sender may choose (3GPP TS 23.040 9.2.2.2). */
export interface SendOptions {
  /** Message class (TS 23.038 4); 0 is a flash message. */
  readonly class?: 0 | 1 | 2 | 3;
  readonly pid?: number;
  readonly dcs?: number;
  /** Caller id, where the gateway allows one. */
  readonly sender?: string;
  readonly validityMinutes?: number;
  /** Width of the concatenation reference; default 8. */
  readonly referenceBits?: 8 | 16;
  /** Ask the network for a status report on each part (TP-SRR). */
  readonly statusReport?: boolean;
  /** Replace typographic characters where that saves parts. */
  readonly smart?: boolean;
  /** `value=` parameters, passed through to the gateway's template. */
  readonly values?: readonly string[];
  readonly msgid?: string;
  /** The paying account's own phone number, which a gateway's template may name as the sender. */
  readonly alias?: string;
}

/** Where a message came from, and what an answer or a report about it needs. Addresses are redacted. */
export interface Origin {
  readonly via: 'smtp' | 'lmtp' | 'http' | 'cli' | 'rule' | 'conflict';
  /** Who gets reports and answers; absent for the null sender. An addr-spec. */
  readonly sender?: string;
  /** The recipient as it was addressed, redacted: `"sms:+15551234567?pass=***"@d`. */
  readonly recipient?: string;
  /** The client's IP address. */
  readonly remote?: string;
  readonly mailMessageId?: string;
  readonly references?: readonly string[];
  readonly subject?: string;
  /** The whole text, bounded, where what is sent was cut at the limit of parts. */
  readonly wholeText?: string;
  /** The mail's header block, bounded, for RFC 3464 reports. */
  readonly rawHeaders?: string;
  readonly hops?: number;
  /** How often it has been made from another message by a rule. */
  readonly ruleHops?: number;
  /** What the rules said of it (rules/verdict.ts `Trace`). */
  readonly rules?: unknown;
  /** RFC 3461: NOTIFY, RET, ENVID, ORCPT as given. */
  readonly dsn?: DsnRequest;
}

/** RFC 3461 sections 4.1 to 4.4. An absent `notify` means FAILURE,DELAY. */
export interface DsnRequest {
  readonly notify?: readonly ('never' | 'success' | 'failure' | 'delay')[];
  readonly ret?: 'full' | 'hdrs';
  readonly envid?: string;
  readonly orcpt?: string;
}

/**
 * One SMS of a message. `handing`: it was about to be given to the gateway; found so after a crash, its outcome
 * is unknown. `sent`: the gateway took it. The last three come from status reports.
 */
export interface Part {
  readonly sequence: number;
  readonly state: 'waiting' | 'handing' | 'sent' | 'delivered' | 'undelivered';
  /** TP-MR, or a provider's message id, by which its status report is recognised. */
  readonly reference?: string;
  readonly gateway?: string;
  readonly at?: number;
  /** TP-ST of the last status report. */
  readonly status?: number;
}

export interface TraceEntry {
  readonly at: number;
  /** The station: `accepted`, `leased`, `part`, `sent`, `deferred`, `report`, `failed`, `dropped`, ... */
  readonly event: string;
  readonly gateway?: string;
  readonly note?: string;
}

/** A fault as it is kept: what `Fault` carries, as plain data. */
export interface FaultRecord {
  readonly code: string;
  readonly enhanced: string;
  readonly told: string;
  readonly detail?: string;
}

/**
 * queued -> sending -> sent -> delivered | undelivered, or failed | expired | cancelled. `held`: its outcome is
 * unknown and the operator is to say what happens (policy `ask`). Never queued: `dropped`, deleted by a rule, and
 * `diverted`, sent by one to another address instead.
 */
export const MESSAGE_STATES = [
  'queued',
  'sending',
  'held',
  'sent',
  'delivered',
  'undelivered',
  'failed',
  'expired',
  'cancelled',
  'dropped',
  'diverted',
] as const;

export type MessageState = (typeof MESSAGE_STATES)[number];

/** The states of a message that a rule took off its way. */
const RULED_OFF = ['dropped', 'diverted'] as const satisfies readonly MessageState[];

export type RuledOffState = (typeof RULED_OFF)[number];

export function isRuledOff({ state }: { readonly state: MessageState }): boolean {
  return RULED_OFF.some((each) => each === state);
}

/** One text to one number. */
export interface OutgoingMessage {
  readonly id: string;
  readonly number: string;
  readonly content: Content;
  readonly options: SendOptions;
  /** One entry for each SMS it takes. */
  readonly parts: readonly Part[];
  /** Concatenation reference (TS 23.040 9.2.3.24.1, .8), the same in every attempt. */
  readonly concatReference: number;
  readonly account?: string;
  /** Parts charged to the account and not refunded. */
  readonly charged: number;
  /** The calendar month that was charged: `2026-11`. */
  readonly chargedPeriod?: string;
  /** The gateway it is pinned to. */
  readonly gateway?: string;
  /** Which gateways may take it, as routing/lanes.ts names it; opaque to the store. */
  readonly lane: string;
  /** -9 to 9 (RFC 6710), 0 by default; higher goes first. */
  readonly priority: number;
  readonly state: MessageState;
  readonly attempts: number;
  readonly created: number;
  /** Not to be sent before. */
  readonly notBefore: number;
  readonly expires: number;
  /** When the sender is to be warned that it is still on its way; absent once that is done. */
  readonly warnAt?: number;
  readonly settledAt?: number;
  readonly origin: Origin;
  readonly fault?: FaultRecord;
  /** It stands for so many others with the same text that came while it waited (see `Collapse`). */
  readonly repeats?: number;
  /** The last 40 stations. */
  readonly trace: readonly TraceEntry[];
}

/** "This sender wrote to this number": where the answer of that phone goes. */
export interface ReplyLink {
  readonly number: string;
  readonly sender: string;
  readonly expires: number;
  readonly at: number;
  readonly messageId: string;
  /** The gateways it went out through, newest last. */
  readonly gateways: readonly string[];
  readonly mailMessageId?: string;
  readonly references?: readonly string[];
  readonly subject?: string;
}

/** One SMS as a gateway handed it over: stored before anything else is done with it. */
export interface IncomingPart {
  readonly id: string;
  readonly gateway: string;
  /** Recognises the same SMS read twice: a digest over gateway and octets. */
  readonly fingerprint: string;
  readonly number: string;
  readonly received: number;
  /** The TPDU with its SMSC octets, where the gateway speaks PDU. */
  readonly pdu?: Uint8Array;
  readonly body: IncomingBody;
  /** The service centre's stamp (TP-SCTS). */
  readonly stamp?: { readonly at: number; readonly offsetMinutes: number };
  readonly smsc?: string;
  /** Set where it is a part of a longer message. `key` is the same for all its parts. */
  readonly concat?: { readonly key: string; readonly total: number; readonly sequence: number };
}

/** `undecoded`: octets that no rule of TS 23.040 reads; they are kept and delivered as they are. */
export type IncomingBody =
  | { readonly kind: 'undecoded'; readonly data: Uint8Array; readonly reason: string }
  | { readonly kind: 'text'; readonly text: string; readonly class?: number; readonly udh?: Uint8Array }
  | {
      readonly kind: 'binary';
      readonly data: Uint8Array;
      readonly class?: number;
      readonly udh?: Uint8Array;
    };

/** `arrived`: it waits, for parts or for the phone's choice. `dropped`: it went to nobody, as its trace says why. */
export const INCOMING_STATES = ['arrived', 'delivered', 'dropped'] as const;

export type IncomingState = (typeof INCOMING_STATES)[number];

/** A whole message from a phone: all its parts, or those that came in time. */
export interface IncomingMessage {
  readonly id: string;
  readonly gateway: string;
  readonly number: string;
  readonly received: number;
  /** In sequence; a missing one is missing here too. */
  readonly parts: readonly IncomingPart[];
  /** How many parts it should have. */
  readonly total: number;
  readonly state: IncomingState;
  readonly trace: readonly TraceEntry[];
  /** What the rules said of it. */
  readonly rules?: unknown;
}

/**
 * Something to be done outside once the transaction that asked for it has committed: a mail for the relay; later a
 * forward, a program, an SQL statement. `payload` is plain data whose shape belongs to the kind.
 */
export interface NewEffect {
  readonly id: string;
  readonly kind: string;
  readonly payload: unknown;
  readonly created: number;
  readonly expires: number;
}

export interface Effect extends NewEffect {
  readonly attempts: number;
  readonly due: number;
  readonly fault?: FaultRecord;
}

/**
 * What is kept about who may send: for a user (`john`, `john@example.com`), for all of a domain (`@example.com`), or for
 * everybody (`*`). Names do not mind case.
 */
export interface AccountRecord {
  readonly user: string;
  /**
   * A hash in PHC string format, or, in the configuration alone, the password itself; empty: none is asked for. Absent:
   * it cannot log in by a password of ours.
   */
  readonly password?: string;
  /** The account whose password, gateway, limits and expiry it shares, and which is charged for it. */
  readonly group?: string;
  readonly description?: string;
  /** The gateway its messages are pinned to. */
  readonly gateway?: string;
  /** `2027-01-31`: from the start of that day, in the configured zone, it may not send. */
  readonly expire?: string;
  /** Default true. */
  readonly active?: boolean;
  /** Parts a calendar month, a day, and any 60 seconds; 0 or absent: no limit. */
  readonly monthlyLimit?: number;
  readonly dailyLimit?: number;
  readonly minuteLimit?: number;
  readonly maxmsgs?: number;
  /** Prefixes (`+1`, `112`) or ISO 3166 countries (`US`) it may send to; absent or empty: all. */
  readonly allowed?: readonly string[];
  /** The same for those that it may not send to. They win over `allowed`. */
  readonly denied?: readonly string[];
  /** Its own phone number, for rules and for `sender`. */
  readonly alias?: string;
  /** Caller id of all its messages, whatever `sender=` says; `%alias%` stands for the alias. */
  readonly sender?: string;
  /** Layout of the text of its mails. */
  readonly template?: string;
  /** Milliseconds: texts that repeat within that time to the same number become one. */
  readonly collapse?: number;
  /** Header From addresses (`john@example.com`, `@example.com`) that prove this account where DMARC passes. */
  readonly mailFrom?: readonly string[];
}

/** An account's counters (spec section 2). `period` is the calendar month: `2026-11`. */
export interface Usage {
  readonly period: string;
  readonly sent: number;
  readonly previous: number;
  readonly lastSent?: number;
}

/** A record that could not be decoded: set aside, so that the rest goes on. */
export interface Quarantined {
  readonly id: string;
  readonly at: number;
  readonly table: string;
  readonly key: string;
  readonly reason: string;
  readonly octets: Uint8Array;
}
