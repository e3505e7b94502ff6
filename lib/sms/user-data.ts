/**
 * TP-UDL and TP-UD: an optional header, then text or octets (3GPP TS 23.040 9.2.3.16, 9.2.3.24). The length
 * counts septets for uncompressed 7-bit text and octets for everything else, the header included.
 */
import {
  DEFAULT_ALPHABET,
  ESCAPE,
  alphabetOf,
  decodeSeptets,
  encodeSeptets,
  lookupTable,
  type Alphabet,
} from './alphabet.ts';
import type { DataCoding, Encoding } from './dcs.ts';
import { DecodeError, EncodeError } from './errors.ts';
import { copyOf, roomFor } from './octets.ts';
import type { Reader } from './reader.ts';
import { packInto, unpackSeptets } from './septets.ts';
import {
  concatOf,
  decodeUdh,
  portsOf,
  readElements,
  shiftsOf,
  type Concat,
  type InformationElement,
  type Ports,
} from './udh.ts';
import { decodeUcs2, encodeUcs2 } from './ucs2.ts';

export interface UserData {
  /** How the user data is written; compressed text counts as '8bit'. */
  readonly encoding: Encoding;
  readonly text?: string;
  /** What follows the header, where it is no text. */
  readonly data?: Uint8Array;
  /** The header's elements without its length octet, byte for byte. */
  readonly udh?: Uint8Array;
  readonly elements?: readonly InformationElement[];
  readonly concat?: Concat;
  readonly ports?: Ports;
  /**
   * The text ends in an escape, shown as a space: the other half of the character begins the next part of a sender
   * that cuts where it likes.
   */
  readonly endsInEscape?: true;
  /** TP-UDL as it came. */
  readonly userDataLength: number;
  /** Only when lenient: the octets ended before the length said. */
  readonly truncated?: true;
}

/** Lengths in which a part of a message is carried, TS 23.040 9.2.3.16. */
export const CAPACITY = { octets: 140, septets: 160 } as const;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Reads TP-UDL and TP-UD onto `head`, the fields in front of them. Throws DecodeError where octets are missing or
 * the header does not fit. When `lenient`, missing octets are done without, TP-UDL too; of a broken header the elements
 * count that are whole, and the text begins where its length says (9.2.3.24 has it ignored, not read). A header that
 * would be longer than the user data is none: then all of it is text.
 */
export function readUserData<T extends object>(
  head: T,
  reader: Reader,
  dcs: DataCoding,
  hasUdh: boolean,
  lenient: boolean,
): T & UserData {
  const length = lenient && reader.left === 0 ? undefined : reader.octet('udl');
  if (length === undefined) return withoutUserData(head, dcs);
  const septets = dcs.alphabet === 'gsm7' && !dcs.compressed;
  const need = septets ? (length * 7 + 7) >> 3 : length;
  const start = reader.offset;
  const { left } = reader;
  if (left < need && !lenient) {
    throw new DecodeError('ud', start, `TP-UDL ${length} needs ${need} octets, ${left} are left`);
  }
  reader.pass('ud', Math.min(need, left));
  const { octets, offset: end } = reader;
  // One object, filled in place: copying the fields together costs as much as decoding them.
  const tpdu = head as T & Mutable<UserData>;
  const body =
    start + (hasUdh ? readHeader(tpdu, octets, start, end, lenient ? start + need : undefined) : 0);
  if (septets) {
    tpdu.encoding = 'gsm7';
    const septets = septetsOf(octets, start, body, end, length);
    tpdu.text = decodeSeptets(septets, alphabetFor(tpdu.elements));
    if (tpdu.concat !== undefined && endsInEscape(septets)) tpdu.endsInEscape = true;
  } else if (dcs.alphabet === 'ucs2' && !dcs.compressed) {
    tpdu.encoding = 'ucs2';
    tpdu.text = decodeUcs2(octets, body, end);
  } else {
    tpdu.encoding = '8bit';
    tpdu.data = copyOf(octets, body, end);
  }
  tpdu.userDataLength = length;
  if (left < need) tpdu.truncated = true;
  return tpdu;
}

/** The octets end before TP-UDL: there is no text, or there are no octets. */
function withoutUserData<T extends object>(head: T, dcs: DataCoding): T & UserData {
  const encoding = dcs.compressed ? '8bit' : dcs.alphabet;
  const empty = encoding === '8bit' ? { data: new Uint8Array(0) } : { text: '' };
  return Object.assign(head, { encoding, ...empty, userDataLength: 0, truncated: true as const });
}

/**
 * Reads the header onto `tpdu`; how many octets it takes, its length octet included. `announced`, where it is read leniently, is
 * where the user data would end if none of it were missing.
 */
function readHeader(
  tpdu: Mutable<Partial<UserData>>,
  octets: Uint8Array,
  start: number,
  end: number,
  announced?: number,
): number {
  const lenient = announced !== undefined;
  const length = octets[start];
  if (start === end || length === undefined) {
    if (lenient) return 0;
    throw new DecodeError('udh', start, 'there is no room for a header');
  }
  if (start + 1 + length > (announced ?? end)) {
    if (lenient) return 0;
    throw new DecodeError('udh', start, `a header of ${length} octets does not fit into ${end - start - 1}`);
  }
  const stop = Math.min(start + 1 + length, end);
  const udh = copyOf(octets, start + 1, stop);
  const whole = lenient ? readElements(udh) : { elements: decodeUdh(udh, start + 1), length: udh.length };
  // Of a header in which no element is whole nothing is left.
  if (whole.length === 0 && length > 0) return stop - start;
  const concat = concatOf(whole.elements);
  const ports = portsOf(whole.elements);
  tpdu.udh = whole.length === udh.length ? udh : udh.subarray(0, whole.length);
  tpdu.elements = whole.elements;
  if (concat !== undefined) tpdu.concat = concat;
  if (ports !== undefined) tpdu.ports = ports;
  return stop - start;
}

