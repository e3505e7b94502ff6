import { decodeBase64 } from './base64.ts';

/**
 * Content-Transfer-Encoding, RFC 2045 section 6: octets as sent to octets as meant. Nothing here throws.
 *
 * Of a text part the label is not believed alone: plain text that calls itself base64 stays, base64 or quoted-printable
 * without a label is undone, and what a server has put below the base64 is left out.
 */

export type TransferEncoding = 'base64' | 'quoted-printable' | 'uuencode' | 'identity';

/** The encoding that a field names, in whatever spelling; undefined where it says nothing that is known. */
export function transferEncoding(value: string): TransferEncoding | undefined {
  const name = value.toLowerCase().replace(/[^a-z0-9]+/g, '');
  if (/^b(?:ase)?64/.test(name)) return 'base64';
  if (/^(?:quoted?print|qp$)/.test(name)) return 'quoted-printable';
  if (/^x?uu(?:e(?:ncode[dr]?)?)?$/.test(name)) return 'uuencode';
  return /^(?:[78]bits?|binary|none)/.test(name) ? 'identity' : undefined;
}

/** `octets` with `encoding` undone. */
export function decodeTransfer(octets: Buffer, encoding: TransferEncoding): Buffer {
  if (encoding === 'base64') return decodeBase64(octets);
  if (encoding === 'quoted-printable') return decodeQuotedPrintable(octets);
  return encoding === 'uuencode' ? decodeUuencode(octets) : octets;
}

/** A text in which each `=` begins an escape or ends a line, and there are both: quoted-printable without its label. */
export function unlabelledQuotedPrintable(octets: Buffer): Buffer | undefined {
  if (!octets.includes('=\n') && !octets.includes('=\r\n')) return undefined;
  const text = octets.toString('latin1');
  const signs = text.match(/=/g)?.length ?? 0;
  const escapes = text.match(/=[0-9A-F]{2}/g)?.length ?? 0;
  const breaks = text.match(/=\r?\n/g)?.length ?? 0;
  return escapes >= 2 && escapes + breaks === signs ? decodeQuotedPrintable(octets) : undefined;
}

/** A uuencoded body (POSIX): the octets between `begin` and `end`. */
function decodeUuencode(octets: Buffer): Buffer {
  const lines = octets.toString('latin1').split(/\r?\n/);
  const begin = lines.findIndex((line) => /^begin [0-7]{3,4} /.test(line));
  const out: number[] = [];
  for (const line of lines.slice(begin + 1)) {
    if (line === 'end' || line === '') break;
    const value = (at: number): number => ((at < line.length ? line.charCodeAt(at) : 0x20) - 0x20) & 0x3f;
    const count = value(0);
    for (let at = 1, left = count; left > 0; at += 4, left -= 3) {
      const group = (value(at) << 18) | (value(at + 1) << 12) | (value(at + 2) << 6) | value(at + 3);
      for (let octet = 0; octet < Math.min(3, left); octet++) out.push((group >> (16 - 8 * octet)) & 0xff);
    }
  }
  return begin === -1 ? octets : Buffer.from(out);
}

const EQUALS = 0x3d;
const CR = 0x0d;
const LF = 0x0a;

/**
 * Quoted-printable, RFC 2045 6.7: `=XX` (either case), soft line breaks, white space at a line's end dropped.
 * An `=` that starts neither stays as it is.
 */
export function decodeQuotedPrintable(octets: Buffer): Buffer {
  const out = Buffer.allocUnsafe(octets.length);
  let length = 0;
  /** Length of `out` after the last octet that is not white space at a line's end. */
  let kept = 0;
  for (let at = 0; at < octets.length; at++) {
    const octet = octets[at] ?? 0;
    if (octet === EQUALS) {
      const value = hexValue(octets[at + 1]) * 16 + hexValue(octets[at + 2]);
      if (value >= 0) {
        out[length++] = value;
        kept = length;
        at += 2;
        continue;
      }
      const end = softBreakEnd(octets, at + 1);
      if (end !== -1) {
        kept = length;
        at = end - 1;
        continue;
      }
      const split = splitEscape(octets, at + 1);
      if (split !== undefined) at = split.end - 1;
      out[length++] = split?.value ?? octet;
      kept = length;
    } else if (octet === LF || octet === CR) {
      length = kept;
      out[length++] = octet;
      kept = length;
    } else {
      out[length++] = octet;
      if (octet !== 0x20 && octet !== 0x09) kept = length;
    }
  }
  return out.subarray(0, kept);
}

/**
 * Offset after the line break of a soft break whose `=` stands before `at`; -1 where it is none. White space that got
 * between CR and LF counts for nothing, as everywhere at a line's end; a CR alone ends no line.
 */
function softBreakEnd(octets: Buffer, at: number): number {
  let end = afterSpace(octets, at);
  if (end >= octets.length) return end;
  if (octets[end] === CR) end = afterSpace(octets, end + 1);
  return octets[end] === LF ? end + 1 : -1;
}

/** An escape with soft breaks between its characters, which a program that cuts lines anywhere makes. */
function splitEscape(octets: Buffer, at: number): { value: number; end: number } | undefined {
  const high = afterSoftBreaks(octets, at);
  const low = afterSoftBreaks(octets, high + 1);
  const value = hexValue(octets[high]) * 16 + hexValue(octets[low]);
  return value < 0 ? undefined : { value, end: low + 1 };
}

function afterSoftBreaks(octets: Buffer, from: number): number {
  let at = from;
  while (octets[at] === EQUALS) {
    const end = softBreakEnd(octets, at + 1);
    if (end === -1) break;
    at = end;
  }
  return at;
}

function afterSpace(octets: Buffer, at: number): number {
  let end = at;
  while (octets[end] === 0x20 || octets[end] === 0x09) end++;
  return end;
}

/** Value of a hexadecimal digit; so low that no sum gets back to zero where it is none. */
function hexValue(octet: number | undefined): number {
  if (octet === undefined) return -1000;
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  if (octet >= 0x41 && octet <= 0x46) return octet - 0x37;
  if (octet >= 0x61 && octet <= 0x66) return octet - 0x57;
  return -1000;
}
