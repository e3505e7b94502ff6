import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { until } from './product.ts';

export interface SunkMail {
  /** MAIL FROM; empty for the null sender. */
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
  readonly mail: ParsedMail;
}

/** A mail server that keeps what it gets: the relay in tests. */
export class Sink {
  readonly mails: SunkMail[] = [];
  readonly #server: SMTPServer;
  /** Replies to give to MAIL FROM before mails are taken: `451 4.3.0 later`. */
  readonly refusals: string[] = [];

  constructor(options: SMTPServerOptions = {}) {
    this.#server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      logger: false,
      ...options,
      onMailFrom: (_address, _session, done) => {
        const refusal = this.refusals.shift();
        if (refusal === undefined) return done();
        done(Object.assign(new Error(refusal.slice(4)), { responseCode: Number(refusal.slice(0, 3)) }));
      },
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const raw = Buffer.concat(chunks);
          const from = session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address;
          const to = session.envelope.rcptTo.map(({ address }) => address);
          simpleParser(raw).then((mail) => {
            this.mails.push({ from, to, raw: raw.toString('utf8'), mail });
            done();
          }, done);
        });
      },
    });
    this.#server.on('error', () => undefined);
  }

  async start(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', () => resolve()));
    return this;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.#server.server.address() as AddressInfo).port}`;
  }

  /** The mails, when there are at least so many. */
  received(count: number): Promise<SunkMail[]> {
    return until(`${count} mails at the relay`, () => (this.mails.length >= count ? this.mails : undefined));
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
