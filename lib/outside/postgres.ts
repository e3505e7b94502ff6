import type { Pool, PoolClient, QueryArrayConfig } from 'pg';
import { Fault, messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { loadPostgres } from './driver.ts';
import { unless } from './errands.ts';
import type { SqlSettings } from './settings.ts';
import { type SqlDatabase, statement } from './sql-database.ts';

const CONNECT_MS = 5_000;
const IDLE_MS = 60_000;
const LIMIT = "SELECT set_config('statement_timeout', $1, false), pg_backend_pid() AS process";

/**
 * Conditions of the server or of other transactions, not of the statement (PostgreSQL, appendix A): connection, serialization and
 * deadlock, resources, lock not available, shutdown and cancel, read-only after a failover, system error.
 */
const TEMPORARY = /^(?:08|40|53|55P03|57|25006|58)/;

export async function openPostgres(
  name: string,
  settings: SqlSettings & { type: 'postgres' | 'mysql' },
  log: Log,
): Promise<SqlDatabase> {
  const { Pool } = await loadPostgres();
  const pool = new Pool({
    connectionString: settings.url.open(),
    max: settings.connections,
    connectionTimeoutMillis: CONNECT_MS,
    idleTimeoutMillis: IDLE_MS,
    application_name: 'mailsms',
  });
  const lost = (error: Error): void =>
    log.debug({ connection: name, error: error.message }, 'a connection to PostgreSQL was lost');
  pool.on('error', lost);
  // While a statement runs the pool does not listen, and an error that nobody listens to would end the process.
  pool.on('connect', (client) => client.on('error', lost));
  return new Postgres(name, pool, log);
}

class Postgres implements SqlDatabase {
  readonly #name: string;
  readonly #pool: Pool;
  readonly #log: Log;
  readonly #cancels = new Set<Promise<void>>();

  constructor(name: string, pool: Pool, log: Log) {
    this.#name = name;
    this.#pool = pool;
    this.#log = log;
  }

  async run(call: Parameters<SqlDatabase['run']>[0], signal: AbortSignal): Promise<{ rows: boolean }> {
    const client = await this.#connect(signal);
    let broken = true;
    let process: number | undefined;
    try {
      // Should we end before the statement does, the server ends it when its time is up.
      const limit = String(Math.ceil(call.timeoutMs));
      const set = client.query<{ process: number }>(LIMIT, [limit]);
      process = (await unless(signal, set)).rows[0]?.process;
      const query: QueryArrayConfig & { readonly queryMode: 'extended' } = {
        text: statement(call, (at) => `$${at}`),
        values: [...call.values],
        rowMode: 'array',
        // It takes one statement only.
        queryMode: 'extended',
      };
      const result = await unless(signal, client.query(query));
      broken = false;
      return { rows: result.rows.length > 0 };
    } catch (error) {
      if (signal.aborted) {
        if (process !== undefined) this.#cancel(process);
        throw error;
      }
      const state = sqlState(error);
      broken = state === undefined;
      const temporary = state === undefined || TEMPORARY.test(state);
      throw new Fault(temporary ? 'effect.down' : 'effect.failed', {
        detail: `${this.#name}: ${messageOf(error)}`,
        cause: error,
      });
    } finally {
      client.release(broken);
    }
  }

  async #connect(signal: AbortSignal): Promise<PoolClient> {
    try {
      return await unless(signal, this.#pool.connect(), (late) => late.release());
    } catch (error) {
      if (signal.aborted) throw error;
      const detail = `${this.#name} is not reachable: ${messageOf(error)}`;
      throw new Fault('effect.down', { detail, cause: error });
    }
  }

  /** The server does not notice that a client has gone while a statement runs. */
  #cancel(process: number): void {
    const cancel = this.#pool
      .query('SELECT pg_cancel_backend($1)', [process])
      .then(
        () => undefined,
        (error: unknown) =>
          this.#log.debug({ connection: this.#name, error: messageOf(error) }, 'a statement was not ended'),
      )
      .finally(() => this.#cancels.delete(cancel));
    this.#cancels.add(cancel);
  }

  async close(): Promise<void> {
    await Promise.all(this.#cancels);
    await this.#pool.end();
  }
}

/** SQLSTATE; undefined where the error is not the server's. */
function sqlState(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}
