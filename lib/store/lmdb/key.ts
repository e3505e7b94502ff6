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

const NUMBER = 0x10;
const STRING = 0x20;
const HIGHEST = 2 ** 53 - 1;

/**
 * Octets that a string may take in a key, of the 1978 that LMDB allows a key. A longer one stands there by its digest;
 * a control character in front keeps it apart from text.
 */
const LONGEST_STRING = 300;

const scratch = Buffer.alloc(4096);
const END = Buffer.from([0xff]);

export function encodeKey(key: Key): Buffer {
  let at = 0;
  for (const part of key) at = typeof part === 'number' ? putNumber(part, at) : putString(part, at);
  return Buffer.from(scratch.subarray(0, at));
}

/** The end (not included) of the range of keys that begin with `key`. */
export function endOf(key: Key): Buffer {
  return Buffer.concat([encodeKey(key), END]);
}

export function decodeKey(octets: Uint8Array): KeyPart[] {
  const key = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
  const parts: KeyPart[] = [];
  for (let at = 0; at < key.length;) {
    if (key[at] === NUMBER) {
      parts.push(key.readUInt32BE(at + 1) * 2 ** 32 + key.readUInt32BE(at + 5));
      at += 9;
      continue;
    }
    let end = key.indexOf(0, at + 1);
    let escaped = false;
    while (end !== -1 && key[end + 1] === 0xff) {
      escaped = true;
      end = key.indexOf(0, end + 2);
    }
    if (key[at] !== STRING || end === -1) throw new Error(`not a key: ${key.toString('hex')}`);
    const text = key.toString('utf8', at + 1, end);
    parts.push(escaped ? unescape(key.subarray(at + 1, end)) : text);
    at = end + 1;
  }
  return parts;
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

function putNumber(value: number, at: number): number {
  const whole = instant(value);
  scratch[at] = NUMBER;
  scratch.writeUInt32BE(Math.floor(whole / 2 ** 32), at + 1);
  scratch.writeUInt32BE(whole % 2 ** 32, at + 5);
  return at + 9;
}

function putString(value: string, at: number): number {
  const text = keyString(value);
  scratch[at] = STRING;
  let end = at + 1;
  if (text.includes('\0')) {
    for (const octet of Buffer.from(text)) {
      scratch[end++] = octet;
      if (octet === 0) scratch[end++] = 0xff;
    }
  } else {
    end += scratch.write(text, end);
  }
  scratch[end] = 0;
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
