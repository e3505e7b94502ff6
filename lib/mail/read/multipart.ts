import { decodeWords } from './encoded-word.ts';
import { firstValue, parseParameters, readHeaderBlock } from './headers.ts';
import type { HeaderBlock, Parameters } from './headers.ts';
import { NO_TYPE, contentType, keptOctets, transferEncoding } from './leaf.ts';
import type { Leaf } from './leaf.ts';
import type { PartLimits } from './parts.ts';
import { decodeTransfer } from './transfer.ts';

/**
 * The fast path for small multiparts that are as they should be (RFC 2046 5.1): what monitoring systems and mail
 * programs send as text with its HTML beside it.
 *
 * Anything unusual makes it give up, and the mail goes to mailparser: a missing closing boundary, a part without
 * its blank line, a boundary inside itself, a digest, deep nesting, many parts, a large mail. So this needs no
 * opinion on what is broken, and a test holds that where it does not give up both paths read the same.
 */

const MAX_OCTETS = 256 * 1024;
const MAX_DEPTH = 5;
const MAX_PARTS = 30;

const EMPTY = Buffer.alloc(0);
const CR = 0x0d;
const LF = 0x0a;
const DASH = 0x2d;

/** The multipart that is being read, and those around it. */
interface Level {
  readonly boundaries: readonly string[];
  readonly path: readonly number[];
  /** One of them is a multipart/related. */
  readonly related: boolean;
  readonly limits: PartLimits;
}

/** The leaves of a mail that is a small well-formed multipart; undefined for any other. */
export function multipartLeaves(
  raw: Buffer,
  header: HeaderBlock,
  limits: PartLimits,
): readonly Leaf[] | undefined {
  if (raw.length > MAX_OCTETS || !header.closed) return undefined;
  const type = contentType(header.fields);
  if (!type.value.startsWith('multipart/')) return undefined;
  const leaves: Leaf[] = [];
  const level: Level = { boundaries: [], path: [], related: false, limits };
  return readParts(raw.subarray(header.bodyAt), type, level, leaves) ? leaves : undefined;
}

/** Adds the leaves of the multipart whose body is `octets`; false where it is not as it should be. */
function readParts(octets: Buffer, type: Parameters, level: Level, leaves: Leaf[]): boolean {
  const boundary = type.params['boundary'];
  if (boundary === undefined || !/^[!-~](?:[ -~]{0,68}[!-~])?$/.test(boundary)) return false;
  if (
    type.value === 'multipart/digest' ||
    level.boundaries.length >= Math.min(MAX_DEPTH, level.limits.maxDepth)
  )
    return false;
  // One boundary may begin with another (RFC 2046 5.1.2 warns of it); readers disagree then.
  if (level.boundaries.some((outer) => outer.startsWith(boundary) || boundary.startsWith(outer)))
    return false;
  const parts = splitParts(octets, boundary);
  if (parts === undefined) return false;
  const inner = {
    limits: level.limits,
    boundaries: [...level.boundaries, boundary],
    related: level.related || type.value === 'multipart/related',
  };
  return parts.every((part, index) => {
    if (leaves.length >= Math.min(MAX_PARTS, level.limits.maxParts / 2)) return false;
    return readPart(part, { ...inner, path: [...level.path, index + 1] }, leaves);
  });
}

function readPart(octets: Buffer, level: Level, leaves: Leaf[]): boolean {
  const header = partHeader(octets);
  if (!header.closed || header.headerAt > 0 || header.bodyAt > level.limits.maxHeaderBytes) return false;
  const type = contentType(header.fields);
  const body = octets.subarray(header.bodyAt);
  if (type.value.startsWith('multipart/')) return readParts(body, type, level, leaves);
  const disposition = parseParameters(firstValue(header.fields, 'content-disposition') ?? '');
  const name = fileName(disposition, type);
  // mailparser goes by the file's name for these; it has the table.
  if (name !== undefined && (type === NO_TYPE || type.value === 'application/octet-stream')) return false;
  const value = disposition.value === '' ? undefined : disposition.value;
  if (type === NO_TYPE && value !== undefined) return false;
  const content = decodeTransfer(body, transferEncoding(header.fields));
  const hasId = firstValue(header.fields, 'content-id') !== undefined;
  const kept = keptOctets({ type: type.value, name }) > 0;
  leaves.push({
    type: type.value,
    params: type.params,
    disposition: value,
    name,
    path: level.path,
    content: kept ? content : EMPTY,
    size: content.length,
    related: hasId && (level.related || value !== 'attachment'),
  });
  return true;
}

/** Where a delimiter line stands: from its line's first octet to the first of the line after it. */
interface Delimiter {
  readonly at: number;
  readonly end: number;
  readonly closing: boolean;
}

/** The parts between delimiter lines, RFC 2046 5.1.1; undefined where there is none, or no closing one. */
function splitParts(octets: Buffer, boundary: string): Buffer[] | undefined {
  const parts: Buffer[] = [];
  let open = nextDelimiter(octets, boundary, 0);
  while (open !== undefined && !open.closing) {
    const next = nextDelimiter(octets, boundary, open.end);
    if (next === undefined) return undefined;
    parts.push(octets.subarray(open.end, Math.max(open.end, beforeLineEnd(octets, next.at))));
    open = next;
  }
  return open === undefined || parts.length === 0 ? undefined : parts;
}

function nextDelimiter(octets: Buffer, boundary: string, from: number): Delimiter | undefined {
  for (let at = octets.indexOf(`--${boundary}`, from, 'latin1'); at !== -1;) {
    if (at === 0 || octets[at - 1] === LF) {
      let end = at + 2 + boundary.length;
      const closing = octets[end] === DASH && octets[end + 1] === DASH;
      if (closing) end += 2;
      while (octets[end] === 0x20 || octets[end] === 0x09) end++;
      if (octets[end] === CR && octets[end + 1] === LF) end++;
      if (end >= octets.length || octets[end] === LF) return { at, end: end + 1, closing };
    }
    at = octets.indexOf(`--${boundary}`, at + 2, 'latin1');
  }
  return undefined;
}

/** The line end before a delimiter belongs to the delimiter. */
function beforeLineEnd(octets: Buffer, at: number): number {
  if (octets[at - 1] !== LF) return at;
  return octets[at - 2] === CR ? at - 2 : at - 1;
}

/** A part may begin with its blank line: then it has no header. */
function partHeader(octets: Buffer): HeaderBlock {
  const blank = octets[0] === LF ? 1 : octets[0] === CR && octets[1] === LF ? 2 : 0;
  if (blank === 0) return readHeaderBlock(octets, MAX_OCTETS);
  return { fields: [], text: '', headerAt: 0, bodyAt: blank, closed: true };
}

/** Encoded words are not allowed in parameters (RFC 2047 5) and common there all the same. */
function fileName(disposition: Parameters, type: Parameters): string | undefined {
  const name = disposition.params['filename'] ?? type.params['name'];
  return name === undefined || name === '' ? undefined : decodeWords(name);
}
