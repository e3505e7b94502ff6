import type { Pool, PoolClient, QueryArrayConfig } from 'pg';
import { Fault, messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { loadPostgres } from './driver.ts';
import { unless } from './errands.ts';
import type { SqlSettings } from './settings.ts';
import { type SqlDatabase, statement } from './sql.ts';

const CONNECT_MS = 10_000;
const IDLE_MS = 60_000;

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
  return new Postgres(name, pool);
}

class Postgres implements SqlDatabase {
  readonly #name: string;
  readonly #pool: Pool;

  constructor(name: string, pool: Pool) {
    this.#name = name;
    this.#pool = pool;
  }

  async run(call: Parameters<SqlDatabase['run']>[0], signal: AbortSignal): Promise<{ rows: boolean }> {
    const client = await this.#connect(signal);
    let broken = true;
    try {
      // The server ends the statement by itself when its time is up; both are sent in one go.
      const limit = client.query("SELECT set_config('statement_timeout', $1, false)", [
        String(Math.ceil(call.timeoutMs)),
      ]);
      const text = statement(call, (at) => `$${at}`);
      // The extended protocol takes one statement only.
      const query: QueryArrayConfig & { readonly queryMode: 'extended' } = {
        text,
        values: [...call.values],
        rowMode: 'array',
        queryMode: 'extended',
      };
      const both = Promise.all([limit, client.query(query)]);
      const [, result] = await unless(signal, both);
      broken = false;
      return { rows: result.rows.length > 0 };
    } catch (error) {
      if (signal.aborted) throw error;
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

  async close(): Promise<void> {
    await this.#pool.end();
  }
}

/** SQLSTATE; undefined where the error is not the server's. */
function sqlState(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}
