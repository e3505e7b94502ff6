/**
 * Compressed RTF, as Exchange puts it into winmail.dat (MS-OXRTFCP 2): an LZ77 over a ring of 4096 octets that
 * begins with the words every RTF document has. Nothing here throws; what is cut short is read as far as it goes.
 */

const RING = 4096;

/** What the ring begins with, MS-OXRTFCP 2.1.2.1. */
const PREFIX = Buffer.from(
  '{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans ' +
    'SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx',
  'latin1',
);

const COMPRESSED = 0x75465a4c;
const UNCOMPRESSED = 0x414c454d;
const HEADER = 16;

/** The RTF document in `octets`, at most `maxOctets` of it; undefined where this is none. */
export function decompressRtf(octets: Buffer, maxOctets: number): Buffer | undefined {
  if (octets.length < HEADER) return undefined;
  const kind = octets.readUInt32LE(8);
  const length = Math.min(octets.readUInt32LE(4), maxOctets);
  if (kind === UNCOMPRESSED) return octets.subarray(HEADER, HEADER + length);
  return kind === COMPRESSED ? inflate(octets, length) : undefined;
}

function inflate(octets: Buffer, length: number): Buffer {
  const ring = Buffer.alloc(RING, 0x20);
  PREFIX.copy(ring);
  // A token of two octets gives at most 17: what the header says beyond that is not believed.
  const out = Buffer.alloc(Math.min(length, octets.length * 9));
  let write = PREFIX.length;
  let size = 0;
  let at = HEADER;
  const put = (octet: number): void => {
    ring[write] = octet;
    write = (write + 1) % RING;
    out[size++] = octet;
  };
  while (at < octets.length && size < out.length) {
    const control = octets[at++] ?? 0;
    for (let bit = 0; bit < 8 && at < octets.length && size < out.length; bit++) {
      if ((control & (1 << bit)) === 0) {
        put(octets[at++] ?? 0);
        continue;
      }
      if (at + 1 >= octets.length) return out.subarray(0, size);
      const token = octets.readUInt16BE(at);
      at += 2;
      let read = token >> 4;
      // A reference to where the next octet would be written is the end mark.
      if (read === write) return out.subarray(0, size);
      for (let count = (token & 0x0f) + 2; count > 0 && size < out.length; count--) {
        put(ring[read] ?? 0x20);
        read = (read + 1) % RING;
      }
    }
  }
  return out.subarray(0, size);
}
