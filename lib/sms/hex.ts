import { DecodeError } from './errors.ts';

/** Octets as upper-case hexadecimal digits, as modems write them. */
export function toHex(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('hex').toUpperCase();
}

/**
 * Hexadecimal digits of either case as octets. Throws DecodeError (field 'hex', offset of the octet) for any
 * other character, white space included, and for half an octet at the end.
 */
export function fromHex(text: string): Uint8Array {
  const octets = new Uint8Array(text.length >> 1);
  for (let i = 0; i < octets.length; i++) {
    const high = digit(text.charCodeAt(2 * i));
    const low = digit(text.charCodeAt(2 * i + 1));
    if ((high | low) > 15) {
      const at = high > 15 ? 2 * i : 2 * i + 1;
      throw new DecodeError('hex', i, `${JSON.stringify(text[at])} is not a hexadecimal digit`);
    }
    octets[i] = (high << 4) | low;
  }
  if (text.length % 2 === 1) {
    const last = text.length - 1;
    if (digit(text.charCodeAt(last)) > 15) {
      throw new DecodeError('hex', last >> 1, `${JSON.stringify(text[last])} is not a hexadecimal digit`);
    }
    throw new DecodeError('hex', last >> 1, 'the last octet has only one digit');
  }
  return octets;
}

/** The value of a hexadecimal digit's character code; 16 for any other. */
function digit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : 16;
}
