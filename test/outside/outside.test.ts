import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { OUTSIDE_LIMITS, type OutsideSettings, outside as section } from '../../lib/outside/settings.ts';
import { loadDriver } from '../../lib/outside/driver.ts';
import { Outside, outsideProblems } from '../../lib/outside/outside.ts';
import { ManualClock } from '../support/clock.ts';
import { MemoryLog } from '../support/log.ts';
import { until } from '../support/product.ts';
import { AMPLE_MS, Folder, faultOf, programCall, sqlCall } from './support.ts';

const DEFAULTS: OutsideSettings = {
  ...OUTSIDE_LIMITS,
  programs: { ...section.parse({}), directory: '/' },
  urls: [],
  sql: {},
};

describe('what rules have done outside', () => {
  let folder: Folder;
  let log: MemoryLog;
  let clock: ManualClock;
  let outside: Outside | undefined;

  beforeEach(() => {
    folder = new Folder();
    log = new MemoryLog();
    clock = new ManualClock();
  });
  afterEach(async () => {
    await outside?.stop();
    outside = undefined;
    folder.remove();
  });

  const start = async (settings: Partial<OutsideSettings>): Promise<Outside> => {
    outside = new Outside({ ...DEFAULTS, ...settings }, { clock, log });
    await outside.start();
    return outside;
  };

  it('is nothing unless the settings allow it, and the log says so', async () => {
    const { handlers, ask } = await start({});
    expect(log.lines).to.deep.equal(['info rules may run no program: outside.programs names none {}']);
    expect(await faultOf(handlers.program(programCall('/bin/true'), 'e'))).to.match(
      /^effect\.failed: no program/,
    );
    const url = { method: 'GET', url: 'http://127.0.0.1/', headers: [], timeoutMs: AMPLE_MS };
    expect(await faultOf(handlers.url(url, 'e'))).to.match(/^effect\.failed: .*not public/);
    expect(await faultOf(handlers.sql(sqlCall('db')`SELECT 1`, 'e'))).to.match(
      /^effect\.failed: there is no/,
    );
    expect(await ask({ kind: 'sql', call: sqlCall('db')`SELECT 1` })).to.have.property('failed');
  });

  it('is programs, URLs and statements, by handlers and by questions', async () => {
    const file = join(folder.path, 'rules.db');
    writeFileSync(file, '');
    const { handlers, ask } = await start({
      programs: { ...DEFAULTS.programs, programs: [folder.path] },
      sql: { db: { type: 'sqlite', file } },
    });
    expect(log.lines).to.deep.equal([]);
    await handlers.program(programCall(folder.script('touch', 'touch "$0.done"')), 'e');
    expect(existsSync(join(folder.path, 'touch.done'))).to.equal(true);
    await handlers.sql(sqlCall('db')`CREATE TABLE banned AS SELECT ${'+1'} AS number`, 'e');
    const banned = (number: string) =>
      ask({ kind: 'sql', call: sqlCall('db')`SELECT 1 FROM banned WHERE number = ${number}` });
    expect([await banned('+1'), await banned('+2')]).to.deep.equal([{ rows: true }, { rows: false }]);
  });

  it('does not keep questions waiting behind effects', async () => {
    const { handlers, ask } = await start({
      programs: { ...DEFAULTS.programs, programs: [folder.path] },
      concurrency: 1,
    });
    const hangs = folder.script('hangs', 'echo > "$0.on"; exec sleep 1000');
    const effect = faultOf(handlers.program(programCall(hangs), 'e'));
    await until('the program', () => existsSync(`${hangs}.on`) || undefined);
    const call = programCall(folder.script('four', 'exit 4'));
    expect(await ask({ kind: 'program', call })).to.deep.equal({ exit: 4 });
    await outside?.stop();
    expect(await effect).to.equal('effect.down: mailsms is shutting down');
  });

  it('says which driver is missing and how to get it', async () => {
    const missing = loadDriver('PostgreSQL', 'pg', () =>
      Promise.reject(new Error("Cannot find package 'pg'")),
    );
    expect(await faultOf(missing)).to.equal(
      "effect.down: PostgreSQL needs a driver that is not installed: npm install pg (Cannot find package 'pg')",
    );
    const file = join(folder.path, 'any.db');
    expect(await outsideProblems({ sql: { db: { type: 'sqlite', file } } })).to.deep.equal([]);
  });
});
