import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, readlink, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, systemClock } from '../base/clock.ts';
import { Fault } from '../base/errors.ts';

/**
 * One process to a data directory. LMDB would let several in; but they would carry one name, and each would
 * take the other's work for its own from before a restart.
 *
 * The lock is a file `mailsms.lock.<n>` that says who holds it; the highest n counts. A process that finds its holder
 * dead makes the next number: a hard link appears whole or not at all, and only one of two starters gets
 * it. So nobody ever removes a lock that might have come to life since it looked. Promises: a crashed process's lock is taken over, even where
 * its pid is another process's by now; of any number of starters one gets in. On a system without /proc a pid
 * that was given anew keeps the lock, and the message says which file to remove.
 */
export interface DataLock {
  release(): Promise<void>;
}

interface Holder {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: clock ticks from boot to the start of the process. */
  readonly started?: string;
  /** Which boot of which kernel, and which process namespace of it (containers have their own). */
  readonly boot?: string;
  readonly namespace?: string;
}

const NAME = /^mailsms\.lock\.(\d+)$/;

/** The holder touches its file that often, so that another container, which cannot see its process, sees it live. */
const TOUCH_MS = 5_000;
const UNSEEN_DEAD_MS = 30_000;

/** Throws `store.locked` (with the pid) where another process holds the directory, which is made where it does not exist. */
export async function lockDataDir(path: string, clock: Clock = systemClock): Promise<DataLock> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const draft = join(path, `mailsms.lock.draft-${randomUUID()}`);
  await writeFile(draft, JSON.stringify(await ourselves()), { mode: 0o600 });
  try {
    return keep(await acquire(path, draft, clock), clock);
  } finally {
    await unlink(draft);
  }
}

async function acquire(path: string, draft: string, clock: Clock): Promise<string> {
  for (;;) {
    const last = (await numbers(path)).at(-1) ?? 0;
    if (last > 0) await refuseIfAlive(join(path, `mailsms.lock.${last}`), path, clock);
    const ours = join(path, `mailsms.lock.${last + 1}`);
    try {
      await link(draft, ours);
    } catch (error) {
      if (hasCode(error, 'EEXIST')) continue;
      throw error;
    }
    const all = await numbers(path);
    if (all.at(-1) !== last + 1) {
      // Somebody took over from a holder that we have not seen, between our look and our link.
      await forget(ours);
      continue;
    }
    for (const number of all.slice(0, -1)) await forget(join(path, `mailsms.lock.${number}`));
    return ours;
  }
}

async function refuseIfAlive(file: string, path: string, clock: Clock): Promise<void> {
  const holder = await readHolder(file);
  if (holder === undefined) return;
  const us = await ourselves();
  if (holder.boot !== us.boot) return;
  const seen = holder.namespace === us.namespace;
  const alive = seen ? await isAlive(holder) : await isTouched(file, clock);
  if (!alive) return;
  const look = seen
    ? `ps -p ${holder.pid} shows it`
    : `it runs in another container; if that is gone, wait ${UNSEEN_DEAD_MS / 1000} s or remove ${file}`;
  throw new Fault('store.locked', {
    told: `the data directory ${path} is in use by process ${holder.pid} (${look})`,
  });
}

function keep(file: string, clock: Clock): DataLock {
  let released = false;
  let cancel = (): void => {};
  const arm = (): void => {
    if (released) return;
    cancel = clock.after(TOUCH_MS, () => {
      const now = new Date(clock.now());
      // A file that is gone was removed by the operator, who knows why.
      utimes(file, now, now).then(arm, () => {});
    });
  };
  arm();
  return {
    async release() {
      released = true;
      cancel();
      await forget(file);
    },
  };
}

async function isAlive({ pid, started }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, under another user.
    if (!hasCode(error, 'EPERM')) return false;
  }
  const now = await startOf(pid);
  return started === undefined || now === undefined || now === started;
}

async function isTouched(file: string, clock: Clock): Promise<boolean> {
  try {
    return (await stat(file)).mtimeMs > clock.now() - UNSEEN_DEAD_MS;
  } catch {
    return false;
  }
}

async function ourselves(): Promise<Holder> {
  const started = await startOf(process.pid);
  const boot = await orUndefined(readFile('/proc/sys/kernel/random/boot_id', 'utf8'));
  const namespace = await orUndefined(readlink('/proc/self/ns/pid'));
  return {
    pid: process.pid,
    ...(started === undefined ? {} : { started }),
    ...(boot === undefined ? {} : { boot: boot.trim() }),
    ...(namespace === undefined ? {} : { namespace }),
  };
}

/** proc(5): the second field is the name in brackets, which may hold anything; the start is the 22nd. */
async function startOf(pid: number): Promise<string | undefined> {
  const text = await orUndefined(readFile(`/proc/${pid}/stat`, 'utf8'));
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19];
}

/** Who holds it; undefined where the file is gone or says nothing that we could have written. */
async function readHolder(file: string): Promise<Holder | undefined> {
  const text = await orUndefined(readFile(file, 'utf8'));
  try {
    const holder = JSON.parse(text ?? '') as Partial<Holder> | null;
    return typeof holder?.pid === 'number' ? (holder as Holder) : undefined;
  } catch {
    return undefined;
  }
}

async function numbers(path: string): Promise<number[]> {
  const names = await readdir(path);
  return names
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

async function forget(file: string): Promise<void> {
  try {
    await unlink(file);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

async function orUndefined<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch {
    return undefined;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
