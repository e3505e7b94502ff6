/**
 * Packing of 7-bit characters into octets, 3GPP TS 23.038 6.1.2: the first character fills the low bits of the
 * first octet. After a user data header the text begins on the next septet boundary, so up to six fill bits come
 * before it (TS 23.040 9.2.3.24).
 */

import { roomFor } from './octets.ts';

const CR = 0x0d;

/** Packs `septets` (values 0-127) behind `fillBits` (0-6) zero bits. */
export function packSeptets(septets: Uint8Array, fillBits = 0): Uint8Array {
  const octets = new Uint8Array((septets.length * 7 + fillBits + 7) >> 3);
  packInto(septets, septets.length, fillBits, octets, 0);
  return octets;
}

/** Packs the first `count` of `septets` behind `fillBits` zero bits into `octets` from octet `at` on. */
export function packInto(
  septets: Uint8Array,
  count: number,
  fillBits: number,
  octets: Uint8Array,
  at: number,
): void {
  let hold = 0;
  let bits = fillBits;
  for (let i = 0; i < count; i++) {
    hold |= (septets[i] as number) << bits;
    bits += 7;
    if (bits >= 8) {
      octets[at++] = hold;
      hold >>= 8;
      bits -= 8;
    }
  }
  if (bits > 0 && at < octets.length) octets[at] = hold;
}

/**
 * Unpacks `count` septets that begin `fillBits` bits after octet `from`. Without `count`, as many as the octets
 * hold: where seven spare bits are left at the end they come out as one more septet, because only the length
 * field of a TPDU can tell them from an `@`.
 */
export function unpackSeptets(octets: Uint8Array, fillBits = 0, count?: number, from = 0): Uint8Array {
  const held = Math.max(0, Math.floor(((octets.length - from) * 8 - fillBits) / 7));
  const septets = roomFor(Math.min(count ?? held, held));
  let at = from;
  let i = 0;
  if (fillBits === 0) {
    for (; i + 8 <= septets.length; i += 8) {
      const a = octets[at] as number;
      const b = octets[at + 1] as number;
      const c = octets[at + 2] as number;
      const d = octets[at + 3] as number;
      const e = octets[at + 4] as number;
      const f = octets[at + 5] as number;
      const g = octets[at + 6] as number;
      septets[i] = a & 0x7f;
      septets[i + 1] = (a >> 7) | ((b << 1) & 0x7f);
      septets[i + 2] = (b >> 6) | ((c << 2) & 0x7f);
      septets[i + 3] = (c >> 5) | ((d << 3) & 0x7f);
      septets[i + 4] = (d >> 4) | ((e << 4) & 0x7f);
      septets[i + 5] = (e >> 3) | ((f << 5) & 0x7f);
      septets[i + 6] = (f >> 2) | ((g << 6) & 0x7f);
      septets[i + 7] = g >> 1;
      at += 7;
    }
  }
  let bit = at * 8 + fillBits;
  for (; i < septets.length; i++) {
    const byte = bit >> 3;
    const two = (octets[byte] as number) | ((octets[byte + 1] ?? 0) << 8);
    septets[i] = (two >> (bit & 7)) & 0x7f;
    bit += 7;
  }
  return septets;
}

/**
 * Packs for USSD and cell broadcast, which carry no count of septets: seven spare bits are filled with a CR, and
 * a CR that happens to end on an octet boundary is sent twice (TS 23.038 6.1.2.3.1).
 */
export function packUssd(septets: Uint8Array, fillBits = 0): Uint8Array {
  const spare = (8 - ((septets.length * 7 + fillBits) % 8)) % 8;
  const endsOnBoundary = spare === 0 && septets.length > 0 && septets[septets.length - 1] === CR;
  if (spare !== 7 && !endsOnBoundary) return packSeptets(septets, fillBits);
  const padded = new Uint8Array(septets.length + 1);
  padded.set(septets);
  padded[septets.length] = CR;
  return packSeptets(padded, fillBits);
}

/** Unpacks what `packUssd` packed: a CR that only fills up the last octet is dropped. */
export function unpackUssd(octets: Uint8Array, fillBits = 0): Uint8Array {
  const septets = unpackSeptets(octets, fillBits);
  const n = septets.length;
  const spare = octets.length * 8 - fillBits - n * 7;
  const filler = n > 1 && septets[n - 1] === CR && (spare === 0 || (spare === 1 && septets[n - 2] === CR));
  return filler ? septets.subarray(0, n - 1) : septets;
}
