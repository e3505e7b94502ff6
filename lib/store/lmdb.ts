/**
 * The store of one machine, in an LMDB environment.
 *
 * Promises. A call that changes something resolves when the change is on the disk (lmdb/environment.ts says how, and
 * test/store/durability.test.ts watches the system calls). Opening reads one record and gives back work that was in
 * flight; nothing is held in memory for a message, and no call looks at more of the queue than it takes.
 *
 * Failure. A full disk rejects the calls it hits with `store.full`, and nothing of them is kept; the next ones are tried
 * again. `accept` refuses somewhat earlier, so that what is queued can still be sent. Any other failure is `store.down`,
 * and so is a disk that does not answer for half a minute; LMDB goes on after an error, unless it could not write one of
 * its two first pages, and then the process has to be started anew. A record that cannot be decoded is moved to the
 * quarantine by whoever comes upon it. lmdb itself writes a line on standard error when a commit fails.
 *
 * Concurrency. Changes are made one transaction after the other, whichever process they come from; leases keep
 * processes off each other's work. What lies where is in lmdb/layout.ts.
 *
 * The file is long since the contract is: each call stands here once, and is done in lmdb/.
 */
import type { RootDatabase } from 'lmdb';
import { dayIn } from '../base/calendar.ts';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { LogFields } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { AccountChange, AccountPage, AccountQuery, Charge, LimitKind } from './account-book.ts';
import type { Watcher } from './agenda.ts';
import type {
  Amendment,
  IncomingPage,
  IncomingQuery,
  ListQuery,
  Page,
  StoreStats,
  Tally,
} from './archive.ts';
import type { EffectAmendment, EffectPage, EffectQuery, LeasedEffect, ListedEffect } from './effects.ts';
import type { IncomingResult, LeasedIncoming, OpenQuestion, Question } from './incoming.ts';
import type { Lease, TakeRequest } from './lease.ts';
import type {
  AcceptItem,
  Accepted,
  Deferral,
  Failure,
  LeaseRequest,
  Leased,
  PartReport,
  PeekRequest,
  SentPart,
} from './outgoing.ts';
import type { Store } from './store.ts';
import { accept } from './lmdb/accept.ts';
import {
  accountOf,
  accountsFrom,
  changeAccounts,
  charge,
  listAccounts,
  refund,
  usage,
  wouldExceed,
} from './lmdb/accounts.ts';
import { GroupCommit, hasRoom, storeFault } from './lmdb/commit.ts';
import {
  effectDeferred,
  effectDone,
  effectFailed,
  enqueue,
  releaseEffects,
  takeEffects,
} from './lmdb/effects.ts';
import { amendEffect, findEffect, listEffects } from './lmdb/effect-listing.ts';
import { openEnvironment } from './lmdb/environment.ts';
import { receive, releaseIncoming, takeComplete } from './lmdb/incoming.ts';
import { keyString } from './lmdb/key.ts';
import { checkSchema, openTables, SCHEMA_VERSION, type Tables } from './lmdb/layout.ts';
import { linksOf } from './lmdb/links.ts';
import { find, lanes, list, listIncoming, nextDue, quarantined, stats } from './lmdb/listing.ts';
import { amend, purge } from './lmdb/operate.ts';
import { defer, fail, hold, progress, settle, warn } from './lmdb/outcome.ts';
import { finishIncoming, openQuestion, park } from './lmdb/questions.ts';
import { leaseReady, overdue, peekReady, recover, renew } from './lmdb/queue.ts';
import {
  holdsOrphans,
  mayBeOverdue,
  mayLease,
  mayRecover,
  mayTakeComplete,
  mayTakeEffects,
} from './lmdb/peek.ts';
import { report, unconfirmed } from './lmdb/report.ts';
import { tallies } from './lmdb/tally.ts';
import { type Identity, View, Work } from './lmdb/work.ts';
import type {
  AccountRecord,
  FaultRecord,
  IncomingMessage,
  IncomingPart,
  NewEffect,
  OutgoingMessage,
  Quarantined,
  ReplyLink,
  Usage,
} from './records.ts';

