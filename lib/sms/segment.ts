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
import { ABSENT, DEFAULT_LOOKUP, ESCAPE, SHIFTED, alphabetOf, lookupTable, type Shifts } from './alphabet.ts';
import { Cutter, GRAPHEMES } from './cut.ts';
import type { Encoding } from './dcs.ts';
import { EncodeError, integer } from './errors.ts';
import { permittedShifts, shiftChoices, shiftElements, type NationalShifts } from './shifts.ts';
import { plainTypography, type Replacement } from './smart.ts';
import { checkUdh } from './udh.ts';
import { encodeUcs2Into } from './ucs2.ts';
import { CAPACITY, packUserData } from './user-data.ts';

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
   * The characters, as users see them, that are not in the 7-bit alphabet, once each, where they made the text
   * UCS-2. Worked out when it is asked for.
   */
  readonly forcedUnicode: readonly string[];
  /** The typographic characters that were replaced. */
  readonly replaced: readonly Replacement[];
  /** The national tables in use. */
  readonly shifts?: Shifts;
}

const NO_OCTETS = new Uint8Array(0);
const NONE: readonly never[] = [];

/** Divides a text into parts. Throws EncodeError. */
export function segment(text: string, options: SegmentOptions = {}): Segmentation {
  const quick = options.encoding !== 'ucs2' && options.udh === undefined ? onePart(text) : undefined;
  if (quick !== undefined) return quick;
  const maxParts = integer('maxParts', options.maxParts ?? 255, 1, 255);
  const plan = bestPlan(text, options, maxParts);
  const parts = build(plan, options);
  const unitsUsed = plan.units;
  return {
    encoding: plan.encoding,
    text: plan.end === plan.text.length ? plan.text : plan.text.slice(0, plan.end),
    parts,
    truncated: plan.end < plan.text.length,
    unitsUsed,
    unitsLeft: plan.capacity - plan.lastUnits,
    unitsPerPart: plan.capacity,
    get forcedUnicode() {
      return plan.encoding === 'ucs2' && options.encoding !== 'ucs2' ? absentCharacters(text) : NONE;
    },
    replaced: plan.replaced,
    ...(plan.shifts && { shifts: plan.shifts }),
  };
}

