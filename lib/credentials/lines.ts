import type { Socket } from 'node:net';

/** Octets of a line that a server may send. */
const LINE_OCTETS = 16_384;
/** Octets that are held unread before the connection is given up. */
const HELD_OCTETS = 4 * LINE_OCTETS;

/** Lines from a socket, without their ends, each bounded in length. A server that floods is cut off. */
export class LineReader {
  readonly #socket: Socket;
  #held = '';
  #failure: Error | undefined;
  #waiting: { resolve: (line: string) => void; reject: (error: Error) => void } | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', this.#data);
    socket.on('error', this.#fail);
    socket.on('close', this.#closed);
  }

  /** The next line. Rejects when the connection ends or a line is too long. One reader at a time. */
  next(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#serve();
    });
  }

  /** Whether something came that nobody has read. */
  get hasUnread(): boolean {
    return this.#held !== '';
  }

  /** Leaves the socket to somebody else. */
  detach(): void {
    this.#socket.off('data', this.#data);
    this.#socket.off('error', this.#fail);
    this.#socket.off('close', this.#closed);
  }

  readonly #data = (chunk: Buffer): void => {
    this.#held += chunk.toString('latin1');
    if (this.#held.length > HELD_OCTETS) this.#fail(new Error('the server sends too much'));
    this.#serve();
  };

  readonly #closed = (): void => this.#fail(new Error('the connection was closed'));

  readonly #fail = (error: Error): void => {
    this.#failure ??= error;
    this.#socket.destroy();
    this.#serve();
  };

  #serve(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    const end = this.#held.indexOf('\n');
    if (end > LINE_OCTETS || (end < 0 && this.#held.length > LINE_OCTETS)) {
      this.#failure ??= new Error('the server sent a line that is too long');
      this.#socket.destroy();
    } else if (end >= 0) {
      const line = this.#held.slice(0, end).replace(/\r$/, '');
      this.#held = this.#held.slice(end + 1);
      this.#waiting = undefined;
      waiting.resolve(Buffer.from(line, 'latin1').toString('utf8'));
      return;
    }
    if (this.#failure !== undefined) {
      this.#waiting = undefined;
      waiting.reject(this.#failure);
    }
  }
}
