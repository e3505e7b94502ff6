import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import { type AddressInfo, type Server as TcpServer, type Socket, createServer as createTcp } from 'node:net';

export interface Received {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What a provider does with a request: answers, or whatever it likes. */
export type Behaviour = Reply | ((request: Received, response: ServerResponse) => Reply | undefined);

/** A provider on 127.0.0.1 that keeps what it gets, and does what it was told, request by request; the last goes on. */
export class Provider {
  readonly received: Received[] = [];
  readonly #server: Server;
  readonly #moves: Behaviour[];
  readonly #scheme: string;

  constructor(moves: readonly Behaviour[] = [{}], tls?: ServerOptions) {
    this.#moves = [...moves];
    this.#scheme = tls === undefined ? 'http' : 'https';
    const take = (request: IncomingMessage, response: ServerResponse): void => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => this.#take(request, Buffer.concat(chunks).toString(), response));
    };
    this.#server = tls === undefined ? createServer(take) : createTlsServer(tls, take);
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', () => resolve()));
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}`;
  }

  #take(request: IncomingMessage, body: string, response: ServerResponse): void {
    const { method = '', url = '', headers } = request;
    const received = { method, url, headers, body };
    this.received.push(received);
    const move = (this.#moves.length > 1 ? this.#moves.shift() : this.#moves[0]) ?? {};
    const reply = typeof move === 'function' ? move(received, response) : move;
    if (reply === undefined) return;
    response.writeHead(reply.status ?? 200, reply.headers).end(reply.body ?? '');
  }
}

/** A server that speaks no protocol: what it gets goes to `talk`, which writes what it likes. */
export class RawServer {
  readonly #server: TcpServer;
  readonly #sockets = new Set<Socket>();
  /** Whole requests so far, by the blank line. */
  requests = 0;

  constructor(talk: (socket: Socket, text: string) => void) {
    this.#server = createTcp((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('data', (data: Buffer) => {
        const text = data.toString('latin1');
        this.requests += text.split('\r\n\r\n').length - 1;
        talk(socket, text);
      });
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', () => resolve()));
    return this;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