/** How a store is opened. */
export interface LmdbStoreOptions {
  /** The directory, made where it does not exist (0700). */
  readonly path: string;
  readonly clock: Clock;
  readonly random: Random;
  /** This node's name; leases carry it. */
  readonly owner: string;
  /** This process's name among those of the owner, one after the other; default: drawn at random. */
  readonly incarnation?: string;
  readonly log?: StoreLog;
  /** Octets of address space set aside at first. The map grows by itself; growing maps it anew. */
  readonly mapSize?: number;
  /** Octets that must be free on the disk for new messages to be accepted (default 16 MiB); 0: do not look. */
  readonly minFree?: number;
  /** The zone (IANA name) whose calendar days `tallies` counts by; default UTC. */
  readonly zone?: string;
}

/** What the store says to the log. */
export interface StoreLog {
  warn(fields: LogFields, text: string): void;
  error(fields: LogFields, text: string): void;
}

/** Enough to send, report and forget what is queued: each of them writes before it frees. */
const MIN_FREE = 16 * 1024 ** 2;

/** Throws `store.version` where a newer mailsms has written the store, `store.full` or `store.down` where it cannot be opened. */
export async function openLmdbStore(options: LmdbStoreOptions): Promise<Store> {
  const root = openEnvironment(options.path, options.mapSize);
  try {
    return await LmdbStore.open(root, openTables(root), options);
  } catch (error) {
    await root.close();
    throw storeFault(error, options.path);
  }
}

class LmdbStore implements Store {
  readonly #path: string;
  readonly #root: RootDatabase;
  readonly #tables: Tables;
  readonly #identity: Identity;
  readonly #log: StoreLog | undefined;
  readonly #commit: GroupCommit;
  readonly #today: () => string;
  readonly #watchers = new Set<Watcher>();

