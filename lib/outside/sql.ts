import { Fault } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { EffectHandler } from '../flow/effects/effects.ts';
import type { SqlCall } from '../rules/verdict.ts';
import type { Errands } from './errands.ts';
import { openMysql } from './mysql.ts';
import { readSqlCall } from './payload.ts';
import { openPostgres } from './postgres.ts';
import type { SqlSettings } from './settings.ts';
import type { SqlDatabase, SqlResult } from './sql-database.ts';
import { openSqlite } from './sqlite.ts';

/**
 * Statements of rules on the databases of the configuration.
 *
 * Promises: values are bound by the server or the library itself, never part of the statement's text; a database is opened when
 * it is first asked; a statement that is not done in time is ended there too, as far as the database allows. What came
 * between us and the database is temporary (`effect.down`), what the database has against the statement is not
 * (`effect.failed`).
 */
export class SqlConnections {
  readonly #settings: Readonly<Record<string, SqlSettings>>;
  readonly #log: Log;
  readonly #open = new Map<string, Promise<SqlDatabase>>();

  constructor(settings: Readonly<Record<string, SqlSettings>>, log: Log) {
    this.#settings = settings;
    this.#log = log;
  }

  async run(call: SqlCall, signal: AbortSignal): Promise<SqlResult> {
    const database = await this.#database(call.connection);
    signal.throwIfAborted();
    return database.run(call, signal);
  }

  /** Closes what is open. Nothing may be under way. */
  async close(): Promise<void> {
    const open = [...this.#open.values()];
    this.#open.clear();
    await Promise.allSettled(open.map(async (each) => (await each).close()));
  }

  #database(name: string): Promise<SqlDatabase> {
    const known = this.#open.get(name);
    if (known !== undefined) return known;
    const settings = Object.hasOwn(this.#settings, name) ? this.#settings[name] : undefined;
    if (settings === undefined) {
      return Promise.reject(new Fault('effect.failed', { detail: `there is no SQL connection "${name}"` }));
    }
    const opened = openDatabase(name, settings, this.#log);
    this.#open.set(name, opened);
    opened.catch(() => this.#open.delete(name));
    return opened;
  }
}

function openDatabase(name: string, settings: SqlSettings, log: Log): Promise<SqlDatabase> {
  switch (settings.type) {
    case 'sqlite':
      return openSqlite(name, settings);
    case 'postgres':
      return openPostgres(name, settings, log);
    case 'mysql':
      return openMysql(name, settings, log);
  }
}

/** Runs statements of rules. */
export function createSqlHandler(
  connections: SqlConnections,
  deps: { readonly errands: Errands; readonly log: Log },
): EffectHandler {
  return async (payload, id) => {
    const call = readSqlCall(payload);
    await deps.errands.run(call.timeoutMs, (signal) => connections.run(call, signal));
    deps.log.info({ effect: id, connection: call.connection }, 'a statement of a rule was run');
  };
}
