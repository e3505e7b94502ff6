import { domainToASCII } from 'node:url';
import { cutAddress } from '../base/mail-address.ts';

/** A header field: its name in lower case and all its octets as latin1, folds and all, without the last line end. */
export interface Field {
  readonly name: string;
  readonly raw: string;
}

export interface SplitMail {
  readonly fields: readonly Field[];
  /** With CRLF ends. */
  readonly body: Buffer;
}

const CR = 0x0d;
const LF = 0x0a;

/** More than any mail has. */
const HEADER_OCTETS = 131_072;
const HEADER_LINES = 2000;

/**
 * A mail in header fields and body. Undefined where the header is not one that everybody reads alike: too large, with a
 * line that is no field, or with a carriage return inside a line. Nothing is proven by such a mail.
 */
export function splitMail(raw: Uint8Array): SplitMail | undefined {
  const mail = withCrlf(Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength));
  const isEmpty = mail[0] === 0x0d && mail[1] === 0x0a;
  const blank = isEmpty ? 0 : mail.indexOf('\r\n\r\n');
  const header = (blank < 0 ? mail : mail.subarray(0, blank)).toString('latin1').replace(/\r\n$/, '');
  if (header.length > HEADER_OCTETS) return undefined;
  const lines = header === '' ? [] : header.split('\r\n');
  if (lines.length > HEADER_LINES) return undefined;
  const fields: { name: string; raw: string }[] = [];
  for (const line of lines) {
    const last = fields.at(-1);
    if (line.includes('\r') || line.includes('\n') || line.includes('\0')) return undefined;
    if (/^[ \t]/.test(line)) {
      if (last === undefined) return undefined;
      last.raw += `\r\n${line}`;
      continue;
    }
    const name = /^([\x21-\x39\x3b-\x7e]+)[ \t]*:/.exec(line)?.[1];
    if (name === undefined) return undefined;
    fields.push({ name: name.toLowerCase(), raw: line });
  }
  return { fields, body: blank < 0 ? Buffer.alloc(0) : mail.subarray(blank + (isEmpty ? 2 : 4)) };
}

/** A field's value, unfolded (RFC 5322 2.2.3), as text. */
export function valueOf({ raw }: Field): string {
  const value = raw.slice(raw.indexOf(':') + 1).replaceAll('\r\n', '');
  return Buffer.from(value, 'latin1').toString('utf8').trim();
}

export interface FromAddress {
  readonly address: string;
  /** In ASCII and lower case. */
  readonly domain: string;
}

/** Stands for a quoted string: a display name may have it, an address here may not. */
const QUOTED = '\x01';
const LOCAL = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const DOMAIN = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9][a-z0-9-]{0,62}$/;

/**
 * The one author of a mail, RFC 5322 3.6.2. Undefined where there is no From field or more than one, where it has several
 * addresses or a group, or where programs may read it in different ways: `a@x.example <b@y.example>`, a quoted local part.
 */
export function onlyFrom(fields: readonly Field[]): FromAddress | undefined {
  const [field, ...others] = fields.filter(({ name }) => name === 'from');
  if (field === undefined || others.length > 0) return undefined;
  const plain = withoutQuotesAndComments(valueOf(field));
  if (plain === undefined) return undefined;
  const match = /^[^<>@,;:\\]*<([^<>\s]+)>$/.exec(plain) ?? /^([^<>\s]+)$/.exec(plain);
  const { local, domain: named = '' } = cutAddress(match?.[1] ?? '');
  const domain = asciiDomain(named);
  if (!LOCAL.test(local) || domain === undefined) return undefined;
  return { address: `${local}@${domain}`, domain };
}

/** The octets, with CRLF in place of each bare LF: what SMTP would have sent. */
function withCrlf(octets: Buffer): Buffer {
  let bare = 0;
  for (let i = 0; i < octets.length; i++) if (octets[i] === LF && octets[i - 1] !== CR) bare++;
  if (bare === 0) return octets;
  const written = Buffer.allocUnsafe(octets.length + bare);
  let length = 0;
  for (let i = 0; i < octets.length; i++) {
    if (octets[i] === LF && octets[i - 1] !== CR) written[length++] = CR;
    written[length++] = octets[i] ?? 0;
  }
  return written;
}

/**
 * The addresses in a field such as To. What is written around an address does not count: a display name is anybody's word, and
 * mail programs copy it into an answer.
 */
export function addressesIn(field: Field): readonly string[] {
  const addresses: string[] = [];
  for (const mailbox of mailboxes(valueOf(field))) {
    const bracketed = /<([^<>]*)>\s*$/.exec(mailbox)?.[1];
    const address = (bracketed ?? (/[<>]/.test(mailbox) ? '' : mailbox)).trim();
    if (address !== '') addresses.push(address);
  }
  return addresses;
}

/** The field at its commas and semicolons, comments left out; nothing where a quote or a comment is not closed. */
function mailboxes(text: string): string[] {
  const found = [''];
  let quoted = false;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    const escaped = c === '\\' && (quoted || depth > 0);
    const piece = escaped ? c + text.charAt(++i) : c;
    if (!escaped && c === '"' && depth === 0) quoted = !quoted;
    else if (!quoted && c === '(') depth++;
    if (!quoted && depth === 0 && (c === ',' || c === ';')) found.push('');
    else if (depth === 0) found[found.length - 1] += piece;
    if (!escaped && !quoted && c === ')' && depth > 0) depth--;
  }
  return quoted || depth > 0 ? [] : found;
}

/** A domain in ASCII and lower case; undefined where it is none. */
export function asciiDomain(written: string): string | undefined {
  const domain = /^[\x21-\x7e]*$/.test(written) ? written.toLowerCase() : domainToASCII(written);
  return DOMAIN.test(domain) ? domain : undefined;
}

/** The text with each quoted string as one mark and without comments; undefined where one isn't closed. */
function withoutQuotesAndComments(text: string): string | undefined {
  let plain = '';
  let quoted = false;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    if (c === '\\' && (quoted || depth > 0)) i++;
    else if (quoted) {
      if (c === '"') quoted = false;
    } else if (c === '"' && depth === 0) {
      quoted = true;
      plain += QUOTED;
    } else if (c === '(') depth++;
    else if (c === ')' && depth > 0) depth--;
    else if (depth === 0) plain += c;
  }
  return quoted || depth > 0 || plain.includes(')') ? undefined : plain.trim();
}
