import type { Socket } from 'node:net';
import type { SMTPServer } from 'smtp-server';
import { SMTPConnection, type SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';
import type { Clock } from '../../base/clock.ts';
import { Fault, asFault } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { redact } from '../../base/secret.ts';
import type { MailDoor, RecipientResult, Session } from '../../flow/submission.ts';
import { parsePathCommand, recipientOf, senderOf } from './command.ts';
import { Deadline } from './deadline.ts';
import { dsnRequest, mailParameters } from './dsn.ts';
import { AUTH_LINE_OCTETS, Input, LINE_OCTETS } from './input.ts';
import { type IncomingMail, type Intake, tooLarge } from './intake.ts';
import { Patience } from './patience.ts';
import { type Reply, reply, replyOf } from './reply.ts';
import type { SmtpLimits } from './settings.ts';
import { Transaction } from './transaction.ts';

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

type Next = () => void;

const OWN_CODE = /^[245]\.\d{1,3}\.\d{1,3} /;

/**
 * One client. smtp-server's connection gives the socket, the parser, TLS, SASL and XCLIENT; here stand the greeting,
 * the mail transaction and its answers, the limits, and who may do what.
 */
export class Connection extends SMTPConnection {
  /** The address that the connection was made from; empty for a unix socket. */
  readonly peer: string;
  /** Is the relay at the other end trusted, whoever it speaks for? */
  readonly trustedPeer: boolean;
  readonly #local: boolean;
  readonly #host: ConnectionHost;
  readonly #deadline: Deadline;
  #cancelWait: (() => void) | undefined;
  /** Ends the wait for the door, while there is one. */
  #late: ((fault: Fault) => void) | undefined;
  #transaction: Transaction | undefined;
  /** A mail is being received or stored. */
  #receiving = false;
  readonly #patience: Patience;

  constructor(
    host: ConnectionHost,
    server: SMTPServer,
    socket: Socket,
    options?: SMTPConnectionOptions | null,
  ) {
    super(server, socket, options);
    this.#host = host;
    this.peer = this._originalRemoteAddress;
    this.trustedPeer = host.trusts(this.peer);
    this.#local = host.isLocal(this.peer);
    this.#patience = new Patience(host.limits, this.trustedPeer);
    this.#deadline = new Deadline(host.clock, () => this.#expired());
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
      if (this.trustedPeer || this.#local) {
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
      this.#patience.loginFailed(error);
      this.#logFault(error, { user }, 'login refused');
      throw error;
    }
  }

  override close(): void {
    super.close();
    this.#over();
  }

  override _onClose(): void {
    super._onClose();
    this.#over();
    this.#host.gone(this);
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
    if (code >= 400) this.#patience.refused();
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
        if (transaction.recipients >= this.#host.limits.recipients) throw new Fault('smtp.recipients');
        const { session, sender } = transaction;
        const taken =
          transaction.known(path) ??
          (await this.#ask(this.#host.door.recipient(session, sender, recipient, dsn)));
        transaction.accept(path, taken);
        return reply(250, '2.1.5', 'recipient ok');
      },
      (error) => {
        this.#patience.loginFailed(error);
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
    if (transaction === undefined || transaction.recipients === 0) {
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

  /** Resolves with the answers to the mail. */
  async #submit(transaction: Transaction, mail: IncomingMail): Promise<Reply[]> {
    const { door, lmtp } = this.#host;
    try {
      const submission = transaction.submission(mail.raw());
      const results = await this.#ask(door.submit(transaction.session, submission));
      this.#logResults(results, mail.octets);
      return transaction.replies(results, lmtp);
    } catch (error) {
      this.#logFault(error, { octets: mail.octets }, 'mail refused');
      return transaction.refusals(error, lmtp);
    }
  }

  #logResults(results: readonly RecipientResult[], octets: number): void {
    const ids: string[] = [];
    let taken = false;
    for (const result of results) {
      if ('fault' in result) {
        this.#logFault(result.fault, { recipient: result.recipient.address }, 'recipient failed');
      } else {
        taken = true;
        ids.push(...result.ids);
      }
    }
    if (!taken) return;
    this.#patience.mailAccepted();
    this.#host.log.info({ ...this.#fields(), message: ids.join(' '), octets }, 'mail accepted');
  }

  /** What stands against this line, before anybody looks at what it says. */
  #objection(line: Buffer): Fault | undefined {
    if (!this._ready) return new Fault('smtp.banner');
    if (this.#host.closing) return new Fault('server.closing');
    // The lines of an AUTH exchange are no commands.
    const start = this._nextHandler === false ? line.toString('latin1', 0, 6) : '';
    const exhausted = this.#patience.exhausted(start);
    if (exhausted !== undefined || this._nextHandler !== false) return exhausted;
    const auth = /^auth\b/i.test(start);
    if (line.length > (auth ? AUTH_LINE_OCTETS : LINE_OCTETS)) return new Fault('smtp.line');
    if (auth && !this.#mayAuthenticate()) return new Fault('smtp.encryption');
    return undefined;
  }

  #over(): void {
    this.#cancelWait?.();
    this.#stopClock();
    this.#host.release(this);
  }

  #mayAuthenticate(): boolean {
    return this.secure || this.#host.authInsecure || this.#local;
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

  /** What the door says, within the time that clients wait for an answer. Only one question is asked at a time. */
  #ask<T>(work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const settled = (): void => {
        if (this.#late !== late) return;
        this.#late = undefined;
        this.#stopClock();
      };
      const late = (fault: Fault): void => {
        settled();
        reject(fault);
      };
      this.#late = late;
      this.#deadline.set(this.#host.limits.answerMs);
      work.then(
        (answer) => {
          settled();
          resolve(answer);
        },
        (error: unknown) => {
          settled();
          reject(asFault(error));
        },
      );
    });
  }

  /** The client is not waited for. Where its session is over, a question to the door is still waited for. */
  #stopClock(): void {
    if (!this._closing && !this._closed) this.#deadline.clear();
    else if (this.#late === undefined) this.#deadline.stop();
  }

  #expired(): void {
    if (this.#late === undefined) this.refuse(new Fault('smtp.timeout'));
    else this.#late(new Fault('store.down', { detail: 'no answer in time' }));
  }

  #user(): string | undefined {
    return typeof this.session.user === 'string' ? this.session.user : undefined;
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
