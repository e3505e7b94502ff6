import { createHash, verify } from 'node:crypto';
import { cutAddress } from '../base/mail-address.ts';
import { type Canonical, canonicalBody, canonicalField } from './canonical.ts';
import { findKey } from './key.ts';
import type { Lookup } from './lookup.ts';
import { type Field, type SplitMail, asciiDomain, valueOf } from './mail-header.ts';
import { type Use, objection } from './use.ts';
import type { DkimProof, DkimResult } from './proof.ts';

/**
 * DKIM signatures, RFC 6376, with the algorithms that are left of it (RFC 8301) and Ed25519 (RFC 8463).
 *
 * mailauth has a verifier too. It is not used: it accepts what the standard refuses (From not signed, rsa-sha1, a tag
 * twice, quotes and comments in tags), and a body of 10 MB made for the purpose keeps it busy for ten seconds with nothing else
 * running. Tests compare the two.
 */
interface Signature {
  readonly field: Field;
  readonly domain: string;
  readonly selector: string;
  /** The domain in i=. */
  readonly agent: string;
  readonly kind: 'rsa' | 'ed25519';
  readonly header: Canonical;
  readonly body: Canonical;
  /** Names of the signed fields, in lower case, in their order. */
  readonly signed: readonly string[];
  readonly bodyHash: string;
  readonly value: Buffer;
  /** Seconds since 1970. */
  readonly expires?: number;
  readonly begins?: number | undefined;
}

/** Signatures of a mail that are looked at. Mails that passed through several hands have three or four. */
const MOST_SIGNATURES = 10;
const SELECTOR =
  /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?)*$/;

/**
 * All signatures of a mail with what they are worth, in the order of the header. Never rejects.
 *
 * @param use what it is to prove: a text to recipients here (see use.ts)
 */
export async function verifySignatures(
  mail: SplitMail,
  lookup: Lookup,
  now: number,
  use?: Use,
): Promise<DkimProof[]> {
  const hashes = new Map<Canonical, string>();
  const bodyHash = (form: Canonical): string => {
    const known = hashes.get(form);
    if (known !== undefined) return known;
    const hash = createHash('sha256').update(canonicalBody(mail.body, form)).digest('base64');
    hashes.set(form, hash);
    return hash;
  };
  const found = mail.fields.filter(({ name }) => name === 'dkim-signature');
  return Promise.all(
    found.map(async (field, index) => {
      if (index >= MOST_SIGNATURES) return judged('', '', 'policy', 'too many signatures');
      const signature = readSignature(field);
      if (!('field' in signature)) return signature;
      const proof = await verifyOne(signature, mail, bodyHash, lookup, now);
      if (proof.result !== 'pass' || use === undefined) return proof;
      const { signed, begins } = signature;
      const fields = signedFields(signature, mail.fields);
      const why = objection({ names: signed, fields, begins }, mail, use, now);
      return why === undefined ? proof : judged(proof.domain, proof.selector, 'policy', why);
    }),
  );
}

async function verifyOne(
  signature: Signature,
  mail: SplitMail,
  bodyHash: (form: Canonical) => string,
  lookup: Lookup,
  now: number,
): Promise<DkimProof> {
  const { domain, selector, kind, expires } = signature;
  if (expires !== undefined && expires * 1000 <= now) return judged(domain, selector, 'neutral', 'expired');
  if (bodyHash(signature.body) !== signature.bodyHash) {
    return judged(domain, selector, 'neutral', 'the body is another');
  }
  const found = await findKey(signature, lookup);
  if (!('key' in found)) return judged(domain, selector, found.result, found.reason);
  const text = Buffer.from(signedText(signature, mail.fields), 'latin1');
  const isGood =
    kind === 'rsa'
      ? verify('sha256', text, found.key, signature.value)
      : verify(null, createHash('sha256').update(text).digest(), found.key, signature.value);
  return isGood
    ? judged(domain, selector, 'pass')
    : judged(domain, selector, 'fail', 'the header is another');
}

/** What is signed, RFC 6376 3.7 and 5.4.2: of several fields of a name the last one first, and the signature without b=. */
function signedText(signature: Signature, fields: readonly Field[]): string {
  const { field, header } = signature;
  const lines = signedFields(signature, fields).map((each) => canonicalField(each, header));
  const colon = field.raw.indexOf(':') + 1;
  const value = field.raw.slice(colon).replace(/((?:^|;)[ \t\r\n]*b[ \t\r\n]*=)[^;]*/, '$1');
  lines.push(canonicalField({ name: field.name, raw: field.raw.slice(0, colon) + value }, header));
  return lines.join('\r\n');
}

