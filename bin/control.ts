import { stat } from 'node:fs/promises';
import { request } from 'node:http';
import { type Command, Option } from 'commander';
import { given } from '../lib/base/given.ts';
import { findDataDir } from '../lib/config/data-dir.ts';
import {
  type ApiClient,
  apiClient,
  ApiProblem,
  type RawAnswer,
  type RawRequest,
} from '../lib/servers/http/client.ts';
import { controlSocket } from '../lib/servers/http/control-socket.ts';

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

/** How commands talk to the running gateway: the API over the control socket in its data directory. */
export async function openControl(place: PlaceOptions): Promise<ApiClient> {
  const dataDir = await findDataDir({
    ...given({ file: place.config, data: place.data }),
    env: process.env,
    cwd: process.cwd(),
  });
  const socketPath = controlSocket(dataDir);
  await expectOwner(socketPath, dataDir);
  return apiClient((request) => ask(request, socketPath, dataDir));
}

/** What is asked for; undefined where there is nothing of that name. */
export async function unlessAbsent<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return undefined;
    throw error;
  }
}

/** All things of a list, page by page, as they are asked for. */
export async function* allPages<Page extends { readonly next?: string }, Each>(
  read: (after: { readonly after?: string }) => Promise<Page>,
  each: (page: Page) => readonly Each[],
): AsyncGenerator<Each> {
  let after: { readonly after?: string } = {};
  for (;;) {
    const page = await read(after);
    yield* each(page);
    if (page.next === undefined) return;
    after = { after: page.next };
  }
}

/** The first so many of a list. */
export async function firstOf<Each>(list: AsyncIterable<Each>, most: number): Promise<Each[]> {
  const first: Each[] = [];
  if (most <= 0) return first;
  for await (const each of list) {
    first.push(each);
    if (first.length >= most) break;
  }
  return first;
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

function ask(
  { method, path, body, timeoutMs = ANSWER_MS }: RawRequest,
  socketPath: string,
  dataDir: string,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const call = request({ socketPath, method, path, timeout: timeoutMs, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 500, body: Buffer.concat(chunks).toString('utf8') }),
      );
      response.on('error', reject);
    });
    call.on('timeout', () =>
      call.destroy(new Error(`the gateway did not answer within ${timeoutMs / 1000} s`)),
    );
    call.on('error', (error: NodeJS.ErrnoException) => {
      const absent = error.code === 'ENOENT' || error.code === 'ECONNREFUSED';
      reject(
        absent ? new Error(`no gateway is running on ${dataDir}; start one with "mailsms start"`) : error,
      );
    });
    call.end(body);
  });
}
