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
 * Each role is a function that makes it of an `Access` (lmdb/outgoing.ts and so on): the store is all of them spread into one
 * object, so no call is written down again to pass it on.
 */
import type { RootDatabase } from 'lmdb';
import { dayIn } from '../base/calendar.ts';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { accountBookIn } from './lmdb/account-book.ts';
import { Access, type StoreLog } from './lmdb/access.ts';
import { agendaIn } from './lmdb/agenda.ts';
import { archiveIn } from './lmdb/archive.ts';
import { hasRoom, storeFault } from './lmdb/disk/commit.ts';
import { openEnvironment } from './lmdb/disk/environment.ts';
import { keyString } from './lmdb/disk/key.ts';
import { checkSchema, openTables, SCHEMA_VERSION } from './lmdb/disk/layout.ts';
import { effectsIn } from './lmdb/effects.ts';
import { releaseEffects } from './lmdb/effects/queue.ts';
import { incomingIn } from './lmdb/incoming.ts';
import { releaseIncoming } from './lmdb/incoming/reassembly.ts';
import { outgoingIn } from './lmdb/outgoing.ts';
import { holdsOrphans } from './lmdb/peek.ts';
import type { Store } from './store.ts';

/** Throws `store.version` where a newer mailsms has written the store, `store.full` or `store.down` where it cannot be opened. */
export async function openLmdbStore(options: LmdbStoreOptions): Promise<Store> {
  const root = openEnvironment(options.path, options.mapSize);
  try {
    const access = accessTo(root, options);
    await begin(access, options.path);
    return {
      ...outgoingIn(access),
      ...incomingIn(access),
      ...effectsIn(access),
      ...accountBookIn(access),
      ...archiveIn(access),
      ...agendaIn(access),
      close: () => access.close(),
    };
  } catch (error) {
    await root.close();
    throw storeFault(error, options.path);
  }
}

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

/** Enough to send, report and forget what is queued: each of them writes before it frees. */
const MIN_FREE = 16 * 1024 ** 2;

function accessTo(root: RootDatabase, options: LmdbStoreOptions): Access {
  const { path, clock, random, owner, log, minFree = MIN_FREE, zone = 'UTC' } = options;
  return new Access({
    root,
    path,
    log,
    work: {
      tables: openTables(root),
      clock,
      random,
      owner: keyString(owner),
      incarnation: options.incarnation ?? Buffer.from(random.bytes(8)).toString('hex'),
      hasRoom: () => minFree <= 0 || hasRoom(path, minFree),
      dayOf: dayIn(zone),
    },
  });
}

/** Marks a new store, and gives back work that an earlier process of ours was in the middle of. */
async function begin(access: Access, path: string): Promise<void> {
  const { meta } = access.tables;
  const found = await access.look((view) => view.read(meta, ['schema'])?.value);
  checkSchema(found, path);
  if (found === undefined) await access.run(() => meta.put(['schema'], { value: SCHEMA_VERSION }));
  if (!(await access.look((view) => holdsOrphans(view, access.identity)))) return;
  await access.run((work) => {
    releaseEffects(work);
    releaseIncoming(work);
  });
}
