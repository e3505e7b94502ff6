/**
 * Segmentation: a text of any length as the parts that carry it, in the cheapest encoding that keeps it whole.
 *
 * What it promises: GSM 7-bit where every character has a place in it; else national shift tables, where that is
 * allowed and takes fewer parts; else UCS-2 (as UTF-16: characters beyond the BMP are surrogate pairs). A part
 * never ends inside an escape pair or a surrogate pair, nor inside a grapheme cluster unless the cluster alone
 * is longer than a part. The result says what was chosen, what it cost and which characters forced Unicode.
 *
 * What fails: only what cannot be sent at all, with an EncodeError: a character outside the alphabet where 7-bit
 * was asked for, a header that leaves no room. A text over the limit is cut and `truncated` is set.
 */
import { ABSENT, DEFAULT_LOOKUP, ESCAPE, SHIFTED, type Shifts } from './alphabet.ts';
import { clusterAt, isAlone } from './cut.ts';
import type { Encoding } from './dcs.ts';
import { EncodeError, integer } from './errors.ts';
import { copyOf, roomFor } from './octets.ts';
import { NO_OCTETS, bestPlan, unitsOf, type Plan } from './plan.ts';
import type { NationalShifts } from './shifts.ts';
import type { Replacement } from './smart.ts';
import { checkUdh } from './udh.ts';
import { encodeUcs2Into } from './ucs2.ts';
import { CAPACITY, packUserData, writeHeader, type EncodedUserData } from './user-data.ts';

export interface SegmentOptions {
  /** Cut the text after this many parts, 1-255. Default: 255, which is all that concatenation can number. */
  readonly maxParts?: number | undefined;
  /** Concatenation reference; its low 8 or 16 bits are used. Default 0. */
  readonly reference?: number | undefined;
  readonly referenceBits?: 8 | 16 | undefined;
  readonly encoding?: 'auto' | 'gsm7' | 'ucs2' | undefined;
  /** National shift tables that may be used: all, none, or those of the named languages. Default none. */
  readonly nationalShifts?: NationalShifts | undefined;
  /** Replace typographic characters by GSM 7-bit ones where that saves parts. Default false. */
  readonly smart?: boolean | undefined;
  /** Header elements to put into every part, without the length octet. */
  readonly udh?: Uint8Array | undefined;
}

/** One part of a message. */
export interface Segment {
  /** From 1 on. */
  readonly sequence: number;
  readonly total: number;
  /** The user data header without its length octet. */
  readonly udh?: Uint8Array;
  /** TP-UD: header with its length octet, and text, packed. */
  readonly userData: Uint8Array;
  /** TP-UDL: septets for gsm7, octets otherwise. */
  readonly userDataLength: number;
  readonly encoding: Encoding;
}

export interface Segmentation {
  readonly encoding: 'gsm7' | 'ucs2';
  /** The text that is sent: after replacements, and cut where `truncated` says so. */
  readonly text: string;
  readonly parts: readonly Segment[];
  /** Was the text longer than the limit? */
  readonly truncated: boolean;
  /** Septets (gsm7) or UTF-16 code units (ucs2) of the text, headers aside. */
  readonly unitsUsed: number;
  /** Units that still fit into the last part. */
  readonly unitsLeft: number;
  /** Units that fit into each part. */
  readonly unitsPerPart: number;
  /**
   * The characters, as users see them, that are not in the 7-bit alphabet, once each (100 at most), where they
   * made the text UCS-2. Worked out when it is asked for.
   */
  readonly forcedUnicode: readonly string[];
  /** The typographic characters that were replaced. */
  readonly replaced: readonly Replacement[];
  /** The national tables in use. */
  readonly shifts?: Shifts;
}

const NONE: readonly never[] = [];

/** Divides a text into parts. Throws EncodeError. */
export function segment(text: string, options: SegmentOptions = {}): Segmentation {
  const quick = options.encoding !== 'ucs2' && options.udh === undefined ? onePart(text) : undefined;
  if (quick !== undefined) return quick;
  const { encoding = 'auto', udh = NO_OCTETS } = options;
  if (udh.length > 0) checkUdh(udh);
  const maxParts = integer('maxParts', options.maxParts ?? 255, 1, 255);
  const plan = bestPlan(text, {
    encoding,
    nationalShifts: options.nationalShifts,
    smart: options.smart ?? false,
    maxParts,
    headerLength: udh.length,
    concatLength: options.referenceBits === 16 ? 6 : 5,
  });
  if (plan === undefined) throw notSevenBit(text, maxParts);
  return new Division(plan, partsOf(plan, options), encoding === 'auto' ? text : '', maxParts);
}

