/** Segmentation of octets: 8-bit data with application ports or a header of the caller's own. */
import { EncodeError, integer } from './errors.ts';
import { copyOf, octetsOf } from './octets.ts';
import { concatElement, joined, type Segment } from './segment.ts';
import { checkUdh } from './udh.ts';
import { CAPACITY } from './user-data.ts';

export interface BinaryOptions {
  /** Header elements to put into every part, without the length octet. */
  readonly udh?: Uint8Array | undefined;
  /** Application ports, 3GPP TS 23.040 9.2.3.24.4; 16 bit. */
  readonly ports?: { readonly destination: number; readonly source: number } | undefined;
  /** The most parts that may be used, 1-255. Data is never cut: more is an error. */
  readonly maxParts?: number | undefined;
  readonly reference?: number | undefined;
  readonly referenceBits?: 8 | 16 | undefined;
}

export interface BinarySegmentation {
  readonly encoding: '8bit';
  readonly data: Uint8Array;
  readonly parts: readonly Segment[];
  readonly truncated: false;
  readonly unitsUsed: number;
  readonly unitsLeft: number;
  readonly unitsPerPart: number;
}

const NO_OCTETS = new Uint8Array(0);

/** Divides octets into parts. Throws EncodeError where they do not fit into `maxParts`, or the header is bad. */
export function segmentBinary(data: Uint8Array, options: BinaryOptions = {}): BinarySegmentation {
  const maxParts = integer('maxParts', options.maxParts ?? 255, 1, 255);
  const udh = options.udh ?? NO_OCTETS;
  checkUdh(udh);
  const ports = portsElement(options);
  const plain = udh.length + ports.length;
  const alone = roomBeside(plain);
  const single = data.length <= alone;
  const room = single ? alone : roomBeside(plain + (options.referenceBits === 16 ? 6 : 5));
  const total = single ? 1 : Math.ceil(data.length / room);
  if (total > maxParts) {
    throw new EncodeError('data', `${data.length} octets need ${total} parts, ${maxParts} are allowed`);
  }
  const parts = Array.from({ length: total }, (_, i): Segment => {
    const concat = single ? NO_OCTETS : concatElement(options, total, i + 1);
    const header = joined(udh, ports, concat);
    const body = data.subarray(i * room, (i + 1) * room);
    const userData =
      header === undefined ? copyOf(body, 0, body.length) : octetsOf(header.length, header, body);
    return {
      sequence: i + 1,
      total,
      ...(header && { udh: header }),
      userData,
      userDataLength: userData.length,
      encoding: '8bit',
    };
  });
  return {
    encoding: '8bit',
    data,
    parts,
    truncated: false,
    unitsUsed: data.length,
    unitsLeft: total * room - data.length,
    unitsPerPart: room,
  };
}

function portsElement({ ports }: BinaryOptions): Uint8Array {
  if (ports === undefined) return NO_OCTETS;
  const destination = integer('ports', ports.destination, 0, 0xffff);
  const source = integer('ports', ports.source, 0, 0xffff);
  return Uint8Array.of(0x05, 4, destination >> 8, destination & 0xff, source >> 8, source & 0xff);
}

function roomBeside(headerLength: number): number {
  const room = CAPACITY.octets - (headerLength === 0 ? 0 : headerLength + 1);
  if (room < 1) throw new EncodeError('udh', `a header of ${headerLength} octets leaves no room for data`);
  return room;
}