/** The text of `length` septets from `start` to `end`, of which those before `body` are the header. */
function septetsOf(octets: Uint8Array, start: number, body: number, end: number, length: number): Uint8Array {
  const skip = body - start;
  const headerSeptets = Math.ceil((skip * 8) / 7);
  const fillBits = headerSeptets * 7 - skip * 8;
  // Some senders count a header without text too short by a septet (it ends before the boundary).
  const count = Math.max(0, Math.min(length - headerSeptets, Math.floor(((end - body) * 8 - fillBits) / 7)));
  return unpackSeptets(octets, fillBits, count, body);
}

/** Two escapes in a row are one character. */
function endsInEscape(septets: Uint8Array): boolean {
  let escapes = 0;
  while (septets[septets.length - 1 - escapes] === ESCAPE) escapes++;
  return escapes % 2 === 1;
}

/** The alphabet that a header's elements ask for. */
export function alphabetFor(elements: readonly InformationElement[] | undefined): Alphabet {
  if (elements === undefined) return DEFAULT_ALPHABET;
  const shifts = shiftsOf(elements);
  return shifts.locking === undefined && shifts.single === undefined ? DEFAULT_ALPHABET : alphabetOf(shifts);
}

/** What an encoder makes user data of: text or octets, and a header without its length octet. */
export interface UserDataInput {
  readonly text?: string | undefined;
  readonly data?: Uint8Array | undefined;
  readonly udh?: Uint8Array | undefined;
}

export interface EncodedUserData {
  readonly userData: Uint8Array;
  readonly userDataLength: number;
}

/**
 * TP-UD and TP-UDL of one part in the given coding. National shifts in the header are used. Throws EncodeError
 * where the text has characters that the coding does not, or is longer than one part.
 */
export function encodeUserData(input: UserDataInput, dcs: DataCoding): EncodedUserData {
  const { text, data, udh } = input;
  if (text !== undefined && data !== undefined)
    throw new EncodeError('ud', 'text and data exclude each other');
  if (dcs.alphabet === 'gsm7' && !dcs.compressed) {
    if (data !== undefined) throw new EncodeError('ud', 'the coding is 7-bit text, not octets');
    return encodeText(text ?? '', udh);
  }
  const isText = dcs.alphabet === 'ucs2' && !dcs.compressed;
  if (isText ? data !== undefined : text !== undefined) {
    throw new EncodeError(
      'ud',
      isText ? 'the coding is UCS-2 text, not octets' : 'the coding is octets, not text',
    );
  }
  const body = isText ? encodeUcs2(text ?? '') : (data ?? new Uint8Array(0));
  const userData = withHeader(udh, body);
  if (userData.length > CAPACITY.octets) {
    throw new EncodeError('ud', `${userData.length} octets do not fit into ${CAPACITY.octets}`);
  }
  return { userData, userDataLength: userData.length };
}

function encodeText(text: string, udh: Uint8Array | undefined): EncodedUserData {
  const shifts = udh === undefined ? {} : shiftsOf(decodeUdh(udh));
  const shifted = shifts.locking !== undefined || shifts.single !== undefined;
  const septets = shifted ? encodeSeptets(text, lookupTable(alphabetOf(shifts))) : encodeSeptets(text);
  if (typeof septets === 'number') {
    throw new EncodeError('ud', `${JSON.stringify(text[septets])} is not in the 7-bit alphabet`);
  }
  return packUserData(udh, septets, septets.length);
}

/** A header and the first `count` of `septets` as TP-UD and TP-UDL. */
export function packUserData(
  udh: Uint8Array | undefined,
  septets: Uint8Array,
  count: number,
): EncodedUserData {
  const skip = udh === undefined ? 0 : udh.length + 1;
  const headerSeptets = Math.ceil((skip * 8) / 7);
  const length = headerSeptets + count;
  if (length > CAPACITY.septets)
    throw new EncodeError('ud', `${length} septets do not fit into ${CAPACITY.septets}`);
  const userData = roomFor((length * 7 + 7) >> 3);
  if (udh !== undefined) writeHeader(udh, userData);
  packInto(septets, count, headerSeptets * 7 - skip * 8, userData, skip);
  return { userData, userDataLength: length };
}

/** Puts a header with its length octet at the front of `userData`. */
export function writeHeader(udh: Uint8Array, userData: Uint8Array): void {
  userData[0] = udh.length;
  for (let i = 0; i < udh.length; i++) userData[i + 1] = udh[i] as number;
}

function withHeader(udh: Uint8Array | undefined, body: Uint8Array): Uint8Array {
  if (udh === undefined) return body;
  const octets = new Uint8Array(1 + udh.length + body.length);
  octets[0] = udh.length;
  octets.set(udh, 1);
  octets.set(body, 1 + udh.length);
  return octets;
}