function signedFields({ signed }: Signature, fields: readonly Field[]): Field[] {
  const byName = new Map<string, Field[]>();
  for (const each of fields) {
    const same = byName.get(each.name);
    if (same === undefined) byName.set(each.name, [each]);
    else same.push(each);
  }
  return signed.flatMap((name) => byName.get(name)?.pop() ?? []);
}

/** The signature, where it is one that counts if it verifies (RFC 6376 3.5, 5.4, 6.1.1; RFC 8301). */
function readSignature(field: Field): Signature | DkimProof {
  const tags = readTags(valueOf(field));
  const domain = asciiDomain(tags?.get('d') ?? '');
  const selector = tags?.get('s') ?? '';
  const refuse = (result: DkimResult, reason: string): DkimProof =>
    judged(domain ?? '', SELECTOR.test(selector) ? selector : '', result, reason);

  if (tags === undefined) return refuse('permerror', 'malformed tags');
  if (domain === undefined || !SELECTOR.test(selector)) return refuse('permerror', 'malformed d= or s=');
  if (tags.get('v') !== '1') return refuse('permerror', 'v= is not 1');
  const algorithm = tags.get('a');
  if (algorithm !== 'rsa-sha256' && algorithm !== 'ed25519-sha256')
    return refuse('policy', 'a= is not accepted');
  if (!/^(?:relaxed|simple)(?:\/(?:relaxed|simple))?$/.test(tags.get('c') ?? 'simple')) {
    return refuse('permerror', 'malformed c=');
  }
  if (!/^dns\/txt$/.test(tags.get('q') ?? 'dns/txt')) return refuse('permerror', 'q= is not dns/txt');
  const [bodyHash, value] = ['bh', 'b'].map((name) => (tags.get(name) ?? '').replace(/\s+/g, ''));
  if (!isBase64(bodyHash) || !isBase64(value)) return refuse('permerror', 'malformed b= or bh=');
  const signed = (tags.get('h') ?? '').toLowerCase().split(':');
  if (!signed.some((name) => name.trim() === 'from')) return refuse('permerror', 'From is not signed');
  const [begins, expires] = ['t', 'x'].map((name) => tags.get(name));
  if (![begins, expires].every((time) => time === undefined || /^\d{1,12}$/.test(time))) {
    return refuse('permerror', 'malformed t= or x=');
  }
  if (begins !== undefined && expires !== undefined && Number(expires) <= Number(begins)) {
    return refuse('permerror', 'x= is not after t=');
  }
  // Whoever has the mail may add to what l= covers, RFC 6376 8.2.
  if (tags.has('l')) return refuse('policy', 'l= leaves room for other text');
  const identity = tags.get('i')?.toLowerCase() ?? `@${domain}`;
  const agent = cutAddress(identity).domain;
  if (agent === undefined || (agent !== domain && !agent.endsWith(`.${domain}`))) {
    return refuse('permerror', 'i= is not in d=');
  }
  const [header, body = 'simple'] = (tags.get('c') ?? 'simple').split('/') as Canonical[];
  return {
    field,
    domain,
    selector,
    agent,
    kind: algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519',
    header: header ?? 'simple',
    body,
    signed: signed.map((name) => name.trim()),
    bodyHash,
    value: Buffer.from(value, 'base64'),
    ...(expires === undefined ? {} : { expires: Number(expires) }),
    ...(begins === undefined ? {} : { begins: Number(begins) }),
  };
}

function isBase64(text: string | undefined): text is string {
  return text !== undefined && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}

/** A tag list, RFC 6376 3.2; undefined where it is malformed, has a tag twice, or characters that are read in two ways. */
function readTags(value: string): ReadonlyMap<string, string> | undefined {
  if (/["'()\\]|[^\x09\x20-\x7e]/.test(value)) return undefined;
  const tags = new Map<string, string>();
  const parts = value.split(';').map((part) => part.trim());
  if (parts.at(-1) === '') parts.pop();
  for (const part of parts) {
    const match = /^([a-z][a-z0-9_]*)[ \t]*=[ \t]*(.*)$/.exec(part);
    const name = match?.[1];
    if (match === null || name === undefined || tags.has(name)) return undefined;
    tags.set(name, match[2] ?? '');
  }
  return tags;
}

function judged(domain: string, selector: string, result: DkimResult, reason?: string): DkimProof {
  return { result, domain, selector, ...(reason === undefined ? {} : { reason }) };
}
