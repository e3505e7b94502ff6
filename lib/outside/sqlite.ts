import { type ChildProcess, fork } from 'node:child_process';
import { rm, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fault, messageOf } from '../base/errors.ts';
import type { SqlCall } from '../rules/verdict.ts';
import { type SqliteDriver, findSqlite } from './driver.ts';
import type { SqlSettings } from './settings.ts';
import { type SqlDatabase, type SqlResult, statement } from './sql-database.ts';
import type { SqliteAnswer, SqliteRequest } from './sqlite-process.ts';

/**
 * A database in a file.
 *
 * SQLite works inside the thread that calls it, and a statement that runs long could not be stopped there: it would stop
 * everything else. So each database has a process of its own, one statement at a time, and a statement that is not done in
 * time is ended by ending the process. SQLite undoes what was not committed when the file is opened next.
 */
export async function openSqlite(
  name: string,
  { file }: SqlSettings & { type: 'sqlite' },
): Promise<SqlDatabase> {
  await findSqlite();
  return new Sqlite(name, file);
}

/** Compiled beside this file, with its extension. */
const MAIN = fileURLToPath(new URL(`./sqlite-process${extname(import.meta.url)}`, import.meta.url));

class Sqlite implements SqlDatabase {
  readonly #name: string;
  readonly #file: string;
  #process: SqliteProcess | undefined;
  /** Ends when the statement before has ended. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(name: string, file: string) {
    this.#name = name;
    this.#file = file;
  }

  run(call: SqlCall, signal: AbortSignal): Promise<SqlResult> {
    const turn = this.#last.then(() => this.#run(call, signal));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #run(call: SqlCall, signal: AbortSignal): Promise<SqlResult> {
    signal.throwIfAborted();
    try {
      this.#process ??= await this.#start();
    } catch (error) {
      throw new Fault('effect.down', { detail: `${this.#name}: ${messageOf(error)}`, cause: error });
    }
    // A signal that was aborted meanwhile would not call the listener.
    signal.throwIfAborted();
    const serving = this.#process;
    const abort = (): void => serving.kill();
    signal.addEventListener('abort', abort, { once: true });
    try {
      const said = await serving.ask({
        sql: statement(call, () => '?'),
        values: call.values,
        timeoutMs: call.timeoutMs,
      });
      if ('rows' in said) return { rows: said.rows };
      const detail = `${this.#name}: ${said.error}`;
      throw new Fault(said.temporary ? 'effect.down' : 'effect.failed', { detail });
    } catch (error) {
      if (signal.aborted) await serving.gone;
      if (serving.ended) this.#process = undefined;
      if (signal.aborted) throw signal.reason;
      if (error instanceof Fault) throw error;
      throw new Fault('effect.down', { detail: `${this.#name}: ${messageOf(error)}`, cause: error });
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async #start(): Promise<SqliteProcess> {
    // A wrong path is told, not made into an empty database.
    await stat(this.#file);
    return new SqliteProcess(this.#file);
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#process?.close();
  }
}

type Reply = Extract<SqliteAnswer, { id: number }>;

class SqliteProcess {
  /** Resolves when it has ended. */
  readonly gone: Promise<void>;
  readonly #child: ChildProcess;
  #driver: SqliteDriver | undefined;
  #waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void } | undefined;
  #id = 0;
  #why = 'the process of the database ended';
  ended = false;

  constructor(file: string) {
    this.#child = fork(MAIN, [file], {
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#child.on('message', (said) => this.#hear(said as SqliteAnswer));
    this.gone = new Promise<void>((resolve) => {
      this.#child.once('exit', () => resolve());
      this.#child.once('error', (error) => {
        this.#why = error.message;
        resolve();
      });
    }).then(async () => {
      this.ended = true;
      // That driver locks by a folder beside the file, which outlives it.
      if (this.#driver === 'node-sqlite3-wasm' && this.#child.killed) {
        await rm(`${file}.lock`, { recursive: true, force: true });
      }
      this.#waiting?.reject(new Error(this.#why));
      this.#waiting = undefined;
    });
  }

  /** One at a time. Rejects when the process ends. */
  ask(request: Omit<SqliteRequest, 'id'>): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.ended) {
        reject(new Error(this.#why));
        return;
      }
      this.#waiting = { resolve, reject };
      this.#child.send({ ...request, id: ++this.#id } satisfies SqliteRequest, () => undefined);
    });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async close(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.gone;
  }

  #hear(said: SqliteAnswer): void {
    if ('ready' in said) this.#driver = said.ready;
    if ('unusable' in said) this.#why = said.unusable;
    if (!('id' in said) || said.id !== this.#id) return;
    this.#waiting?.resolve(said);
    this.#waiting = undefined;
  }
}