/** A divided text. A class for the sake of `forcedUnicode`, which few ask for and which takes long to find out. */
class Division implements Segmentation {
  readonly encoding: 'gsm7' | 'ucs2';
  readonly text: string;
  readonly parts: readonly Segment[];
  readonly truncated: boolean;
  readonly unitsUsed: number;
  readonly unitsLeft: number;
  readonly unitsPerPart: number;
  readonly replaced: readonly Replacement[];
  declare readonly shifts?: Shifts;
  readonly #forcing: string;
  readonly #maxParts: number;

  /** `forcing`: the text whose characters may have forced Unicode. */
  constructor(plan: Plan, parts: readonly Segment[], forcing: string, maxParts: number) {
    const end = plan.ends[plan.ends.length - 1] ?? 0;
    this.encoding = plan.encoding;
    this.text = end === plan.text.length ? plan.text : plan.text.slice(0, end);
    this.parts = parts;
    this.truncated = end < plan.text.length;
    this.unitsUsed = plan.units;
    this.unitsLeft = plan.capacity - plan.lastUnits;
    this.unitsPerPart = plan.capacity;
    this.replaced = plan.replaced;
    if (plan.shifts !== undefined) this.shifts = plan.shifts;
    this.#forcing = plan.encoding === 'ucs2' ? forcing : '';
    this.#maxParts = maxParts;
  }

