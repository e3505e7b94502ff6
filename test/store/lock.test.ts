import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { Fault } from '../../lib/base/errors.ts';
import { lockDataDir } from '../../lib/store/lock.ts';
import { ManualClock, settle } from '../support/clock.ts';

const CHILD = join(import.meta.dirname, 'children', 'lock.ts');

describe('the lock of a data directory', () => {
  let path: string;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'mailsms-lock-'));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await rm(path, { recursive: true });
  });

  /** Another process that takes the lock, says so, and keeps it until its end. */
  async function start(): Promise<{ child: ChildProcess; says: string }> {
    const child = spawn(process.execPath, ['--import', 'tsx', CHILD, path], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    children.push(child);
    const [says] = (await once(createInterface(child.stdout), 'line')) as [string];
    return { child, says };
  }

  async function refusal(clock?: ManualClock): Promise<Fault> {
    try {
      await (await lockDataDir(path, clock)).release();
    } catch (error) {
      if (error instanceof Fault) return error;
      throw error;
    }
    throw new Error('the lock was had');
  }

  /** The content of the lock that counts. */
  async function holder(): Promise<Record<string, unknown>> {
    return JSON.parse(await readFile(join(path, 'mailsms.lock.1'), 'utf8')) as Record<string, unknown>;
  }

  /** Resolves when the file was touched at that time. */
  async function touched(time: number): Promise<void> {
    // A time goes to the file system and back by way of seconds with a fraction.
    const off = async () => Math.abs((await stat(join(path, 'mailsms.lock.1'))).mtimeMs - time);
    while ((await off()) >= 1) await settle(1);
  }

  it('is had once: another process is refused and told by whom', async () => {
    const { child, says } = await start();
    expect(says).to.equal('locked');
    const fault = await refusal();
    expect(fault.code).to.equal('store.locked');
    expect(fault.told)
      .to.include(`process ${child.pid}`)
      .and.to.include(path)
      .and.to.include(`ps -p ${child.pid}`);
  });

  it('is had again after it was released, and leaves nothing behind', async () => {
    const lock = await lockDataDir(path);
    expect((await refusal()).code).to.equal('store.locked');
    await lock.release();
    await (await lockDataDir(path)).release();
    expect(await readdir(path)).to.deep.equal([]);
  });

  it('is taken over from a process that was killed', async () => {
    const { child } = await start();
    child.kill('SIGKILL');
    await once(child, 'exit');
    const lock = await lockDataDir(path);
    expect(await readdir(path)).to.deep.equal(['mailsms.lock.2']);
    await lock.release();
  });

  it('goes to one of many that start at the same time, over a dead one too', async () => {
    await writeFile(join(path, 'mailsms.lock.7'), JSON.stringify({ pid: 2 ** 22 + 1 }));
    const started = await Promise.all(Array.from({ length: 6 }, start));
    const words = started.map(({ says }) => says).sort();
    expect(words).to.deep.equal(['locked', ...Array.from({ length: 5 }, () => 'store.locked')]);
  });

  it('is taken over where the pid is another process by now', async function () {
    const { child } = await start();
    const kept = await holder();
    if (kept['started'] === undefined) this.skip();
    await writeFile(join(path, 'mailsms.lock.1'), JSON.stringify({ ...kept, started: '1' }));
    expect(child.exitCode).to.equal(null);
    await (await lockDataDir(path)).release();
  });

  it('is taken over where the machine was started anew since', async function () {
    await start();
    const kept = await holder();
    if (kept['boot'] === undefined) this.skip();
    await writeFile(join(path, 'mailsms.lock.1'), JSON.stringify({ ...kept, boot: 'an earlier one' }));
    await (await lockDataDir(path)).release();
  });

  for (const content of ['', 'null', '{"pid":"x"}', '{']) {
    it(`is taken over where it says nothing that makes sense: ${JSON.stringify(content)}`, async () => {
      await writeFile(join(path, 'mailsms.lock.3'), content);
      await (await lockDataDir(path)).release();
    });
  }

  it('of another container holds as long as it is touched, and no longer', async () => {
    const clock = new ManualClock(Date.now());
    const lock = await lockDataDir(path, clock);
    const foreign = { ...(await holder()), namespace: 'pid:[1]', pid: 2 ** 22 + 1 };
    await writeFile(join(path, 'mailsms.lock.1'), JSON.stringify(foreign));
    expect((await refusal(clock)).told).to.include('another container');

    // Its holder lives and touches it, in time and again and again.
    for (let round = 0; round < 10; round++) {
      await clock.advance(5_000);
      await touched(clock.now());
    }
    expect((await refusal(clock)).told).to.include('another container');

    // It does no more.
    const long = new Date(clock.now() - 31_000);
    await utimes(join(path, 'mailsms.lock.1'), long, long);
    await (await lockDataDir(path, clock)).release();
    await lock.release();
  });
});
