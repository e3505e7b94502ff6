import { createHash } from 'node:crypto';
import { cutAddress } from '../base/mail-address.ts';
import { canonicalBody, canonicalField } from './canonical.ts';
import { type Field, type SplitMail, addressesIn, asciiDomain, valueOf } from './mail-header.ts';

/** What a signature is to prove: that its author wants a text sent to these recipients, now. */
export interface Use {
  readonly recipients: readonly string[];
  readonly maxAgeMs: number;
}

/** What a signature covers. `names`: h=; `fields`: the fields of the mail that it signs; `begins`: t=, in seconds. */
export interface Covered {
  readonly names: readonly string[];
  readonly fields: readonly Field[];
  readonly begins: number | undefined;
}

/** Fields that become text, decide how text is read, or where answers go. */
const READ = [
  'from,sender,reply-to,to,cc,subject,date,message-id,in-reply-to,references',
  'content-disposition,content-language,x-sms-key,x-sms-cancel',
]
  .join(',')
  .split(',');

/** Fields that say how the body is written. Large providers do not sign them. */
const FORM = ['mime-version', 'content-type', 'content-transfer-encoding'];

/** A clock may be wrong by so much. */
const SKEW_MS = 86_400_000;

/**
 * Why a signature that verifies does not prove this; undefined where it does. Whoever has a signed mail can send it on to whom
 * they like (RFC 6376 8.6) and put fields on top of it that programs read in place of the signed ones (8.15): what is proven
 * and what is read are the same octets, for the recipients that the author named, for some days.
 */
export function objection(covered: Covered, mail: SplitMail, use: Use, now: number): string | undefined {
  for (const name of [...READ, ...FORM]) {
    const present = mail.fields.filter((field) => field.name === name);
    const signed = covered.names.filter((each) => each === name).length;
    if (present.length <= signed) continue;
    if (!FORM.includes(name) || present.length > 1 || !isHarmless(present[0], mail.body)) {
      return `the field ${name} is not signed as often as it is there`;
    }
  }
  const at = timeOf(covered);
  if (at === undefined) return 'nothing signed says when';
  if (at > now + SKEW_MS) return 'signed in the future';
  if (at < now - use.maxAgeMs) return 'signed too long ago';
  const named = covered.fields.filter(({ name }) => name === 'to' || name === 'cc').flatMap(addressesIn);
  const isNamed = (recipient: string): boolean => named.some((each) => isSame(each, recipient));
  return use.recipients.every(isNamed) ? undefined : 'no signed To or Cc names a recipient here';
}

/**
 * Recognises a proven mail that comes once more, whatever unsigned fields were changed: by its words, author, subject and
 * date.
 */
export function onceKey(mail: SplitMail): string {
  const hash = createHash('sha256').update(canonicalBody(mail.body, 'relaxed'));
  for (const name of ['from', 'subject', 'date', 'message-id']) {
    const field = mail.fields.findLast((each) => each.name === name);
    hash.update(`\0${field === undefined ? '' : canonicalField(field, 'relaxed')}`);
  }
  return hash.digest('base64url');
}

/** When it was signed: by t=, or by a signed Date. */
function timeOf({ begins, fields }: Covered): number | undefined {
  if (begins !== undefined) return begins * 1000;
  const date = fields.find(({ name }) => name === 'date');
  const at =
    date === undefined
      ? NaN
      : Date.parse(
          valueOf(date)
            .replace(/\([^()]*\)/g, ' ')
            .trim(),
        );
  return Number.isNaN(at) ? undefined : at;
}

/** Whether an unsigned field of FORM can only show the signed body as what it is. */
function isHarmless(field: Field | undefined, body: Buffer): boolean {
  const value = field === undefined ? '' : valueOf(field);
  if (field?.name === 'mime-version') return true;
  if (field?.name === 'content-transfer-encoding')
    return /^(?:7bit|8bit|quoted-printable|base64)$/i.test(value);
  if (/^text\/(?:plain|html)\s*(?:;|$)/i.test(value)) {
    const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(value)?.[1] ?? 'us-ascii';
    return /^(?:us-ascii|utf-8|iso-8859-\d+|windows-125\d)$/i.test(charset);
  }
  const multipart =
    /^multipart\/(?:mixed|alternative|related)\s*;(?:.*;)?\s*boundary\s*=\s*(?:"([^"]+)"|([^\s;"]+))/i.exec(
      value,
    );
  const boundary = multipart?.[1] ?? multipart?.[2];
  // Whoever could choose the boundary could choose which part of the author's words is read.
  return boundary !== undefined && body.toString('latin1', 0, boundary.length + 4) === `--${boundary}\r\n`;
}

/** Whether an address in a header is that of a recipient: the same name, or a number with the same last digits. */
function isSame(named: string, recipient: string): boolean {
  const [a, b] = [cutAddress(named), cutAddress(recipient)];
  const [domainA, domainB] = [a, b].map(({ domain }) => asciiDomain(domain?.trim() ?? ''));
  if (domainA === undefined || domainA !== domainB) return false;
  const [nameA = '', nameB = ''] = [a.local, b.local].map(plainName);
  if (nameA === nameB) return true;
  const [numberA = '', numberB = ''] = [nameA, nameB].map(numberOf);
  return numberA !== '' && numberB !== '' && sameNumbers(numberA, numberB);
}

/** A local part without quotes, escapes and parameters, in lower case. */
function plainName(local: string): string {
  const plain = local.replace(/^"|"$/g, '').replace(/\\(.)/g, '$1');
  const decoded = plain.replace(/%([0-9a-f]{2})/gi, (_all, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  return decoded.toLowerCase().replace(/\?.*$/s, '');
}

/** Its numbers, where it is one of an sms address: `sms:+1 555,+1 556` gives `1555,1556`. */
function numberOf(name: string): string {
  const written = /^(?:sms[^a-z0-9]?)?([\d+][\d\s().,+-]*)/.exec(name)?.[1] ?? '';
  return written.replace(/[^\d,]/g, '');
}

/** A national number has no country code, and a zero before it. */
function sameNumbers(a: string, b: string): boolean {
  const [ones, others] = [a, b].map((each) => each.split(',').map((number) => number.replace(/^0+/, '')));
  if (ones === undefined || others === undefined) return false;
  return others.every((other) =>
    ones.some((one) => {
      const [short, long] = one.length < other.length ? [one, other] : [other, one];
      return short === long || (short.length >= 7 && long.length - short.length <= 3 && long.endsWith(short));
    }),
  );
}
