import { isAscii, isUtf8 } from 'node:buffer';
import { Fault } from '../../base/errors.ts';
import { decodeCharset } from './charset.ts';
import { guessCharset } from './guess-charset.ts';
import { decodeWords } from './encoded-word.ts';
import { parseParameters } from './parameters.ts';

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

/** Name of a field: printable US-ASCII without space and colon, RFC 5322 2.2. White space before the colon is obsolete, 4.5. */
const FIELD = /^([!-9;-~]+)[ \t]*:/;

/** What stands in no name, though it may: a parameter that lost the blank in front of it looks like a field. */
const PARAMETER = /["=<>]/;

/** Octets looked at first: nearly every header ends within them. */
const FIRST_LOOK = 8 * 1024;

type Draft = { name: string; value: string };

/**
 * The header block of a mail. Lines may end in CRLF or LF. A line that is no field ends the header, unless the header
 * plainly goes on behind it: then it is left out, or put to the field above it where that was folded without a blank.
 * @param part the header of a part: a line that begins with `--` ends it, for it is the delimiter of the next.
 * @throws {Fault} mail.hostile where the block has more than `maxOctets`.
 */
export function readHeaderBlock(raw: Buffer, maxOctets: number, part = false): HeaderBlock {
  if (raw.length > FIRST_LOOK && maxOctets > FIRST_LOOK) {
    const block = readWithin(raw, FIRST_LOOK, part);
    if (block?.closed === true) return block;
  }
  const block = readWithin(raw, maxOctets, part);
  if (block === undefined) {
    throw new Fault('mail.hostile', {
      told: 'the header of the mail is too large',
      detail: `more than ${maxOctets} octets`,
    });
  }
  return block;
}

/** The block, where it ends within `maxOctets`. */
function readWithin(raw: Buffer, maxOctets: number, part: boolean): HeaderBlock | undefined {
  const window = raw.toString('latin1', 0, Math.min(raw.length, maxOctets + 2));
  const fields: Draft[] = [];
  // A byte order mark, as editors leave in files.
  let start = window.startsWith('\xef\xbb\xbf') ? 3 : 0;
  let at = start;
  let bodyAt: number | undefined;
  let current: Draft | undefined;
  let bridged = 0;
  while (at < window.length) {
    let next = window.indexOf('\n', at);
    if (next === -1) {
      if (window.length < raw.length) return undefined;
      next = window.length;
    }
    let end = next;
    if (end > at && window.charCodeAt(end - 1) === 0x0d) end -= 1;
    if (end === at) {
      if (at > start || fields.length > 0 || !LEADING_BLANKS.test(window.slice(at, at + 200))) {
        bodyAt = next + 1;
        break;
      }
      at = next + 1;
      start = at;
      continue;
    }
    const first = window.charCodeAt(at);
    const indented = first === 0x20 || first === 0x09;
    if (fields.length === 0 && indented) {
      // Nothing is there to be continued: white space in front of the first field, or a line of nothing else.
      const inner = at + (/^[ \t]+/.exec(window.slice(at, Math.min(end, at + MAX_INDENT)))?.[0].length ?? 0);
      if (inner === end || fieldName(window, inner, end) !== undefined) {
        at = inner === end ? next + 1 : inner;
        start = at;
        continue;
      }
    }
    if (current !== undefined && indented) {
      const value = window.slice(at, end).trim();
      // A line of blanks may be meant for the empty one.
      if (value === '' && (++bridged > MAX_BRIDGED || !goesOn(window, next + 1, fields))) {
        bodyAt = next + 1;
        break;
      }
      current.value += ' ' + value;
    } else {
      const match = part && window.startsWith('--', at) ? undefined : fieldName(window, at, end);
      if (match !== undefined) {
        current = { name: match.name, value: window.slice(match.valueAt, end).trim() };
        fields.push(current);
      } else if (fields.length === 0) {
        // The "From " line of a mailbox file is no field and no body either.
        if (!/^>?From /.test(window.slice(at, Math.min(end, at + 8)))) break;
        start = next + 1;
      } else if (!window.startsWith('--', at) && continues(current, window.slice(at, end))) {
        if (current !== undefined) current.value += ' ' + window.slice(at, end).trim();
      } else if (
        window.startsWith('--', at) ||
        ++bridged > MAX_BRIDGED ||
        !goesOn(window, next + 1, fields)
      ) {
        break;
      } else if (current?.name === 'subject' && !window.slice(at, end).includes(':')) {
        current.value += ' ' + window.slice(at, end).trim();
      }
    }
    at = next + 1;
  }
  const closed = bodyAt !== undefined;
  if (at > maxOctets && !closed) return undefined;
  const block = { start, end: Math.min(at, raw.length) };
  const text = window.slice(block.start, block.end).trimEnd();
  return eightBit(raw.subarray(block.start, block.end), {
    fields,
    text,
    headerAt: start,
    bodyAt: Math.min(bodyAt ?? block.end, raw.length),
    closed,
  });
}

/** A parameter on a line that lost the blank in front of it. */
function continues(current: Draft | undefined, line: string): boolean {
  return current?.name.startsWith('content-') === true && /^[\w*-]{1,40}\s?=/.test(line);
}

/** Fields that stand in the header of a mail and in no text. */
const MAIL_FIELD =
  /^(?:received|message-id|mime-version|content-[\w-]+|return-path|delivered-to|reply-to|in-reply-to|references|user-agent|authentication-results|(?:dkim|domainkey|arc|list|x)-[\w-]+)$/;

/** Fields that every mail has once. */
const ONCE = new Set(['from', 'subject']);

/** Lines looked at for what comes of a header behind a line that is no field, and how many of those are bridged. */
const MAX_AHEAD = 200;
const MAX_BRIDGED = 20;

/**
 * Does a header go on at `at`? There are fields as only mails have them, or the From and Subject that are still missing,
 * hardly anything else, and the blank line that ends them.
 */
function goesOn(window: string, at: number, fields: readonly Draft[]): boolean {
  let known = 0;
  let strange = 0;
  for (let count = 0, from = at; count < MAX_AHEAD && from < window.length; count++) {
    const next = window.indexOf('\n', from);
    if (next === -1) return false;
    const end = next > from && window.charCodeAt(next - 1) === 0x0d ? next - 1 : next;
    if (end === from) return known > 0 && strange <= known;
    const first = window.charCodeAt(from);
    if (first !== 0x20 && first !== 0x09) {
      const name = fieldName(window, from, end)?.name;
      if (name === undefined) strange += 1;
      else if (MAIL_FIELD.test(name) || (ONCE.has(name) && !fields.some((field) => field.name === name)))
        known += 1;
    }
    from = next + 1;
  }
  return false;
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

/** Offsets of a field on the line from `at` to `end`: its name and where the value begins. */
function fieldName(text: string, at: number, end: number): { name: string; valueAt: number } | undefined {
  const colon = text.indexOf(':', at);
  if (colon <= at || colon >= end) return undefined;
  const match = FIELD.exec(text.slice(at, colon + 1));
  const name = match?.[1] ?? '';
  return name === '' || PARAMETER.test(name) ? undefined : { name: name.toLowerCase(), valueAt: colon + 1 };
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
