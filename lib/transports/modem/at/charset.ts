import { DEFAULT_LOOKUP, ABSENT, decodeSeptets, ESCAPE, SHIFTED } from '../../../sms/alphabet.ts';
import { fromHex, toHex } from '../../../sms/hex.ts';
import { decodeUcs2, encodeUcs2 } from '../../../sms/ucs2.ts';

/**
 * Character sets that a modem takes and gives texts in (AT+CSCS, TS 27.007 5.5), the best first. UCS2 and HEX are written
 * in hexadecimal digits: no character of theirs can end a line or a message, and none is lost in conversion.
 */
export const CHARSETS = ['UCS2', 'HEX', 'IRA', 'GSM'] as const;
export type Charset = (typeof CHARSETS)[number];

/** Whether texts in it are one line of hexadecimal digits. */
export function isHexCharset(charset: Charset): boolean {
  return charset === 'UCS2' || charset === 'HEX';
}

/** The first of CHARSETS that `+CSCS: ("GSM","IRA","UCS2")` offers. */
export function chooseCharset(lines: readonly string[]): Charset | undefined {
  const offered = new Set(
    [...lines.join(' ').matchAll(/"([^"]+)"/g)].map((match) => match[1]?.toUpperCase()),
  );
  return CHARSETS.find((charset) => offered.has(charset));
}

/** A text as it is written at the prompt, one character an octet; or the characters that cannot be written. */
export function encodeBody(
  text: string,
  charset: Charset,
): { readonly body: string } | { readonly impossible: string[] } {
  if (charset === 'UCS2') return { body: toHex(encodeUcs2(text)) };
  const impossible = new Set<string>();
  let body = '';
  for (const character of text) {
    const code = character.charCodeAt(0);
    const septet = character.length > 1 ? ABSENT : (DEFAULT_LOOKUP[code] ?? ABSENT);
    const octets = octetsFor(charset, code, septet);
    if (octets === undefined) impossible.add(character);
    else body += octets;
  }
  return impossible.size > 0 ? { impossible: [...impossible] } : { body };
}

function octetsFor(charset: Charset, code: number, septet: number): string | undefined {
  if (septet === ABSENT) return undefined;
  // A line feed is the same in all of them. Ctrl+Z and ESC would end the message.
  if (charset === 'IRA')
    return code === 0x0a || (code >= 0x20 && code < 0x7f) ? String.fromCharCode(code) : undefined;
  const pair = septet >= SHIFTED ? [ESCAPE, septet & 0x7f] : [septet];
  if (charset === 'HEX') return toHex(Uint8Array.from(pair));
  return pair.some((each) => UNSENDABLE.has(each)) ? undefined : String.fromCharCode(...pair);
}

/** ESC, Ctrl+Z, CR, and what software flow control would swallow: the places of Ξ, Æ, Π, Σ and of the extension table. */
const UNSENDABLE = new Set([ESCAPE, 0x1a, 0x0d, 0x11, 0x13, 0x08]);

/** A body as the modem gives it, as text. What is not hexadecimal though it should be is taken as it is. */
export function decodeBody(body: string, charset: Charset): string {
  if (charset === 'IRA') return body;
  if (charset === 'GSM') return decodeSeptets(Uint8Array.from(body, (sign) => sign.charCodeAt(0) & 0x7f));
  if (!isHex(body)) return body;
  const octets = fromHex(body);
  if (charset === 'HEX') return decodeSeptets(octets.map((octet) => octet & 0x7f));
  return octets.length % 2 === 0 ? decodeUcs2(octets) : body;
}

/** A number or a name, which modems give as hexadecimal UCS-2, as hexadecimal octets, or as it is, whatever was set. */
export function decodeWord(word: string): string {
  if (/^2B(?:3\d)+$/i.test(word)) return Buffer.from(word, 'hex').toString('latin1');
  return /^(?:0[03][0-9A-F]{2}){2,}$/i.test(word) && word.startsWith('00') ? decodeUcs2(fromHex(word)) : word;
}

export function isHex(text: string): boolean {
  return text.length >= 2 && text.length % 2 === 0 && /^[0-9A-F]+$/i.test(text);
}
