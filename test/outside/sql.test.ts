import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { systemClock } from '../../lib/base/clock.ts';
import { Secret } from '../../lib/base/secret.ts';
import { createAsk } from '../../lib/outside/ask.ts';
import type { Errands } from '../../lib/outside/errands.ts';
import type { SqlSettings } from '../../lib/outside/settings.ts';
import { SqlConnections, createSqlHandler } from '../../lib/outside/sql.ts';
import type { SqlCall } from '../../lib/rules/verdict.ts';
import { ManualClock } from '../support/clock.ts';
import {
  type DatabaseServer,
  hasMariadb,
  postgresPrograms,
  startMariadb,
  startPostgres,
} from '../support/databases.ts';
import { MemoryLog } from '../support/log.ts';
import { until } from '../support/product.ts';
import { Folder, errands, faultOf, sqlCall } from './support.ts';

interface Kind {
  readonly name: string;
  /** Undefined where it can run here. */
  readonly missing: () => string | undefined;
  readonly start: () => Promise<{ settings: SqlSettings; server?: DatabaseServer; end: () => Promise<void> }>;
  /** A statement that does not end by itself within a test. */
  readonly endless: (run: ReturnType<typeof sqlCall>) => SqlCall;
  /** Whether such a statement is running, where the database can say. */
  readonly busy?: (run: ReturnType<typeof sqlCall>) => SqlCall;
}

const served = (type: 'postgres' | 'mysql', start: () => Promise<DatabaseServer>) => async () => {
  const server = await start();
  const settings: SqlSettings = { type, url: new Secret(server.url), connections: 2 };
  return { settings, server, end: () => server.stop() };
};

const KINDS: readonly Kind[] = [
  {
    name: 'SQLite',
    missing: () => undefined,
    start: () => {
      const folder = new Folder();
      const file = join(folder.path, 'test.db');
      // SQLite takes an empty file for an empty database.
      writeFileSync(file, '');
      return Promise.resolve({
        settings: { type: 'sqlite', file },
        end: () => Promise.resolve(folder.remove()),
      });
    },
    endless: (run) =>
      run`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n`,
  },
  {
    name: 'PostgreSQL',
    missing: () => (postgresPrograms() === undefined ? 'postgresql is not installed' : undefined),
    start: served('postgres', startPostgres),
    endless: (run) => run`SELECT pg_sleep(1000)`,
    busy: (run) =>
      run`SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep%'`,
  },
  {
    name: 'MariaDB',
    missing: () => (hasMariadb() ? undefined : 'mariadb-server is not installed'),
    start: served('mysql', startMariadb),
    endless: (run) => run`SELECT SLEEP(1000)`,
    busy: (run) => run`SELECT 1 FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP%'`,
  },
];

