import type { MailSubmission, Recipient, RecipientResult, Session } from '../../flow/outgoing/door.ts';
import type { MailParameters } from './dsn.ts';
import { type Reply, replyOf, replyToMail, replyToRecipient } from './reply.ts';

/** One mail between MAIL FROM and the answer to its data. */
export class Transaction {
  readonly session: Session;
  readonly sender: string | undefined;
  readonly parameters: MailParameters;
  /** Each accepted RCPT TO in its order; one that came twice stands here twice, with the same recipient. */
  readonly #accepted: Recipient[] = [];
  /** By the address as it was given. */
  readonly #unique = new Map<string, Recipient>();

  constructor(session: Session, sender: string | undefined, parameters: MailParameters) {
    this.session = session;
    this.sender = sender;
    this.parameters = parameters;
  }

  /** How many RCPT TO commands were accepted. */
  get recipients(): number {
    return this.#accepted.length;
  }

  /** The recipient that was accepted for this address before. */
  known(path: string): Recipient | undefined {
    return this.#unique.get(path);
  }

  accept(path: string, recipient: Recipient): void {
    this.#unique.set(path, recipient);
    this.#accepted.push(recipient);
  }

  submission(raw: Uint8Array): MailSubmission {
    const recipients = [...this.#unique.values()];
    return { recipients, raw, ...(this.sender === undefined ? {} : { sender: this.sender }) };
  }

  /** The answers to the mail: one over SMTP, over LMTP one for each accepted recipient (RFC 2033 4.2). */
  replies(results: readonly RecipientResult[], lmtp: boolean): Reply[] {
    if (!lmtp) return [replyToMail(results)];
    const byRecipient = new Map(results.map((result) => [result.recipient, result]));
    return this.#accepted.map((recipient) => replyToRecipient(byRecipient.get(recipient)));
  }

  /** The answers where the mail as a whole was not taken. */
  refusals(error: unknown, lmtp: boolean): Reply[] {
    const answer = replyOf(error);
    return lmtp ? this.#accepted.map(() => answer) : [answer];
  }
}
