/** One mail, ready to go. */
export interface Mail {
  /** MAIL FROM, an addr-spec quoted as RFC 5321 needs; empty for the null sender. */
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Uint8Array;
}

/** Where mailsms's own mail goes: a relay, or a Maildir where none is set. */
export interface Mailer {
  /** Makes ready; does not connect: a relay that is down at the start is not an error. */
  open(): Promise<void>;
  /** Resolves when the mail has been taken. Throws `relay.refused` (for good) or `relay.down` (later). */
  send(mail: Mail): Promise<void>;
  close(): Promise<void>;
}
