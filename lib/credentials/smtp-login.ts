import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { PasswordBackend } from '../accounts/backend.ts';
import type { Secret } from '../base/secret.ts';
import { type CheckDeps, Checks, unavailable } from './checks.ts';
import { type SecuredServer, tlsOptions } from './connect.ts';

/**
 * Passwords checked by logging in at a submission server (RFC 6409, RFC 4954) and hanging up again. No mail is sent. The
 * server hears each password that is tried here, so it must be one that the users have an account at.
 */
export interface SmtpLoginSettings extends SecuredServer {
  readonly type: 'smtp';
  readonly name: string;
  /** The name in our EHLO. */
  readonly hostname: string;
  readonly timeoutMs: number;
}

/**
 * Permanent answers to AUTH that are not about the user: the server lacks the command or the mechanism, or wants TLS
 * first (RFC 4954 6). All others of 5xx mean that this user can't log in with this password.
 */
const NOT_ABOUT_THE_USER: ReadonlySet<number> = new Set([500, 501, 502, 503, 504, 530, 538]);

const REPLY_OCTETS = 65_536;

export class SmtpLoginBackend implements PasswordBackend {
  readonly name: string;
  readonly #settings: SmtpLoginSettings;
  readonly #checks: Checks;

  constructor(settings: SmtpLoginSettings, deps: CheckDeps) {
    this.name = settings.name;
    this.#settings = settings;
    this.#checks = new Checks(settings.name, settings.timeoutMs, deps);
  }

  verify(user: string, password: Secret): Promise<string | undefined> {
    return this.#checks.run(async (signal) => {
      const { host, port, security, hostname, timeoutMs } = this.#settings;
      const connection = new SMTPConnection({
        host,
        port,
        name: hostname,
        secure: security === 'tls',
        requireTLS: security === 'starttls',
        ignoreTLS: security === 'none',
        tls: await tlsOptions(host, this.#settings.tls),
        connectionTimeout: timeoutMs,
        greetingTimeout: timeoutMs,
        socketTimeout: timeoutMs,
        socketCloseTimeout: 0,
        maxResponseSize: REPLY_OCTETS,
        allowInternalNetworkInterfaces: true,
      });
      signal.throwIfAborted();
      signal.addEventListener('abort', () => connection.close(), { once: true });
      await this.#connect(connection);
      const proven = await this.#login(connection, user, password);
      connection.quit();
      return proven ? user : undefined;
    });
  }

  async close(): Promise<void> {
    this.#checks.close();
  }

  async #connect(connection: SMTPConnection): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        // It stays: an error that comes when nobody waits any more must not be thrown.
        connection.on('error', reject);
        connection.once('end', () => reject(new Error('the server closed the connection')));
        connection.connect((error) => (error ? reject(error) : resolve()));
      });
    } catch (error) {
      throw unavailable(this.name, describe('connecting failed', error), error);
    }
  }

  #login(connection: SMTPConnection, user: string, password: Secret): Promise<boolean> {
    return new Promise((resolve, reject) => {
      connection.once('end', () => reject(unavailable(this.name, 'the server closed the connection')));
      connection.login({ user, pass: password.open() }, (error) => {
        const reply = replyCode(error);
        if (!error) resolve(true);
        else if (reply >= 500 && reply < 600 && !NOT_ABOUT_THE_USER.has(reply)) resolve(false);
        else reject(unavailable(this.name, describe('the login was not answered', error)));
      });
    });
  }
}

function replyCode(error: unknown): number {
  return error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : 0;
}

/** What failed, without the server's words: they might repeat what it was sent. */
function describe(what: string, error: unknown): string {
  const reply = replyCode(error);
  if (reply > 0) return `${what} (reply ${reply})`;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code === '' ? what : `${what} (${code})`;
}
