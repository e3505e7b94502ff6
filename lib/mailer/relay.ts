import { type Transporter, createTransport } from 'nodemailer';
import { Fault, messageOf } from '../base/errors.ts';
import type { Secret } from '../base/secret.ts';
import type { Mail, Mailer } from './mailer.ts';

export interface RelaySettings {
  readonly protocol: 'smtp' | 'smtps' | 'lmtp';
  readonly host: string;
  readonly port: number;
  readonly user?: string;
  readonly password?: Secret;
  /** The name in our EHLO. */
  readonly hostname: string;
}

const CONNECT_MS = 30_000;
const IDLE_MS = 60_000;

/** Mail to a relay by SMTP (STARTTLS where it is offered), SMTPS or LMTP, over a few kept connections. */
export class RelayMailer implements Mailer {
  readonly #settings: RelaySettings;
  #transport: Transporter | undefined;

  constructor(settings: RelaySettings) {
    this.#settings = settings;
  }

  async open(): Promise<void> {
    const { protocol, host, port, user, password, hostname } = this.#settings;
    this.#transport = createTransport({
      pool: true,
      maxConnections: 4,
      host,
      port,
      name: hostname,
      secure: protocol === 'smtps',
      ...(protocol === 'lmtp' ? { lmtp: true } : {}),
      ...(user === undefined ? {} : { auth: { user, pass: password?.open() ?? '' } }),
      connectionTimeout: CONNECT_MS,
      greetingTimeout: CONNECT_MS,
      socketTimeout: IDLE_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  async send({ from, to, raw }: Mail): Promise<void> {
    if (this.#transport === undefined) throw new Fault('relay.down', { detail: 'not open' });
    try {
      await this.#transport.sendMail({ envelope: { from, to: [...to] }, raw: Buffer.from(raw) });
    } catch (error) {
      throw relayFault(error);
    }
  }

  async close(): Promise<void> {
    this.#transport?.close();
  }
}

function relayFault(error: unknown): Fault {
  const reply = error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : undefined;
  const detail = messageOf(error);
  // A refused login (535) is a matter of our settings: the mail waits until it is mended.
  if (reply === undefined || reply < 500 || reply === 530 || reply === 535) {
    return new Fault('relay.down', { detail, cause: error });
  }
  return new Fault('relay.refused', { detail, cause: error });
}