for (const { name, missing, start, endless, busy } of KINDS) {
  describe(`statements of rules on ${name}`, () => {
    let database: Awaited<ReturnType<Kind['start']>>;
    let connections: SqlConnections;
    let clock: ManualClock;
    let running: Errands;
    const log = new MemoryLog();
    const run = sqlCall('db');

    before(async function () {
      const why = missing();
      if (why !== undefined) {
        process.stderr.write(`    skipped: ${why}\n`);
        this.skip();
      }
      database = await start();
    });
    after(async () => database?.end());

    beforeEach(() => {
      clock = new ManualClock();
      running = errands(4, 4, clock);
      connections = new SqlConnections({ db: database.settings }, log);
    });
    afterEach(async () => {
      await running.stop();
      await connections.close();
    });

    const effect = (call: SqlCall) =>
      createSqlHandler(connections, { errands: running, log })(call, 'effect');
    const ask = (call: SqlCall) =>
      createAsk(
        { programs: [], path: '', directory: '/' },
        { errands: running, connections, clock },
      )({
        kind: 'sql',
        call,
      });

    it('bind their values: what a message holds reaches the database as data', async () => {
      await effect(run`CREATE TABLE log (number VARCHAR(40), text TEXT)`);
      const attempts = [
        "'; DROP TABLE log; --",
        "\\'; DROP TABLE log; -- \\",
        '$1 ? ?? :a @b %s',
        '"; DELETE FROM log; --',
        '/* */ é € 😀\nline',
        '',
      ];
      for (const [at, text] of attempts.entries()) {
        await effect(run`INSERT INTO log (number, text) VALUES (${`+${at}`}, ${text})`);
      }
      for (const [at, text] of attempts.entries()) {
        const found = run`SELECT 1 FROM log WHERE text = ${text} AND number = ${`+${at}`}`;
        expect(await ask(found), text).to.deep.equal({ rows: true });
      }
      expect(await ask(run`SELECT 1 FROM log WHERE text = ${"x' OR '1'='1"}`)).to.deep.equal({ rows: false });
      const all = run`SELECT 1 FROM (SELECT COUNT(*) AS n FROM log) AS counted WHERE n = 6`;
      expect(await ask(all)).to.deep.equal({ rows: true });
    });

    it('are one statement each', async () => {
      await effect(run`CREATE TABLE kept (n INTEGER)`);
      await faultOf(effect(run`INSERT INTO kept VALUES (1); DROP TABLE kept`)).catch(() => undefined);
      expect(
        await ask(run`SELECT 1 FROM (SELECT COUNT(*) AS n FROM kept) AS counted WHERE n <= 1`),
      ).to.deep.equal({ rows: true });
    });

    it('have failed where the database has something against them', async () => {
      await effect(run`CREATE TABLE once (id VARCHAR(20) PRIMARY KEY)`);
      await effect(run`INSERT INTO once VALUES (${'a'})`);
      expect(await faultOf(effect(run`INSERT INTO once VALUES (${'a'})`))).to.match(
        /^effect\.failed: db: .*(unique|duplicate)/i,
      );
      expect(await faultOf(effect(run`SELEC 1`))).to.match(/^effect\.failed: db: .*syntax/i);
      expect(await faultOf(effect(run`SELECT * FROM nowhere`))).to.match(/^effect\.failed: db: .*nowhere/);
      expect(await ask(run`SELEC 1`))
        .to.have.property('failed')
        .that.matches(/syntax/i);
      expect(await ask(run`SELECT id FROM once`)).to.deep.equal({ rows: true });
    });

    it('are ended when their time is up, and the next one is served', async () => {
      const call = { ...endless(run), timeoutMs: 30_000 };
      const slow = ask(call);
      if (busy !== undefined) await until('the statement to run', () => answers(ask(busy(run)), true));
      await clock.advance(30_000);
      expect(await slow).to.deep.equal({ failed: 'not done within its time limit of 30 s' });
      expect(await ask(run`SELECT 1`)).to.deep.equal({ rows: true });
      if (busy !== undefined) await until('the statement to end', () => answers(ask(busy(run)), false));
    });

    it('are not begun when their time is up before the database is open', async () => {
      const call = { ...endless(run), timeoutMs: 10 };
      const slow = ask(call);
      clock.advanceNow(10);
      expect(await slow).to.deep.equal({ failed: 'not done within its time limit of 10 ms' });
    });

    it('are ended when we stop', async () => {
      const slow = faultOf(effect(endless(run)));
      if (busy !== undefined) await until('the statement to run', () => answers(ask(busy(run)), true));
      await running.stop();
      expect(await slow).to.equal('effect.down: mailsms is shutting down');
      await connections.close();
    });

    it('fail for good on a connection that is not configured', async () => {
      const call = sqlCall('toString')`SELECT 1`;
      expect(await faultOf(effect(call))).to.equal('effect.failed: there is no SQL connection "toString"');
    });

    it('wait for a server that is down, and go on when it is back', async function () {
      const { server } = database;
      if (server === undefined) this.skip();
      expect(await ask(run`SELECT 1`)).to.deep.equal({ rows: true });
      const cut = faultOf(effect(endless(run)));
      if (busy !== undefined) await until('the statement to run', () => answers(ask(busy(run)), true));
      await server.halt();
      expect(await cut).to.match(/^effect\.down: db/);
      expect(await faultOf(effect(run`SELECT 1`))).to.match(/^effect\.down: db/);
      await server.resume();
      await until('the server', () => answers(ask(run`SELECT 1`), true));
    });

    it('are not done with a wrong password, and say so without it', async function () {
      const { settings } = database;
      if (settings.type === 'sqlite') this.skip();
      const url = new URL(settings.url.open());
      url.password = 'wrong-password';
      const wrong = new SqlConnections({ db: { ...settings, url: new Secret(url.href) } }, log);
      const fault = await faultOf(
        createSqlHandler(wrong, { errands: running, log })(run`SELECT 1`, 'effect'),
      );
      await wrong.close();
      expect(fault).to.match(/^effect\.down: db is not reachable: /);
      expect(fault).not.to.contain('wrong-password');
    });
  });
}

