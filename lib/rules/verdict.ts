/**
 * What rules decide about a message: the seam between the engine and those who carry out what it decides.
 *
 * Everything here is plain data that can be stored and sent elsewhere. No string that is meant for a header, an address, a
 * parameter or a URL holds CR, LF, NUL or another control character, whatever the message held.
 */
import type { HeaderField, ParameterPair } from './message.ts';

/** Where a message goes. */
export type Destination =
  | {
      readonly kind: 'phone';
      /** The number as a rule wrote it: to be read by lib/address `normaliseNumber`. */
      readonly number: string;
      /** One of the configured gateways. */
      readonly gateway?: string;
      /** Over those of the address; to be read by lib/address `readParameters`. */
      readonly parameters: readonly ParameterPair[];
      /** The whole as a To field: `+15551234567@us&maxmsgs=2`. */
      readonly text: string;
    }
  | {
      /** A mail address, or a whole sms address (`sms:+15551234567@sms.example.com`), instead of the phone. */
      readonly kind: 'mail';
      readonly address: string;
      readonly text: string;
    };

export interface Verdict {
  /** `accept` is what no rule says otherwise. `reject` has no effects; `delete` may have some. */
  readonly outcome: 'accept' | 'reject' | 'delete';
  /** What the sender of a rejected message is told; one line. */
  readonly text?: string;
  /** The rule that decided the outcome, where one did: its title. */
  readonly rule?: string;
  /** No rule after that one was looked at. */
  readonly stopped: boolean;
  /** Outgoing: the new destination, present only where a rule changed it. */
  readonly to?: Destination;
  /** The title of the rule that gave it, where one did. */
  readonly toRule?: string;
  /** All header fields after the changes, present only where a rule changed one. Never holds To of an outgoing message. */
  readonly headers?: readonly HeaderField[];
  /** The new value of Subject, present only where a rule changed it; also in `headers`. */
  readonly subject?: string;
  /** The new text, present only where a rule changed it. Lines end in LF. */
  readonly body?: string;
  /** The new envelope sender, an addr-spec, present only where a rule changed it. */
  readonly sender?: string;
  /** -9 to 9, present only where a rule set it. */
  readonly priority?: number;
  /** Incoming: the mailbox and its folder, instead of the usual mailbox. */
  readonly folder?: MailboxFolder;
  /**
   * Incoming: false where `forward` or `folder` said who gets it, so that the usual mailbox does not. Outgoing: always true.
   */
  readonly usual: boolean;
  /** What is to be done outside, in this order, once the message is accepted; queued in its transaction. */
  readonly effects: readonly RuleEffect[];
}

/** `desk@example.com/SMS/Alarms` as its parts. */
export interface MailboxFolder {
  readonly mailbox: string;
  readonly folder: string;
}

/** The message as it was when the action was reached, for effects that pass it on. */
export interface MessageCopy {
  readonly direction: 'outgoing' | 'incoming';
  readonly id?: string;
  readonly number: string;
  readonly gateway?: string;
  readonly sender?: string;
  readonly subject: string;
  /** With To of an outgoing message. */
  readonly headers: readonly HeaderField[];
  readonly text: string;
  /** For the copy: one more than the message's own. */
  readonly hops: number;
  /** Of the copy: the rules that made it, one after the other (message.ts `ruleName`). */
  readonly madeBy?: readonly string[];
  /** Who paid for the message, and pays for its copies to phones. */
  readonly account?: string;
}

/** A mail address, or an sms address (`sms:+15551234567?user=u&pass=p@d`, `sms:+15551234567`). */
export type Address = string;

/**
 * Something to be done outside. `rule` is the title of the rule that wants it. The kinds, one line each; their payloads are
 * below.
 */
export type RuleEffect = { readonly rule: string } & (
  | { readonly kind: 'forward'; readonly payload: PassOn }
  | { readonly kind: 'copy'; readonly payload: PassOn }
  | { readonly kind: 'archive'; readonly payload: PassOn }
  | { readonly kind: 'send'; readonly payload: NewMessage }
  | { readonly kind: 'respond'; readonly payload: Response }
  | { readonly kind: 'program'; readonly payload: ProgramCall }
  | { readonly kind: 'url'; readonly payload: UrlCall }
  | { readonly kind: 'sql'; readonly payload: SqlCall }
);

