import type { Pool, PoolConnection } from 'mysql2/promise';
import { Fault, messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { loadMysql } from './driver.ts';
import { unless } from './errands.ts';
import type { SqlSettings } from './settings.ts';
import { type SqlDatabase, statement } from './sql-database.ts';

const CONNECT_MS = 5_000;
const IDLE_MS = 60_000;

/**
 * Errors of the server or of other transactions, not of the statement: too many connections (1040, 1203), shutdown (1053), disk
 * and memory (1021, 1037, 1038), locks (1205, 1213), read-only after a failover (1290, 1836), interrupted or out of time (1317,
 * 1969, 3024), connection killed (1927).
 */
const TEMPORARY = new Set([
  1021, 1037, 1038, 1040, 1053, 1203, 1205, 1213, 1290, 1317, 1836, 1927, 1969, 3024,
]);

export async function openMysql(
  name: string,
  settings: SqlSettings & { type: 'postgres' | 'mysql' },
  log: Log,
): Promise<SqlDatabase> {
  const { createPool } = await loadMysql();
  const pool = createPool({
    uri: settings.url.open(),
    connectionLimit: settings.connections,
    connectTimeout: CONNECT_MS,
    idleTimeout: IDLE_MS,
    multipleStatements: false,
  });
  return new Mysql(name, pool, log);
}

class Mysql implements SqlDatabase {
  readonly #name: string;
  readonly #pool: Pool;
  readonly #log: Log;
  readonly #kills = new Set<Promise<void>>();

  constructor(name: string, pool: Pool, log: Log) {
    this.#name = name;
    this.#pool = pool;
    this.#log = log;
  }

  async run(call: Parameters<SqlDatabase['run']>[0], signal: AbortSignal): Promise<{ rows: boolean }> {
    const connection = await this.#connect(signal);
    try {
      // `execute` prepares on the server and sends the values apart from the text; `query` would paste them.
      const sql = statement(call, () => '?');
      const [result] = await unless(
        signal,
        connection.execute({ sql, values: [...call.values], rowsAsArray: true }),
      );
      connection.release();
      return { rows: Array.isArray(result) && result.length > 0 };
    } catch (error) {
      if (signal.aborted) {
        connection.destroy();
        this.#kill(connection.threadId);
        throw error;
      }
      const number = errno(error);
      if (number === undefined) connection.destroy();
      else connection.release();
      const temporary = number === undefined || TEMPORARY.has(number);
      throw new Fault(temporary ? 'effect.down' : 'effect.failed', {
        detail: `${this.#name}: ${messageOf(error)}`,
        cause: error,
      });
    }
  }

  async #connect(signal: AbortSignal): Promise<PoolConnection> {
    try {
      return await unless(signal, this.#pool.getConnection(), (late) => late.release());
    } catch (error) {
      if (signal.aborted) throw error;
      const detail = `${this.#name} is not reachable: ${messageOf(error)}`;
      throw new Fault('effect.down', { detail, cause: error });
    }
  }

  /** The server does not notice that a client has gone while a statement runs. */
  #kill(thread: number): void {
    const kill = this.#pool
      .query('KILL ?', [thread])
      .then(
        () => undefined,
        (error: unknown) =>
          this.#log.debug({ connection: this.#name, error: messageOf(error) }, 'a statement was not ended'),
      )
      .finally(() => this.#kills.delete(kill));
    this.#kills.add(kill);
  }

  async close(): Promise<void> {
    await Promise.all(this.#kills);
    await this.#pool.end();
  }
}

/** The server's error number; undefined where the error is not the server's, or ended the connection. */
function errno(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errno' in error) || !('sqlState' in error)) return undefined;
  if ('fatal' in error && error.fatal === true) return undefined;
  return typeof error.errno === 'number' && error.errno > 0 ? error.errno : undefined;
}
