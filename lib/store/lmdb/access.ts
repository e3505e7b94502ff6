import type { RootDatabase } from 'lmdb';
import { messageOf } from '../../base/errors.ts';
import type { LogFields } from '../../base/log.ts';
import type { Watcher } from '../agenda.ts';
import { GroupCommit, storeFault } from './disk/commit.ts';
import type { Tables } from './disk/layout.ts';
import { type Identity, View, Work, type WorkDeps } from './disk/work.ts';

/**
 * How the roles reach the tables: `look` reads what is committed, `run` changes something in a transaction that calls
 * share (disk/commit.ts), `take` opens one only where there is something to take.
 */
export class Access {
  readonly tables: Tables;
  /** Who works on the store here. */
  readonly identity: Identity;
  readonly #path: string;
  readonly #root: RootDatabase;
  readonly #log: StoreLog | undefined;
  readonly #work: WorkDeps;
  readonly #commit: GroupCommit;
  readonly #watchers = new Set<Watcher>();

  constructor({ root, path, log, work }: AccessDeps) {
    this.tables = work.tables;
    this.identity = work;
    this.#path = path;
    this.#root = root;
    this.#log = log;
    this.#work = work;
    this.#commit = new GroupCommit({
      root,
      path,
      clock: work.clock,
      begin: () => new Work(work),
      committed: (done) => this.#tell(done),
    });
  }

  /** The calendar day in the operator's zone. */
  today(): string {
    return this.#work.dayOf(this.#work.clock.now());
  }

  /** Resolves with the result of `change` once what it changed is synced to disk. */
  run<T>(change: (work: Work) => T): Promise<T> {
    return this.#commit.run(change);
  }

  /** Resolves with what `change` would give now; whatever it changes is taken back. */
  foresee<T>(change: (work: Work) => T): Promise<T> {
    return this.#commit.foresee(change);
  }

  async take<T>(may: (view: View) => boolean, take: (work: Work) => readonly T[]): Promise<readonly T[]> {
    return (await this.look(may)) ? this.#commit.run(take) : [];
  }

  /** Reads what is committed now. Damage that the reading came upon is set aside before it resolves. */
  async look<T>(read: (view: View) => T): Promise<T> {
    const view = new View(this.tables);
    let result: T;
    try {
      // lmdb keeps a snapshot for the rest of the turn, and another handle may have committed since.
      this.#root.resetReadTxn();
      result = read(view);
    } catch (error) {
      throw storeFault(error, this.#path);
    }
    if (view.damages.length > 0) {
      await this.#commit.run((work) => {
        // Read again: the Work sets aside what is damaged still.
        for (const { table, key } of view.damages) work.read(table, key);
      });
    }
    return result;
  }

  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Waits for what is under way. lmdb cannot be closed while a transaction hangs. */
  async close(): Promise<void> {
    await this.#commit.close();
    if (!this.#commit.stalled) await this.#root.close();
  }

  #tell({ news }: Work): void {
    for (const record of news.quarantined) {
      const { table, key, reason, octets } = record;
      this.#log?.error(
        { table, key, reason, octets: octets.length },
        'a record could not be decoded and was set aside',
      );
    }
    for (const watcher of this.#watchers) {
      try {
        if (news.lanes.size > 0) watcher.messages?.([...news.lanes]);
        if (news.incoming) watcher.incoming?.();
        if (news.effects) watcher.effects?.();
        for (const record of news.quarantined) watcher.quarantined?.(record);
      } catch (error) {
        this.#log?.error({ error: messageOf(error) }, 'a watcher of the store failed');
      }
    }
  }
}

export interface AccessDeps {
  readonly root: RootDatabase;
  /** Where the files lie. */
  readonly path: string;
  readonly log?: StoreLog | undefined;
  /** What each transaction's Work stands on. */
  readonly work: WorkDeps;
}

/** What the store says to the log. */
export interface StoreLog {
  warn(fields: LogFields, text: string): void;
  error(fields: LogFields, text: string): void;
}
