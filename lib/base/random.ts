import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.ts';

/** Randomness as everything in lib/ sees it: injected, so that tests are repeatable. */
export interface Random {
  bytes(count: number): Uint8Array;
}

/** The operating system's random source. */
export const systemRandom: Random = { bytes: (count) => randomBytes(count) };

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * A new identifier: 20 characters of Crockford's base 32, of which the first 9 are the time in milliseconds, so
 * that identifiers sort by the time of their making; 55 bits are random.
 */
export function newId(clock: Clock, random: Random): string {
  let time = clock.now();
  let head = '';
  for (let i = 0; i < 9; i++) {
    head = ALPHABET.charAt(time % 32) + head;
    time = Math.floor(time / 32);
  }
  let tail = '';
  for (const byte of random.bytes(11)) tail += ALPHABET.charAt(byte & 31);
  return head + tail;
}
