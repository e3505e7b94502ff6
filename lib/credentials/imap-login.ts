import type { Socket } from 'node:net';
import type { PasswordBackend } from '../accounts/backend.ts';
import type { Secret } from '../base/secret.ts';
import { type CheckDeps, Checks, unavailable } from './checks.ts';
import { type SecuredServer, openSocket, secureSocket } from './connect.ts';
import { LineReader } from './lines.ts';
import { plainResponse } from './sasl.ts';

/**
 * Passwords checked by logging in at an IMAP server (RFC 9051, RFC 3501): AUTHENTICATE PLAIN where it is offered, else
 * LOGIN. No mailbox is opened.
 */
export interface ImapLoginSettings extends SecuredServer {
  readonly type: 'imap';
  readonly name: string;
  readonly timeoutMs: number;
}

/** Codes in a NO that say that the server can't tell now, RFC 5530 3. */
const CAN_NOT_TELL: ReadonlySet<string> = new Set([
  'UNAVAILABLE',
  'INUSE',
  'LIMIT',
  'SERVERBUG',
  'OVERQUOTA',
]);

/** Untagged lines that a server may send before it answers a command. */
const MOST_UNTAGGED = 100;

export class ImapLoginBackend implements PasswordBackend {
  readonly name: string;
  readonly #settings: ImapLoginSettings;
  readonly #checks: Checks;

  constructor(settings: ImapLoginSettings, deps: CheckDeps) {
    this.name = settings.name;
    this.#settings = settings;
    this.#checks = new Checks(settings.name, settings.timeoutMs, deps);
  }

  verify(user: string, password: Secret): Promise<string | undefined> {
    return this.#checks.run(async (signal) => {
      const dialogue = await this.#connect(signal);
      const proven = await this.#login(dialogue, user, password);
      dialogue.send('LOGOUT');
      return proven ? user : undefined;
    });
  }

  async close(): Promise<void> {
    this.#checks.close();
  }

  async #connect(signal: AbortSignal): Promise<Dialogue> {
    const { host, port, security, tls } = this.#settings;
    const socket = await openSocket({ host, port }, signal);
    if (security === 'tls') {
      const dialogue = new Dialogue(await secureSocket(socket, host, tls, signal));
      await dialogue.greeting();
      return dialogue;
    }
    const plain = new Dialogue(socket);
    await plain.greeting();
    if (security === 'none') return plain;
    if ((await plain.command('STARTTLS')).status !== 'OK') throw new Error('the server refused STARTTLS');
    // What came with the answer was never protected, RFC 9051 11.2.
    if (plain.reader.hasUnread) throw new Error('the server sent something between STARTTLS and TLS');
    plain.reader.detach();
    return new Dialogue(await secureSocket(socket, host, tls, signal));
  }

  async #login(dialogue: Dialogue, user: string, password: Secret): Promise<boolean> {
    const capabilities = await dialogue.capabilities();
    const answer = capabilities.has('AUTH=PLAIN')
      ? await dialogue.command('AUTHENTICATE PLAIN', [plainResponse(user, password)])
      : await this.#plainLogin(dialogue, capabilities, user, password);
    if (answer.status === 'OK') return true;
    const code = /^\[([A-Z]+)/i.exec(answer.text)?.[1]?.toUpperCase() ?? '';
    if (answer.status === 'NO' && !CAN_NOT_TELL.has(code)) return false;
    throw unavailable(this.name, `the login was answered ${answer.status}${code === '' ? '' : ` [${code}]`}`);
  }

  #plainLogin(dialogue: Dialogue, capabilities: ReadonlySet<string>, user: string, password: Secret) {
    if (capabilities.has('LOGINDISABLED')) throw new Error('the server takes no login on this connection');
    const secret = password.open();
    // Literals, RFC 9051 4.3: they may hold whatever a quoted string may not.
    const size = (text: string): number => Buffer.byteLength(text);
    return dialogue.command(`LOGIN {${size(user)}}`, [`${user} {${size(secret)}}`, secret]);
  }
}

/** Commands and their answers on one connection. */
class Dialogue {
  readonly reader: LineReader;
  readonly #socket: Socket;
  #tag = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.reader = new LineReader(socket);
  }

  async greeting(): Promise<void> {
    const greeting = await this.reader.next();
    // PREAUTH would be somebody's login already, BYE a refusal.
    if (!/^\* OK\b/i.test(greeting)) throw new Error('the server does not greet with OK');
  }

  async capabilities(): Promise<ReadonlySet<string>> {
    const untagged: string[] = [];
    const { status } = await this.command('CAPABILITY', [], untagged);
    if (status !== 'OK') throw new Error('the server does not answer CAPABILITY');
    const line = untagged.find((each) => /^\* CAPABILITY /i.test(each)) ?? '';
    return new Set(line.toUpperCase().split(' '));
  }

  /** Sends a command; its further lines are sent as the server asks for them with `+`. */
  async command(
    command: string,
    more: readonly string[] = [],
    untagged: string[] = [],
  ): Promise<{ status: string; text: string }> {
    const tag = this.send(command);
    const waiting = [...more];
    for (let lines = 0; lines < MOST_UNTAGGED; lines++) {
      const line = await this.reader.next();
      if (line.startsWith('+')) {
        const next = waiting.shift();
        if (next === undefined) throw new Error('the server asks for more than there is');
        this.#socket.write(`${next}\r\n`);
        continue;
      }
      const answer = /^(\S+) (OK|NO|BAD|BYE)\b ?(.*)$/i.exec(line);
      if (answer?.[1] === tag) return { status: (answer[2] ?? '').toUpperCase(), text: answer[3] ?? '' };
      if (answer?.[1] === '*' && /^bye$/i.test(answer[2] ?? '')) throw new Error('the server said BYE');
      untagged.push(line);
    }
    throw new Error('the server does not come to an answer');
  }

  send(command: string): string {
    const tag = `a${++this.#tag}`;
    this.#socket.write(`${tag} ${command}\r\n`);
    return tag;
  }
}
