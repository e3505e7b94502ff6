import { readFile, stat } from 'node:fs/promises';
import { type Dispatcher, Pool, ProxyAgent } from 'undici';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Secret } from '../../base/secret.ts';
import { MOST_ANSWER_OCTETS, type WireAnswer } from './request/answer.ts';
import type { WireRequest } from './auth/wire-request.ts';

/**
 * The connections of one gateway to its provider.
 *
 * Promises: an exchange ends within its time, counted from connecting to the end of the answer. Whether an octet of the request
 * may have left is known for each that fails (`ExchangeError.written`). Connections are kept open between requests and never
 * carry two at once; redirects are not followed; of an answer no more than 64 KiB is taken. Certificates are read anew when their
 * files have changed, for the connections that are made from then on.
 */
export class HttpClient {
  readonly #settings: ClientSettings;
  readonly #clock: Clock;
  readonly #pools = new Map<string, Dispatcher>();
  #files: TlsFiles | undefined;
  #seen = '';
  #lookedAt = -Infinity;

  constructor(settings: ClientSettings, deps: { readonly clock: Clock }) {
    this.#settings = settings;
    this.#clock = deps.clock;
  }

  /** One request and its answer. Rejects with ExchangeError. */
  async exchange(request: WireRequest, timeoutMs: number): Promise<WireAnswer> {
    const pool = await this.#poolFor(request.origin, timeoutMs);
    return new Promise<WireAnswer>((resolve, reject) => {
      const exchange = new Exchange(resolve, reject);
      const cancel = this.#clock.after(timeoutMs, () => exchange.late(timeoutMs));
      exchange.ended = cancel;
      try {
        const { origin, path, method, headers, body } = request;
        pool.dispatch(
          {
            origin,
            path,
            method: method,
            headers: { ...headers },
            body: body ?? null,
          },
          exchange,
        );
      } catch (error) {
        exchange.fail(error);
      }
    });
  }

