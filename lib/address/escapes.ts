/** Percent-escapes (RFC 3986 2.1), read leniently and written strictly, with the way back to where each character stood. */
import { AddressError, quoted } from './errors.ts';
import type { Origin } from './digits.ts';

/** A piece of the local part, and where in the local part each of its characters stood. */
export interface Span {
  readonly text: string;
  readonly origin: Origin;
}

/** A part of a span; `end` as in String.slice. */
export function slice(span: Span, start: number, end?: number): Span {
  return { text: span.text.slice(start, end), origin: (index) => span.origin(start + index) };
}

const HEX = /^[0-9a-f]{2}$/i;

/** Characters that nobody escapes: unreserved by RFC 3986 2.3, and not the dot, which `encode` may have to escape. */
const NEVER_ESCAPED = /[\w\-~]/;

interface Decoding {
  /**
   * What becomes of escapes that are not UTF-8: refused, or left as they are. `userName` also leaves escapes of
   * characters that never need one and of control characters, since their % is meant as an at sign (`john%4chan.org`).
   */
  readonly odd: 'refuse' | 'keep' | 'userName';
  /** What an error calls this piece. */
  readonly part: string;
}

/**
 * `span` with its escapes decoded. A % that begins no escape stays a percent sign; a plus stays a plus.
 *
 * @throws AddressError where escapes are not UTF-8 and `odd` is `refuse`
 */
export function decode(span: Span, { odd, part }: Decoding): Span {
  const { text } = span;
  if (!text.includes('%')) return span;
  const pieces: string[] = [];
  const starts: number[] = [];
  for (let index = 0; index < text.length;) {
    const found = escapeAt(text, index, odd === 'userName');
    if (found === undefined && odd === 'refuse' && octetAt(text, index) !== undefined) {
      throw new AddressError({
        part,
        position: span.origin(index),
        problem: `has an escape at position ${span.origin(index)} that is not UTF-8`,
        hint: 'write a percent sign as %25',
      });
    }
    const character = found?.character ?? text.charAt(index);
    pieces.push(character);
    for (let unit = 0; unit < character.length; unit++) starts.push(index);
    index += found?.length ?? 1;
  }
  starts.push(text.length);
  return { text: pieces.join(''), origin: (index) => span.origin(starts[index] ?? text.length) };
}

/** How many characters the escape at `index` takes; 0 where none begins there. For `userName` see Decoding. */
export function escapeLength(text: string, index: number, userName: boolean): number {
  return escapeAt(text, index, userName)?.length ?? 0;
}

/** The character whose UTF-8 is escaped at `index`; undefined where no whole character is. */
function escapeAt(
  text: string,
  index: number,
  userName: boolean,
): { character: string; length: number } | undefined {
  const lead = octetAt(text, index);
  if (lead === undefined) return undefined;
  if (lead < 0x80) {
    const character = String.fromCharCode(lead);
    const needless = lead < 0x20 || lead === 0x7f || NEVER_ESCAPED.test(character);
    return userName && needless ? undefined : { character, length: 3 };
  }
  // RFC 3629 3: how many octets follow, and the least code point that needs so many (no overlong forms).
  const [following, least] = lead >= 0xf0 ? [3, 0x10000] : lead >= 0xe0 ? [2, 0x800] : [1, 0x80];
  if (lead < 0xc0 || lead > 0xf4) return undefined;
  let code = lead & (0x3f >> following);
  for (let nth = 1; nth <= following; nth++) {
    const octet = octetAt(text, index + 3 * nth);
    if (octet === undefined || octet >> 6 !== 0b10) return undefined;
    code = (code << 6) | (octet & 0x3f);
  }
  if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  return { character: String.fromCodePoint(code), length: 3 + 3 * following };
}

function octetAt(text: string, index: number): number | undefined {
  if (text.charAt(index) !== '%') return undefined;
  const digits = text.slice(index + 1, index + 3);
  return HEX.test(digits) ? Number.parseInt(digits, 16) : undefined;
}

/**
 * `text` with everything escaped that could mean something to a mail server, to this grammar or to a URL. Dots are
 * escaped where an unquoted local part may not have them (RFC 5322 3.2.3): at the end and before another dot.
 *
 * @throws AddressError on a surrogate without its other half, which has no UTF-8
 */
export function encode(text: string): string {
  let escaped;
  try {
    escaped = encodeURIComponent(text);
  } catch {
    throw new AddressError({
      part: `text ${quoted(text)}`,
      position: 0,
      problem: 'has half a surrogate pair',
      hint: 'it cannot be written in an address',
    });
  }
  return escaped
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%2B/g, '+')
    .replace(/\.(?=\.|$)/g, '%2E');
}
