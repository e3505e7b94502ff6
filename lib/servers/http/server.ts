import { chmod, rm } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Service } from '../../base/lifecycle.ts';

export type Listen =
  | { readonly host: string; readonly port: number }
  | { /** A unix socket, readable by its owner alone. */ readonly path: string };

const REQUEST_MS = 30_000;

/** Clients that say nothing keep their connection for as long as a request may take: they must not take every file there is. */
const MOST_CONNECTIONS = 500;

/** An HTTP listener for a set of routes. */
export class HttpServer implements Service {
  readonly name: string;
  readonly #routes: Hono;
  readonly #listen: Listen;
  readonly #connections: number;
  #server: Server | undefined;

  constructor(name: string, routes: Hono, listen: Listen, connections = MOST_CONNECTIONS) {
    this.name = name;
    this.#routes = routes;
    this.#listen = listen;
    this.#connections = connections;
  }

  /** Where it listens, once started: for port 0, the port that was given. */
  address(): { host: string; port: number } | undefined {
    const address = this.#server?.address();
    return typeof address === 'object' && address !== null
      ? { host: address.address, port: address.port }
      : undefined;
  }

  async start(): Promise<void> {
    const listener = getRequestListener(this.#routes.fetch);
    const server = createServer((request, response) => void listener(request, response));
    server.requestTimeout = REQUEST_MS;
    server.headersTimeout = REQUEST_MS;
    server.maxConnections = this.#connections;
    const listen = this.#listen;
    // Only the holder of the data directory's lock gets here: a socket that is left belongs to a dead process.
    if ('path' in listen) await rm(listen.path, { force: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      // A socket is made in this very call, and is nobody else's from the first moment on.
      const mask = 'path' in listen ? process.umask(0o177) : undefined;
      try {
        server.listen(listen, () => {
          server.off('error', reject);
          resolve();
        });
      } finally {
        if (mask !== undefined) process.umask(mask);
      }
    });
    this.#server = server;
    // For systems that make sockets without asking the mask.
    if ('path' in listen) await chmod(listen.path, 0o600);
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    await closed;
    if ('path' in this.#listen) await rm(this.#listen.path, { force: true });
  }
}
