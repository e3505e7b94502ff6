import { Fault } from '../../base/errors.ts';
import { redactAddress } from '../../address/quoting.ts';
import type { RecipientResult } from '../../flow/outgoing/door.ts';
import { parsePathCommand, recipientOf, senderOf } from './command.ts';
import { dsnRequest, mailParameters } from './dsn.ts';
import { Frame } from './frame.ts';
import { type IncomingMail, tooLarge } from './intake.ts';
import { type Reply, reply, replyOf } from './reply.ts';
import { Transaction } from './transaction.ts';

type Next = () => void;

/** One client and the mails it brings: MAIL, RCPT and DATA (RFC 5321 4.1.1.2 to 4.1.1.4). */
export class Connection extends Frame {
  #transaction: Transaction | undefined;

  override _resetSession(): void {
    super._resetSession();
    this.#transaction = undefined;
  }

  override handler_MAIL(line: Buffer, next: Next): void {
    this.#handle(next, async () => {
      if (this.#transaction !== undefined) {
        throw new Fault('smtp.sequence', { told: 'a mail is under way already' });
      }
      const { path, parameters: given } = parsePathCommand('MAIL FROM', line);
      const sender = senderOf(path);
      const parameters = mailParameters(given);
      const { limits, door, authRequired } = this.host;
      if (parameters.size !== undefined && parameters.size > limits.maxSize) {
        throw new Fault('mail.size', { told: tooLarge(limits.maxSize) });
      }
      const session = this.describe(this.#user());
      if (authRequired && session.user === undefined && !session.trusted) throw new Fault('smtp.login');
      await this.ask(door.sender(session, sender));
      this.#transaction = new Transaction(session, sender, parameters);
      // smtp-server looks here to know whether a mail is under way.
      this.session.envelope.mailFrom = { address: path, args: false };
      return reply(250, '2.1.0', 'sender ok');
    });
  }

  override handler_RCPT(line: Buffer, next: Next): void {
    let address: string | undefined;
    this.#handle(
      next,
      async () => {
        const transaction = this.#transaction;
        if (transaction === undefined) throw new Fault('smtp.sequence', { told: 'MAIL FROM comes first' });
        const { path, parameters } = parsePathCommand('RCPT TO', line);
        address = path;
        const recipient = recipientOf(path);
        const dsn = dsnRequest(parameters, transaction.parameters);
        if (transaction.recipients >= this.host.limits.maxRecipients) throw new Fault('smtp.recipients');
        const { session, sender } = transaction;
        const taken =
          transaction.known(path) ??
          (await this.ask(this.host.door.recipient(session, sender, recipient, dsn)));
        transaction.accept(path, taken);
        return reply(250, '2.1.5', 'recipient ok');
      },
      (error) => {
        this.patience.loginFailed(error);
        this.logFault(error, { recipient: redactAddress(address ?? '') }, 'recipient refused');
      },
    );
  }

  override handler_DATA(_line: Buffer, next: Next): void {
    const transaction = this.#transaction;
    const parser = this._parser;
    if (parser === false) {
      next();
      return;
    }
    if (transaction === undefined || transaction.recipients === 0) {
      this.answer(replyOf(new Fault('smtp.sequence', { told: 'there is no valid recipient' })));
      next();
      return;
    }
    const mail = this.host.intake.open(this.host.limits.maxSize);
    const stream = parser.startDataMode(this.host.limits.maxSize);
    this._dataStream = stream;
    this.receiving = true;
    stream.on('data', (chunk: Buffer) => mail.add(chunk));
    stream.on('end', () => {
      this.#finish(transaction, mail).catch((error: unknown) =>
        this.logFault(error, {}, 'the session failed'),
      );
    });
    // The client went away in the middle of its mail.
    stream.on('error', () => mail.close());
    this.send(354, 'end the mail with <CR><LF>.<CR><LF>');
    next();
  }

  /** The mail is there in full: store it, answer, and go on with what the client sent meanwhile. */
  async #finish(transaction: Transaction, mail: IncomingMail): Promise<void> {
    this._dataStream = false;
    this.stopClock();
    const replies = await this.#submit(transaction, mail);
    mail.close();
    for (const answer of replies) this.answer(answer);
    this.receiving = false;
    this._transactionCounter++;
    this._unrecognizedCommands = 0;
    if (this._closing || this._closed) return;
    this._resetSession();
    if (this.host.closing) {
      this.refuse(new Fault('server.closing'));
      return;
    }
    this._armTimeout();
    if (this._parser !== false) this._parser.continue();
  }

  /** Resolves with the answers to the mail. */
  async #submit(transaction: Transaction, mail: IncomingMail): Promise<Reply[]> {
    const { door, lmtp } = this.host;
    try {
      const submission = transaction.submission(mail.raw());
      const results = await this.ask(door.submit(transaction.session, submission));
      this.#logResults(results, mail.octets);
      return transaction.replies(results, lmtp);
    } catch (error) {
      this.logFault(error, { octets: mail.octets }, 'mail refused');
      return transaction.refusals(error, lmtp);
    }
  }

  #logResults(results: readonly RecipientResult[], octets: number): void {
    const ids: string[] = [];
    let taken = false;
    for (const result of results) {
      if ('fault' in result) {
        this.logFault(result.fault, { recipient: result.recipient.address }, 'recipient failed');
      } else {
        taken = true;
        ids.push(...result.ids);
      }
    }
    if (!taken) return;
    this.patience.mailAccepted();
    const message = ids.join(' ');
    this.host.log.debug({ session: this.id, remote: this.remote, message, octets }, 'mail accepted');
  }

  /** Answers with what `work` resolves with, or with the fault it throws. */
  #handle(next: Next, work: () => Promise<Reply>, refused?: (error: unknown) => void): void {
    work()
      .catch((error: unknown) => {
        if (refused !== undefined) refused(error);
        else this.logFault(error, {}, 'command refused');
        return replyOf(error);
      })
      .then((answer) => {
        this.answer(answer);
        next();
      })
      .catch((error: unknown) => this.logFault(error, {}, 'the session failed'));
  }

  #user(): string | undefined {
    return typeof this.session.user === 'string' ? this.session.user : undefined;
  }
}
