import type { Socket } from 'node:net';
import type { SMTPServer } from 'smtp-server';
import { SMTPConnection, type SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';
import { type Clock, within } from '../../base/clock.ts';
import { Fault, asFault } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { redact } from '../../base/secret.ts';
import type { MailDoor, Recipient, RecipientResult, Session } from '../../flow/submission.ts';
import { parsePathCommand, recipientOf, senderOf } from './command.ts';
import { Deadline } from './deadline.ts';
import { type MailParameters, dsnRequest, mailParameters } from './dsn.ts';
import { AUTH_LINE_OCTETS, Input, LINE_OCTETS } from './input.ts';
import { type IncomingMail, type Intake, tooLarge } from './intake.ts';
import { type Reply, reply, replyOf, replyToMail, replyToRecipient } from './reply.ts';
import type { SmtpLimits } from './settings.ts';

/** What a connection needs of the server it belongs to. */
export interface ConnectionHost {
  readonly door: MailDoor;
  readonly log: Log;
  readonly clock: Clock;
  readonly limits: SmtpLimits;
  readonly intake: Intake;
  readonly lmtp: boolean;
  readonly authRequired: boolean;
  readonly authInsecure: boolean;
  readonly closing: boolean;
  /** Is the address that of a trusted relay? The empty address is a unix socket's. */
  trusts(address: string): boolean;
  isLocal(address: string): boolean;
  /** Counts the connection in; a fault where there are too many. */
  admit(connection: Connection): Fault | undefined;
  /** The session is over. */
  release(connection: Connection): void;
  /** The socket is closed. */
  gone(connection: Connection): void;
}

/** One mail between MAIL FROM and the answer to its data. */
interface Transaction {
  readonly session: Session;
  readonly sender: string | undefined;
  readonly parameters: MailParameters;
  /** Each accepted RCPT TO in its order; one that came twice stands here twice, with the same recipient. */
  readonly accepted: Recipient[];
  /** By the address as it was given. */
  readonly unique: Map<string, Recipient>;
}

type Next = () => void;

const OWN_CODE = /^[245]\.\d{1,3}\.\d{1,3} /;

/** Commands that don't bring a mail further. */
const IDLE_COMMAND = /^(?:noop|rset|vrfy|help|ehlo|helo|lhlo)\b/i;

/**
 * One client. smtp-server's connection gives the socket, the parser, TLS, SASL and XCLIENT; here stand the greeting,
 * the mail transaction and its answers, the limits, and who may do what.
 */
export class Connection extends SMTPConnection {
  readonly #host: ConnectionHost;
  readonly #deadline: Deadline;
  #cancelWait: (() => void) | undefined;
  #transaction: Transaction | undefined;
  /** A mail is being received or stored. */
  #receiving = false;
  #errors = 0;
  #idleCommands = 0;
  #failedLogins = 0;

  constructor(
    host: ConnectionHost,
    server: SMTPServer,
    socket: Socket,
    options?: SMTPConnectionOptions | null,
  ) {
    super(server, socket, options);
    this.#host = host;
    this.#deadline = new Deadline(host.clock, () => this.refuse(new Fault('smtp.timeout')));
  }

  /** The address that the connection was made from; empty for a unix socket. */
  get peer(): string {
    return this._originalRemoteAddress;
  }

  /** Is the relay at the other end trusted, whoever it speaks for? */
  get trustedPeer(): boolean {
    return this.#host.trusts(this.peer);
  }

  /** Strangers wait before the banner: what talks first is a spam bot. */
  override init(): void {
    this._setListeners(() => {
      const full = this.#host.admit(this);
      if (full !== undefined) {
        this.refuse(full);
        return;
      }
      this.#host.log.debug(this.#fields(), 'connected');
      if (this.trustedPeer || this.#host.isLocal(this.peer)) {
        this.connectionReady();
        return;
      }
      this.#cancelWait = this.#host.clock.after(this.#host.limits.earlyTalkerMs, () => {
        if (this._parser instanceof Input && this._parser.begun) this.refuse(new Fault('smtp.banner'));
        else if (!this._closing && !this._closed) this.connectionReady();
      });
    });
  }

  /** Ends the session with this answer. */
  refuse(fault: Fault): void {
    if (this._closing || this._closed) return;
    const log = this.#host.log;
    const text = 'session refused';
    if (fault.code === 'server.closing') log.debug(this.#fields(fault), text);
    else log.info(this.#fields(fault), text);
    this.#answer(replyOf(fault));
    this.close();
  }

  /** The server stops: a mail that is being received is finished first. */
  leave(): void {
    if (!this.#receiving) this.refuse(new Fault('server.closing'));
  }

  /** The server stops now. */
  abort(): void {
    this.refuse(new Fault('server.closing'));
    setImmediate(() => this._socket.destroy());
  }

  /** For the door: who speaks now. */
  describe(user: string | undefined): Session {
    const asClient = this._xClient.get('ADDR');
    // After XCLIENT ADDR the session is the client's, and no more trusted than the client itself.
    const trusted = this._xClient.has('ADDR')
      ? typeof asClient === 'string' && this.#host.trusts(asClient)
      : this.trustedPeer;
    return {
      via: this.#host.lmtp ? 'lmtp' : 'smtp',
      remote: this.remoteAddress === '' ? 'local' : this.remoteAddress,
      trusted,
      ...(user === undefined ? {} : { user }),
    };
  }

  /** Resolves with the account, or throws the fault to answer. */
  async authenticate(user: string, password: string): Promise<string> {
    try {
      const account = await this.#ask(this.#host.door.authenticate(user, password, this.describe(undefined)));
      this.#host.log.info({ ...this.#fields(), user: account }, 'logged in');
      return account;
    } catch (error) {
      this.#loginFailed(error);
      this.#logFault(error, { user }, 'login refused');
      throw error;
    }
  }

  override close(): void {
    this.#over();
    super.close();
  }

  override _onClose(): void {
    this.#over();
    this.#host.gone(this);
    super._onClose();
  }

  override _createParser(): Input {
    return new Input(
      (line, next) => this._onCommand(line, next),
      () => this.refuse(new Fault('smtp.line')),
    );
  }

  /** The clock that is given keeps the time, not the socket's. */
  override _armTimeout(): void {
    this.#deadline.set(this.#host.limits.commandMs);
  }

  override _resetSession(): void {
    super._resetSession();
    this.#transaction = undefined;
  }

  /** AUTH is there only where nobody on the way can read the password. */
  override _isDisabled(command: string): boolean {
    return command === 'AUTH' ? !this.#mayAuthenticate() : super._isDisabled(command);
  }

  override _proxyCommandAllowed(command: string): boolean {
    return this.trustedPeer && !this._xClient.has('ADDR') && this._isSupported(command);
  }

  /** smtp-server has one enhanced code for each reply code; a text of ours brings its own. */
  override send(code: number, data?: string | string[] | null, context?: string | false): void {
    if (code >= 400) this.#errors++;
    const own = typeof data === 'string' && OWN_CODE.test(data);
    super.send(code, data, own ? false : context);
  }

  override _getEnhancedStatusCode(code: number, context?: string | false): string {
    if (code === 421 && context !== false) return '4.7.0';
    return super._getEnhancedStatusCode(code, context);
  }

  override _onCommand(line: Buffer, next?: Next): void {
    if (this._upgrading) {
      super._onCommand(line, next);
      return;
    }
    const proceed = (): void => {
      const { dataMs, commandMs } = this.#host.limits;
      if (!this._closing) this.#deadline.set(this.#receiving ? dataMs : commandMs);
      next?.();
    };
    const fault = this.#objection(line);
    if (fault === undefined) {
      this.#deadline.clear();
      super._onCommand(line, proceed);
    } else if (fault.smtp === 421 || fault.code === 'smtp.banner') {
      this.refuse(fault);
    } else {
      this.#answer(replyOf(fault));
      this._whenWritable(proceed);
    }
  }

  override handler_MAIL(line: Buffer, next: Next): void {
    this.#handle(next, async () => {
      if (this.#transaction !== undefined) {
        throw new Fault('smtp.sequence', { told: 'a mail is under way already' });
      }
      const { path, parameters: given } = parsePathCommand('MAIL FROM', line);
      const sender = senderOf(path);
      const parameters = mailParameters(given);
      const { limits, door, authRequired } = this.#host;
      if (parameters.size !== undefined && parameters.size > limits.mailOctets) {
        throw new Fault('mail.size', { told: tooLarge(limits.mailOctets) });
      }
      const session = this.describe(this.#user());
      if (authRequired && session.user === undefined && !session.trusted) throw new Fault('smtp.login');
      await this.#ask(door.sender(session, sender));
      this.#transaction = { session, sender, parameters, accepted: [], unique: new Map() };
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
        if (transaction.accepted.length >= this.#host.limits.recipients) throw new Fault('smtp.recipients');
        const { session, sender, accepted, unique } = transaction;
        const known = unique.get(path);
        const taken = known ?? (await this.#ask(this.#host.door.recipient(session, sender, recipient, dsn)));
        unique.set(path, taken);
        accepted.push(taken);
        return reply(250, '2.1.5', 'recipient ok');
      },
      (error) => {
        this.#loginFailed(error);
        this.#logFault(error, { recipient: redact(address ?? '') }, 'recipient refused');
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
    if (transaction === undefined || transaction.accepted.length === 0) {
      this.#answer(replyOf(new Fault('smtp.sequence', { told: 'there is no valid recipient' })));
      next();
      return;
    }
    const mail = this.#host.intake.open(this.#host.limits.mailOctets);
    const stream = parser.startDataMode(this.#host.limits.mailOctets);
    this._dataStream = stream;
    this.#receiving = true;
    stream.on('data', (chunk: Buffer) => mail.add(chunk));
    stream.on('end', () => void this.#finish(transaction, mail));
    // The client went away in the middle of its mail.
    stream.on('error', () => mail.close());
    this.send(354, 'end the mail with <CR><LF>.<CR><LF>');
    next();
  }

  /** The mail is there in full: store it, answer, and go on with what the client sent meanwhile. */
  async #finish(transaction: Transaction, mail: IncomingMail): Promise<void> {
    this._dataStream = false;
    this.#deadline.clear();
    const replies = await this.#submit(transaction, mail);
    mail.close();
    for (const answer of replies) this.#answer(answer);
    this.#receiving = false;
    this._transactionCounter++;
    this._unrecognizedCommands = 0;
    if (this._closing || this._closed) return;
    this._resetSession();
    if (this.#host.closing) {
      this.refuse(new Fault('server.closing'));
      return;
    }
    this.#deadline.set(this.#host.limits.commandMs);
    if (this._parser !== false) this._parser.continue();
  }

  /** The answers to a mail: one over SMTP, over LMTP one for each accepted recipient (RFC 2033 4.2). */
  async #submit(transaction: Transaction, mail: IncomingMail): Promise<Reply[]> {
    const { session, sender, accepted, unique } = transaction;
    const recipients = [...unique.values()];
    const submission = { recipients, ...(sender === undefined ? {} : { sender }) };
    let results: readonly RecipientResult[];
    try {
      const raw = mail.raw();
      results = await this.#ask(this.#host.door.submit(session, { ...submission, raw }));
    } catch (error) {
      this.#logFault(error, { octets: mail.octets }, 'mail refused');
      const answer = replyOf(error);
      return this.#host.lmtp ? accepted.map(() => answer) : [answer];
    }
    this.#logResults(results, mail.octets);
    if (!this.#host.lmtp) return [replyToMail(results)];
    const byRecipient = new Map(results.map((result) => [result.recipient, result]));
    return accepted.map((recipient) => replyToRecipient(byRecipient.get(recipient)));
  }

  #logResults(results: readonly RecipientResult[], octets: number): void {
    const ids: string[] = [];
    for (const result of results) {
      if ('ids' in result) ids.push(...result.ids);
      else this.#logFault(result.fault, { recipient: result.recipient.address }, 'recipient failed');
    }
    if (ids.length === results.length && results.length === 0) return;
    if (results.some((result) => 'ids' in result)) {
      this.#errors = 0;
      this.#idleCommands = 0;
      this.#host.log.info({ ...this.#fields(), message: ids.join(' '), octets }, 'mail accepted');
    }
  }

  /** What stands against this line, before anybody looks at what it says. */
  #objection(line: Buffer): Fault | undefined {
    const { limits } = this.#host;
    if (!this._ready) return new Fault('smtp.banner');
    if (this.#host.closing) return new Fault('server.closing');
    if (!this.trustedPeer) {
      if (this.#errors >= limits.errors) return new Fault('smtp.errors');
      if (this.#failedLogins >= limits.failedLogins) {
        return new Fault('smtp.errors', { told: 'too many failed logins' });
      }
    }
    if (this._nextHandler !== false) return undefined;
    const start = line.toString('latin1', 0, 6);
    const auth = /^auth\b/i.test(start);
    if (line.length > (auth ? AUTH_LINE_OCTETS : LINE_OCTETS)) return new Fault('smtp.line');
    if (auth && !this.#mayAuthenticate()) return new Fault('smtp.encryption');
    if (IDLE_COMMAND.test(start) && this.#idleCommands++ >= limits.idleCommands && !this.trustedPeer) {
      return new Fault('smtp.errors', { told: 'too many commands without a mail' });
    }
    return undefined;
  }

  #over(): void {
    this.#deadline.stop();
    this.#cancelWait?.();
    this.#host.release(this);
  }

  #mayAuthenticate(): boolean {
    return this.secure || this.#host.authInsecure || this.#host.isLocal(this.peer);
  }

  /** Answers with what `work` resolves with, or with the fault it throws. */
  #handle(next: Next, work: () => Promise<Reply>, refused?: (error: unknown) => void): void {
    work()
      .catch((error: unknown) => {
        if (refused !== undefined) refused(error);
        else this.#logFault(error, {}, 'command refused');
        return replyOf(error);
      })
      .then((answer) => {
        this.#answer(answer);
        next();
      })
      .catch((error: unknown) => this.#logFault(error, {}, 'the session failed'));
  }

  #answer(answer: Reply): void {
    this.send(answer.code, answer.text);
  }

  /** What the door says, within the time that clients wait for an answer. */
  #ask<T>(work: Promise<T>): Promise<T> {
    const { clock, limits } = this.#host;
    return within(
      clock,
      limits.answerMs,
      work,
      () => new Fault('store.down', { detail: 'no answer in time' }),
    );
  }

  #user(): string | undefined {
    return typeof this.session.user === 'string' ? this.session.user : undefined;
  }

  #loginFailed(error: unknown): void {
    if (error instanceof Fault && error.code === 'auth.credentials') this.#failedLogins++;
  }

  #fields(fault?: Fault): Record<string, unknown> {
    const fields = { session: this.id, remote: this.remoteAddress === '' ? 'local' : this.remoteAddress };
    if (fault === undefined) return fields;
    const detail = fault.detail === undefined ? {} : { detail: redact(fault.detail) };
    return { ...fields, answer: `${fault.smtp} ${fault.enhanced}`, reason: redact(fault.told), ...detail };
  }

  #logFault(error: unknown, more: Record<string, unknown>, text: string): void {
    const fault = asFault(error);
    const fields = { ...this.#fields(fault), ...more };
    if (fault.code === 'internal') this.#host.log.error(fields, text);
    else this.#host.log.info(fields, text);
  }
}
