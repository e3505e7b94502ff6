import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.ts';

/** Randomness as everything in lib/ sees it: injected, so that tests are repeatable. */
export interface Random {
  bytes(count: number): Uint8Array;
}

const POOL_OCTETS = 4096;
let pool: Uint8Array = new Uint8Array(0);
let used = 0;

/** The operating system's random source, asked for more than is needed at once: a call to it costs microseconds. */
export const systemRandom: Random = {
  bytes(count) {
    if (count > POOL_OCTETS) return randomBytes(count);
    if (used + count > pool.length) {
      pool = randomBytes(POOL_OCTETS);
      used = 0;
    }
    used += count;
    return pool.slice(used - count, used);
  },
};

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
