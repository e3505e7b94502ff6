import { detectMimeType } from 'nodemailer/lib/mime-funcs';
import { Fault } from '../../base/errors.ts';
import { decodeBase64Text, sizeOfBase64, unlabelledBase64 } from './base64.ts';
import { decodeWords } from './encoded-word.ts';
import type { Entity, Leaf, Multipart } from './entity.ts';
import { firstValue, readHeaderBlock } from './headers.ts';
import type { Field, HeaderBlock } from './headers.ts';
import { keptOctets } from './leaf.ts';
import { NO_TYPE, contentTypes } from './media-type.ts';
import { type Parameters, parseParameters } from './parameters.ts';
import {
  type TransferEncoding,
  decodeTransfer,
  transferEncoding,
  unlabelledQuotedPrintable,
} from './transfer.ts';

export interface PartLimits {
  /** Octets of one part's header. */
  readonly maxHeaderBytes: number;
  readonly maxParts: number;
  /** How deep multiparts may be nested. */
  readonly maxDepth: number;
}

/**
 * A mail taken apart, RFC 2046 5.1.
 *
 * Promise: any octets give an entity. The delimiter that is there counts: where the header names another, or none, or
 * is of no multipart at all, the lines of the body tell. A part without its blank line, without an end, or with a
 * delimiter of its own in a wrong place is read as far as it goes; text that is no part is never lost to it, except
 * for what stands in front of the first delimiter and behind the last (5.1.1).
 *
 * The octets are gone through once from delimiter to delimiter, whatever the depth; what is looked at twice is bounded.
 * @throws {Fault} mail.hostile beyond a limit.
 */
export function readEntity(raw: Buffer, header: HeaderBlock, limits: PartLimits): Entity {
  return new StructureReader(raw, limits).read(header.fields, header.bodyAt, NO_TYPE.value);
}

/** Where a delimiter line stands: from its line's first octet to the first of the line after it. */
interface Delimiter {
  readonly at: number;
  readonly end: number;
  /** Which of the open multiparts it belongs to. */
  readonly level: number;
  readonly closing: boolean;
}

/** What a part is, as its header and its body together say. */
interface Nature {
  readonly type: Parameters;
  /** What stands behind the dashes of a multipart's delimiters: one boundary, two where the last line has another. */
  readonly boundaries?: readonly string[];
  /** It calls itself a text: what stands around its parts is text too. */
  readonly inText?: boolean;
}

/** Octets in which the first delimiter of a multipart has to stand, if it is not the one that the header names. */
const LOOKED_AT = 64 * 1024;
/** A delimiter line has at most 72 characters (RFC 2046 5.1.1); some programs know no limit. */
const MAX_DELIMITER = 300;
const EMPTY = Buffer.alloc(0);
const CR = 0x0d;
const LF = 0x0a;
const DASH = 0x2d;

class StructureReader {
  readonly #octets: Buffer;
  readonly #limits: PartLimits;
  /** The delimiter lines of the open multiparts, and how deep each of these is. */
  readonly #open = new Map<string, number>();
  #depth = 0;
  /** The delimiter at which the part read last has ended; undefined at the end of the mail. */
  #ended: Delimiter | undefined;
  #parts = 0;

  constructor(octets: Buffer, limits: PartLimits) {
    this.#octets = octets;
    this.#limits = limits;
  }

