/** Content-Transfer-Encoding, RFC 2045 section 6: octets as sent to octets as meant. Nothing here throws. */

/** `octets` with `encoding` (lower case, as the header names it) undone; an unknown encoding is identity. */
export function decodeTransfer(octets: Buffer, encoding: string | undefined): Buffer {
  if (encoding === 'base64') return decodeBase64(octets);
  if (encoding === 'quoted-printable') return decodeQuotedPrintable(octets);
  return octets;
}

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
