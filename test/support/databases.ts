import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { has } from './clients.ts';
import { freePort } from './postfix.ts';
import { until } from './product.ts';

/** Database servers as Debian ships them, each with data of its own, on a port of 127.0.0.1 that was free. */
export interface DatabaseServer {
  /** With the user and password of its administrator. */
  readonly url: string;
  readonly port: number;
  /** Ends it at once, as a crash would. */
  halt(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

const PASSWORD = 'p@ss/word';

/** Debian keeps PostgreSQL's programs off the path. Undefined where it is not installed. */
export function postgresPrograms(): string | undefined {
  const root = '/usr/lib/postgresql';
  try {
    const [newest] = readdirSync(root).sort((a, b) => Number(b) - Number(a));
    return newest === undefined ? undefined : join(root, newest, 'bin');
  } catch {
    return undefined;
  }
}

export const hasMariadb = (): boolean => has('mariadbd') && has('mariadb-install-db');

/** Servers of databases refuse to run as root. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const number = (option: string): number =>
    Number(spawnSync('id', [option, 'nobody'], { encoding: 'utf8' }).stdout.trim());
  return { uid: number('-u'), gid: number('-g') };
}

class Server implements DatabaseServer {
  readonly url: string;
  readonly port: number;
  readonly #folder: string;
  readonly #command: readonly [string, ...string[]];
  readonly #ready: RegExp;
  #child: ChildProcess | undefined;

  constructor(
    folder: string,
    port: number,
    url: string,
    command: readonly [string, ...string[]],
    ready: RegExp,
  ) {
    this.#folder = folder;
    this.port = port;
    this.url = url;
    this.#command = command;
    this.#ready = ready;
  }

  async resume(): Promise<void> {
    const [program, ...args] = this.#command;
    const options = { cwd: this.#folder, ...unprivileged() };
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    await until(program, () => {
      if (child.exitCode !== null) throw new Error(`${program} ended: ${said}`);
      return this.#ready.test(said) || undefined;
    });
  }

  async halt(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    // Both take SIGQUIT as the order to end without ceremony.
    child.kill('SIGQUIT');
    await ended;
  }

  async stop(): Promise<void> {
    await this.halt();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function folderFor(what: string): string {
  const folder = mkdtempSync(join(tmpdir(), `mailsms-${what}-`));
  const user = unprivileged();
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  return folder;
}

function prepare(folder: string, program: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(program, args, { cwd: folder, encoding: 'utf8', ...unprivileged() });
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
}

export async function startPostgres(): Promise<DatabaseServer> {
  const programs = postgresPrograms();
  if (programs === undefined) throw new Error('PostgreSQL is not installed');
  const folder = folderFor('postgres');
  const port = await freePort();
  writeFileSync(join(folder, 'password'), PASSWORD);
  const data = join(folder, 'data');
  const login = ['-A', 'scram-sha-256', '-U', 'mailsms', `--pwfile=${join(folder, 'password')}`];
  prepare(folder, join(programs, 'initdb'), '-D', data, '-E', 'UTF8', '--no-locale', '--no-sync', ...login);
  const server = new Server(
    folder,
    port,
    `postgres://mailsms:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/postgres`,
    [join(programs, 'postgres'), '-D', data, '-k', folder, '-h', '127.0.0.1', '-p', String(port), '-F'],
    /ready to accept connections/,
  );
  await server.resume();
  return server;
}

export async function startMariadb(): Promise<DatabaseServer> {
  const folder = folderFor('mariadb');
  const port = await freePort();
  const data = join(folder, 'data');
  const login = '--auth-root-authentication-method=normal';
  prepare(folder, 'mariadb-install-db', '--no-defaults', `--datadir=${data}`, login, '--skip-test-db');
  writeFileSync(
    join(folder, 'init.sql'),
    `CREATE DATABASE IF NOT EXISTS mailsms CHARACTER SET utf8mb4;
CREATE USER IF NOT EXISTS 'mailsms'@'127.0.0.1' IDENTIFIED BY '${PASSWORD}';
GRANT ALL ON *.* TO 'mailsms'@'127.0.0.1';\n`,
  );
  const server = new Server(
    folder,
    port,
    `mysql://mailsms:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/mailsms`,
    [
      '/usr/sbin/mariadbd',
      '--no-defaults',
      `--datadir=${data}`,
      `--socket=${join(folder, 'socket')}`,
      `--pid-file=${join(folder, 'pid')}`,
      `--init-file=${join(folder, 'init.sql')}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      '--skip-name-resolve',
      '--innodb-flush-log-at-trx-commit=0',
    ],
    /ready for connections/,
  );
  await server.resume();
  return server;
}
