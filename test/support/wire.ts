import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { type TLSSocket, connect as connectTls } from 'node:tls';

/** Where a server listens: a port on this machine, or a unix socket. */
export type Place = number | string;

/** No answer within this time is a failed test. */
const PATIENCE_MS = 50_000;

/** What `readLine` gives when the server has closed the connection. */
export const CLOSED = '<closed>';

/** A raw line-based client: it sends what it is told to and knows nothing of the protocol but where a reply ends. */
export class WireClient {
  #socket: Socket | TLSSocket;
  #buffer = '';
  #ended = false;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket | TLSSocket) {
    this.#socket = socket;
    this.#listen();
  }

  /**
   * Connects; with `tls` the handshake comes first (no certificate is checked). `from`: the address to come from, one of
   * 127.0.0.0/8.
   */
  static async open(place: Place, options: { tls?: boolean; from?: string } = {}): Promise<WireClient> {
    const { from } = options;
    const plain =
      typeof place === 'number'
        ? connect({ port: place, host: '127.0.0.1', ...(from === undefined ? {} : { localAddress: from }) })
        : connect({ path: place });
    await once(plain, 'connect');
    plain.setNoDelay(true);
    const client = new WireClient(plain);
    if (options.tls === true) await client.secure();
    return client;
  }

  /** Starts TLS on this connection. */
  async secure(): Promise<void> {
    const plain = this.#socket;
    plain.removeAllListeners('data');
    const secure = connectTls({ socket: plain, rejectUnauthorized: false });
    await once(secure, 'secureConnect');
    this.#socket = secure;
    this.#listen();
  }

  /** Sends these octets and nothing else. */
  write(data: string | Uint8Array): void {
    this.#socket.write(data);
  }

  /** Sends each line with CRLF, all in one write. */
  send(...lines: readonly string[]): void {
    this.#socket.write(lines.map((line) => `${line}\r\n`).join(''));
  }

  /** Sends a command and resolves with the lines of its reply. */
  async command(line: string): Promise<string[]> {
    this.send(line);
    return this.reply();
  }

  /** The lines of the next reply; `CLOSED` where there is none. */
  async reply(): Promise<string[]> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.readLine();
      lines.push(line);
      if (!/^\d{3}-/.test(line)) return lines;
    }
  }

  /** The next line without its line end, or `CLOSED`. */
  async readLine(): Promise<string> {
    for (;;) {
      const end = this.#buffer.indexOf('\r\n');
      if (end >= 0) {
        const line = this.#buffer.slice(0, end);
        this.#buffer = this.#buffer.slice(end + 2);
        return line;
      }
      if (this.#ended) return this.#buffer === '' ? CLOSED : this.#buffer;
      await this.#more();
    }
  }

  /** What has come and was not read yet. */
  get unread(): string {
    return this.#buffer;
  }

  /** Says that nothing more will be sent, and still reads. */
  end(): void {
    this.#socket.end();
  }

  close(): void {
    this.#socket.destroy();
  }

  #listen(): void {
    this.#socket.on('data', (chunk: Buffer) => {
      this.#buffer += chunk.toString('utf8');
      this.#wake?.();
    });
    const ended = (): void => {
      this.#ended = true;
      this.#wake?.();
    };
    this.#socket.on('end', ended);
    this.#socket.on('close', ended);
    this.#socket.on('error', ended);
  }

  async #more(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      this.#wake = resolve;
      timer = setTimeout(() => reject(new Error('the server said nothing')), PATIENCE_MS);
    }).finally(() => clearTimeout(timer));
  }
}

/**
 * Holds a dialogue that is written as people write one down:
 *
 *     C: MAIL FROM:<a@b.example>      sent with CRLF; several such lines in a row go out in one write
 *     S: 250 2.1.0                    the next reply line must begin so
 *     S: 250-*                        any number of lines that begin with what stands before the star
 *     S: <closed>                     the server closes
 *
 * Resolves with every line that came, for a closer look. Lines without C: or S: are comments.
 */
export async function dialogue(client: WireClient, script: string): Promise<string[]> {
  const heard: string[] = [];
  let outgoing: string[] = [];
  let held: string | undefined;
  const next = async (): Promise<string> => {
    const line = held ?? (await client.readLine());
    held = undefined;
    return line;
  };
  for (const step of script.split('\n').map((line) => line.trim())) {
    if (step.startsWith('C:')) {
      outgoing.push(step.slice(2).replace(/^ /, ''));
      continue;
    }
    if (!step.startsWith('S:')) continue;
    if (outgoing.length > 0) client.send(...outgoing);
    outgoing = [];
    const expected = step.slice(2).trim();
    if (expected.endsWith('*')) {
      const prefix = expected.slice(0, -1);
      let line = await next();
      for (; line.startsWith(prefix); line = await next()) heard.push(line);
      held = line;
      continue;
    }
    const line = await next();
    heard.push(line);
    if (!line.startsWith(expected)) {
      throw new Error(`expected "${expected}", heard "${line}" after:\n  ${heard.join('\n  ')}`);
    }
  }
  if (outgoing.length > 0) client.send(...outgoing);
  if (held !== undefined) throw new Error(`heard "${held}", which nothing in the dialogue expects`);
  return heard;
}
