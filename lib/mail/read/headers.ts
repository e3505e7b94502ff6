import { isAscii, isUtf8 } from 'node:buffer';
import { Fault } from '../../base/errors.ts';
import { decodeCharset } from './charset.ts';
import { guessCharset } from './guess-charset.ts';
import { decodeWords } from './encoded-word.ts';

/** One header field as received: its name in lower case, its value unfolded and trimmed, nothing decoded. */
export interface Field {
  readonly name: string;
  readonly value: string;
}

/** Blank lines in front of a header, which some programs send; without a field after them the header is empty. */
const LEADING_BLANKS = /^[\r\n]+[!-9;-~]+[ \t]*:/;

/** White space looked at in front of the first field. */
const MAX_INDENT = 1000;

export interface HeaderBlock {
  readonly fields: readonly Field[];
  /** The block as received, without the blank line that ends it. */
  readonly text: string;
  /** Offset of the first field. */
  readonly headerAt: number;
  /** Offset of the first octet of the body. */
  readonly bodyAt: number;
  /** Was there a blank line between header and body? Where not, the body begins with the first line that is no field. */
  readonly closed: boolean;
}

/** A field with parameters (RFC 2045 5.1, RFC 2183): value and parameter names are in lower case. */
export interface Parameters {
  readonly value: string;
  readonly params: Readonly<Record<string, string>>;
}

/** Name of a field: printable US-ASCII without space and colon, RFC 5322 2.2. White space before the colon is obsolete, 4.5. */
const FIELD = /^([!-9;-~]+)[ \t]*:/;

/**
 * The header block of a mail. Lines may end in CRLF or LF.
 * @throws {Fault} mail.hostile where the block has more than `maxOctets`.
 */
export function readHeaderBlock(raw: Buffer, maxOctets: number): HeaderBlock {
  const window = raw.toString('latin1', 0, Math.min(raw.length, maxOctets + 2));
  const fields: { name: string; value: string }[] = [];
  // A byte order mark, as editors leave in files.
  let start = window.startsWith('\xef\xbb\xbf') ? 3 : 0;
  let at = start;
  let closed = false;
  let current: { name: string; value: string } | undefined;
  while (at < window.length) {
    let next = window.indexOf('\n', at);
    if (next === -1) {
      if (window.length < raw.length) throw tooLarge(maxOctets);
      next = window.length;
    }
    let end = next;
    if (end > at && window.charCodeAt(end - 1) === 0x0d) end -= 1;
    if (end === at) {
      if (at > start || fields.length > 0 || !LEADING_BLANKS.test(window.slice(at, at + 200))) {
        closed = true;
        break;
      }
      at = next + 1;
      start = at;
      continue;
    }
    const first = window.charCodeAt(at);
    if (fields.length === 0 && (first === 0x20 || first === 0x09)) {
      // Nothing is there to be continued: white space in front of the first field, or a line of nothing else.
      const inner = at + (/^[ \t]+/.exec(window.slice(at, Math.min(end, at + MAX_INDENT)))?.[0].length ?? 0);
      if (inner === end || fieldName(window, inner, end) !== undefined) {
        at = inner === end ? next + 1 : inner;
        start = at;
        continue;
      }
    }
    if (current !== undefined && (first === 0x20 || first === 0x09)) {
      current.value += ' ' + window.slice(at, end).trim();
    } else {
      const match = fieldName(window, at, end);
      if (match === undefined) {
        // The "From " line of a mailbox file is no field and no body either.
        if (fields.length > 0 || !/^>?From /.test(window.slice(at, Math.min(end, at + 8)))) break;
        start = next + 1;
      } else {
        current = { name: match.name, value: window.slice(match.valueAt, end).trim() };
        fields.push(current);
      }
    }
    at = next + 1;
  }
  if (at > maxOctets && !closed) throw tooLarge(maxOctets);
  const block = { start, end: Math.min(at, raw.length) };
  const bodyAt = closed ? endOfBlankLine(raw, block.end) : block.end;
  const text = window.slice(block.start, block.end).trimEnd();
  return eightBit(raw.subarray(block.start, block.end), { fields, text, headerAt: start, bodyAt, closed });
}

function tooLarge(maxOctets: number): Fault {
  return new Fault('mail.hostile', {
    told: 'the header of the mail is too large',
    detail: `more than ${maxOctets} octets`,
  });
}

/** The first value of the field `name` (lower case); undefined where there is none. */
export function firstValue(fields: readonly Field[], name: string): string | undefined {
  for (const field of fields) if (field.name === name) return field.value;
  return undefined;
}

