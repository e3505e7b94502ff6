import { createRequire, isBuiltin } from 'node:module';
import type * as mysql from 'mysql2/promise';
import type pg from 'pg';
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

export function loadPostgres(): Promise<typeof pg> {
  return loadDriver('PostgreSQL', 'pg', async () => (await import('pg')).default);
}

export function loadMysql(): Promise<typeof mysql> {
  return loadDriver('MySQL', 'mysql2', () => import('mysql2/promise'));
}

/** Ways to SQLite, the best first. `node:sqlite` comes with Node 22.5 and later. */
const SQLITE_DRIVERS = ['node:sqlite', 'better-sqlite3', 'node-sqlite3-wasm'] as const;
export type SqliteDriver = (typeof SQLITE_DRIVERS)[number];

/** The first of them that is here. It is not loaded: only the process that holds the database does that. */
export function findSqlite(): Promise<SqliteDriver> {
  return loadDriver('SQLite with this version of Node', 'better-sqlite3', () => {
    const { resolve } = createRequire(import.meta.url);
    const found = SQLITE_DRIVERS.find((driver) => {
      if (driver.startsWith('node:')) return isBuiltin(driver);
      try {
        return resolve(driver) !== '';
      } catch {
        return false;
      }
    });
    const missing = new Error(`none of ${SQLITE_DRIVERS.join(', ')} was found`);
    return found === undefined ? Promise.reject(missing) : Promise.resolve(found);
  });
}

/** Why databases of that type cannot be reached at all; undefined where they can. */
export async function driverProblem(type: SqlSettings['type']): Promise<string | undefined> {
  const load: Record<SqlSettings['type'], () => Promise<unknown>> = {
    sqlite: findSqlite,
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
