/**
 * Room for octets that are all written before anybody sees them. It comes out of Node's pool of small buffers:
 * an array of its own for every part would cost more than all the packing.
 */
export function roomFor(length: number): Uint8Array {
  return Buffer.allocUnsafe(length);
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