export type EffectKind = RuleEffect['kind'];

/** The message to one more address. As a mail its header fields `X-SMS-*` say who, to whom and through what. */
export interface PassOn {
  readonly to: Address;
  readonly message: MessageCopy;
}

/** A message of the rule's own making. */
export interface NewMessage {
  readonly to: Address;
  /** Default: our own reports address. */
  readonly from?: Address;
  readonly subject: string;
  readonly text: string;
  /** For the loop check, as in MessageCopy. */
  readonly hops: number;
  readonly madeBy?: readonly string[];
}

/** An answer to whoever wrote: `sms` to the number of an incoming message, `mail` to the sender of an outgoing one. */
export interface Response {
  readonly via: 'sms' | 'mail';
  readonly to: string;
  /** Incoming: the gateway it came through, which the answer goes out through. */
  readonly gateway?: string;
  readonly subject: string;
  readonly text: string;
  readonly hops: number;
  readonly madeBy?: readonly string[];
}

/** A program, run without a shell: `program[0]` with the rest as its arguments. */
export interface ProgramCall {
  readonly program: readonly [string, ...string[]];
  /** The whole environment beside PATH: names begin with `MAILSMS_`. No value holds NUL. */
  readonly env: Readonly<Record<string, string>>;
  /** For standard input: header fields, an empty line, the text; lines end in LF. Absent: nothing. */
  readonly input?: string;
  readonly timeoutMs: number;
}

export interface UrlCall {
  readonly method: 'GET' | 'POST';
  /** Absolute, http or https; what came from the message is percent-encoded. */
  readonly url: string;
  readonly headers: readonly HeaderField[];
  readonly body?: string;
  readonly timeoutMs: number;
}

/** A statement for a named connection. Between two pieces of `text` stands a bound value, in the driver's own notation. */
export interface SqlCall {
  readonly connection: string;
  /** One more than `values`: `['INSERT INTO log VALUES (', ', ', ')']`. */
  readonly text: readonly string[];
  readonly values: readonly string[];
  readonly timeoutMs: number;
}

/** What a condition has to ask the world; the engine itself does no I/O. */
export type Question =
  { readonly kind: 'sql'; readonly call: SqlCall } | { readonly kind: 'program'; readonly call: ProgramCall };

/**
 * `rows`: the query gave at least one row. `exit`: the program's exit code. `failed`: no answer within the time, or none at
 * all; the condition is false and the trace has the reason.
 */
export type Answer = { readonly rows: boolean } | { readonly exit: number } | { readonly failed: string };

export type Ask = (question: Question) => Promise<Answer>;

/** What happened, rule by rule. Bounded (see trace.ts), so that it can be stored with the message. */
export interface Trace {
  readonly rules: readonly RuleTrace[];
  /** Rules that were looked at, did not apply, and are left out of `rules` for its length. */
  readonly left: number;
}

export interface RuleTrace {
  readonly title: string;
  /** `rules/outgoing.yaml:12`, where it is known. */
  readonly place?: string;
  /** Its conditions held. */
  readonly applied: boolean;
  readonly conditions: readonly ConditionTrace[];
  readonly actions: readonly ActionTrace[];
}

export interface ConditionTrace {
  /** `Subject contains "alarm"`; groups as `any of`, one `depth` below their parent. */
  readonly text: string;
  readonly depth: number;
  /** `skipped`: what came before had decided it. */
  readonly result: 'true' | 'false' | 'skipped';
  /** What stood there, cut to 80 characters; absent for groups. */
  readonly seen?: string;
  /** Why the result is not to be relied on: a regular expression that ran out of time, a query without an answer. */
  readonly warning?: string;
}

export interface ActionTrace {
  /** `route to us`. */
  readonly text: string;
  /** `skipped`: a pattern did not match, or the result was not allowed; `note` says which. */
  readonly result: 'done' | 'skipped';
  readonly note?: string;
}

export interface Outcome {
  readonly verdict: Verdict;
  readonly trace: Trace;
}
