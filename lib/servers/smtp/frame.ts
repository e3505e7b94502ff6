import type { Socket } from 'node:net';
import type { SMTPServer } from 'smtp-server';
import { SMTPConnection, type SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';
import type { Clock } from '../../base/clock.ts';
import { Fault, asFault } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { redact } from '../../base/secret.ts';
import type { Credential, MailDoor, Session } from '../../flow/outgoing/door.ts';
import { Deadline } from './deadline.ts';
import { AUTH_LINE_OCTETS, Input, LINE_OCTETS } from './input.ts';
import type { Intake } from './intake.ts';
import { Patience } from './patience.ts';
import { type Reply, replyOf } from './reply.ts';
import type { SmtpLimits } from './settings.ts';

/** What a connection needs of the server it belongs to. */
export interface FrameHost {
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
  admit(frame: Frame): Fault | undefined;
  /** The session is over. */
  release(frame: Frame): void;
  /** The socket is closed. */
  gone(frame: Frame): void;
}

type Next = () => void;

const OWN_CODE = /^[245]\.\d{1,3}\.\d{1,3} /;

/**
 * One client's session around its mails: greeting, time-outs, limits, logins, and who may do what. smtp-server's
 * connection gives the socket, the parser, TLS, SASL and XCLIENT. The mails themselves are in connection.ts.
 */
export class Frame extends SMTPConnection {
  /** The address that the connection was made from; empty for a unix socket. */
  readonly peer: string;
  /** Is the relay at the other end trusted, whoever it speaks for? */
  readonly trustedPeer: boolean;
  readonly #local: boolean;
  protected readonly host: FrameHost;
  readonly #deadline: Deadline;
  #cancelWait: (() => void) | undefined;
  /** Ends the wait for the door, while there is one. */
  #late: ((fault: Fault) => void) | undefined;
  /** A mail is being received or stored. */
  protected receiving = false;
  protected readonly patience: Patience;

  constructor(host: FrameHost, server: SMTPServer, socket: Socket, options?: SMTPConnectionOptions | null) {
    super(server, socket, options);
    this.host = host;
    this.peer = this._originalRemoteAddress;
    this.trustedPeer = host.trusts(this.peer);
    this.#local = host.isLocal(this.peer);
    this.patience = new Patience(host.limits, this.trustedPeer);
    this.#deadline = new Deadline(host.clock, () => this.#expired());
  }

  /** Strangers wait before the banner: what talks first is a spam bot. */
  override init(): void {
    this._setListeners(() => {
      const full = this.host.admit(this);
      if (full !== undefined) {
        this.refuse(full);
        return;
      }
      this.host.log.debug(this.fields(), 'connected');
      if (this.trustedPeer || this.#local) {
        this.connectionReady();
        return;
      }
      this.#cancelWait = this.host.clock.after(this.host.limits.earlyTalkerMs, () => {
        if (this._parser instanceof Input && this._parser.begun) this.refuse(new Fault('smtp.banner'));
        else if (!this._closing && !this._closed) this.connectionReady();
      });
    });
  }

  /** Ends the session with this answer. */
  refuse(fault: Fault): void {
    if (this._closing || this._closed) return;
    const log = this.host.log;
    const text = 'session refused';
    if (fault.code === 'server.closing') log.debug(this.fields(fault), text);
    else log.info(this.fields(fault), text);
    this.answer(replyOf(fault));
    this.close();
  }

  /** The server stops: a mail that is being received is finished first. */
  leave(): void {
    if (!this.receiving) this.refuse(new Fault('server.closing'));
  }

  /** The server stops now. */
  abort(): void {
    this.refuse(new Fault('server.closing'));
    setImmediate(() => this._socket.destroy());
  }

  /** The client's address, as the relay says where it does; `local` on a unix socket. */
  protected get remote(): string {
    return this.remoteAddress === '' ? 'local' : this.remoteAddress;
  }

  /** For the door: who speaks now. */
  describe(user: string | undefined): Session {
    const asClient = this._xClient.get('ADDR');
    // After XCLIENT ADDR the session is the client's, and no more trusted than the client itself.
    const trusted = this._xClient.has('ADDR')
      ? typeof asClient === 'string' && this.host.trusts(asClient)
      : this.trustedPeer;
    return {
      via: this.host.lmtp ? 'lmtp' : 'smtp',
      remote: this.remote,
      trusted,
      ...(this.hostNameAppearsAs === false ? {} : { helo: String(this.hostNameAppearsAs) }),
      ...(user === undefined ? {} : { user }),
    };
  }

  /** Resolves with the account, or throws the fault to answer. */
  async authenticate(user: string, credential: Credential): Promise<string> {
    try {
      const account = await this.ask(this.host.door.authenticate(user, credential, this.describe(undefined)));
      this.host.log.info({ ...this.fields(), user: account }, 'logged in');
      return account;
    } catch (error) {
      this.patience.loginFailed(error);
      this.logFault(error, { user }, 'login refused');
      throw error;
    }
  }

  /** Counts and logs a login that says two names, or none; the fault to answer. */
  refuseLogin(user: string): Fault {
    const fault = new Fault('auth.credentials', {
      told: 'log in with the name of the account, and with no other',
    });
    this.patience.loginFailed(fault);
    this.logFault(fault, { user }, 'login refused');
    return fault;
  }

  override close(): void {
    super.close();
    this.#over();
  }

  override _onClose(): void {
    super._onClose();
    this.#over();
    this.host.gone(this);
  }

  override _createParser(): Input {
    const input = new Input(
      (line, next) => this._onCommand(line, next),
      () => this.refuse(new Fault('smtp.line')),
    );
    // The client will send no more. All that it has sent is answered by now, its last mail too: Exim ends its side right
    // behind QUIT, which it sends with the end of the mail, and still waits for what becomes of that.
    input.once('finish', () => this.close());
    return input;
  }

  /** The clock that is given keeps the time, not the socket's. */
  override _armTimeout(): void {
    this.#deadline.set(this.host.limits.timeout);
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
    if (code >= 400) this.patience.refused();
    const own = typeof data === 'string' && OWN_CODE.test(data);
    const socket = this._socket;
    // smtp-server answers only where both directions are open. A client that has ended its own still reads.
    const halfOpen = socket.readyState === 'writeOnly';
    if (halfOpen) Object.defineProperty(socket, 'readyState', { value: 'open', configurable: true });
    super.send(code, data, own ? false : context);
    if (halfOpen) Reflect.deleteProperty(socket, 'readyState');
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
      const { dataMs, timeout } = this.host.limits;
      if (!this._closing) this.#deadline.set(this.receiving ? dataMs : timeout);
      next?.();
    };
    const fault = this.#objection(line);
    if (fault === undefined) {
      this.#deadline.clear();
      super._onCommand(line, proceed);
    } else if (fault.smtp === 421 || fault.code === 'smtp.banner') {
      this.refuse(fault);
    } else {
      this.answer(replyOf(fault));
      this._whenWritable(proceed);
    }
  }

  /** What stands against this line, before anybody looks at what it says. */
  #objection(line: Buffer): Fault | undefined {
    if (!this._ready) return new Fault('smtp.banner');
    if (this.host.closing) return new Fault('server.closing');
    // The lines of an AUTH exchange are no commands.
    const start = this._nextHandler === false ? line.toString('latin1', 0, 6) : '';
    const exhausted = this.patience.exhausted(start);
    if (exhausted !== undefined || this._nextHandler !== false) return exhausted;
    const auth = /^auth\b/i.test(start);
    if (line.length > (auth ? AUTH_LINE_OCTETS : LINE_OCTETS)) return new Fault('smtp.line');
    if (auth && !this.#mayAuthenticate()) return new Fault('smtp.encryption');
    return undefined;
  }

  #over(): void {
    this.#cancelWait?.();
    this.stopClock();
    this.host.release(this);
  }

  #mayAuthenticate(): boolean {
    return this.secure || this.host.authInsecure || this.#local;
  }

  protected answer(answer: Reply): void {
    this.send(answer.code, answer.text);
  }

  /** What the door says, within the time that clients wait for an answer. Only one question is asked at a time. */
  protected ask<T>(work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const settled = (): void => {
        if (this.#late !== late) return;
        this.#late = undefined;
        this.stopClock();
      };
      const late = (fault: Fault): void => {
        settled();
        reject(fault);
      };
      this.#late = late;
      this.#deadline.set(this.host.limits.answerMs);
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
  protected stopClock(): void {
    if (!this._closing && !this._closed) this.#deadline.clear();
    else if (this.#late === undefined) this.#deadline.stop();
  }

  #expired(): void {
    if (this.#late === undefined) this.refuse(new Fault('smtp.timeout'));
    else this.#late(new Fault('store.down', { detail: 'no answer in time' }));
  }

  protected fields(fault?: Fault): Record<string, unknown> {
    const fields = { session: this.id, remote: this.remote };
    if (fault === undefined) return fields;
    const detail = fault.detail === undefined ? {} : { detail: redact(fault.detail) };
    return { ...fields, answer: `${fault.smtp} ${fault.enhanced}`, reason: redact(fault.told), ...detail };
  }

  protected logFault(error: unknown, more: Record<string, unknown>, text: string): void {
    const fault = asFault(error);
    const fields = { ...this.fields(fault), ...more };
    if (fault.code === 'internal') this.host.log.error(fields, text);
    else this.host.log.info(fields, text);
  }
}
