import type { Fault } from '../base/errors.ts';

/** One mail, ready to go. */
export interface Mail {
  /** MAIL FROM, an addr-spec quoted as RFC 5321 needs; empty for the null sender. */
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Uint8Array;
}

/** A recipient for whom the mail was not taken. */
export interface Refusal {
  readonly to: string;
  readonly fault: Fault;
}

/** Where mailsms's own mail goes: a relay, or a Maildir where none is set. */
export interface Mailer {
  /** Makes ready; does not connect: a relay that is down at the start is not an error. */
  open(): Promise<void>;
  /**
   * Resolves when the mail has been taken, with the recipients for whom it was not. Where it was taken for none, throws
   * `relay.refused` (for good), `relay.deferred` or `relay.down` (later).
   */
  send(mail: Mail): Promise<readonly Refusal[]>;
  /** Waits for what is under way. */
  close(): Promise<void>;
}
