import type { Socket } from 'node:net';
import { type Endpoint, openSocket } from './connect.ts';
import {
  type Answer,
  type Handshake,
  HandshakeReader,
  authRequest,
  clientHandshake,
  parseAnswer,
} from './dovecot-protocol.ts';
import { LineReader } from './lines.ts';

type Settled = Exclude<Answer, { kind: 'continue' }>;

/** The connection ended before Dovecot had answered: the same request may be asked on another one. */
export class LinkLost extends Error {
  override readonly name = 'LinkLost';
}

/** Request numbers are 32 bits wide; Dovecot refuses one that is in use. */
const HIGHEST_ID = 2 ** 31;

/** One connection to Dovecot, on which requests go out as they come and answers are told apart by number. */
export class DovecotLink {
  readonly mechanisms: ReadonlySet<string>;
  readonly #socket: Socket;
  readonly #end: AbortController;
  readonly #pending = new Map<
    number,
    { resolve: (answer: Settled) => void; reject: (error: Error) => void }
  >();
  #id = 0;
  #heard = 0;
  #lost: Error | undefined;

  private constructor(socket: Socket, end: AbortController, { mechanisms }: Handshake) {
    this.mechanisms = mechanisms;
    this.#socket = socket;
    this.#end = end;
  }

  /** Connects and shakes hands; given up when `signal` is aborted. `pid` must be another for each connection. */
  static async open(to: Endpoint, pid: number, signal: AbortSignal): Promise<DovecotLink> {
    // The connection outlives the check that opened it, so it has an end of its own.
    const end = new AbortController();
    const giveUp = (): void => end.abort();
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      const socket = await openSocket(to, end.signal);
      const reader = new LineReader(socket);
      socket.write(clientHandshake(pid));
      const handshake = new HandshakeReader();
      for (;;) {
        const done = handshake.take(await reader.next());
        if (done === undefined) continue;
        const link = new DovecotLink(socket, end, done);
        void link.#read(reader);
        return link;
      }
    } catch (error) {
      end.abort();
      throw error;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  /** Asks. Rejects with LinkLost when the connection ends first; after an abort the answer is not waited for. */
  ask(mechanism: string, service: string, response: string, signal: AbortSignal): Promise<Settled> {
    return new Promise((resolve, reject) => {
      if (this.#lost !== undefined) return reject(this.#lost);
      const id = this.#nextId();
      const heard = this.#heard;
      const abandon = (): void => {
        if (!this.#pending.delete(id)) return;
        reject(new Error('not answered in time'));
        // Nothing at all has come since: the other side may be gone without a word.
        if (heard === this.#heard) this.close();
        else this.#socket.write(`CANCEL\t${id}\n`);
      };
      signal.addEventListener('abort', abandon, { once: true });
      const settled = (): void => signal.removeEventListener('abort', abandon);
      this.#pending.set(id, {
        resolve: (answer) => {
          settled();
          resolve(answer);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      });
      this.#socket.write(authRequest(id, mechanism, service, response));
    });
  }

  close(): void {
    this.#lose('closed');
  }

  #nextId(): number {
    do this.#id = (this.#id % HIGHEST_ID) + 1;
    while (this.#pending.has(this.#id));
    return this.#id;
  }

  async #read(reader: LineReader): Promise<void> {
    try {
      for (;;) {
        const answer = parseAnswer(await reader.next());
        this.#heard++;
        if (answer?.kind === 'continue') {
          // An OAuth mechanism says why it failed and waits for an empty answer before FAIL, RFC 7628 3.2.3.
          if (this.#pending.has(answer.id)) this.#socket.write(`CONT\t${answer.id}\t\n`);
        } else if (answer !== undefined) {
          this.#pending.get(answer.id)?.resolve(answer);
          this.#pending.delete(answer.id);
        }
      }
    } catch (error) {
      this.#lose(error instanceof Error ? error.message : String(error));
    }
  }

  #lose(reason: string): void {
    this.#lost ??= new LinkLost(reason);
    this.#end.abort();
    const lost = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of lost) reject(this.#lost);
  }
}
