/** Octets and runs of octets, one after the other. */
export function octetsOf(...pieces: readonly (number | Uint8Array)[]): Uint8Array {
  let length = 0;
  for (const piece of pieces) length += typeof piece === 'number' ? 1 : piece.length;
  const octets = new Uint8Array(length);
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
