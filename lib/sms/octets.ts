/**
 * Room for octets that are all written before anybody sees them. It comes out of Node's pool of small buffers:
 * an array of its own for every part would cost more than all the packing.
 */
export function roomFor(length: number): Uint8Array {
  return Buffer.allocUnsafe(length);
}

/** Up to this length an array of its own is cheaper than room from the pool: V8 keeps it with its object. */
const SMALL = 64;

/** A copy of some octets. (`slice` would share memory where they are a Buffer.) */
export function copyOf(octets: Uint8Array, start: number, end: number): Uint8Array {
  const length = end - start;
  const copy = length <= SMALL ? new Uint8Array(length) : roomFor(length);
  for (let i = 0; i < length; i++) copy[i] = octets[start + i] as number;
  return copy;
}

/** Octets and runs of octets, one after the other. */
export function octetsOf(...pieces: readonly (number | Uint8Array)[]): Uint8Array {
  let length = 0;
  for (const piece of pieces) length += typeof piece === 'number' ? 1 : piece.length;
  const octets = roomFor(length);
  let at = 0;
  for (const piece of pieces) {
    if (typeof piece === 'number') {
      octets[at++] = piece;
    } else {
      octets.set(piece, at);
      at += piece.length;
    }
  }
  return octets;
}
