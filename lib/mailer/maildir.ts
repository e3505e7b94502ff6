import { mkdir, open, rename } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { Fault, messageOf } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import type { Mail, Mailer, Refusal } from './mailer.ts';

/**
 * Mail into a Maildir (tmp, new, cur): what mailsms does where no relay is set. A mail is synced before it is moved from tmp to new, and
 * the directory after it: what `send` resolved for is kept. Nobody but the user that mailsms runs as can read it.
 */
export class MaildirMailer implements Mailer {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #random: Random;
  #count = 0;

  constructor(path: string, deps: { readonly clock: Clock; readonly random: Random }) {
    this.#path = path;
    this.#clock = deps.clock;
    this.#random = deps.random;
  }

  async open(): Promise<void> {
    for (const folder of ['tmp', 'new', 'cur'])
      await mkdir(join(this.#path, folder), { recursive: true, mode: 0o700 });
  }

  async send(mail: Mail): Promise<readonly Refusal[]> {
    const name = this.#name();
    const temporary = join(this.#path, 'tmp', name);
    try {
      await synced(temporary, 'wx', (file) => file.writeFile(withEnvelope(mail)));
      await rename(temporary, join(this.#path, 'new', name));
      await synced(join(this.#path, 'new'), 'r', () => Promise.resolve());
      return [];
    } catch (error) {
      throw new Fault('relay.down', {
        told: 'the Maildir could not be written',
        detail: messageOf(error),
        cause: error,
      });
    }
  }

  /** Unique, as the Maildir convention has it: time, process, count, random octets, host. */
  #name(): string {
    const now = this.#clock.now();
    const micros = String((now % 1000) * 1000).padStart(6, '0');
    const drawn = Buffer.from(this.#random.bytes(8)).toString('hex');
    const host = hostname().replaceAll('/', '\\057').replaceAll(':', '\\072');
    return `${Math.floor(now / 1000)}.M${micros}P${process.pid}Q${++this.#count}R${drawn}.${host}`;
  }

  async close(): Promise<void> {
    // Nothing is kept open between mails.
  }
}

async function synced(
  path: string,
  flags: string,
  act: (file: Awaited<ReturnType<typeof open>>) => Promise<void>,
): Promise<void> {
  const file = await open(path, flags, 0o600);
  try {
    await act(file);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Final delivery puts Return-Path in front (RFC 5321 4.4); Delivered-To keeps the envelope's recipients. Lines end in LF on disk. */
function withEnvelope(mail: Mail): Buffer {
  const head = `Return-Path: <${mail.from}>\n${mail.to.map((to) => `Delivered-To: ${to}\n`).join('')}`;
  const body = Buffer.from(mail.raw).toString('latin1').replace(/\r\n/g, '\n');
  return Buffer.concat([Buffer.from(head, 'utf8'), Buffer.from(body, 'latin1')]);
}
