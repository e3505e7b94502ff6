import { encode as encodeBase64, wrap as wrapBase64 } from 'nodemailer/lib/base64';
import { encodeWord, foldLines } from 'nodemailer/lib/mime-funcs';
import { encode as encodeQuoted, wrap as wrapQuoted } from 'nodemailer/lib/qp';
import { cutAddress } from '../../base/mail-address.ts';

/**
 * The pieces every mail of ours is made of: header fields that cannot be broken out of, bodies that survive any
 * relay. Encodings by nodemailer's own writers; what is added here is that no value, whoever it came from, can
 * start a line of its own.
 */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\u0080-\\uffff-]+";
const DOT_ATOM = new RegExp(`^${ATOM}(?:\\.${ATOM})*$`);
const QUOTED = /^"(?:[^"\\]|\\.)*"$/;

/** `Name: value` folded at 76 characters where white space lets it, CRLF at the end. Control characters become spaces. */
export function field(name: string, value: string): string {
  return `${foldLines(`${name}: ${oneLine(value)}`, 76)}\r\n`;
}

/** A field of free text: encoded words (RFC 2047) where it is not plain US-ASCII. */
export function textField(name: string, value: string): string {
  const line = oneLine(value);
  return field(name, encodeText(line));
}

/** Fields that somebody else has thought of; those whose names cannot be one, or would be ours, are left out. */
export function furtherFields(fields: readonly { readonly name: string; readonly value: string }[]): string {
  return fields
    .filter(({ name }) => /^[!-9;-~]{1,100}$/.test(name) && !/^x-mailsms-loop$/i.test(name))
    .map(({ name, value }) => textField(name, value))
    .join('');
}

/** An address field with one mailbox, RFC 5322 3.4. */
export function addressField(name: string, address: string, displayName?: string): string {
  const mailbox = addrSpec(address);
  const phrase = oneLine(displayName ?? '');
  if (phrase === '') return field(name, mailbox);
  const plain = /^[A-Za-z0-9 !#$%&'*+\-/=?^_`{|}~]+$/.test(phrase) && !phrase.includes('=?');
  const written = plain ? phrase : isPlain(phrase) ? quoteString(phrase) : encodeWords(phrase);
  return field(name, `${written} <${mailbox}>`);
}

/** A field of message ids (RFC 5322 3.6.4), those that are none left out; nothing where none is left. */
export function idField(name: string, ids: readonly string[]): string {
  const written = ids.map(messageId).filter((id) => id !== '<>');
  return written.length === 0 ? '' : field(name, written.join(' '));
}

/** An id in its angle brackets, without anything that cannot stand in one. `<>` where nothing is left. */
export function messageId(id: string): string {
  return `<${id.replace(/[^!-~]|[<>]/g, '').slice(0, 250)}>`;
}

/** RFC 5322 3.3: `Tue, 1 Jul 2025 10:52:37 +0200`. `time` in epoch milliseconds, `offset` in minutes east of UTC. */
export function dateText(time: number, offset = 0): string {
  const local = new Date(time + offset * 60_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  const day = `${DAYS[local.getUTCDay()] ?? ''}, ${local.getUTCDate()} ${MONTHS[local.getUTCMonth()] ?? ''}`;
  const clock = `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}:${two(local.getUTCSeconds())}`;
  return `${day} ${String(local.getUTCFullYear()).padStart(4, '0')} ${clock} ${zone}`;
}

/** `value` on one line: each run of control characters and line separators is a space. */
export function oneLine(value: string): string {
  return value
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/[\0-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ')
    .trim();
}

/**
 * An addr-spec that is one: the local part quoted where it must be and is not, nothing left that ends an address.
 */
export function addrSpec(address: string): string {
  const line = oneLine(address);
  const { local, domain } = cutAddress(line);
  const written = DOT_ATOM.test(local) || QUOTED.test(local) ? local : quoteString(local);
  return domain === undefined ? written : `${written}@${domain.replace(/[\s<>(),;"\\]/g, '')}`;
}

/** A text part's transfer encoding with its fields, RFC 2045; the body ends in CRLF. */
export interface TextPart {
  readonly fields: string;
  readonly body: string;
}

/**
 * `text` (lines end in LF) as a text/plain part: as it is where it is US-ASCII in lines that every relay leaves
 * alone, else UTF-8 in quoted-printable or base64, whichever is shorter.
 */
export function textPart(text: string): TextPart {
  const lines = text.replaceAll('\n', '\r\n');
  const type = (charset: string, encoding: string): string =>
    field('Content-Type', `text/plain; charset=${charset}`) + field('Content-Transfer-Encoding', encoding);
  if (isPlain(text) && text.split('\n').every(survives)) {
    return { fields: type('us-ascii', '7bit'), body: `${lines}\r\n` };
  }
  const quoted = wrapQuoted(encodeQuoted(lines).replace(/^From /gm, '=46rom '), 76);
  const coded = wrapBase64(encodeBase64(Buffer.from(`${lines}\r\n`, 'utf8')), 76);
  return quoted.length <= coded.length
    ? { fields: type('utf-8', 'quoted-printable'), body: `${quoted}\r\n` }
    : { fields: type('utf-8', 'base64'), body: `${coded}\r\n` };
}

/** A part with a file in it: fields and body. The name cannot break out of its field, nor name another folder. */
export function filePart(file: {
  readonly name: string;
  readonly type: string;
  readonly content: Uint8Array;
}): string {
  const type = /^[\w.+-]+\/[\w.+-]+(?:; charset=[\w-]+)?$/.test(file.type)
    ? file.type
    : 'application/octet-stream';
  const whole = oneLine(file.name).replace(/[\\/:]/g, '_');
  // By characters, so that none is cut in two.
  const name = [...whole].slice(0, 100).join('') || 'file';
  const parameter = isPlain(name)
    ? `filename=${quoteString(name)}`
    : `filename*=utf-8''${encodeURIComponent(name).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`)}`;
  return (
    field('Content-Type', type) +
    field('Content-Transfer-Encoding', 'base64') +
    `Content-Disposition: attachment;\r\n ${parameter}\r\n` +
    `\r\n${base64Body(file.content)}`
  );
}

/** A boundary that stands in none of the parts. The message id is unique, so the first try does. */
export function boundaryFor(word: string, id: string, parts: readonly string[]): string {
  const base = `${word}-${id.replace(/[^A-Za-z0-9]/g, '').slice(0, 40)}`;
  for (let count = 0; ; count++) {
    const boundary = `${base}=${count}`;
    if (!parts.some((part) => part.includes(boundary))) return boundary;
  }
}

/** Octets as a base64 part's body. */
function base64Body(octets: Uint8Array): string {
  return `${wrapBase64(encodeBase64(Buffer.from(octets)), 76)}\r\n`;
}

function quoteString(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** Printable US-ASCII, spaces, tabs and LF. */
function isPlain(text: string): boolean {
  return /^[\t\n -~]*$/.test(text);
}

/** RFC 5322 2.1.1 in its recommended form; trailing space and "From " are what relays and mailbox files change. */
function survives(line: string): boolean {
  return line.length <= 78 && !/[ \t]$/.test(line) && !line.startsWith('From ');
}

function encodeText(line: string): string {
  return isPlain(line) && !line.includes('=?') && !/\S{200}/.test(line) ? line : encodeWords(line);
}

/** Q where most of the text is US-ASCII, else B, which is shorter then. */
function encodeWords(text: string): string {
  const foreign = text.replace(/[ -~]/g, '').length;
  return encodeWord(text, foreign * 3 > text.length ? 'B' : 'Q', 52);
}
