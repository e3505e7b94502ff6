/**
 * A message as rules see it: plain data, made by whoever runs the rules, never changed by them.
 *
 * Outgoing is a mail (or a text from elsewhere) on its way to one phone number: a mail to three numbers is run three
 * times. Incoming is a whole text message from a phone on its way to a mailbox, with the header fields of the mail it is
 * about to become. What is not known is absent.
 */

export type Direction = 'outgoing' | 'incoming';

/** One header field. The value is decoded (RFC 2047) and unfolded: one line of text. */
export interface HeaderField {
  /** As it is written in the mail; compared without regard to case. */
  readonly name: string;
  readonly value: string;
}

/** Name and value of a parameter as in `maxmsgs=3`, unescaped; what lib/address `readParameters` takes. */
export interface ParameterPair {
  readonly name: string;
  readonly value: string;
}

export interface RuleMessage {
  readonly direction: Direction;
  readonly id?: string;
  /**
   * In their order. Outgoing without `To`: that one is made of `number`, `gateway` and `parameters`
   * (`+15551234567@us&maxmsgs=2`) and is the one that rules read and write.
   */
  readonly headers: readonly HeaderField[];
  /** Outgoing: the text for the phone. Incoming: the text of the SMS. */
  readonly text: string;
  /** The HTML part of the mail; called at most once, and only by a rule that looks at it. */
  readonly html?: () => string | undefined;
  /** Octets of the mail, or of the text where there is no mail. */
  readonly size: number;
  /** File name of each attachment; empty for one without a name. */
  readonly attachments: readonly string[];
  /** Envelope sender: an addr-spec; absent for the null sender. Incoming: absent. */
  readonly sender?: string;
  /** The recipient as it was addressed, redacted. */
  readonly recipient?: string;
  /** Outgoing: the destination. Incoming: who wrote. E.164 or a short code; empty where the network gave none. */
  readonly number: string;
  /** Outgoing: the gateway it is pinned to so far. Incoming: the gateway it came through. */
  readonly gateway?: string;
  /** Outgoing: the parameters of its address, without `user`, `pass` and `id`. */
  readonly parameters: readonly ParameterPair[];
  /** The client's IP address. */
  readonly remote?: string;
  /** The account that pays, and what is known of it. */
  readonly account?: {
    readonly user: string;
    /** Its phone number, for caller id. */
    readonly phoneAlias?: string;
  };
  /** The sender proved who he is: by login, by the address, or through a trusted relay. */
  readonly authenticated: boolean;
  /** It came from a client that is trusted to vouch for its senders. */
  readonly trusted: boolean;
  /** Now, milliseconds since 1970. */
  readonly at: number;
  /** IANA time zone in which times of day, weekdays and dates are meant. */
  readonly zone: string;
  /** How many SMS it takes, or came as. */
  readonly parts: number;
  readonly encoding: 'gsm7' | 'ucs2' | '8bit';
  /** -9 to 9 (RFC 6710), 0 by default. */
  readonly priority: number;
  /** How often this message has been made from another by a rule: 0 for one that came from outside. */
  readonly hops: number;
  /** The rules that made it (`ruleName`): none of them is applied to it. Absent: it came from outside. */
  readonly madeBy?: readonly string[];
}

/** How a rule is named in `madeBy`: rules of the two directions may have the same title. */
export function ruleName(direction: Direction, title: string): string {
  return `${direction}:${title}`;
}
