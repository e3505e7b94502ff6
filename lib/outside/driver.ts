import { Fault, messageOf } from '../base/errors.ts';
import type { SqlSettings } from './settings.ts';

/**
 * The drivers, which are the user's to install. A driver that is missing is temporary: once it is installed and mailsms
 * started again, what waited is done.
 */
export async function loadDriver<T>(what: string, packages: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const detail = `${what} needs a driver that is not installed: npm install ${packages} (${messageOf(error)})`;
    throw new Fault('effect.down', { detail, cause: error });
  }
}

export const loadPostgres = () => loadDriver('PostgreSQL', 'pg', async () => (await import('pg')).default);

export const loadMysql = () => loadDriver('MySQL', 'mysql2', async () => import('mysql2/promise'));

/** Ways to SQLite, the best first. `node:sqlite` comes with Node 22.5 and later. */
export const SQLITE_DRIVERS = ['node:sqlite', 'better-sqlite3', 'node-sqlite3-wasm'] as const;
export type SqliteDriver = (typeof SQLITE_DRIVERS)[number];

/** The first of SQLITE_DRIVERS that is here. */
export function loadSqlite(): Promise<{ readonly driver: SqliteDriver; readonly module: unknown }> {
  return loadDriver('SQLite with this version of Node', 'better-sqlite3', async () => {
    let last: unknown;
    for (const driver of SQLITE_DRIVERS) {
      try {
        const module: unknown = await import(driver);
        return { driver, module };
      } catch (error) {
        last = error;
      }
    }
    throw last;
  });
}

/** Why databases of that type cannot be reached at all; undefined where they can. */
export async function driverProblem(type: SqlSettings['type']): Promise<string | undefined> {
  const load: Record<SqlSettings['type'], () => Promise<unknown>> = {
    sqlite: loadSqlite,
    postgres: loadPostgres,
    mysql: loadMysql,
  };
  try {
    await load[type]();
    return undefined;
  } catch (error) {
    return error instanceof Fault ? error.detail : messageOf(error);
  }
}
