import { stat } from 'node:fs/promises';
import { type RequestOptions, request } from 'node:http';
import { type Command, Option } from 'commander';
import { findDataDir } from '../lib/config/data-dir.ts';
import { controlSocket } from '../lib/servers/http/control-socket.ts';

/** How commands talk to the running gateway: the API over the control socket in its data directory. */
export interface Control {
  get<T>(path: string): Promise<T>;
  /** The same; undefined where there is nothing at that path. */
  find<T>(path: string): Promise<T | undefined>;
  post<T>(path: string, body?: unknown, timeoutMs?: number): Promise<T>;
  put(path: string, body: unknown): Promise<void>;
  patch(path: string, body: unknown): Promise<void>;
  remove(path: string): Promise<void>;
}

export interface PlaceOptions {
  readonly config?: string;
  readonly data?: string;
}

/** Adds `--config` and `--data`, which tell where the gateway is. */
export function withPlace(command: Command): Command {
  return command
    .addOption(
      new Option('-c, --config <file>', 'configuration file (default: $MAILSMS_CONFIG or ./mailsms.yaml)'),
    )
    .addOption(new Option('-d, --data <dir>', 'data directory, over the one in the configuration'));
}

const ANSWER_MS = 30_000;

export async function openControl(place: PlaceOptions): Promise<Control> {
  const dataDir = await findDataDir({
    ...(place.config === undefined ? {} : { file: place.config }),
    ...(place.data === undefined ? {} : { data: place.data }),
    env: process.env,
    cwd: process.cwd(),
  });
  const socketPath = controlSocket(dataDir);
  await expectOwner(socketPath, dataDir);
  const call = (method: string, path: string, body?: unknown, timeoutMs = ANSWER_MS) =>
    ask({ socketPath, method, path: `/api/v1${path}`, timeout: timeoutMs }, dataDir, body);
  return {
    get: async <T>(path: string) => (await call('GET', path)) as T,
    find: async <T>(path: string) => {
      try {
        return (await call('GET', path)) as T;
      } catch (error) {
        if (error instanceof Refused && error.status === 404) return undefined;
        throw error;
      }
    },
    post: async <T>(path: string, body?: unknown, timeoutMs?: number) =>
      (await call('POST', path, body, timeoutMs)) as T,
    put: async (path, body) => {
      await call('PUT', path, body);
    },
    patch: async (path, body) => {
      await call('PATCH', path, body);
    },
    remove: async (path) => {
      await call('DELETE', path);
    },
  };
}

/**
 * Where the data directory's path is too long for a socket, the socket lies in a directory that everybody may write to: it must be
 * of whoever owns the data, or of root, before it is told anything.
 */
async function expectOwner(socketPath: string, dataDir: string): Promise<void> {
  const [socket, data] = await Promise.all(
    [socketPath, dataDir].map((path) => stat(path).catch(() => undefined)),
  );
  // What is not there is found out when it is connected to.
  if (socket === undefined || data === undefined || socket.uid === 0 || socket.uid === data.uid) return;
  throw new Error(
    `${socketPath} belongs to another user (${socket.uid}) than ${dataDir} (${data.uid}): it is not the gateway's`,
  );
}

/** The gateway answered, and not with what was asked for. */
class Refused extends Error {
  readonly status: number;

  constructor(status: number, detail: string | undefined) {
    super(detail ?? `the gateway answered ${status}`);
    this.status = status;
  }
}

function ask(
  options: RequestOptions & { readonly timeout: number },
  dataDir: string,
  body: unknown,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const call = request({ ...options, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const value: unknown = text === '' ? undefined : JSON.parse(text);
        if ((response.statusCode ?? 500) < 300) resolve(value);
        else reject(new Refused(response.statusCode ?? 500, detailOf(value)));
      });
    });
    call.on('timeout', () =>
      call.destroy(new Error(`the gateway did not answer within ${options.timeout / 1000} s`)),
    );
    call.on('error', (error: NodeJS.ErrnoException) => {
      const absent = error.code === 'ENOENT' || error.code === 'ECONNREFUSED';
      reject(
        absent ? new Error(`no gateway is running on ${dataDir}; start one with "mailsms start"`) : error,
      );
    });
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function detailOf(problem: unknown): string | undefined {
  return typeof problem === 'object' && problem !== null && 'detail' in problem
    ? String(problem.detail)
    : undefined;
}