/** A field value with its encoded words decoded and no control characters in it. */
export function decodeText(value: string): string {
  return decodeWords(value)
    .replace(/[\0-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ')
    .trim();
}

/**
 * A Content-Type or Content-Disposition value taken apart, comments dropped, RFC 2231 continuations joined and
 * encoded values decoded. Of a parameter given twice the first counts.
 */
export function parseParameters(value: string): Parameters {
  const semicolon = value.indexOf(';');
  if (semicolon === -1 && !value.includes('(')) return { value: value.trim().toLowerCase(), params: {} };
  const pieces = splitParameters(value);
  const plain = new Map<string, string>();
  const pieced = new Map<string, { order: number; encoded: boolean; text: string }[]>();
  for (const piece of pieces.slice(1)) {
    const equals = piece.indexOf('=');
    if (equals === -1) continue;
    const name = piece.slice(0, equals).trim().toLowerCase();
    const text = unquote(piece.slice(equals + 1).trim());
    const parts = /^([^*]+)\*(?:(\d{1,3})(\*?))?$/.exec(name);
    if (parts === null) {
      if (!plain.has(name)) plain.set(name, text);
    } else {
      const list = pieced.get(parts[1] ?? '') ?? [];
      list.push({ order: Number(parts[2] ?? 0), encoded: parts[2] === undefined || parts[3] === '*', text });
      pieced.set(parts[1] ?? '', list);
    }
  }
  for (const [name, list] of pieced) plain.set(name, joinContinuations(list));
  return { value: (pieces[0] ?? '').trim().toLowerCase(), params: Object.fromEntries(plain) };
}

/** Offsets of a field on the line from `at` to `end`: its name and where the value begins. */
function fieldName(text: string, at: number, end: number): { name: string; valueAt: number } | undefined {
  const colon = text.indexOf(':', at);
  if (colon <= at || colon >= end) return undefined;
  const match = FIELD.exec(text.slice(at, colon + 1));
  return match === null ? undefined : { name: (match[1] ?? '').toLowerCase(), valueAt: colon + 1 };
}

function endOfBlankLine(raw: Buffer, at: number): number {
  if (raw[at] === 0x0d) return Math.min(at + 2, raw.length);
  return Math.min(at + 1, raw.length);
}

/**
 * The block with raw 8-bit text in it read right: UTF-8 where it is (RFC 6532), else the charset the mail names
 * for its body, else what all such fields together look like, else windows-1252; also ISO-2022-JP sent without encoded words.
 */
function eightBit(octets: Buffer, block: HeaderBlock): HeaderBlock {
  const escaped = block.text.includes('\x1b$');
  if (isAscii(octets) && !escaped) return block;
  const type = parseParameters(firstValue(block.fields, 'content-type') ?? '');
  const charset = escaped
    ? 'iso-2022-jp'
    : isUtf8(octets)
      ? 'utf-8'
      : (type.params['charset'] ?? guessed(block));
  const decode = (text: string): string => decodeCharset(Buffer.from(text, 'latin1'), charset);
  return {
    ...block,
    text: decode(block.text),
    fields: block.fields.map(({ name, value }) => ({ name, value: decode(value) })),
  };
}

/** One field is too short to tell. */
function guessed({ fields }: HeaderBlock): string | undefined {
  const values = fields.map(({ value }) => value).filter((value) => /[\x80-\xff]/.test(value));
  return guessCharset(Buffer.from(values.join('\n'), 'latin1'));
}

/** `value` cut at its semicolons outside of quoted strings, comments (RFC 5322 3.2.2) left out. */
function splitParameters(value: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < value.length; at++) {
    const character = value.charAt(at);
    if (character === '\\' && (quoted || depth > 0)) {
      if (depth === 0) piece += character + value.charAt(at + 1);
      at += 1;
    } else if (quoted) {
      piece += character;
      if (character === '"') quoted = false;
    } else if (character === '(') {
      depth += 1;
    } else if (depth > 0) {
      if (character === ')') depth -= 1;
    } else if (character === ';') {
      pieces.push(piece);
      piece = '';
    } else {
      piece += character;
      if (character === '"') quoted = true;
    }
  }
  pieces.push(piece);
  return pieces;
}

function unquote(text: string): string {
  if (!text.startsWith('"')) return text;
  return text.slice(1, text.length > 1 && text.endsWith('"') ? -1 : undefined).replace(/\\(.)/g, '$1');
}

/** RFC 2231 sections 3 and 4: numbered pieces in order, `charset'language'` in front of the first. */
function joinContinuations(list: { order: number; encoded: boolean; text: string }[]): string {
  const octets: Buffer[] = [];
  let charset: string | undefined;
  list.sort((one, other) => one.order - other.order);
  for (const [index, piece] of list.entries()) {
    let text = piece.text;
    if (piece.encoded && index === 0) {
      const tagged = /^([^']*)'[^']*'/.exec(text);
      if (tagged !== null) {
        charset = tagged[1] === '' ? undefined : tagged[1];
        text = text.slice(tagged[0].length);
      }
    }
    octets.push(
      piece.encoded
        ? Buffer.from(
            text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
            'latin1',
          )
        : Buffer.from(text, 'utf8'),
    );
  }
  return decodeCharset(Buffer.concat(octets), charset);
}
