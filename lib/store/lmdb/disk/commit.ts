import { statfsSync } from 'node:fs';
import { type Clock, within } from '../../../base/clock.ts';
import { asFault, Fault, messageOf } from '../../../base/errors.ts';
import type { Work } from './work.ts';

/**
 * Group commit. Calls that come while a transaction is being synced are collected and share the next one, and so its
 * syncs; on an idle store a call does not wait for others. Each call has its own result: where one of them throws, or the
 * transaction as a whole is not kept, nothing of it is kept and each call is tried once more by itself.
 *
 * So a call's function runs inside a transaction, synchronously, perhaps twice, and must touch nothing but its Work.
 */
export interface CommitDeps {
  readonly root: Transactions;
  /** Where the files lie. */
  readonly path: string;
  readonly clock: Clock;
  readonly begin: () => Work;
  /** Told of what was kept, before the callers are. */
  readonly committed: (work: Work) => void;
}

/** What is needed of lmdb's root database. */
export interface Transactions {
  childTransaction<T>(run: () => T): Promise<T>;
}

interface Call {
  readonly run: (work: Work) => unknown;
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
}

/** More calls than that do not share a transaction: they would hold the thread for too long at a stretch. */
const MOST_CALLS = 256;

/** A disk that takes longer than that is down. What was asked of it may still come to be. */
const COMMIT_MS = 30_000;

/** Thrown in a transaction of which nothing is to be kept. */
const TAKEN_BACK = new Error('taken back');

const LARGE_TRANSACTION = 8 * 1024 ** 2;

/** The disk, the quota or the map is full, as the system or LMDB says it. */
const FULL = /ENOSPC|EDQUOT|EFBIG|No space left|[Qq]uota exceeded|File too large|MDB_MAP_FULL|MDB_TXN_FULL/;
const SHORT = /EIO|Input\/output error/;

export class GroupCommit {
  readonly #deps: CommitDeps;
  #calls: Call[] = [];
  #running: Promise<void> | undefined;
  #stalled: Promise<unknown> | undefined;
  #closed = false;

  constructor(deps: CommitDeps) {
    this.#deps = deps;
  }

  /** Runs `run` in a transaction; resolves with its result once that is synced to disk. */
  run<T>(run: (work: Work) => T): Promise<T> {
    if (this.#closed) return Promise.reject(new Fault('store.down', { detail: 'the store is closed' }));
    return new Promise<T>((resolve, reject) => {
      this.#calls.push({ run, resolve, reject });
      this.#running ??= this.#drain();
    });
  }

  /** Resolves with what `run` gives in a transaction of its own, which is then taken back. */
  async foresee<T>(run: (work: Work) => T): Promise<T> {
    const { root, clock, path, begin } = this.#deps;
    if (this.#closed) throw new Fault('store.down', { detail: 'the store is closed' });
    const seen: T[] = [];
    const tried = root.childTransaction(() => {
      seen.push(run(begin()));
      throw TAKEN_BACK;
    });
    const late = (): Fault => new Fault('store.down', { detail: 'the disk is busy' });
    try {
      await within(clock, COMMIT_MS, tried, late);
    } catch (error) {
      if (error !== TAKEN_BACK) throw storeFault(await causeOf(error), path);
    }
    return seen[0] as T;
  }

  /** Whether a transaction hangs, so that lmdb cannot be closed. */
  get stalled(): boolean {
    return this.#stalled !== undefined;
  }

  /** Takes no more calls; resolves when those it has are done. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #drain(): Promise<void> {
    // Those that are called in the same turn go together.
    await Promise.resolve();
    while (this.#calls.length > 0) {
      const batch = this.#calls.splice(0, MOST_CALLS);
      if (await this.#commit(batch, batch.length === 1)) continue;
      for (const call of batch) await this.#commit([call], true);
    }
    this.#running = undefined;
  }

  /** Whether the batch is done with: kept, or (`last`) refused. */
  async #commit(batch: readonly Call[], last: boolean): Promise<boolean> {
    try {
      const { work, results } = await this.#transaction(batch);
      this.#deps.committed(work);
      batch.forEach(({ resolve }, index) => resolve(results[index] as never));
      return true;
    } catch (error) {
      if (!last) return false;
      const fault = storeFault(error, this.#deps.path);
      for (const { reject } of batch) reject(fault);
      return true;
    }
  }

  async #transaction(batch: readonly Call[]): Promise<{ work: Work; results: unknown[] }> {
    const { root, clock, begin } = this.#deps;
    if (this.#stalled !== undefined) {
      throw new Fault('store.down', { detail: 'a commit has not come back from the disk' });
    }
    // A child transaction, because lmdb keeps what a plain one wrote before its callback threw.
    const kept = root.childTransaction(() => {
      const work = begin();
      const results = batch.map(({ run }) => run(work));
      work.finish();
      return { work, results };
    });
    const late = (): Fault =>
      new Fault('store.down', { detail: `a commit did not end within ${COMMIT_MS / 1000} s` });
    try {
      return await within(clock, COMMIT_MS, kept, late);
    } catch (error) {
      if (error instanceof Fault && error.message === late().message) this.#stall(kept);
      throw await causeOf(error);
    }
  }

  /** Refuses calls at once until the transaction that hangs has ended. */
  #stall(hanging: Promise<unknown>): void {
    const over = (): void => {
      this.#stalled = undefined;
    };
    this.#stalled = hanging.then(over, over);
  }
}

/** lmdb says "Commit failed" and keeps the reason in a promise beside it. */
async function causeOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error;
  try {
    await error.commitError;
    return error;
  } catch (cause) {
    return cause;
  }
}

/**
 * What a call failed with, as a Fault: `store.full` or `store.down` where LMDB says so. Faults stay as they are, and
 * anything else is a mistake of ours (`internal`).
 */
export function storeFault(error: unknown, path: string): Fault {
  if (error instanceof Fault || !isFromLmdb(error)) return asFault(error);
  const detail = messageOf(error);
  // A write that a full disk cut short is an input/output error to LMDB.
  const full = FULL.test(detail) || (SHORT.test(detail) && !hasRoom(path, LARGE_TRANSACTION));
  return new Fault(full ? 'store.full' : 'store.down', { detail, cause: error });
}

/** LMDB's errors carry the system's number or its own; what lmdb itself objects to speaks of the database. */
function isFromLmdb(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    ('code' in error && typeof error.code === 'number') || /database|environment|commit/i.test(error.message)
  );
}

/** Whether more than `octets` are free on the disk that `path` lies on, for who is not root. */
export function hasRoom(path: string, octets: number): boolean {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize > octets;
  } catch {
    // The disk cannot say. LMDB will notice.
    return true;
  }
}
