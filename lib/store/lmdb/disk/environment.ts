import { mkdirSync } from 'node:fs';
import { open, type RootDatabase } from 'lmdb';
import { storeFault } from './commit.ts';

/** Address space, not memory or disk. */
const MAP_SIZE = 16 * 1024 ** 3;

/**
 * The LMDB environment in a directory, which is made where it does not exist.
 *
 * What makes a change durable: LMDB writes the pages of a transaction, syncs them (fdatasync), and then writes the page
 * that makes them count through a descriptor opened with O_DSYNC; only then does the transaction's promise resolve.
 * `overlappingSync`, which lmdb turns on by itself, is off. With it a transaction is seen before it is synced, a failed
 * sync comes too late to take it back, and after a power cut the way back depends on the kernel's boot id. What it is
 * good for, writing one transaction while another is synced, is done by group commit (commit.ts).
 *
 * Throws `store.full` or `store.down`.
 */
export function openEnvironment(path: string, mapSize = MAP_SIZE): RootDatabase {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return open({
      path,
      noSubdir: false,
      mapSize,
      maxDbs: 40,
      overlappingSync: false,
      // With it lmdb makes a promise beside ours for each transaction, and nobody to catch its rejection.
      eventTurnBatching: false,
    });
  } catch (error) {
    throw storeFault(error, path);
  }
}
