import { createHash } from 'node:crypto';

/**
 * Keys: a sequence of strings and times (or other whole numbers from 0 on), which sorts as the sequence sorts.
 *
 * A number is the octet 0x10 and eight octets, high first. A string is the octet 0x20, its UTF-8 with 00 written as 00 FF,
 * and 00. So a sequence's octets are a prefix of those of each longer sequence that begins with it, and no key
 * that begins so is followed by the octet FF: that is how ranges are bounded.
 */
export type KeyPart = string | number;
export type Key = readonly KeyPart[];
/** A key, or (with null for the octet FF) the end of the range of keys that begin with one. */
export type Bound = readonly (KeyPart | null)[];

const NUMBER = 0x10;
const STRING = 0x20;
const BEYOND = 0xff;
const HIGHEST = 2 ** 53 - 1;

/**
 * Octets that a string may take in a key, of the 1978 that LMDB allows a key. A longer one stands there by its digest;
 * a control character in front keeps it apart from text.
 */
const LONGEST_STRING = 300;

/** The end (not included) of the range of keys that begin with `key`. */
export function endOf(key: Key): Bound {
  return [...key, null];
}

/** As lmdb wants it: keys are written to where they are needed, and read from where they are. */
export const keyEncoder = {
  /** Writes `key` into `target` from octet `start` on; returns the octet after it. */
  writeKey(key: Bound, target: Buffer, start: number): number {
    let at = start;
    for (const part of key) {
      if (typeof part === 'string') at = putString(part, target, at);
      else if (part === null) target[at++] = BEYOND;
      else at = putNumber(part, target, at);
    }
    return at;
  },

  readKey(source: Uint8Array, start: number, end: number): KeyPart[] {
    const key = Buffer.from(source.buffer, source.byteOffset + start, end - start);
    const parts: KeyPart[] = [];
    for (let at = 0; at < key.length;) {
      if (key[at] === NUMBER) {
        parts.push(key.readUInt32BE(at + 1) * 2 ** 32 + key.readUInt32BE(at + 5));
        at += 9;
        continue;
      }
      let stop = key.indexOf(0, at + 1);
      let escaped = false;
      while (stop !== -1 && key[stop + 1] === 0xff) {
        escaped = true;
        stop = key.indexOf(0, stop + 2);
      }
      if (key[at] !== STRING || stop === -1) throw new Error(`not a key: ${key.toString('hex')}`);
      parts.push(escaped ? unescape(key.subarray(at + 1, stop)) : key.toString('utf8', at + 1, stop));
      at = stop + 1;
    }
    return parts;
  },
};

export function isSameKey(a: Key, b: Key): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}

/** A whole number from 0 on; what lies outside is brought to the nearest end. */
export function instant(time: number): number {
  return Math.min(Math.max(Math.trunc(time), 0), HIGHEST);
}

/** A string as it stands in keys. */
export function keyString(text: string): string {
  return text.length * 3 <= LONGEST_STRING || Buffer.byteLength(text) <= LONGEST_STRING
    ? text
    : `\u0001${createHash('sha256').update(text).digest('hex')}`;
}

function putNumber(value: number, target: Buffer, at: number): number {
  const whole = instant(value);
  target[at] = NUMBER;
  target.writeUInt32BE(Math.floor(whole / 2 ** 32), at + 1);
  target.writeUInt32BE(whole % 2 ** 32, at + 5);
  return at + 9;
}

function putString(value: string, target: Buffer, at: number): number {
  const text = keyString(value);
  target[at] = STRING;
  let end = at + 1;
  if (text.includes('\0')) {
    for (const octet of Buffer.from(text)) {
      target[end++] = octet;
      if (octet === 0) target[end++] = 0xff;
    }
  } else {
    end += target.write(text, end);
  }
  target[end] = 0;
  return end + 1;
}

function unescape(octets: Buffer): string {
  const plain: number[] = [];
  for (let i = 0; i < octets.length; i++) {
    plain.push(octets[i] ?? 0);
    if (octets[i] === 0) i++;
  }
  return Buffer.from(plain).toString('utf8');
}
