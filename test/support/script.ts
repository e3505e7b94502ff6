import { once } from 'node:events';
import { type AddressInfo, type Socket, createServer } from 'node:net';

/** What a scripted server does with a connection: reads with `line()`, writes with `say()`. */
export interface Scripted {
  readonly socket: Socket;
  say(...lines: readonly string[]): void;
  /** The next line of the client, without its end; undefined when the client is gone. */
  line(): Promise<string | undefined>;
}

/** A server on 127.0.0.1 that plays a script with each connection. What clients said is in `heard`. */
export class ScriptedServer {
  readonly heard: string[] = [];
  connections = 0;
  readonly #server = createServer();
  readonly #sockets = new Set<Socket>();

  static async start(
    script: (peer: Scripted, connection: number) => Promise<void> | void,
  ): Promise<ScriptedServer> {
    const made = new ScriptedServer();
    made.#server.on('connection', (socket) => {
      made.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => made.#sockets.delete(socket));
      void script(made.#peer(socket), ++made.connections);
    });
    made.#server.listen(0, '127.0.0.1');
    await once(made.#server, 'listening');
    return made;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Cuts all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #peer(socket: Socket): Scripted {
    let held = '';
    let ended = false;
    let wake: () => void = () => undefined;
    socket.on('data', (chunk: Buffer) => {
      held += chunk.toString('utf8');
      wake();
    });
    socket.on('close', () => {
      ended = true;
      wake();
    });
    return {
      socket,
      say: (...lines) => void (socket.destroyed || socket.write(lines.map((line) => `${line}\r\n`).join(''))),
      line: async () => {
        for (;;) {
          const end = held.indexOf('\n');
          if (end >= 0) {
            const line = held.slice(0, end).replace(/\r$/, '');
            held = held.slice(end + 1);
            this.heard.push(line);
            return line;
          }
          if (ended) return undefined;
          await new Promise<void>((resolve) => (wake = resolve));
        }
      },
    };
  }
}