  static async open(root: RootDatabase, tables: Tables, options: LmdbStoreOptions): Promise<LmdbStore> {
    const store = new LmdbStore(root, tables, options);
    const { meta } = tables;
    const found = await store.#look((view) => view.read(meta, ['schema'])?.value);
    checkSchema(found, options.path);
    if (found === undefined) await store.#commit.run(() => meta.put(['schema'], { value: SCHEMA_VERSION }));
    if (await store.#look((view) => holdsOrphans(view, store.#identity))) {
      await store.#commit.run((work) => {
        releaseEffects(work);
        releaseIncoming(work);
      });
    }
    return store;
  }

  private constructor(root: RootDatabase, tables: Tables, options: LmdbStoreOptions) {
    const { path, clock, random, owner, log, minFree = MIN_FREE, zone = 'UTC' } = options;
    const incarnation = options.incarnation ?? Buffer.from(random.bytes(8)).toString('hex');
    const identity = { owner: keyString(owner), incarnation };
    const dayOf = dayIn(zone);
    this.#today = () => dayOf(clock.now());
    const deps = {
      tables,
      clock,
      random,
      ...identity,
      hasRoom: () => minFree <= 0 || hasRoom(path, minFree),
      dayOf,
    };
    this.#identity = identity;
    this.#path = path;
    this.#root = root;
    this.#tables = tables;
    this.#log = log;
    this.#commit = new GroupCommit({
      root,
      path,
      clock,
      begin: () => new Work(deps),
      committed: (work) => this.#tell(work),
    });
  }

  accept(items: readonly AcceptItem[]): Promise<readonly Accepted[]> {
    return this.#commit.run((work) => {
      work.requireRoom();
      return items.map((item) => accept(work, item));
    });
  }

  lease(request: LeaseRequest): Promise<readonly Leased[]> {
    // Whoever names the message has just seen it: not looked for again, it shares the transaction of what was called before.
    if (request.only !== undefined) return this.#commit.run((work) => leaseReady(work, request));
    return this.#take(
      (view) => mayLease(view, request),
      (work) => leaseReady(work, request),
    );
  }

  peek(request: PeekRequest): Promise<readonly OutgoingMessage[]> {
    return this.#look((view) => peekReady(view, request));
  }

  progress(lease: Lease, sent: SentPart): Promise<boolean> {
    return this.#commit.run((work) => progress(work, lease, sent));
  }

  settle(lease: Lease, sent: readonly SentPart[]): Promise<boolean> {
    return this.#commit.run((work) => settle(work, lease, sent));
  }

  defer(lease: Lease, deferral: Deferral): Promise<boolean> {
    return this.#commit.run((work) => defer(work, lease, deferral));
  }

  fail(lease: Lease, failure: Failure): Promise<boolean> {
    return this.#commit.run((work) => fail(work, lease, failure));
  }

  hold(lease: Lease, fault: FaultRecord): Promise<boolean> {
    return this.#commit.run((work) => hold(work, lease, fault));
  }

  warn(lease: Lease, effects: readonly NewEffect[]): Promise<boolean> {
    return this.#commit.run((work) => warn(work, lease, effects));
  }

  renew(lease: Lease, until: number): Promise<boolean> {
    return this.#commit.run((work) => renew(work, lease, until));
  }

  recover(request: TakeRequest): Promise<readonly Leased[]> {
    return this.#take(
      (view) => mayRecover(view, request, this.#identity),
      (work) => recover(work, request),
    );
  }

  overdue(request: TakeRequest): Promise<readonly Leased[]> {
    return this.#take(
      (view) => mayBeOverdue(view, request),
      (work) => overdue(work, request),
    );
  }

  report(
    given: PartReport,
    onVerdict: (message: OutgoingMessage) => readonly NewEffect[],
  ): Promise<{ readonly message: OutgoingMessage; readonly verdict: boolean } | undefined> {
    return this.#commit.run((work) => report(work, given, onVerdict));
  }

  async unconfirmed(
    before: number,
    limit: number,
    onEnd: (message: OutgoingMessage) => readonly NewEffect[],
  ): Promise<number> {
    const any = await this.#look(({ tables }) => tables.unconfirmed.upTo([], before - 1, 1).length > 0);
    return any ? this.#commit.run((work) => unconfirmed(work, before, limit, onEnd)) : 0;
  }

  receive(part: IncomingPart, waitUntil: number): Promise<'stored' | 'duplicate'> {
    return this.#commit.run((work) => receive(work, part, waitUntil));
  }

  takeComplete(request: TakeRequest): Promise<readonly LeasedIncoming[]> {
    return this.#take(
      (view) => mayTakeComplete(view, request),
      (work) => takeComplete(work, request),
    );
  }

  finish(lease: Lease, result: IncomingResult): Promise<boolean> {
    return this.#commit.run((work) => finishIncoming(work, lease, result));
  }

  park(lease: Lease, question: Question, ask: AcceptItem | undefined): Promise<boolean> {
    return this.#commit.run((work) => park(work, lease, question, ask));
  }

  question(number: string, gateway: string, now: number): Promise<OpenQuestion | undefined> {
    return this.#look((view) => openQuestion(view, number, gateway, now));
  }

  enqueue(effects: readonly NewEffect[]): Promise<void> {
    return this.#commit.run((work) => enqueue(work, effects));
  }

  takeEffects(
    request: TakeRequest & { readonly kinds?: readonly string[] },
  ): Promise<readonly LeasedEffect[]> {
    return this.#take(
      (view) => mayTakeEffects(view, request),
      (work) => takeEffects(work, request),
    );
  }

  effectDone(lease: Lease): Promise<boolean> {
    return this.#commit.run((work) => effectDone(work, lease));
  }

  effectDeferred(lease: Lease, until: number, fault: FaultRecord): Promise<boolean> {
    return this.#commit.run((work) => effectDeferred(work, lease, until, fault));
  }

  effectFailed(lease: Lease, fault: FaultRecord, follow: readonly NewEffect[]): Promise<boolean> {
    return this.#commit.run((work) => effectFailed(work, lease, fault, follow));
  }

  findEffect(id: string): Promise<ListedEffect | undefined> {
    return this.#look((view) => findEffect(view, id));
  }

  listEffects(query: EffectQuery): Promise<EffectPage> {
    return this.#look((view) => listEffects(view, query));
  }

  amendEffect(id: string, change: EffectAmendment): Promise<'done' | 'absent' | 'busy'> {
    return this.#commit.run((work) => amendEffect(work, id, change));
  }

  charge(given: Charge): Promise<'charged' | LimitKind> {
    return this.#commit.run((work) => charge(work, given));
  }

  refund(account: string, parts: number, period: string, day?: string): Promise<void> {
    return this.#commit.run((work) => refund(work, account, parts, period, day));
  }

  wouldExceed(given: Charge): Promise<LimitKind | undefined> {
    return this.#look((view) => wouldExceed(view, given));
  }

  account(...users: readonly string[]): Promise<AccountRecord | undefined> {
    return this.#look((view) => accountOf(view, users));
  }

  accountsFrom(address: string): Promise<readonly string[]> {
    return this.#look((view) => accountsFrom(view, address));
  }

  changeAccounts(changes: readonly AccountChange[]): Promise<'done' | { readonly refused: number }> {
    return this.#commit.run((work) => changeAccounts(work, changes));
  }

  listAccounts(query: AccountQuery): Promise<AccountPage> {
    return this.#look((view) => listAccounts(view, query));
  }

  usage(account: string, period: string): Promise<Usage> {
    return this.#look((view) => usage(view, account, period));
  }

  links(number: string, now: number): Promise<readonly ReplyLink[]> {
    return this.#look((view) => linksOf(view, number, now));
  }

  find(id: string): Promise<OutgoingMessage | undefined> {
    return this.#look((view) => find(view, id));
  }

  listIncoming(query: IncomingQuery): Promise<IncomingPage> {
    return this.#look((view) => listIncoming(view, query));
  }

  findIncoming(id: string): Promise<IncomingMessage | undefined> {
    return this.#look((view) => view.read(this.#tables.incoming, [id])?.message);
  }

  list(query: ListQuery): Promise<Page> {
    return this.#look((view) => list(view, query));
  }

  amend(id: string, change: Amendment): Promise<'done' | 'absent' | 'busy' | 'refused'> {
    return this.#commit.run((work) => amend(work, id, change));
  }

  lanes(): Promise<readonly string[]> {
    return this.#look(lanes);
  }

  tallies(): Promise<ReadonlyMap<string, Tally>> {
    return this.#look((view) => tallies(view, this.#today()));
  }

  stats(): Promise<StoreStats> {
    return this.#look(stats);
  }

  quarantined(limit: number): Promise<readonly Quarantined[]> {
    return this.#look((view) => quarantined(view, limit));
  }

  purge(before: number, limit: number): Promise<number> {
    return this.#commit.run((work) => purge(work, before, limit));
  }

  nextDue(after?: number): Promise<number | undefined> {
    return this.#look((view) => nextDue(view, after));
  }

  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  async close(): Promise<void> {
    await this.#commit.close();
    if (!this.#commit.stalled) await this.#root.close();
  }

  /** A transaction only where there is something to take. */
  async #take<T>(may: (view: View) => boolean, take: (work: Work) => readonly T[]): Promise<readonly T[]> {
    return (await this.#look(may)) ? this.#commit.run(take) : [];
  }

  /** Reads what is committed now. Damage that the reading came upon is set aside before it resolves. */
  async #look<T>(read: (view: View) => T): Promise<T> {
    const view = new View(this.#tables);
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
