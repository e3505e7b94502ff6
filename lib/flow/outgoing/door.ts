import type { Account } from '../../accounts/account.ts';
import type { Parameters } from '../../address/parameters.ts';
import type { Fault } from '../../base/errors.ts';
import type { Secret } from '../../base/secret.ts';
import type { DsnRequest } from '../../store/records.ts';

/** Who speaks, as a server knows it. */
export interface Session {
  readonly via: 'smtp' | 'lmtp' | 'http' | 'cli' | 'rule';
  /** The client's IP address; `local` for the control socket. */
  readonly remote: string;
  /** What it calls itself (HELO, EHLO, LHLO). */
  readonly helo?: string;
  /** The account that proved itself to the server (SMTP AUTH). */
  readonly user?: string;
  /** The client is a relay or caller that we trust to vouch for its senders. */
  readonly trusted: boolean;
}

/** Who hands something in: the session, and MAIL FROM, which is absent for the null sender. */
export interface Caller {
  readonly session: Session;
  readonly sender?: string;
}

/** A password, or a bearer token (RFC 6750). */
export type Credential =
  | { readonly kind: 'password'; readonly secret: Secret }
  | { readonly kind: 'token'; readonly secret: Secret };

/** A recipient that was accepted at RCPT time. Opaque to servers: they hand it back with the mail. */
export interface Recipient {
  /** As it may be printed: redacted. */
  readonly address: string;
  readonly dsn: DsnRequest;
  /** One, or for a list as many as it reaches. */
  readonly targets: readonly Target[];
  /** Members of a list that get the mail as a mail. */
  readonly mails: readonly string[];
  /** Who writes to a list that only those who are known may write to. */
  readonly poster?: Payer;
}

/** Phones that an address reaches, and who pays for them. */
export interface Target {
  /** Redacted: as it was written, or as it stands in the list. */
  readonly address: string;
  readonly numbers: readonly string[];
  readonly parameters: Parameters;
  readonly payer: Payer;
  /** Whoever writes has not proved to be the account that pays: what the header asks of it does not count. */
  readonly lent?: true;
}

/**
 * Who pays. `nobody`: a trusted relay vouches for a sender for whom nothing is configured. `unproven`: the mail itself is
 * to prove its sender (DMARC). `refused`: a member of a list, of which only the report tells.
 */
export type Payer =
  | {
      readonly kind: 'account';
      readonly account: Account;
      /** User and pass in the address are the proof. */
      readonly byAddress?: true;
    }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'unproven' }
  | { readonly kind: 'refused'; readonly fault: Fault };

export function accountOf(payer: Payer): Account | undefined {
  return payer.kind === 'account' ? payer.account : undefined;
}

/** What a server submits: one mail with the recipients that were accepted. */
export interface MailSubmission {
  /** MAIL FROM; absent for the null sender. */
  readonly sender?: string;
  readonly recipients: readonly Recipient[];
  readonly raw: Uint8Array;
}

/** What became of one recipient: the ids of its messages. A rejected one carries its Fault. */
export type RecipientResult =
  | { readonly recipient: Recipient; readonly ids: readonly string[] }
  | { readonly recipient: Recipient; readonly fault: Error };

/** The door through which servers put mail in. Implemented by submission.ts. */
export interface MailDoor {
  /** Whether a bearer token can be checked. */
  readonly takesTokens: boolean;
  /**
   * AUTH: resolves with the account's name, or throws `auth.credentials`, `auth.denied`, `auth.throttled`,
   * `auth.unavailable`.
   */
  authenticate(user: string, credential: Credential, session: Omit<Session, 'user'>): Promise<string>;
  /** MAIL FROM: throws where this sender can't be let in at all. */
  sender(session: Session, address: string | undefined): Promise<void>;
  /** RCPT TO, as it stood between the angle brackets: throws a Fault that says why not. */
  recipient(
    session: Session,
    sender: string | undefined,
    address: string,
    dsn: DsnRequest,
  ): Promise<Recipient>;
  /**
   * The mail. Resolves when every accepted message is on disk; one result for each recipient, in their order. Throws
   * where the mail as a whole can't be taken (malformed, hostile, looping, store down).
   */
  submit(session: Session, mail: MailSubmission): Promise<readonly RecipientResult[]>;
}
