import type { Database, RootDatabase } from 'lmdb';
import { messageOf } from '../../base/errors.ts';
import { decodeKey, encodeKey, endOf, type Key, type KeyPart } from './key.ts';
import { decodeRecord, encodeRecord } from './record.ts';

/** LMDB's databases as two kinds of table: records under a key, and indexes that are nothing but keys. */
type Octets = Database<Buffer, Buffer>;

/** An index's entries are all key: there is no value that could be damaged. LMDB wants one octet all the same. */
const PRESENT = Buffer.from([1]);

/** A record that was found but could not be decoded. */
export interface Damage {
  readonly table: RecordTable<object>;
  readonly key: Key;
  readonly octets: Uint8Array;
  readonly reason: string;
}

function openTable(root: RootDatabase<Buffer, Buffer>, name: string): Octets {
  return root.openDB<Buffer, Buffer>({ name, encoding: 'binary', keyEncoding: 'binary' });
}

/** Records of one type, each under a key. The writing calls work inside a transaction only. */
export class RecordTable<T extends object> {
  readonly name: string;
  readonly #db: Octets;

  constructor(root: RootDatabase<Buffer, Buffer>, name: string) {
    this.name = name;
    this.#db = openTable(root, name);
  }

  /** The record, `undefined` where there is none, or `damaged` having been told. */
  read(key: Key, damaged: (damage: Damage) => void): T | undefined {
    const octets = this.#db.getBinary(encodeKey(key));
    if (octets === undefined) return undefined;
    try {
      return decodeRecord<T>(octets);
    } catch (error) {
      damaged({
        table: this,
        key,
        octets: new Uint8Array(octets),
        reason: messageOf(error),
      });
      return undefined;
    }
  }

  has(key: Key): boolean {
    return this.#db.doesExist(encodeKey(key));
  }

  /** Keys that begin with `prefix`, in order. Read to the end or up to `limit` before anything is changed. */
  keys(prefix: Key, limit?: number): KeyPart[][] {
    return keysOf(this.#db, encodeKey(prefix), endOf(prefix), limit, false);
  }

  put(key: Key, record: T): void {
    void this.#db.put(encodeKey(key), encodeRecord(record));
  }

  remove(key: Key): void {
    void this.#db.remove(encodeKey(key));
  }
}

/** A sorted set of keys. */
export class IndexTable {
  readonly #db: Octets;

  constructor(root: RootDatabase<Buffer, Buffer>, name: string) {
    this.#db = openTable(root, name);
  }

  has(key: Key): boolean {
    return this.#db.doesExist(encodeKey(key));
  }

  add(key: Key): void {
    void this.#db.put(encodeKey(key), PRESENT);
  }

  drop(key: Key): void {
    void this.#db.remove(encodeKey(key));
  }

  /** Keys that begin with `prefix`, in order. */
  under(prefix: Key, limit?: number): KeyPart[][] {
    return keysOf(this.#db, encodeKey(prefix), endOf(prefix), limit, false);
  }

  /** Keys that begin with `prefix` and whose next number is `until` at most, in order. */
  upTo(prefix: Key, until: number, limit?: number): KeyPart[][] {
    return keysOf(this.#db, encodeKey(prefix), endOf([...prefix, until]), limit, false);
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
    const start = before === undefined ? endOf(prefix) : encodeKey(before);
    const keys = keysOf(this.#db, start, encodeKey(prefix), limit === undefined ? limit : limit + 1, true);
    const first = keys[0];
    if (first !== undefined && encodeKey(first).equals(start)) keys.shift();
    return limit === undefined ? keys : keys.slice(0, limit);
  }

  /** The same, one by one: nothing may be changed until the caller is done with it. */
  *each(prefix: Key): Generator<KeyPart[], undefined> {
    for (const key of this.#db.getKeys({ start: encodeKey(prefix), end: endOf(prefix) })) {
      yield decodeKey(key);
    }
    return undefined;
  }
}

function keysOf(
  db: Octets,
  start: Buffer,
  end: Buffer,
  limit: number | undefined,
  reverse: boolean,
): KeyPart[][] {
  if (limit !== undefined && limit <= 0) return [];
  const keys: KeyPart[][] = [];
  for (const key of db.getKeys({ start, end, reverse, ...(limit === undefined ? {} : { limit }) })) {
    keys.push(decodeKey(key));
  }
  return keys;
}
