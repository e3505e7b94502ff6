import { Fault } from '../../lib/base/errors.ts';
import type {
  Credential,
  MailDoor,
  MailSubmission,
  Recipient,
  RecipientResult,
  Session,
} from '../../lib/flow/outgoing/door.ts';
import type { DsnRequest } from '../../lib/store/records.ts';

/** A mail as it came through the door. */
export interface TakenMail extends MailSubmission {
  readonly session: Session;
}

/**
 * A door that keeps everything in memory. Addresses that name a fault (`limit.rate@...`) are refused with it at RCPT;
 * those that begin with `late.` are accepted there and refused with the mail. The password of everybody is `secret`.
 */
export class MemoryDoor implements MailDoor {
  takesTokens = false;
  readonly mails: TakenMail[] = [];
  readonly asked: { session: Session; sender: string | undefined; address: string; dsn: DsnRequest }[] = [];
  readonly logins: { user: string; password: string; session: Omit<Session, 'user'> }[] = [];
  /** Runs before a mail is taken: throw to refuse it, wait to hold the answer back. */
  onSubmit: (mail: TakenMail) => Promise<void> = async () => {};
  onSender: (session: Session, sender: string | undefined) => Promise<void> = async () => {};
  #count = 0;

  async authenticate(
    user: string,
    { kind, secret }: Credential,
    session: Omit<Session, 'user'>,
  ): Promise<string> {
    const password = kind === 'token' ? `token ${secret.open()}` : secret.open();
    this.logins.push({ user, password, session });
    if (user === 'down') throw new Fault('auth.unavailable');
    if (secret.open() !== 'secret') throw new Fault('auth.credentials');
    return user;
  }

  async sender(session: Session, sender: string | undefined): Promise<void> {
    await this.onSender(session, sender);
  }

  async recipient(
    session: Session,
    sender: string | undefined,
    address: string,
    dsn: DsnRequest,
  ): Promise<Recipient> {
    this.asked.push({ session, sender, address, dsn });
    if (address.startsWith('bug')) throw new TypeError('x is not a function');
    if (address.startsWith('limit.rate')) throw new Fault('limit.rate');
    if (address.startsWith('auth.credentials')) throw new Fault('auth.credentials');
    if (address.startsWith('foreign')) throw new Fault('address.domain', { told: `no relay to ${address}` });
    const numbers = ['+15551234567'];
    const target = { address, numbers, parameters: {}, payer: { kind: 'nobody' as const } };
    return { address, dsn, targets: [target], mails: [] };
  }

  async submit(session: Session, mail: MailSubmission): Promise<readonly RecipientResult[]> {
    const taken = { ...mail, session };
    await this.onSubmit(taken);
    this.mails.push(taken);
    return mail.recipients.map((recipient) =>
      recipient.address.startsWith('late.')
        ? { recipient, fault: new Fault('limit.month') }
        : { recipient, ids: [`id${++this.#count}`] },
    );
  }
}
