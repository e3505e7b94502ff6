/** UCS-2 big-endian, and UTF-16 with surrogates, which phones send under the same name (3GPP TS 23.038 6.2.3). */

/** Octets from `from` up to `to` as text. Half a character at the end is dropped; a lone surrogate stays, its other half may follow. */
export function decodeUcs2(octets: Uint8Array, from = 0, to = octets.length): string {
  const even = (to - from) & ~1;
  const swapped = Buffer.allocUnsafe(even);
  for (let i = 0; i < even; i += 2) {
    swapped[i] = octets[from + i + 1] as number;
    swapped[i + 1] = octets[from + i] as number;
  }
  return swapped.toString('utf16le', 0, even);
}

/** Text as octets, two for each UTF-16 code unit, written into `octets` from `at` on. */
export function encodeUcs2Into(
  text: string,
  start: number,
  end: number,
  octets: Uint8Array,
  at: number,
): void {
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    octets[at++] = code >> 8;
    octets[at++] = code;
  }
}

export function encodeUcs2(text: string): Uint8Array {
  const octets = new Uint8Array(text.length * 2);
  encodeUcs2Into(text, 0, text.length, octets, 0);
  return octets;
}
