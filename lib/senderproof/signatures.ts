import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { messageOf } from '../base/errors.ts';
import type { Lookup } from './lookup.ts';
import { type Field, type SplitMail, asciiDomain, valueOf } from './mail-header.ts';
import type { DkimProof, DkimResult } from './proof.ts';

/**
 * DKIM signatures, RFC 6376. mailauth does the hashing and the keys; which signatures count is decided here, before it
 * sees them: it takes some that the standard refuses (without From among the signed fields, rsa-sha1, tags twice), and it
 * reads quotes and comments where a signature has none. Fields of ARC are kept from it: nobody here believes in them.
 */
interface Signature {
  readonly field: Field;
  readonly domain: string;
  readonly selector: string;
}

/** Signatures of a mail that are looked at. Mails that passed through several hands have three or four. */
const MOST_SIGNATURES = 10;
const SELECTOR =
  /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?)*$/;

/** All signatures of a mail with what they are worth, in the order of the header. Never rejects. */
export async function verifySignatures(mail: SplitMail, lookup: Lookup, now: number): Promise<DkimProof[]> {
  const found = mail.fields.filter(({ name }) => name === 'dkim-signature');
  const judged = found.map((field, index) =>
    index < MOST_SIGNATURES ? readSignature(field) : refusal('', '', 'policy', 'too many signatures'),
  );
  const accepted = judged.filter((each) => 'field' in each);
  const verified = accepted.length === 0 ? [] : await verify(mail, accepted, lookup, now);
  return judged.map((each) => {
    if (!('field' in each)) return each;
    return verified[accepted.indexOf(each)] ?? refusal(each.domain, each.selector, 'neutral', 'not verified');
  });
}

async function verify(
  mail: SplitMail,
  signatures: readonly Signature[],
  lookup: Lookup,
  now: number,
): Promise<DkimProof[]> {
  const kept = mail.fields.filter(
    (field) =>
      !field.name.startsWith('arc-') &&
      (field.name !== 'dkim-signature' || signatures.some((each) => each.field === field)),
  );
  const text = `${kept.map(({ raw }) => `${raw}\r\n`).join('')}\r\n${mail.body}`;
  try {
    const { results } = await dkimVerify(Buffer.from(text, 'latin1'), {
      resolver: lookup as never,
      curTime: new Date(now),
      sender: 'nobody@invalid',
    });
    return signatures.map(({ domain, selector }, index) => {
      const result = results[index];
      // Both must have read the same signature.
      if (result?.signingDomain.toLowerCase() !== domain || result.selector !== selector) {
        return refusal(domain, selector, 'permerror', 'the signature is not clear');
      }
      const comment = result.status.comment;
      const reason = result.status.result === 'pass' || typeof comment !== 'string' ? undefined : comment;
      return refusal(domain, selector, result.status.result as DkimResult, reason);
    });
  } catch (error) {
    return signatures.map(({ domain, selector }) => refusal(domain, selector, 'temperror', messageOf(error)));
  }
}

/** The signature, where it is one that counts if it verifies (RFC 6376 3.5, 5.4, 6.1.1; RFC 8301). */
function readSignature(field: Field): Signature | DkimProof {
  const tags = readTags(valueOf(field));
  const domain = asciiDomain(tags?.get('d') ?? '');
  const selector = tags?.get('s') ?? '';
  const refuse = (result: DkimResult, reason: string): DkimProof =>
    refusal(domain ?? '', SELECTOR.test(selector) ? selector : '', result, reason);

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
  for (const name of ['b', 'bh']) {
    if (!/^[A-Za-z0-9+/\s]+=*\s*=?\s*$/.test(tags.get(name) ?? ''))
      return refuse('permerror', `malformed ${name}=`);
  }
  const signed = (tags.get('h') ?? '').toLowerCase().split(':');
  if (!signed.some((name) => name.trim() === 'from')) return refuse('permerror', 'From is not signed');
  for (const name of ['t', 'x']) {
    const value = tags.get(name);
    if (value !== undefined && !/^\d{1,12}$/.test(value)) return refuse('permerror', `malformed ${name}=`);
  }
  // Whoever has the mail may add to what l= covers, RFC 6376 8.2.
  if (tags.has('l')) return refuse('policy', 'l= leaves room for other text');
  const agent = tags.get('i')?.toLowerCase();
  if (
    agent !== undefined &&
    !agent.endsWith(`@${domain}`) &&
    !(agent.includes('@') && agent.endsWith(`.${domain}`))
  ) {
    return refuse('permerror', 'i= is not in d=');
  }
  return { field, domain, selector };
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

function refusal(domain: string, selector: string, result: DkimResult, reason?: string): DkimProof {
  return { result, domain, selector, ...(reason === undefined ? {} : { reason }) };
}
