import { once } from 'node:events';
import { connect } from 'node:net';
import { domainToASCII } from 'node:url';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { Fault } from '../base/errors.ts';
import { cutAddress } from '../base/mail-address.ts';
import { relayFault } from './answer.ts';
import type { Mail, Refusal } from './mailer.ts';
import type { RelaySettings } from './settings.ts';

const CONNECT_MS = 30_000;
const IDLE_MS = 60_000;

/** One connection to the relay, logged in. Not for two mails at once. */
export class RelayConnection {
  readonly #smtp: SMTPConnection;
  readonly #offers: () => string;
  /** Mails that it has been given. */
  count = 0;
  #open = true;

  private constructor(smtp: SMTPConnection, offers: () => string) {
    this.#smtp = smtp;
    this.#offers = offers;
    smtp.once('end', () => (this.#open = false));
  }

  /** Throws a Fault. */
  static async open(settings: RelaySettings): Promise<RelayConnection> {
    const { protocol, host, port, path, user, password, hostname, tls, ca } = settings;
    let offers = '';
    const smtp = new SMTPConnection({
      host,
      port,
      name: hostname,
      secure: protocol === 'smtps',
      lmtp: protocol === 'lmtp',
      requireTLS: tls === 'required' && protocol !== 'smtps',
      ignoreTLS: tls === 'off' || path !== undefined,
      tls: { rejectUnauthorized: tls !== 'may' || ca !== undefined, ...(ca === undefined ? {} : { ca }) },
      connectionTimeout: CONNECT_MS,
      greetingTimeout: CONNECT_MS,
      socketTimeout: IDLE_MS,
      socketCloseTimeout: 1000,
      ...(path === undefined ? {} : { connection: await unixSocket(path) }),
      // What the relay offers stands in its answer to EHLO, of which the last one (after STARTTLS) counts.
      transactionLog: true,
      logger: quiet((said) => {
        if (/^250[ -]/.test(said)) offers = said;
      }),
    });
    // Whoever waits for an answer gets the error too; between mails nobody does, and then the end follows.
    smtp.on('error', () => undefined);
    try {
      await untilEnd<void>(smtp, (resolve, reject) =>
        smtp.connect((error) => (error ? reject(error) : resolve())),
      );
      const hello = offers;
      if (user !== undefined) await login(smtp, user, password?.open() ?? '', hello);
      return new RelayConnection(smtp, () => hello);
    } catch (error) {
      smtp.close();
      throw relayFault(error);
    }
  }

  get usable(): boolean {
    return this.#open;
  }

  /** As `Mailer.send`. After a fault that is about the mail the connection goes on being usable. */
  async send({ from, to, raw }: Mail): Promise<readonly Refusal[]> {
    this.count++;
    const sender = asciiDomain(from);
    const recipients = to.map(asciiDomain);
    if ([sender, ...recipients].some(isInternational) && !offers(this.#offers(), 'SMTPUTF8')) {
      throw new Fault('relay.refused', {
        told: 'the mail relay takes no internationalised addresses (SMTPUTF8)',
        enhanced: '5.6.7',
      });
    }
    try {
      const envelope = {
        from: sender,
        to: recipients,
        size: raw.length,
        // RFC 6152: for mails that are handed on as they came. Our own are ASCII.
        use8BitMime: raw.some((octet) => octet > 0x7f),
      };
      const body = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
      const rejectedErrors = await untilEnd<readonly Error[]>(this.#smtp, (resolve, reject) =>
        this.#smtp.send(envelope, body, (error, info) =>
          error === null ? resolve(info?.rejectedErrors ?? []) : reject(error),
        ),
      );
      const refusals = rejectedErrors.map((error) => ({
        to: to[recipients.indexOf(recipientOf(error))] ?? recipientOf(error),
        fault: relayFault(error),
      }));
      const [first] = refusals;
      // LMTP answers for each recipient after the mail: all of them may have been refused then.
      if (first !== undefined && refusals.length >= to.length) {
        throw refusals.find(({ fault }) => fault.temporary)?.fault ?? first.fault;
      }
      return refusals;
    } catch (error) {
      const fault = relayFault(error);
      if (fault.code === 'relay.down') this.close();
      else await this.#reset();
      throw fault;
    }
  }

  quit(): void {
    if (this.#open) this.#smtp.quit();
    this.#open = false;
  }

  close(): void {
    this.#open = false;
    this.#smtp.close();
  }

  async #reset(): Promise<void> {
    if (!this.#open) return;
    try {
      await untilEnd<void>(this.#smtp, (resolve, reject) =>
        this.#smtp.reset((error) => (error === null ? resolve() : reject(error))),
      );
    } catch {
      this.close();
    }
  }
}

async function unixSocket(path: string) {
  const socket = connect({ path });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_MS) });
    return socket;
  } catch (error) {
    socket.destroy();
    throw relayFault(error);
  }
}

async function login(smtp: SMTPConnection, user: string, pass: string, hello: string): Promise<void> {
  if (!offers(hello, 'AUTH')) {
    throw new Fault('relay.down', {
      told: 'the mail relay does not let us log in',
      detail: 'it offers no AUTH',
    });
  }
  await untilEnd<void>(smtp, (resolve, reject) =>
    smtp.login({ user, pass }, (error) => (error === null ? resolve() : reject(error))),
  );
}

/** What `act` resolves with; rejects where the connection fails or ends before. */
async function untilEnd<T>(
  smtp: SMTPConnection,
  act: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
): Promise<T> {
  const over = new AbortController();
  try {
    return await new Promise<T>((resolve, reject) => {
      const end = (): void => reject(new Error('the relay closed the connection'));
      smtp.once('error', reject);
      smtp.once('end', end);
      over.signal.addEventListener('abort', () => smtp.off('error', reject).off('end', end));
      act(resolve, reject);
    });
  } finally {
    over.abort();
  }
}

/** Whether an answer to EHLO names an extension. */
function offers(hello: string, extension: string): boolean {
  return new RegExp(`^250[ -]${extension}\\b`, 'im').test(hello);
}

/** The domain in its ASCII form (RFC 5890): only a local part needs SMTPUTF8. */
function asciiDomain(address: string): string {
  const { local, domain } = cutAddress(address);
  if (domain === undefined || !isInternational(domain)) return address;
  return `${local}@${domainToASCII(domain) || domain}`;
}

function isInternational(address: string): boolean {
  return /[^\0-\x7f]/.test(address);
}

function recipientOf(error: Error): string {
  return 'recipient' in error && typeof error.recipient === 'string' ? error.recipient : '';
}

/** A log that only listens to what the relay says. */
function quiet(heard: (said: string) => void) {
  const nothing = (): void => undefined;
  return {
    trace: nothing,
    info: nothing,
    warn: nothing,
    error: nothing,
    fatal: nothing,
    debug: (entry: unknown, said: unknown) => {
      const from = typeof entry === 'object' && entry !== null && 'tnx' in entry ? entry.tnx : undefined;
      if (from === 'server' && typeof said === 'string') heard(said);
    },
  };
}
