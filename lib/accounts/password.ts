import { createHash, createHmac, scrypt as scryptCallback, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Random } from '../base/random.ts';
import type { Secret } from '../base/secret.ts';

/**
 * Passwords as they are kept: scrypt (RFC 7914) in PHC string format, `$scrypt$ln=15,r=8,p=3$salt$hash` with base64
 * without padding. In the configuration a password may also stand as it is.
 */
const scrypt = promisify<Buffer, Buffer, number, ScryptOptions, Buffer>(
  (password, salt, length, options, done) => scryptCallback(password, salt, length, options, done),
);

interface ScryptOptions {
  readonly N: number;
  readonly r: number;
  readonly p: number;
  readonly maxmem: number;
}

/** OWASP's recommendation for 32 MB of memory. */
const COST = { ln: 15, r: 8, p: 3 };
const SALT_OCTETS = 16;
const HASH_OCTETS = 32;
/** Octets; a hash that asks for more was not made here. */
const MOST_MEMORY = 256 * 1024 ** 2;

const PHC = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Whether it is written as a hash. */
export function isHash(text: string): boolean {
  return text.startsWith('$scrypt$');
}

/** Whether the hash is one that `matches` can check. */
export function isReadableHash(text: string): boolean {
  return readHash(text) !== undefined;
}

export async function hashPassword(password: Secret, random: Random): Promise<string> {
  const salt = Buffer.from(random.bytes(SALT_OCTETS));
  const hash = await derive(password, salt, HASH_OCTETS, COST);
  const { ln, r, p } = COST;
  return `$scrypt$ln=${ln},r=${r},p=${p}$${unpadded(salt)}$${unpadded(hash)}`;
}

/** Whether this is the password, in constant time. What is kept wrongly matches nothing. */
export async function matches(kept: string, given: Secret): Promise<boolean> {
  if (!isHash(kept)) {
    const same = timingSafeEqual(digest(kept), digest(given.open()));
    // A wrong password for a clear one takes as long as for a hashed one, and as for nobody.
    if (!same) await decoy(given);
    return same;
  }
  const hash = readHash(kept);
  if (hash === undefined) {
    await decoy(given);
    return false;
  }
  return timingSafeEqual(hash.hash, await derive(given, hash.salt, hash.hash.length, hash));
}

/** Takes as long as checking a password does. */
export async function decoy(given: Secret): Promise<void> {
  await derive(given, Buffer.alloc(SALT_OCTETS), HASH_OCTETS, COST);
}

/** A keyed digest that recognises a password again within this process. */
export function fingerprint(key: Uint8Array, kept: string, given: Secret): string {
  return createHmac('sha256', key).update(digest(kept)).update(given.open()).digest('base64');
}

function readHash(text: string) {
  const [, ln, r, p, salt, hash] = PHC.exec(text) ?? [];
  if (salt === undefined || hash === undefined) return undefined;
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  if (cost.ln < 1 || cost.r < 1 || cost.p < 1 || memory(cost) > MOST_MEMORY) return undefined;
  const octets = Buffer.from(hash, 'base64');
  return octets.length < 16 ? undefined : { ...cost, salt: Buffer.from(salt, 'base64'), hash: octets };
}

function derive(
  given: Secret,
  salt: Buffer,
  length: number,
  cost: { readonly ln: number; readonly r: number; readonly p: number },
): Promise<Buffer> {
  const { ln, r, p } = cost;
  // RFC 8265 4.2: one password may be typed in several ways.
  const password = Buffer.from(given.open().normalize('NFC'), 'utf8');
  return scrypt(password, salt, length, { N: 2 ** ln, r, p, maxmem: memory(cost) + 1024 ** 2 });
}

function memory({ ln, r, p }: { readonly ln: number; readonly r: number; readonly p: number }): number {
  return 128 * r * (2 ** ln + p) + 1024;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function unpadded(octets: Buffer): string {
  return octets.toString('base64').replace(/=+$/, '');
}
