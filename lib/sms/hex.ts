import { DecodeError } from './errors.ts';

/** Octets as upper-case hexadecimal digits, as modems write them. */
export function toHex(octets: Uint8Array): string {
  const buffer =
    octets instanceof Buffer ? octets : Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  return buffer.toString('hex').toUpperCase();
}

/**
 * Hexadecimal digits of either case as octets. Throws DecodeError (field 'hex', offset of the octet) for any
 * other character, white space included, and for half an octet at the end.
 */
export function fromHex(text: string): Uint8Array {
  // Node stops at the first pair that is none.
  const octets = Buffer.from(text, 'hex');
  if (octets.length * 2 !== text.length) throw badHex(text);
  return octets;
}

function badHex(text: string): DecodeError {
  const at = [...Array(text.length).keys()].find((i) => !isDigit(text.charCodeAt(i)));
  if (at === undefined) return new DecodeError('hex', text.length >> 1, 'the last octet has only one digit');
  return new DecodeError('hex', at >> 1, `${JSON.stringify(text[at])} is not a hexadecimal digit`);
}

function isDigit(code: number): boolean {
  const letter = code | 32;
  return (code >= 48 && code <= 57) || (letter >= 97 && letter <= 102);
}