  /** Waits for what is under way; every exchange has an end. */
  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.close()));
  }

  async #poolFor(origin: string, timeoutMs: number): Promise<Dispatcher> {
    await this.#look();
    let pool = this.#pools.get(origin);
    if (pool === undefined) {
      pool = this.#open(origin, timeoutMs);
      this.#pools.set(origin, pool);
    }
    return pool;
  }

  #open(origin: string, timeoutMs: number): Dispatcher {
    const { connections, proxy, clientCert } = this.#settings;
    const { ca, cert, key } = this.#files ?? {};
    const passphrase = clientCert?.passphrase?.open();
    const tls = {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(passphrase === undefined ? {} : { passphrase }),
    };
    // The exchange has a time of its own, which ends all others.
    const options = {
      connections,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      connectTimeout: timeoutMs,
    };
    if (proxy === undefined) return new Pool(origin, { ...options, connect: { ...tls, timeout: timeoutMs } });
    return new ProxyAgent({
      ...options,
      uri: proxy.open(),
      requestTls: { ...tls, timeout: timeoutMs },
      proxyTls: { timeout: timeoutMs, ...(ca === undefined ? {} : { ca }) },
      proxyTunnel: false,
    });
  }

  /** Reads certificates again where their files are others than they were. Looked for once a second at most. */
  async #look(): Promise<void> {
    const { clientCert, ca } = this.#settings;
    if (clientCert === undefined && ca === undefined) return;
    const now = this.#clock.now();
    if (this.#files !== undefined && now < this.#lookedAt + LOOK_MS) return;
    this.#lookedAt = now;
    const paths = [clientCert?.cert, clientCert?.key, ca].filter((path) => path !== undefined);
    try {
      const states = await Promise.all(
        paths.map(async (path) => {
          const { ino, size, mtimeMs } = await stat(path);
          return `${ino} ${size} ${mtimeMs}`;
        }),
      );
      const seen = states.join('\n');
      if (seen === this.#seen) return;
      this.#files = await readTlsFiles(this.#settings);
      this.#seen = seen;
    } catch (error) {
      // What was read before serves on: a file may be away while it is being replaced.
      if (this.#files !== undefined) return;
      throw new ExchangeError(messageOf(error), false);
    }
    const old = [...this.#pools.values()];
    this.#pools.clear();
    for (const pool of old) void pool.close();
  }
}

const LOOK_MS = 1000;

export interface ClientSettings {
  /** How many requests there are at once. */
  readonly connections: number;
  readonly clientCert?: ClientCertificate;
  /** PEM file of the authorities that servers are believed by; an absolute path. */
  readonly ca?: string;
  /** `http://user:password@proxy:3128` */
  readonly proxy?: Secret;
}

/** PEM files; absolute paths. Without `key` it is in the file of the certificate, as OpenSSL has it. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key?: string;
  readonly passphrase?: Secret;
}

interface TlsFiles {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

async function readTlsFiles({ clientCert, ca }: ClientSettings): Promise<TlsFiles> {
  return {
    ...(ca === undefined ? {} : { ca: await readFile(ca) }),
    ...(clientCert === undefined
      ? {}
      : { cert: await readFile(clientCert.cert), key: await readFile(clientCert.key ?? clientCert.cert) }),
  };
}

/** There is no answer. `written`: octets of the request may have left, so nobody knows what became of it. */
export class ExchangeError extends Error {
  override readonly name: string = 'ExchangeError';
  readonly written: boolean;

  constructor(message: string, written: boolean, cause?: unknown) {
    super(message, { cause });
    this.written = written;
  }
}

/** One exchange as undici tells of it. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #resolve: (answer: WireAnswer) => void;
  readonly #reject: (error: ExchangeError) => void;
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #octets = 0;
  #status = 0;
  #headers: Readonly<Record<string, string>> = {};
  #over = false;
  ended: () => void = () => undefined;

  constructor(resolve: (answer: WireAnswer) => void, reject: (error: ExchangeError) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** The connection stands; the request is written next. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#over) controller.abort(new Error('too late'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    // RFC 9110 15.2: interim answers may come first.
    if (status < 200) return;
    this.#status = status;
    this.#headers = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name.toLowerCase(),
        Array.isArray(value) ? value.join(', ') : (value ?? ''),
      ]),
    );
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#over) return;
    this.#chunks.push(chunk.subarray(0, MOST_ANSWER_OCTETS - this.#octets));
    this.#octets += chunk.length;
    if (this.#octets <= MOST_ANSWER_OCTETS) return;
    this.#answer('the answer is too long');
    controller.abort(new Error('the answer is too long'));
  }

  onResponseEnd(): void {
    this.#answer();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(error);
  }

  fail(error: unknown): void {
    if (this.#over) return;
    if (this.#status !== 0) return this.#answer(`the answer broke off: ${wordsOf(error)}`);
    const words = wordsOf(error);
    // A proxy that wants to know who we are has passed nothing on.
    const written = this.#controller !== undefined && !/\(407\)/.test(words);
    this.#finish(() => this.#reject(new ExchangeError(words, written, error)));
  }

  late(ms: number): void {
    if (this.#over) return;
    const words = `no answer within ${ms / 1000} s`;
    const started = this.#controller;
    if (this.#status !== 0) this.#answer(`the answer did not end within ${ms / 1000} s`);
    else this.#finish(() => this.#reject(new ExchangeError(words, started !== undefined)));
    started?.abort(new Error(words));
  }

  #answer(cut?: string): void {
    if (this.#over) return;
    const body = Buffer.concat(this.#chunks).toString('utf8');
    const answer = { status: this.#status, headers: this.#headers, body };
    this.#finish(() => this.#resolve(cut === undefined ? answer : { ...answer, cut }));
  }

  #finish(tell: () => void): void {
    this.#over = true;
    this.ended();
    tell();
  }
}

/** Errors of several attempts to connect have no words of their own. */
function wordsOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0)
    return [...new Set(error.errors.map(messageOf))].join('; ');
  const words = messageOf(error);
  return words === '' ? 'the connection failed' : words;
}