/** The common case on a short way: a text of the default alphabet that fits into one part. */
function onePart(text: string): Segmentation | undefined {
  const length = text.length;
  if (length > CAPACITY.septets) return undefined;
  let units = length;
  for (let i = 0; i < length; i++) {
    const septet = DEFAULT_LOOKUP[text.charCodeAt(i)] as number;
    if (septet >= SHIFTED) {
      if (septet === ABSENT) return undefined;
      units++;
    }
  }
  if (units > CAPACITY.septets) return undefined;
  const userData =
    units === length
      ? packBasic(text)
      : packUserData(undefined, septetsOf(text, 0, length, DEFAULT_LOOKUP), units).userData;
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

/** Packs a text that needs no escapes, eight characters into seven octets at a time. */
function packBasic(text: string): Uint8Array {
  const length = text.length;
  const octets = new Uint8Array((length * 7 + 7) >> 3);
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
    hold |= (DEFAULT_LOOKUP[text.charCodeAt(i)] as number) << bits;
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

interface Plan {
  readonly encoding: 'gsm7' | 'ucs2';
  readonly text: string;
  /** Where each part ends in the text. */
  readonly ends: readonly number[];
  readonly end: number;
  readonly units: number;
  readonly lastUnits: number;
  readonly capacity: number;
  /** Header elements of every part, concatenation aside. */
  readonly header: Uint8Array;
  readonly trailer: Uint8Array;
  readonly lookup: Uint8Array;
  readonly shifts?: Shifts;
  readonly replaced: readonly Replacement[];
}

/** Fewest characters lost, then fewest parts; of equals the one that is tried first. */
function bestPlan(text: string, options: SegmentOptions, maxParts: number): Plan {
  const { encoding = 'auto' } = options;
  const permitted = permittedShifts(options.nationalShifts);
  const header = options.udh ?? NO_OCTETS;
  if (options.udh !== undefined) checkUdh(options.udh);
  const concatLength = options.referenceBits === 16 ? 6 : 5;
  const plans: Plan[] = [];
  const consider = (plan: Plan | undefined): void => {
    if (plan !== undefined) plans.push(plan);
  };
  const sevenBit = (content: string, replaced: readonly Replacement[]): void => {
    const common = { text: content, header, replaced, concatLength, maxParts };
    const plain = fit({ ...common, encoding: 'gsm7', lookup: DEFAULT_LOOKUP, trailer: NO_OCTETS });
    consider(plain);
    if (permitted === undefined || (plain !== undefined && plain.ends.length === 1)) return;
    for (const { shifts } of shiftChoices(content, permitted).slice(0, 8)) {
      const trailer = Uint8Array.from(shiftElements(shifts));
      consider(
        fit({ ...common, encoding: 'gsm7', lookup: lookupTable(alphabetOf(shifts)), trailer, shifts }),
      );
    }
  };
  if (encoding !== 'ucs2') sevenBit(text, NONE);
  if (encoding !== 'gsm7') {
    const common = { text, header, replaced: NONE, concatLength, maxParts };
    const ucs2 = fit({ ...common, encoding: 'ucs2', lookup: NO_OCTETS, trailer: NO_OCTETS });
    // A national table is worth its risk (phones that lack it show wrong letters) only where it saves a part.
    if (ucs2 !== undefined) plans.splice(plans.findIndex((plan) => plan.shifts) >>> 0, 0, ucs2);
  }
  if (options.smart && encoding !== 'ucs2') {
    const plain = plainTypography(text);
    if (plain.replaced.length > 0) sevenBit(plain.text, plain.replaced);
  }
  const [first, ...others] = plans;
  if (first === undefined) throw notSevenBit(text);
  return others.reduce((best, plan) => (isBetter(plan, best) ? plan : best), first);
}

function isBetter(plan: Plan, than: Plan): boolean {
  const lost = plan.text.length - plan.end;
  const lostThen = than.text.length - than.end;
  return lost !== lostThen ? lost < lostThen : plan.ends.length < than.ends.length;
}

function notSevenBit(text: string): EncodeError {
  const absent = absentCharacters(text).map((character) => JSON.stringify(character));
  return new EncodeError('text', `not in the GSM 7-bit alphabet: ${absent.slice(0, 10).join(' ')}`);
}

type Fitting = Omit<Plan, 'ends' | 'end' | 'units' | 'lastUnits' | 'capacity'> & {
  readonly concatLength: number;
  readonly maxParts: number;
};

/** Cuts a text into parts; undefined where a character that is to be sent is not in the alphabet. */
function fit(fitting: Fitting): Plan | undefined {
  const { header, trailer, concatLength, maxParts, ...plan } = fitting;
  const extra = header.length + trailer.length;
  const single = capacityOf(plan.encoding, extra);
  const cut = (capacity: number, limit: number): Plan | undefined => {
    const cuts = cutInto(plan.text, plan.encoding === 'gsm7' ? plan.lookup : undefined, capacity, limit);
    return cuts && { ...plan, header, trailer, capacity, ...cuts };
  };
  const whole = cut(single, 1);
  if (whole === undefined || maxParts === 1 || whole.end === plan.text.length) return whole;
  return cut(capacityOf(plan.encoding, extra + concatLength), maxParts);
}

/** How many units fit beside a header of this many octets, its length octet aside. */
function capacityOf(encoding: 'gsm7' | 'ucs2', headerLength: number): number {
  const header = headerLength === 0 ? 0 : headerLength + 1;
  const capacity =
    encoding === 'gsm7'
      ? CAPACITY.septets - Math.ceil((header * 8) / 7)
      : Math.floor((CAPACITY.octets - header) / 2);
  if (capacity < 2)
    throw new EncodeError('udh', `a header of ${headerLength} octets leaves no room for text`);
  return capacity;
}

function cutInto(
  text: string,
  lookup: Uint8Array | undefined,
  capacity: number,
  limit: number,
): Pick<Plan, 'ends' | 'end' | 'units' | 'lastUnits'> | undefined {
  const cutter = new Cutter(text);
  const ends: number[] = [];
  let start = 0;
  let units = 0;
  let lastUnits = 0;
  do {
    const reach =
      lookup === undefined ? Math.min(start + capacity, text.length) : reachOf(text, start, lookup, capacity);
    if (reach < 0) return undefined;
    const end = cutter.before(start, reach);
    lastUnits = lookup === undefined ? end - start : unitsOf(text, start, end, lookup);
    units += lastUnits;
    ends.push(end);
    start = end;
  } while (start < text.length && ends.length < limit);
  return { ends, end: start, units, lastUnits };
}

/** How far from `start` the text fits into `capacity` septets; -1 where it comes upon an absent character. */
function reachOf(text: string, start: number, lookup: Uint8Array, capacity: number): number {
  let left = capacity;
  let i = start;
  for (; i < text.length; i++) {
    const septet = lookup[text.charCodeAt(i)] as number;
    left -= septet >= SHIFTED ? 2 : 1;
    if (left < 0) return i;
    if (septet === ABSENT) return -1;
  }
  return i;
}

function unitsOf(text: string, start: number, end: number, lookup: Uint8Array): number {
  let units = end - start;
  for (let i = start; i < end; i++) {
    if ((lookup[text.charCodeAt(i)] as number) >= SHIFTED) units++;
  }
  return units;
}

function build(plan: Plan, options: SegmentOptions): Segment[] {
  const total = plan.ends.length;
  const { encoding } = plan;
  let start = 0;
  return plan.ends.map((end, i) => {
    const concat = total === 1 ? NO_OCTETS : concatElement(options, total, i + 1);
    const udh = joined(plan.header, concat, plan.trailer);
    const from = start;
    start = end;
    const { userData, userDataLength } =
      encoding === 'gsm7'
        ? packRange(plan.text, from, end, plan.lookup, udh)
        : wideRange(plan.text, from, end, udh);
    return { sequence: i + 1, total, ...(udh && { udh }), userData, userDataLength, encoding };
  });
}

function packRange(
  text: string,
  start: number,
  end: number,
  lookup: Uint8Array,
  udh: Uint8Array | undefined,
) {
  return packUserData(udh, septetsOf(text, start, end, lookup), unitsOf(text, start, end, lookup));
}

function septetsOf(text: string, start: number, end: number, lookup: Uint8Array): Uint8Array {
  const septets = new Uint8Array((end - start) * 2);
  let n = 0;
  for (let i = start; i < end; i++) {
    const septet = lookup[text.charCodeAt(i)] as number;
    if (septet >= SHIFTED) septets[n++] = ESCAPE;
    septets[n++] = septet & 0x7f;
  }
  return septets;
}

function wideRange(text: string, start: number, end: number, udh: Uint8Array | undefined) {
  const skip = udh === undefined ? 0 : udh.length + 1;
  const userData = new Uint8Array(skip + 2 * (end - start));
  if (udh !== undefined) {
    userData[0] = udh.length;
    userData.set(udh, 1);
  }
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

/** The characters (grapheme clusters) of a text that the default alphabet does not have, once each. */
function absentCharacters(text: string): string[] {
  const found = new Set<string>();
  for (const { segment: cluster } of GRAPHEMES.segment(text)) {
    for (let i = 0; i < cluster.length; i++) {
      if (DEFAULT_LOOKUP[cluster.charCodeAt(i)] === ABSENT) found.add(cluster);
    }
  }
  return [...found];
}
