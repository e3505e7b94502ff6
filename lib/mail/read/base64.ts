import { isAscii, isUtf8 } from 'node:buffer';
import { guessCharset } from './guess-charset.ts';

/**
 * Base64 with whatever stands between the digits left out (RFC 2045 6.8). A truncated end gives the whole octets
 * there are; several padded pieces in a row, as some programs concatenate them, are decoded one after the other.
 */
export function decodeBase64(octets: Buffer): Buffer {
  let text = octets.toString('latin1');
  // Node takes the URL alphabet too, in which these are digits; here they are none.
  if (/[-_]/.test(text)) text = text.replace(/[-_]/g, '');
  const padding = text.indexOf('=');
  if (padding === -1 || !/[A-Za-z0-9+/]/.test(text.slice(padding))) return Buffer.from(text, 'base64');
  return Buffer.concat(text.split(/=+/).map((piece) => Buffer.from(piece, 'base64')));
}

/** How many octets base64 stands for, without making them. */
export function sizeOfBase64(octets: Buffer): number {
  let digits = 0;
  for (const octet of octets) {
    const letter = octet | 0x20;
    if ((letter >= 0x61 && letter <= 0x7a) || (octet >= 0x2f && octet <= 0x39) || octet === 0x2b) {
      digits += 1;
    }
  }
  return Math.floor((digits * 3) / 4);
}

/** A line of nothing but base64. */
const STRICT = /^[A-Za-z0-9+/]+={0,2}$/;

/** A body as RFC 2045 6.8 has it, in lines of any length. */
const BODY = /^[A-Za-z0-9+/\r\n]*(?:=[\r\n]*){0,2}[\s]*$/;

/** A line so long that nobody wrote it. */
const LONG = 60;

/** Shorter lines may be words below the base64, unless they stand right below it. */
const WORD = 16;

/**
 * A text part that says that it is base64. It ends at its padding, or at a line that is no base64: what a server has
 * put below is none of it. Where it is no base64 at all the text is what it says.
 * @param charset in lower case, as the part names it.
 */
export function decodeBase64Text(octets: Buffer, charset: string | undefined): Buffer {
  const text = octets.toString('latin1');
  if (BODY.test(text)) {
    const decoded = decodeBase64(octets);
    return isWritten(text) && isNoise(decoded, charset) ? octets : decoded;
  }
  const lines = text.split(/\r?\n/);
  const start = firstLine(lines);
  if (start === -1) return octets;
  const end = endOfBase64(lines, start);
  const decoded = decodeBase64(Buffer.from(lines.slice(start, end).join('\n'), 'latin1'));
  if (isNoise(decoded, charset)) return octets;
  const above = lines.slice(0, start).join('\n').trim();
  return above === '' ? decoded : Buffer.concat([Buffer.from(`${above}\n`, 'latin1'), decoded]);
}

/** Can these lines be words rather than base64? */
function isWritten(text: string): boolean {
  return text.trim() !== '' && !text.split('\n').some((line) => line.length >= LONG);
}

/** The first line that is base64; below words only where it is too long for one. -1 where there is none. */
function firstLine(lines: readonly string[]): number {
  const written = lines.findIndex((line) => line.trim() !== '');
  if (written === -1 || isBase64Line(lines[written] ?? '')) return written;
  return lines.findIndex((line) => line.length >= LONG && STRICT.test(line));
}

/** Nothing between blanks, and hardly anything that is no digit of it: gateways damage some. */
function isBase64Line(line: string): boolean {
  const trimmed = line.trim();
  if (/\s/.test(trimmed)) return false;
  const strange = trimmed.replace(/[A-Za-z0-9+/=]+/g, '').length;
  return strange * 4 <= trimmed.length;
}

/** The line behind the last of the base64 that begins at `start`. */
function endOfBase64(lines: readonly string[], start: number): number {
  let end = start;
  let padded = false;
  for (let at = start; at < lines.length; at++) {
    const line = (lines[at] ?? '').trim();
    if (line === '') continue;
    const next = end === at;
    // Several padded pieces in a row are what some programs make; a word below a blank line is a word.
    const more =
      padded || !next
        ? STRICT.test(line) && (next || (line.length >= WORD && line.length % 4 === 0))
        : isBase64Line(line);
    if (!more) return end;
    end = at + 1;
    padded = line.endsWith('=');
  }
  return end;
}

/** Octets that are no text in the charset they are said to have. */
export function isNoise(octets: Buffer, charset: string | undefined): boolean {
  if (/^utf-?(?:7|16|32)|^ucs/.test(charset ?? '')) return false;
  const start = octets.subarray(0, 4096);
  const text = start.toString('latin1');
  // Escape and shift stand in ISO 2022.
  if (/[\0-\x08\x10-\x1a\x1c-\x1f]/.test(text)) return true;
  if (charset !== undefined && !/^(?:utf-?8|us-ascii|iso-8859-1|windows-1252)$/.test(charset)) return false;
  const high = text.replace(/[\0-\x7f]+/g, '').length;
  if (high * 4 <= start.length || isUtf8(start)) return false;
  const damaged = start.toString('utf8').replace(/[^\ufffd]+/g, '').length;
  return damaged * 4 > high && guessCharset(start) === undefined;
}

/** Lines of base64 that bear no label: several, or one of this length. */
const UNLABELLED = /^\s*(?:[A-Za-z0-9+/]{20,}\r?\n)*[A-Za-z0-9+/]{2,}={0,2}\s*$/;
const SOLE = 40;

/** A text that is base64 and does not say so; undefined for any other. */
export function unlabelledBase64(octets: Buffer, charset: string | undefined): Buffer | undefined {
  if (octets.length < SOLE || !/^\s*[A-Za-z0-9+/]{20}/.test(octets.toString('latin1', 0, 80)))
    return undefined;
  const text = octets.toString('latin1');
  const digits = text.replace(/\s+/g, '');
  if (digits.length < SOLE || digits.length % 4 !== 0 || !UNLABELLED.test(text)) return undefined;
  const decoded = Buffer.from(digits, 'base64');
  if (isNoise(decoded, charset)) return undefined;
  // A token decodes to something too, but hardly ever to words with blanks between them, or to UTF-8.
  const isText = isUtf8(decoded) && (decoded.includes(0x20) || !isAscii(decoded));
  return isText ? decoded : undefined;
}
