import { Worker } from 'node:worker_threads';
import { Fault, messageOf } from '../base/errors.ts';
import { type SqliteDriver, findSqlite } from './driver.ts';

/**
 * The process that holds one SQLite database: see sqlite.ts. It is started with the file as its argument, reads requests from
 * its parent, and ends when the parent does.
 */
export interface SqliteRequest {
  readonly id: number;
  readonly sql: string;
  readonly values: readonly string[];
  readonly timeoutMs: number;
}

export type SqliteAnswer =
  | { readonly id: number; readonly rows: boolean }
  | { readonly id: number; readonly error: string; readonly temporary: boolean }
  | { readonly ready: SqliteDriver }
  | { readonly unusable: string };

/** What the drivers have in common, under one hood. */
interface Hood {
  /** Whether it gave a row. */
  run(sql: string, values: readonly string[]): boolean;
}

interface NativeStatement {
  /** better-sqlite3: whether it gives rows. */
  readonly reader?: boolean;
  get(...values: string[]): unknown;
  run(...values: string[]): unknown;
}

interface NativeDatabase {
  prepare(sql: string): NativeStatement;
}

interface WasmDatabase {
  get(sql: string, values: readonly string[]): unknown;
}

/** Conditions of the file and of others who use it, not of the statement: busy, locked, no memory, I/O, full, cannot open. */
const TEMPORARY_CODES = new Set([5, 6, 7, 10, 13, 14]);
const TEMPORARY_TEXT =
  /database (?:table |schema )?is locked|disk I\/O error|database or disk is full|unable to open database|out of memory/i;

function open(driver: SqliteDriver, module: unknown, file: string): Hood {
  if (driver === 'node:sqlite') {
    const { DatabaseSync } = module as { DatabaseSync: new (file: string) => NativeDatabase };
    return native(new DatabaseSync(file));
  }
  const { default: exported } = module as { default: unknown };
  if (driver === 'better-sqlite3') {
    const Database = exported as new (file: string, options: object) => NativeDatabase;
    return native(new Database(file, { fileMustExist: true }));
  }
  const { Database } = exported as { Database: new (file: string, options: object) => WasmDatabase };
  const database = new Database(file, { fileMustExist: true });
  return { run: (sql, values) => isRow(database.get(sql, values)) };
}

function native(database: NativeDatabase): Hood {
  return {
    run: (sql, values) => {
      const statement = database.prepare(sql);
      if (statement.reader === false) {
        statement.run(...values);
        return false;
      }
      return isRow(statement.get(...values));
    },
  };
}

function isRow(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function answer(hood: Hood, { id, sql, values, timeoutMs }: SqliteRequest): SqliteAnswer {
  try {
    hood.run(`PRAGMA busy_timeout = ${Math.ceil(timeoutMs)}`, []);
    return { id, rows: hood.run(sql, values) };
  } catch (error) {
    const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
    const text = messageOf(error);
    return { id, error: text, temporary: TEMPORARY_CODES.has(code) || TEMPORARY_TEXT.test(text) };
  }
}

async function serve(file: string, say: (answer: SqliteAnswer) => void): Promise<void> {
  // Listening begins before the driver is there: requests do not wait for it.
  const hood = findSqlite().then(async (driver) => {
    const module: unknown = await import(driver);
    const opened = open(driver, module, file);
    say({ ready: driver });
    return opened;
  });
  process.on('message', (request) => {
    void hood.then(
      (opened) => say(answer(opened, request as SqliteRequest)),
      () => undefined,
    );
  });
  try {
    await hood;
  } catch (error) {
    say({ unusable: (error instanceof Fault ? error.detail : undefined) ?? messageOf(error) });
    process.disconnect();
  }
}

/** A parent that was killed cannot end a statement any more, and a running one does not hear that the parent has gone. */
const WATCH = `
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
}, 1000);`;

// Only as a process of its own: importing this does nothing.
const [, main, file] = process.argv;
if (process.send !== undefined && main === import.meta.filename && file !== undefined) {
  new Worker(WATCH, { eval: true, execArgv: [] }).unref();
  void serve(file, (said) => process.send?.(said));
}