async function answers(answer: Promise<object>, rows: boolean): Promise<true | undefined> {
  const got = await answer;
  return 'rows' in got && got.rows === rows ? true : undefined;
}

const ENDLESS = `
const { openSqlite } = await import(process.env.MODULE);
const database = await openSqlite('db', { type: 'sqlite', file: process.env.FILE });
const text = ['WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n'];
const call = { connection: 'db', text, values: [], timeoutMs: 60000 };
void database.run(call, new AbortController().signal);
console.log('on');`;

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

describe('statements of rules on SQLite', () => {
  let folder: Folder;
  const log = new MemoryLog();
  beforeEach(() => (folder = new Folder()));
  afterEach(() => folder.remove());

  it('make no file where there is none', async () => {
    const file = join(folder.path, 'typo.db');
    const connections = new SqlConnections({ db: { type: 'sqlite', file } }, log);
    const running = errands(1, 1, systemClock);
    const handler = createSqlHandler(connections, { errands: running, log });
    expect(await faultOf(handler(sqlCall('db')`SELECT 1`, 'e'))).to.match(/^effect\.down: db: ENOENT/);
    expect(existsSync(file)).to.equal(false);
    await connections.close();
  });

  it('do not outlive us when we are killed', async () => {
    const file = join(folder.path, 'orphan.db');
    writeFileSync(file, '');
    const us = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', ENDLESS], {
      env: {
        ...process.env,
        FILE: file,
        MODULE: resolve(import.meta.dirname, '../../lib/outside/sqlite.ts'),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(us.stdout, 'data');
    const keeper = (): string | undefined =>
      readdirSync('/proc').find(
        (pid) => /^\d+$/.test(pid) && /sqlite-process/.test(commandOf(pid)) && commandOf(pid).includes(file),
      );
    await until('the process of the database', keeper);
    us.kill('SIGKILL');
    await once(us, 'exit');
    await until('its end', () => keeper() === undefined || undefined);
  });

  it('wait for a file that another holds', async () => {
    const file = join(folder.path, 'held.db');
    writeFileSync(file, '');
    const clock = new ManualClock();
    const connections = new SqlConnections({ a: { type: 'sqlite', file }, b: { type: 'sqlite', file } }, log);
    const running = errands(2, 2, clock);
    const handler = createSqlHandler(connections, { errands: running, log });
    const hold = sqlCall('a')`BEGIN EXCLUSIVE`;
    await handler(hold, 'e');
    const write = { ...sqlCall('b')`CREATE TABLE t (n)`, timeoutMs: 50 };
    expect(await faultOf(handler(write, 'e'))).to.match(/^effect\.down: b: .*locked/);
    await handler(sqlCall('a')`COMMIT`, 'e');
    await handler(sqlCall('b')`CREATE TABLE t (n)`, 'e');
    await connections.close();
  });

  it('say that a file is no database', async () => {
    const file = folder.script('no.db', 'x'.repeat(2000));
    const connections = new SqlConnections({ db: { type: 'sqlite', file } }, log);
    const handler = createSqlHandler(connections, { errands: errands(), log });
    expect(await faultOf(handler(sqlCall('db')`SELECT * FROM a`, 'e'))).to.match(
      /^effect\.failed: db: .*not a database/,
    );
    expect(readFileSync(file, 'utf8')).to.contain('xxx');
    await connections.close();
  });
});