  get forcedUnicode(): readonly string[] {
    return absentCharacters(this.#forcing, this.#maxParts);
  }

  toJSON(): Segmentation {
    return { ...this, forcedUnicode: this.forcedUnicode };
  }
}

function notSevenBit(text: string, maxParts: number): EncodeError {
  const absent = absentCharacters(text, maxParts).map((character) => JSON.stringify(character));
  return new EncodeError('text', `not in the GSM 7-bit alphabet: ${absent.slice(0, 10).join(' ')}`);
}

/** The common case on a short way: a text of the default alphabet that fits into one part. */
function onePart(text: string): Segmentation | undefined {
  const { length } = text;
  if (length > CAPACITY.septets) return undefined;
  let units = length;
  let userData = packBasic(text);
  if (userData === undefined) {
    for (let i = 0; i < length; i++) {
      const septet = DEFAULT_LOOKUP[text.charCodeAt(i)] as number;
      if (septet === ABSENT) return undefined;
      if (septet >= SHIFTED) units++;
    }
    if (units > CAPACITY.septets) return undefined;
    userData = packUserData(undefined, septetsOf(text, 0, length, DEFAULT_LOOKUP), units).userData;
  }
  return {
    encoding: 'gsm7',
    text,
    parts: [{ sequence: 1, total: 1, userData, userDataLength: units, encoding: 'gsm7' }],
    truncated: false,
    unitsUsed: units,
    unitsLeft: CAPACITY.septets - units,
    unitsPerPart: CAPACITY.septets,
    forcedUnicode: NONE,
    replaced: NONE,
  };
}

/**
 * Packs a text while it looks it up, eight characters into seven octets at a time; undefined where one of them
 * needs an escape or is not in the default alphabet. This is where the time of most messages goes.
 */
function packBasic(text: string): Uint8Array | undefined {
  const { length } = text;
  const octets = roomFor((length * 7 + 7) >> 3);
  let at = 0;
  let i = 0;
  for (; i + 8 <= length; i += 8) {
    const a = DEFAULT_LOOKUP[text.charCodeAt(i)] as number;
    const b = DEFAULT_LOOKUP[text.charCodeAt(i + 1)] as number;
    const c = DEFAULT_LOOKUP[text.charCodeAt(i + 2)] as number;
    const d = DEFAULT_LOOKUP[text.charCodeAt(i + 3)] as number;
    const e = DEFAULT_LOOKUP[text.charCodeAt(i + 4)] as number;
    const f = DEFAULT_LOOKUP[text.charCodeAt(i + 5)] as number;
    const g = DEFAULT_LOOKUP[text.charCodeAt(i + 6)] as number;
    const h = DEFAULT_LOOKUP[text.charCodeAt(i + 7)] as number;
    if ((a | b | c | d | e | f | g | h) >= SHIFTED) return undefined;
    octets[at] = a | (b << 7);
    octets[at + 1] = (b >> 1) | (c << 6);
    octets[at + 2] = (c >> 2) | (d << 5);
    octets[at + 3] = (d >> 3) | (e << 4);
    octets[at + 4] = (e >> 4) | (f << 3);
    octets[at + 5] = (f >> 5) | (g << 2);
    octets[at + 6] = (g >> 6) | (h << 1);
    at += 7;
  }
  let hold = 0;
  let bits = 0;
  for (; i < length; i++) {
    const septet = DEFAULT_LOOKUP[text.charCodeAt(i)] as number;
    if (septet >= SHIFTED) return undefined;
    hold |= septet << bits;
    bits += 7;
    if (bits >= 8) {
      octets[at++] = hold;
      hold >>= 8;
      bits -= 8;
    }
  }
  if (bits > 0) octets[at] = hold;
  return octets;
}

function partsOf(plan: Plan, options: SegmentOptions): Segment[] {
  const { text, encoding, lookup, ends } = plan;
  const total = ends.length;
  const own = options.udh ?? NO_OCTETS;
  const concat = total === 1 ? NO_OCTETS : concatElement(options, total, 1);
  const header = joined(own, concat, plan.shiftElements);
  const sequenceAt = own.length + concat.length - 1;
  const parts: Segment[] = [];
  let start = 0;
  for (const end of ends) {
    const sequence = parts.length + 1;
    const udh = header && copyOf(header, 0, header.length);
    if (udh !== undefined && total > 1) udh[sequenceAt] = sequence;
    const { userData, userDataLength } =
      encoding === 'gsm7' ? packRange(text, start, end, lookup, udh) : wideRange(text, start, end, udh);
    parts.push(
      udh === undefined
        ? { sequence, total, userData, userDataLength, encoding }
        : { sequence, total, udh, userData, userDataLength, encoding },
    );
    start = end;
  }
  return parts;
}

function packRange(
  text: string,
  start: number,
  end: number,
  lookup: Uint8Array,
  udh: Uint8Array | undefined,
): EncodedUserData {
  return packUserData(udh, septetsOf(text, start, end, lookup), unitsOf(text, start, end, lookup));
}

function septetsOf(text: string, start: number, end: number, lookup: Uint8Array): Uint8Array {
  const septets = roomFor((end - start) * 2);
  let n = 0;
  for (let i = start; i < end; i++) {
    const septet = lookup[text.charCodeAt(i)] as number;
    if (septet >= SHIFTED) septets[n++] = ESCAPE;
    septets[n++] = septet & 0x7f;
  }
  return septets;
}

function wideRange(text: string, start: number, end: number, udh: Uint8Array | undefined): EncodedUserData {
  const skip = udh === undefined ? 0 : udh.length + 1;
  const userData = roomFor(skip + 2 * (end - start));
  if (udh !== undefined) writeHeader(udh, userData);
  encodeUcs2Into(text, start, end, userData, skip);
  return { userData, userDataLength: userData.length };
}

/** The concatenation element of part `sequence`, 3GPP TS 23.040 9.2.3.24.1 and 9.2.3.24.8. */
export function concatElement(
  options: Pick<SegmentOptions, 'reference' | 'referenceBits'>,
  total: number,
  sequence: number,
): Uint8Array {
  const reference = integer('reference', options.reference ?? 0, 0, Number.MAX_SAFE_INTEGER) & 0xffff;
  return options.referenceBits === 16
    ? Uint8Array.of(0x08, 4, reference >> 8, reference & 0xff, total, sequence)
    : Uint8Array.of(0x00, 3, reference & 0xff, total, sequence);
}

/** Header elements one after the other; undefined where there are none. */
export function joined(...elements: readonly Uint8Array[]): Uint8Array | undefined {
  const length = elements.reduce((sum, element) => sum + element.length, 0);
  if (length === 0) return undefined;
  const octets = new Uint8Array(length);
  let at = 0;
  for (const element of elements) {
    octets.set(element, at);
    at += element.length;
  }
  return octets;
}

/** How many of them are told: more would help nobody. */
const MOST_ABSENT = 100;

/**
 * The characters (grapheme clusters) that the default alphabet does not have, once each, of as much text as so many
 * parts can carry.
 */
function absentCharacters(text: string, maxParts: number): string[] {
  const found = new Set<string>();
  const end = Math.min(text.length, maxParts * CAPACITY.septets);
  for (let i = 0; i < end && found.size < MOST_ABSENT; i++) {
    const code = text.charCodeAt(i);
    if (DEFAULT_LOOKUP[code] !== ABSENT) continue;
    if (isAlone(code) && (i + 1 === text.length || isAlone(text.charCodeAt(i + 1)))) {
      found.add(text.charAt(i));
    } else {
      const { cluster, end: next } = clusterAt(text, i);
      found.add(cluster);
      i = next - 1;
    }
  }
  return [...found];
}
