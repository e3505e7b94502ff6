import type { Socket } from 'node:net';
import {
  SMTPServer,
  type SMTPServerAuthentication,
  type SMTPServerAuthenticationResponse,
  type SMTPServerOptions,
  type SMTPServerSession,
} from 'smtp-server';
import type { SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';
import type { Clock } from '../../base/clock.ts';
import { Fault, asFault, messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { networkOf } from '../../base/host.ts';
import { KeyCount } from '../../base/key-count.ts';
import { RateLimit } from '../../base/rate.ts';
import { Secret } from '../../base/secret.ts';
import type { Credential, MailDoor } from '../../flow/outgoing/door.ts';
import { Connection } from './connection.ts';
import type { Frame, FrameHost } from './frame.ts';
import { Handshakes } from './handshakes.ts';
import { Intake } from './intake.ts';
import { LOOPBACK, Networks } from './networks.ts';
import { replyOf } from './reply.ts';
import { SMTP_LIMITS, type SmtpLimits, type SmtpSettings } from './settings.ts';

export interface SmtpDeps {
  readonly door: MailDoor;
  readonly log: Log;
  readonly clock: Clock;
}

/** Commands of smtp-server that are of no use to anybody. */
const DISABLED = ['WIZ', 'SHELL', 'KILL'];

/** Exim's LMTP client gives up where the answer to LHLO has 256 octets or more. */
const LMTP_DISABLED = [...DISABLED, 'XCLIENT'];

/** The listening side: who gets in, and how everybody is let go. */
export class Listener extends SMTPServer implements FrameHost {
  readonly door: MailDoor;
  readonly log: Log;
  readonly clock: Clock;
  readonly limits: SmtpLimits;
  readonly intake: Intake;
  readonly lmtp: boolean;
  readonly authRequired: boolean;
  readonly authInsecure: boolean;
  closing = false;
  readonly #trusted: Networks;
  readonly #local: Networks;
  /** Every connection whose socket is open. */
  readonly #open = new Set<Frame>();
  /** Those whose session is not over, and what they are counted as. */
  readonly #counted = new Map<Frame, string | undefined>();
  readonly #perAddress = new KeyCount();
  readonly #perMinute: RateLimit;
  readonly #handshakes: Handshakes;
  readonly #bySession = new WeakMap<SMTPServerSession, Connection>();

  constructor(settings: SmtpSettings, deps: SmtpDeps) {
    const limits = { ...SMTP_LIMITS, ...settings.limits };
    super(optionsOf(settings, limits, deps.door.takesTokens));
    this.door = deps.door;
    this.log = deps.log;
    this.clock = deps.clock;
    this.limits = limits;
    this.intake = new Intake(limits.pendingOctets);
    this.lmtp = settings.lmtp;
    this.authRequired = settings.auth.required;
    this.authInsecure = settings.auth.insecure;
    this.#perMinute = new RateLimit(limits.connectionsPerMinute, 60_000, deps.clock);
    const { maxConnectionsPerAddress: most, handshakeMs: ms } = limits;
    this.#handshakes = new Handshakes({ most, ms }, deps.clock);
    this.#trusted = new Networks(settings.trusted);
    this.#local = new Networks(settings.local ?? LOOPBACK);
    // Refused clients that do not hang up keep their socket for some seconds: they must not take all there are.
    this.server.maxConnections = 2 * limits.maxConnections;
    this.on('error', (error: Error) => this.log.debug({ error: messageOf(error) }, 'connection lost'));
  }

  override connect(socket: Socket, options?: SMTPConnectionOptions | null): void {
    const connection = new Connection(this, this, socket, options);
    this.connections.add(connection);
    this.#bySession.set(connection.session, connection);
    connection.on('error', (error: Error) => this._onError(error));
    connection.init();
  }

  /** smtp-server bounds all handshakes together, and lets each take as long as something comes: that is not enough. */
  override _acceptSocket(socket: Socket, handshake: boolean): (() => void) | false {
    const release = super._acceptSocket(socket, handshake);
    if (!handshake || release === false) return release;
    const remote = socket.remoteAddress ?? '';
    const address = this.trusts(remote) ? undefined : networkOf(remote);
    // The raw socket must not be destroyed below a handshake that has begun.
    const over = this.#handshakes.begin(address, () =>
      (this._pendingSockets.get(socket) ?? socket).destroy(),
    );
    if (over === undefined) {
      this.log.info({ remote }, 'too many TLS handshakes from this address');
      release();
      socket.on('error', () => undefined);
      socket.destroy();
      return false;
    }
    socket.once('close', over);
    return () => {
      over();
      release();
    };
  }

  /** Who ends its side in the middle of a handshake has gone; sessions alone may be half open. */
  override _upgrade(socket: Socket, callback: Parameters<SMTPServer['_upgrade']>[1]): void {
    super._upgrade(socket, callback);
    const secure = this._pendingSockets.get(socket);
    secure?.once('end', () => {
      if (this._pendingSockets.has(socket)) secure.destroy();
    });
  }

  override onConnect(_session: SMTPServerSession, next: (error?: Error | null) => void): void {
    next();
  }

  override onSecure(_socket: unknown, _session: unknown, next: (error?: Error | null) => void): void {
    next();
  }

  override onAuth(
    auth: SMTPServerAuthentication,
    session: SMTPServerSession,
    done: (error: Error | null | undefined, response?: SMTPServerAuthenticationResponse) => void,
  ): void {
    const user = auth.username ?? '';
    if (auth.method === 'XCLIENT') {
      // A trusted relay says who has logged in there: only those may send XCLIENT.
      done(null, { user });
      return;
    }
    const connection = this.#bySession.get(session);
    if (connection === undefined) {
      done(answerError(new Fault('internal', { detail: 'a login without a connection' })));
      return;
    }
    // RFC 4616 2: whose password it is stands in authcid; to act for another (authzid) is granted to nobody.
    const { authcid, authzid } = auth;
    const isOther = authzid !== undefined && authzid !== '' && authzid.toLowerCase() !== user.toLowerCase();
    if (auth.method === 'PLAIN' && (authcid === undefined || authcid === '' || isOther)) {
      done(answerError(connection.refuseLogin(user)));
      return;
    }
    connection.authenticate(user, credentialOf(auth)).then(
      (account) => done(null, { user: account }),
      (error: unknown) => done(answerError(error)),
    );
  }

  trusts(address: string): boolean {
    return address === '' || this.#trusted.has(address);
  }

  isLocal(address: string): boolean {
    return address === '' || this.#local.has(address);
  }

  admit(connection: Frame): Fault | undefined {
    const address = connection.trustedPeer ? undefined : networkOf(connection.peer);
    this.#open.add(connection);
    this.#counted.set(connection, address);
    this.#perAddress.enter(address);
    if (this.closing) return new Fault('server.closing');
    if (this.#counted.size > this.limits.maxConnections) return new Fault('smtp.connections');
    if (this.#perAddress.of(address) > this.limits.maxConnectionsPerAddress) return new Fault('smtp.address');
    return address === undefined || this.#perMinute.take(address) ? undefined : new Fault('smtp.address');
  }

  release(connection: Frame): void {
    const address = this.#counted.get(connection);
    if (this.#counted.delete(connection)) this.#perAddress.leave(address);
  }

  gone(connection: Frame): void {
    this.#open.delete(connection);
  }

  /** A new certificate, for connections from now on. */
  renew(tls: { readonly key: Buffer; readonly cert: Buffer }): void {
    this.updateSecureContext(tls);
  }

  /** Takes no more connections, lets mails that are being received come in for `graceMs`, then ends every session. */
  async stop(graceMs: number): Promise<void> {
    this.closing = true;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    // A TLS handshake has no session that could finish.
    for (const socket of this._pendingSockets.values()) socket.destroy();
    for (const connection of [...this.#open]) connection.leave();
    const cancel = this.clock.after(graceMs, () => {
      for (const connection of [...this.#open]) connection.abort();
    });
    await closed;
    cancel();
  }
}

/** What smtp-server needs to know; what it would decide by itself is decided in Connection. */
function optionsOf(settings: SmtpSettings, limits: SmtpLimits, takesTokens: boolean): SMTPServerOptions {
  const { tls, lmtp } = settings;
  const disabled = lmtp ? LMTP_DISABLED : DISABLED;
  return {
    name: settings.hostname,
    lmtp,
    size: limits.maxSize,
    heloResponse: lmtp ? '%s' : '%s greets %s',
    authMethods: takesTokens ? ['PLAIN', 'LOGIN', 'XOAUTH2'] : ['PLAIN', 'LOGIN'],
    authOptional: true,
    allowInsecureAuth: true,
    hideDSN: false,
    hideENHANCEDSTATUSCODES: false,
    disableReverseLookup: true,
    disabledCommands: tls === undefined || tls.implicit === true ? [...disabled, 'STARTTLS'] : disabled,
    // A client may end its side and still wait for answers.
    allowHalfOpen: true,
    logger: false,
    maxClients: limits.maxConnections,
    socketTimeout: limits.timeout,
    ...(tls === undefined ? {} : { key: tls.key, cert: tls.cert, secure: tls.implicit === true }),
  };
}

function credentialOf({ method, password, accessToken }: SMTPServerAuthentication): Credential {
  return method === 'XOAUTH2'
    ? { kind: 'token', secret: new Secret(accessToken ?? '') }
    : { kind: 'password', secret: new Secret(password ?? '') };
}

/** An error in the shape that smtp-server's SASL answers with. */
function answerError(error: unknown): Error {
  const answer = replyOf(error);
  return Object.assign(new Error(answer.text, { cause: asFault(error) }), { responseCode: answer.code });
}
