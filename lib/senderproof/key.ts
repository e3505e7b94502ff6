import { type KeyObject, createPublicKey } from 'node:crypto';
import type { Lookup } from './lookup.ts';
import type { DkimResult } from './proof.ts';

/** The key of a signature, or why there is none. */
export type KeyFound = { readonly key: KeyObject } | { readonly result: DkimResult; readonly reason: string };

/** RFC 8301 3.2: shorter keys prove nothing, and longer ones than this cost more than they are worth. */
const SHORTEST_RSA = 1024;
const LONGEST_RSA = 8192;
/** What stands before the 32 octets of an Ed25519 key in a SubjectPublicKeyInfo, RFC 8410 4. */
const ED25519_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

/** The public key of a selector, RFC 6376 3.6.1 and RFC 8463 4. `agent` is the domain in i=. Never rejects. */
export async function findKey(
  signature: {
    readonly selector: string;
    readonly domain: string;
    readonly agent: string;
    readonly kind: 'rsa' | 'ed25519';
  },
  lookup: Lookup,
): Promise<KeyFound> {
  const { selector, domain, agent, kind } = signature;
  let texts: readonly unknown[];
  try {
    texts = (await lookup(`${selector}._domainkey.${domain}`, 'TXT')) as readonly unknown[];
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOTFOUND' || code === 'ENODATA') return { result: 'neutral', reason: 'no key' };
    return { result: 'temperror', reason: 'the key could not be looked up' };
  }
  const records = texts.map((text) => readRecord(Array.isArray(text) ? text.join('') : String(text)));
  const record = records.find((each) => each.has('p')) ?? new Map<string, string>();
  const lists = (tag: string, value: string): boolean =>
    (record.get(tag) ?? value).split(':').some((each) => each.trim() === value);
  if ((record.get('v') ?? 'DKIM1') !== 'DKIM1') return { result: 'neutral', reason: 'unknown key version' };
  if ((record.get('k') ?? 'rsa') !== kind) return { result: 'neutral', reason: 'the key is of another kind' };
  if (!lists('h', 'sha256')) return { result: 'neutral', reason: 'the key is not for sha256' };
  if (!lists('s', 'email') && !lists('s', '*'))
    return { result: 'neutral', reason: 'the key is not for mail' };
  if (lists('t', 's') && record.has('t') && agent !== domain) {
    return { result: 'permerror', reason: 'the key is not for a subdomain in i=' };
  }
  const key = readKey(record.get('p') ?? '', kind);
  if (key === undefined) return { result: 'neutral', reason: 'no usable key' };
  const bits = key.asymmetricKeyDetails?.modulusLength ?? SHORTEST_RSA;
  if (bits < SHORTEST_RSA || bits > LONGEST_RSA) return { result: 'policy', reason: `a key of ${bits} bits` };
  return { key };
}

function readRecord(text: string): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const part of text.split(';')) {
    const at = part.indexOf('=');
    const name = part.slice(0, Math.max(at, 0)).trim();
    if (name !== '' && !tags.has(name)) tags.set(name, part.slice(at + 1).trim());
  }
  return tags;
}

/** A key in base64; undefined where it was taken back (an empty one) or is none. */
function readKey(written: string, kind: 'rsa' | 'ed25519'): KeyObject | undefined {
  const octets = Buffer.from(written.replace(/\s+/g, ''), 'base64');
  if (octets.length === 0) return undefined;
  if (kind === 'ed25519') {
    return octets.length === 32 ? publicKey(Buffer.concat([ED25519_HEAD, octets]), 'spki') : undefined;
  }
  // RFC 6376 asks for one form and its examples show the other; both are published.
  const key = publicKey(octets, 'spki') ?? publicKey(octets, 'pkcs1');
  return key?.asymmetricKeyType === 'rsa' ? key : undefined;
}

function publicKey(key: Buffer, type: 'spki' | 'pkcs1'): KeyObject | undefined {
  try {
    return createPublicKey({ key, format: 'der', type });
  } catch {
    return undefined;
  }
}
