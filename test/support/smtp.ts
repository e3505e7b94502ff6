import { readFileSync } from 'node:fs';
import { systemClock } from '../../lib/base/clock.ts';
import type { Log, LogFields } from '../../lib/base/log.ts';
import { createSmtpServer } from '../../lib/servers/smtp.ts';
import type { SmtpDeps } from '../../lib/servers/smtp/listener.ts';
import { smtp } from '../../lib/servers/smtp/section.ts';
import type { SmtpLimits, SmtpSettings } from '../../lib/servers/smtp/settings.ts';
import { MemoryDoor } from './door.ts';
import { type Place, WireClient } from './wire.ts';

/** A certificate for `mx.test` that nobody trusts. */
export const CERTIFICATE = {
  key: readFileSync(new URL('../../fixtures/tls/mx.test.key', import.meta.url)),
  cert: readFileSync(new URL('../../fixtures/tls/mx.test.crt', import.meta.url)),
};

/** Everything that was logged; a test can wait for a line. */
export class MemoryLog implements Log {
  readonly lines: { level: string; text: string; fields: LogFields }[] = [];
  #waiting: { text: string; count: number; resolve: () => void }[] = [];

  debug(fields: LogFields, text: string): void {
    this.#add('debug', fields, text);
  }
  info(fields: LogFields, text: string): void {
    this.#add('info', fields, text);
  }
  warn(fields: LogFields, text: string): void {
    this.#add('warn', fields, text);
  }
  error(fields: LogFields, text: string): void {
    this.#add('error', fields, text);
  }
  child(): Log {
    return this;
  }

  /** Resolves when `text` has been logged `count` times. */
  async said(text: string, count = 1): Promise<void> {
    if (this.#count(text) >= count) return;
    await new Promise<void>((resolve) => this.#waiting.push({ text, count, resolve }));
  }

  #count(text: string): number {
    return this.lines.filter((line) => line.text === text).length;
  }

  #add(level: string, fields: LogFields, text: string): void {
    this.lines.push({ level, text, fields });
    this.#waiting = this.#waiting.filter((wait) => {
      if (this.#count(wait.text) < wait.count) return true;
      wait.resolve();
      return false;
    });
  }
}

/** A running server with a door in memory. */
export interface TestServer {
  readonly place: Place;
  readonly door: MemoryDoor;
  readonly log: MemoryLog;
  /** A new connection; nothing is read from it yet. */
  client(options?: { tls?: boolean }): Promise<WireClient>;
  /** A new connection that has said EHLO (or LHLO). */
  greeted(options?: { tls?: boolean }): Promise<WireClient>;
  stop(graceMs?: number): Promise<void>;
}

export type TestSettings = Partial<Omit<SmtpSettings, 'limits'> & { readonly limits: Partial<SmtpLimits> }>;

/** Starts a server; by default clients on this machine are trusted. */
export async function startServer(
  { limits, ...settings }: TestSettings = {},
  deps: Partial<SmtpDeps> = {},
): Promise<TestServer> {
  const door = new MemoryDoor();
  const log = new MemoryLog();
  const all: SmtpSettings = {
    listen: { host: '127.0.0.1', port: 0 },
    hostname: 'mx.test',
    lmtp: false,
    trusted: ['127.0.0.1'],
    auth: { required: false, insecure: false },
    limits: { ...smtp.parse({}), maxRecipients: 1000, connectionsPerMinute: 0, ...limits },
    ...settings,
  };
  const server = createSmtpServer(all, { door, log, clock: systemClock, ...deps });
  const { host, port } = await server.start();
  const place = port === 0 ? host : port;
  const clients: WireClient[] = [];
  const client = async (options: { tls?: boolean } = {}): Promise<WireClient> => {
    const opened = await WireClient.open(place, options);
    clients.push(opened);
    return opened;
  };
  return {
    place,
    door,
    log,
    client,
    async greeted(options = {}) {
      const opened = await client(options);
      await opened.reply();
      await opened.command(all.lmtp ? 'LHLO client.test' : 'EHLO client.test');
      return opened;
    },
    async stop(graceMs = 0) {
      const stopped = server.stop(graceMs);
      if (graceMs === 0) for (const opened of clients) opened.close();
      await stopped;
    },
  };
}
