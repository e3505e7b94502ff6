import type { Database, RootDatabase } from 'lmdb';
import { messageOf } from '../../../base/errors.ts';
import { type Bound, endOf, isSameKey, type Key, keyEncoder, type KeyPart } from './key.ts';
import { decodeRecord, encodeRecord } from './record.ts';

/** LMDB's databases as two kinds of table: records under a key, and indexes that are nothing but keys. */
type Octets = Database<Buffer, LmdbKey>;
/** lmdb hands keys to the encoder as they are; its types know only those that it can encode by itself. */
type LmdbKey = (string | number)[];

/** An index's entries are all key: there is no value that could be damaged. LMDB wants one octet all the same. */
const PRESENT = Buffer.from([1]);

/** A record that was found but could not be decoded. */
export interface Damage {
  readonly table: RecordTable<object>;
  readonly key: Key;
  readonly octets: Uint8Array;
  readonly reason: string;
}

function openTable(root: RootDatabase, name: string): Octets {
  return root.openDB<Buffer, LmdbKey>({ name, encoding: 'binary', keyEncoder } as { name: string });
}

/** Records of one type, each under a key. The writing calls work inside a transaction only. */
export class RecordTable<T extends object> {
  readonly name: string;
  readonly #db: Octets;
  readonly #mayHaveOctets: boolean;

  constructor(root: RootDatabase, name: string, contents: 'plain' | 'with octets') {
    this.name = name;
    this.#mayHaveOctets = contents === 'with octets';
    this.#db = openTable(root, name);
  }

  /** The record, `undefined` where there is none, or `damaged` having been told. */
  read(key: Key, damaged: (damage: Damage) => void): T | undefined {
    const octets = this.#db.getBinaryFast(lmdbKey(key));
    if (octets === undefined) return undefined;
    try {
      return decodeRecord<T>(octets);
    } catch (error) {
      damaged({
        table: this,
        key,
        octets: Uint8Array.from(octets.subarray(0, octets.length)),
        reason: messageOf(error),
      });
      return undefined;
    }
  }

  /** The octets of a record, whatever they are. */
  octets(key: Key): Uint8Array | undefined {
    const octets = this.#db.getBinary(lmdbKey(key));
    return octets === undefined ? undefined : new Uint8Array(octets);
  }

  has(key: Key): boolean {
    return this.#db.doesExist(lmdbKey(key));
  }

  /** Keys that begin with `prefix`, in order. Read to the end or up to `limit` before anything is changed. */
  keys(prefix: Key, limit?: number): KeyPart[][] {
    return keysOf(this.#db, prefix, endOf(prefix), limit, false);
  }

  /** Keys after `key`, in order. */
  keysAfter(key: Key, limit: number): KeyPart[][] {
    const start = key.length === 0 ? key : endOf(key);
    return keysOf(this.#db, start, endOf([]), limit, false);
  }

  /** Keys before `key`, or all, the last one first. */
  keysBefore(key: Key | undefined, limit: number): KeyPart[][] {
    // Going down, lmdb includes the start and leaves out the end.
    const keys = keysOf(this.#db, key ?? endOf([]), [], limit + 1, true);
    const [first] = keys;
    if (first !== undefined && key !== undefined && isSameKey(first, key)) keys.shift();
    return keys.slice(0, limit);
  }

  put(key: Key, record: T): void {
    void this.#db.put(lmdbKey(key), encodeRecord(record, this.#mayHaveOctets));
  }

  remove(key: Key): void {
    void this.#db.remove(lmdbKey(key));
  }
}

/** A sorted set of keys. */
export class IndexTable {
  readonly #db: Octets;

  constructor(root: RootDatabase, name: string) {
    this.#db = openTable(root, name);
  }

  has(key: Key): boolean {
    return this.#db.doesExist(lmdbKey(key));
  }

  add(key: Key): void {
    void this.#db.put(lmdbKey(key), PRESENT);
  }

  drop(key: Key): void {
    void this.#db.remove(lmdbKey(key));
  }

  /** Keys that begin with `prefix`, in order. */
  under(prefix: Key, limit?: number): KeyPart[][] {
    return keysOf(this.#db, prefix, endOf(prefix), limit, false);
  }

  /** Keys that begin with `prefix` and whose next number is `until` at most, in order. */
  upTo(prefix: Key, until: number, limit?: number): KeyPart[][] {
    return keysOf(this.#db, prefix, endOf([...prefix, until]), limit, false);
  }

  /** The first key that begins with `prefix` and whose next number is greater than `after`. */
  firstAfter(prefix: Key, after: number): KeyPart[] | undefined {
    return keysOf(this.#db, endOf([...prefix, after]), endOf(prefix), 1, false)[0];
  }

  /** The first key after all those that begin with `prefix`. */
  firstBeyond(prefix: Key): KeyPart[] | undefined {
    return keysOf(this.#db, endOf(prefix), endOf([]), 1, false)[0];
  }

  /** Keys that begin with `prefix`, the last one first; only those before `before` where it is given. */
  descending(prefix: Key, before: Key | undefined, limit?: number): KeyPart[][] {
    // Going down, lmdb includes the start and leaves out the end.
    const start = before ?? endOf(prefix);
    const keys = keysOf(this.#db, start, prefix, limit === undefined ? limit : limit + 1, true);
    const first = keys[0];
    if (first !== undefined && before !== undefined && isSameKey(first, before)) keys.shift();
    return limit === undefined ? keys : keys.slice(0, limit);
  }

  /** Keys that begin with `prefix` and come after `after`, in order. */
  following(prefix: Key, after: Key | undefined, limit: number): KeyPart[][] {
    return keysOf(this.#db, after === undefined ? prefix : endOf(after), endOf(prefix), limit, false);
  }

  /** The same, one by one: nothing may be changed until the caller is done with it. */
  *each(prefix: Key): Generator<KeyPart[], undefined> {
    yield* this.#db.getKeys({ start: lmdbKey(prefix), end: lmdbKey(endOf(prefix)) });
    return undefined;
  }
}

function keysOf(
  db: Octets,
  start: Bound,
  end: Bound,
  limit: number | undefined,
  reverse: boolean,
): KeyPart[][] {
  if (limit !== undefined && limit <= 0) return [];
  const bounds = { start: lmdbKey(start), end: lmdbKey(end) };
  return [...db.getKeys({ ...bounds, reverse, ...(limit === undefined ? {} : { limit }) })];
}

function lmdbKey(key: Bound): LmdbKey {
  return key as LmdbKey;
}