  /**
   * The entity whose body begins at `from`, up to the next delimiter of an open multipart.
   * @param fallback the type of one that names none: text/plain, or message/rfc822 in a digest (RFC 2046 5.1.5).
   */
  read(header: readonly Field[], from: number, fallback: string, related = false): Entity {
    this.#parts += 1;
    if (this.#parts > this.#limits.maxParts) throw hostile(`more than ${this.#limits.maxParts} parts`);
    const { fields, bodyAt } = this.#withStrayFields(header, from);
    const nature = this.#natureOf(fields, bodyAt, fallback);
    if (nature.boundaries !== undefined) return this.#readParts(nature, nature.boundaries, bodyAt, related);
    this.#ended = this.#nextDelimiter(bodyAt);
    const end = this.#contentEnd(this.#ended, bodyAt);
    const body = this.#octets.subarray(bodyAt, end);
    if (!nature.type.value.startsWith('multipart/')) return leafOf(fields, nature.type, body, related);
    return this.#withoutDelimiter(fields, nature.type, body);
  }

  /** A multipart in which no delimiter can be found: empty, encoded as a whole, or plain text. */
  #withoutDelimiter(fields: readonly Field[], type: Parameters, body: Buffer): Entity {
    if (isBlank(body)) return { type: type.value, params: type.params, parts: [] };
    const encoding = encodingOf(fields);
    if (encoding === 'base64' || encoding === 'quoted-printable') {
      const decoded = decodeTransfer(body, encoding);
      const inner = new StructureReader(decoded, {
        ...this.#limits,
        maxDepth: this.#limits.maxDepth - this.#depth - 1,
      });
      const plain = fields.filter(({ name }) => name !== 'content-transfer-encoding');
      if (inner.#natureOf(plain, 0, NO_TYPE.value).boundaries !== undefined)
        return inner.read(plain, 0, NO_TYPE.value);
    }
    return leafOf(fields, NO_TYPE, body, false);
  }

  #readParts(
    { type, inText }: Nature,
    boundaries: readonly string[],
    from: number,
    related: boolean,
  ): Multipart {
    const level = this.#depth;
    if (level >= this.#limits.maxDepth) throw hostile(`parts nested deeper than ${this.#limits.maxDepth}`);
    const delimiters = boundaries.map((boundary) => `--${boundary}`).filter((line) => !this.#open.has(line));
    for (const line of delimiters) this.#open.set(line, level);
    this.#depth += 1;
    const parts: Entity[] = [];
    const around = (at: number, end: number): void => {
      const text = this.#octets.subarray(at, Math.max(at, end));
      if (inText === true && !isBlank(text) && !isMimeNotice(text))
        parts.push(leafOf([], NO_TYPE, text, false));
    };
    const fallback = type.value === 'multipart/digest' ? 'message/rfc822' : NO_TYPE.value;
    let next = this.#nextDelimiter(from);
    around(from, next?.at ?? from);
    while (next?.level === level) {
      if (next.closing) {
        // More parts may follow all the same: some programs close the multipart behind each of them.
        const { end } = next;
        next = this.#nextDelimiter(end);
        around(end, next?.at ?? this.#octets.length);
      } else {
        parts.push(this.#readPart(next.end, fallback, related || type.value === 'multipart/related'));
        next = this.#ended;
      }
    }
    for (const line of delimiters) this.#open.delete(line);
    this.#depth -= 1;
    this.#ended = next;
    return { type: type.value, params: type.params, parts };
  }

  #readPart(at: number, fallback: string, related: boolean): Entity {
    const octets = this.#octets.subarray(at);
    const { fields, bodyAt, closed, headerAt } = partHeader(octets, this.#limits.maxHeaderBytes);
    const isMime = fields.some(({ name }) => name.startsWith('content-'));
    // Without a blank line and without a field of MIME it is text that has a colon in it.
    if (!closed && !isMime) return this.read([], at + headerAt, fallback, related);
    // In a digest the blank line above the message is often forgotten.
    const isMessage = fallback !== NO_TYPE.value && !isMime && fields.length > 0;
    return this.read(isMessage ? [] : fields, at + (isMessage ? headerAt : bodyAt), fallback, related);
  }

  /** The header with fields of MIME that stand below its blank line, where its own has none of that name. */
  #withStrayFields(fields: readonly Field[], from: number): { fields: readonly Field[]; bodyAt: number } {
    if (!STRAY.test(this.#octets.toString('latin1', from, from + 64))) return { fields, bodyAt: from };
    const octets = this.#octets.subarray(from, from + LOOKED_AT);
    const block = readHeaderBlock(octets, LOOKED_AT, true);
    const names = block.fields.map(({ name }) => name);
    const isStray =
      block.closed &&
      names.every((name) => MIME_FIELD.test(name)) &&
      block.fields.some(
        ({ name, value }) =>
          (name === 'content-type' && /^[\w-]{1,40}\/[\w.+-]{1,80}\s*(?:;|$)/.test(value)) ||
          (name === 'content-transfer-encoding' && transferEncoding(value) !== undefined),
      ) &&
      !fields.some(({ name }) => name.startsWith('content-') && names.includes(name));
    return isStray
      ? { fields: [...fields, ...block.fields], bodyAt: from + block.bodyAt }
      : { fields, bodyAt: from };
  }

  /** Of several types the first counts, unless the delimiter of another is there. */
  #natureOf(fields: readonly Field[], bodyAt: number, fallback: string): Nature {
    const types = contentTypes(fields);
    const [first] = types;
    if (first === NO_TYPE && fallback !== NO_TYPE.value) return { type: { value: fallback, params: {} } };
    let end: Nature | undefined;
    for (const said of types) {
      const { boundary, opens } = this.#declared(said, bodyAt) ?? {};
      if (boundary === undefined) continue;
      const type = said.value.startsWith('multipart/') ? said : { ...said, value: 'multipart/mixed' };
      if (opens === true) return { type, boundaries: [boundary] };
      end ??= { type, boundaries: [boundary], inText: true };
    }
    const isMultipart = first.value.startsWith('multipart/');
    if (!isMultipart && !first.value.startsWith('text/')) return { type: first };
    const found = this.#undeclared(bodyAt, !isMultipart);
    if (found !== undefined) {
      const type = isMultipart ? first : { value: 'multipart/mixed', params: {} };
      return { type, boundaries: [found, ...(end?.boundaries ?? [])], inText: !isMultipart };
    }
    // Only the delimiter at the end is there: what stands above it is the text.
    if (end !== undefined) return end;
    const other = isMultipart ? types.find(({ value }) => !value.startsWith('multipart/')) : undefined;
    return { type: other ?? first };
  }

  /** The boundary that the header names, where a line of the body is its delimiter; `opens`: not the one at the end alone. */
  #declared(
    { params: { boundary } }: Parameters,
    bodyAt: number,
  ): { readonly boundary: string; readonly opens: boolean } | undefined {
    if (boundary === undefined || boundary === '') return undefined;
    const spellings = new Set([boundary.trimEnd(), boundary.trim().replace(/^(['"<])(.*)['">]$/, '$2')]);
    // The first delimiter of the mail may stand anywhere, those within it near the top.
    const window = this.#octets.subarray(bodyAt, this.#depth === 0 ? undefined : bodyAt + LOOKED_AT);
    let closed: { boundary: string; opens: boolean } | undefined;
    for (const spelling of spellings) {
      if (spelling === '' || this.#open.has(`--${spelling}`)) continue;
      const delimiter = `--${spelling}`;
      for (
        let at = window.indexOf(delimiter, 0, 'latin1');
        at !== -1;
        at = window.indexOf(delimiter, at + 1, 'latin1')
      ) {
        if (at > 0 && window[at - 1] !== LF) continue;
        const line = lineAt(window, at);
        if (line === delimiter) return { boundary: spelling, opens: true };
        if (line === `${delimiter}--`) closed ??= { boundary: spelling, opens: false };
      }
    }
    return closed;
  }

  /**
   * The boundary that a body shows though no header names it: a line of dashes and a word with the field of a part
   * below it. In what calls itself a text it has to be all there is, or to come back.
   */
  #undeclared(bodyAt: number, inText: boolean): string | undefined {
    const window = this.#octets.subarray(bodyAt, bodyAt + LOOKED_AT);
    if (!CONTENT.some((word) => window.includes(word))) return undefined;
    const text = window.toString('latin1');
    for (const match of text.matchAll(DELIMITER)) {
      const line = (match[1] ?? '').trimEnd();
      if (this.#open.has(line) || this.#open.has(line.replace(/--$/, ''))) return undefined;
      const boundary = line.slice(2);
      if (!/[A-Za-z0-9]/.test(boundary) || (inText && boundary.includes(' '))) continue;
      const above = Buffer.from(text.slice(0, match.index), 'latin1');
      if (!inText || isBlank(above) || isMimeNotice(above)) return boundary;
      if (text.includes(`\n${line}`, match.index + line.length)) return boundary;
    }
    return undefined;
  }

  #nextDelimiter(from: number): Delimiter | undefined {
    if (this.#open.size === 0) return undefined;
    const octets = this.#octets;
    for (let at = from; at < octets.length && at !== -1; at = afterNext(octets, at)) {
      if (octets[at] !== DASH || octets[at + 1] !== DASH) continue;
      const line = lineAt(octets, at);
      const opening = this.#open.get(line);
      const level = opening ?? (line.endsWith('--') ? this.#open.get(line.slice(0, -2)) : undefined);
      if (level === undefined) continue;
      const end = octets.indexOf(LF, at);
      return { at, end: end === -1 ? octets.length : end + 1, level, closing: opening === undefined };
    }
    return undefined;
  }

  /** Where the content of a part ends: the line end in front of a delimiter belongs to the delimiter. */
  #contentEnd(next: Delimiter | undefined, from: number): number {
    if (next === undefined) return this.#octets.length;
    let end = next.at;
    if (end > from && this.#octets[end - 1] === LF) end -= 1;
    if (end > from && this.#octets[end - 1] === CR) end -= 1;
    return end;
  }
}

/** The first octet of the next line that begins with dashes; -1 where there is none. */
function afterNext(octets: Buffer, at: number): number {
  const next = octets.indexOf('\n--', at, 'latin1');
  return next === -1 ? -1 : next + 1;
}

/** The line from `at` on, without blanks at its end; so much of it as a delimiter can have. */
function lineAt(octets: Buffer, at: number): string {
  const end = octets.indexOf(LF, at);
  const last = end === -1 ? octets.length : end;
  return octets.toString('latin1', at, Math.min(last, at + MAX_DELIMITER)).trimEnd();
}

const CONTENT = ['Content-', 'content-', 'CONTENT-'];
const DELIMITER = /^(--\S[^\r\n]{0,200})\r?\n(?=[ \t]*\r?\n?Content-[A-Za-z-]{1,40}[ \t]{0,10}:)/gim;
const STRAY = /^\s*(?:MIME-Version|Content-[A-Za-z-]+)[ \t]*:/i;
const MIME_FIELD = /^(?:mime-version|content-[\w-]+)$/;

function isBlank(octets: Buffer): boolean {
  return octets.toString('latin1', 0, LOOKED_AT).trim() === '';
}

/** "This is a multi-part message in MIME format." */
function isMimeNotice(octets: Buffer): boolean {
  return octets.length < 1000 && /\bMIME\b|multi-?part/i.test(octets.toString('latin1'));
}

/** A part may begin with its blank line: then it has no header. */
function partHeader(octets: Buffer, maxOctets: number): HeaderBlock {
  const blank = octets[0] === LF ? 1 : octets[0] === CR && octets[1] === LF ? 2 : 0;
  if (blank === 0) return readHeaderBlock(octets, maxOctets, true);
  return { fields: [], text: '', headerAt: 0, bodyAt: blank, closed: true };
}

function hostile(detail: string): Fault {
  return new Fault('mail.hostile', { detail });
}

/** Of several encodings the first that says something. */
function encodingOf(fields: readonly Field[]): TransferEncoding {
  for (const { name, value } of fields) {
    const encoding = name === 'content-transfer-encoding' ? transferEncoding(value) : undefined;
    if (encoding !== undefined) return encoding;
  }
  return 'identity';
}

function leafOf(
  fields: readonly Field[],
  { value: type, params }: Parameters,
  body: Buffer,
  related: boolean,
): Leaf {
  const disposition = parseParameters(firstValue(fields, 'content-disposition') ?? '');
  const said = disposition.params['filename'] ?? params['name'] ?? '';
  // Encoded words are not allowed in parameters (RFC 2047 5) and common there all the same.
  const name = said === '' ? undefined : decodeWords(said);
  const known = typeByName(type, name, fields);
  const encoding = encodingOf(fields);
  const kept = keptOctets({ type: known, name });
  const content = kept === 0 ? EMPTY : decode(body, encoding, known, params['charset']?.toLowerCase());
  const hasId = firstValue(fields, 'content-id') !== undefined;
  const where = disposition.value === '' ? undefined : disposition.value;
  return {
    type: known,
    params,
    disposition: where,
    name,
    content: content.subarray(0, kept),
    size: kept > 0 ? content.length : sizeOf(body, encoding),
    related: hasId && (related || where !== 'attachment'),
  };
}

/** The type of a file whose header says nothing of it, by its name. */
function typeByName(type: string, name: string | undefined, fields: readonly Field[]): string {
  const silent =
    type === 'application/octet-stream' || !fields.some((field) => field.name === 'content-type');
  if (name === undefined || !silent) return type;
  const detected = detectMimeType(name);
  return detected === 'application/octet-stream' ? type : detected;
}

function decode(body: Buffer, encoding: TransferEncoding, type: string, charset: string | undefined): Buffer {
  if (!type.startsWith('text/')) return decodeTransfer(body, encoding);
  if (encoding === 'base64') return decodeBase64Text(body, charset);
  if (encoding === 'identity')
    return unlabelledBase64(body, charset) ?? unlabelledQuotedPrintable(body) ?? body;
  const decoded = decodeTransfer(body, encoding);
  return unlabelledBase64(decoded, charset) ?? decoded;
}

function sizeOf(body: Buffer, encoding: TransferEncoding): number {
  return encoding === 'base64' ? sizeOfBase64(body) : decodeTransfer(body, encoding).length;
}
