/**
 * How a text is divided: which alphabet, where each part ends. Candidates are cut in turn and the best is kept:
 * fewest characters lost, then fewest parts, then the one that is tried first.
 */
import { ABSENT, DEFAULT_LOOKUP, SHIFTED, alphabetOf, lookupTable, type Shifts } from './alphabet.ts';
import { cutBefore } from './cut.ts';
import { EncodeError } from './errors.ts';
import { permittedShifts, shiftChoices, shiftElements, type NationalShifts } from './shifts.ts';
import { plainTypography, type Replacement } from './smart.ts';
import { CAPACITY } from './user-data.ts';

export interface Plan {
  readonly encoding: 'gsm7' | 'ucs2';
  readonly text: string;
  /** Where each part ends in the text; the last is behind the last character that is sent. */
  readonly ends: readonly number[];
  /** Units of the text that is sent. */
  readonly units: number;
  /** Units of the last part. */
  readonly lastUnits: number;
  /** Units that a part has room for. */
  readonly capacity: number;
  /** Header elements for the national tables. */
  readonly shiftElements: Uint8Array;
  /** Septets by character, where the encoding is gsm7. */
  readonly lookup: Uint8Array;
  readonly shifts: Shifts | undefined;
  readonly replaced: readonly Replacement[];
}

export interface PlanOptions {
  readonly encoding: 'auto' | 'gsm7' | 'ucs2';
  readonly nationalShifts: NationalShifts | undefined;
  readonly smart: boolean;
  readonly maxParts: number;
  /** Octets of the header elements that every part has anyway. */
  readonly headerLength: number;
  /** Octets of the concatenation element. */
  readonly concatLength: number;
}

export const NO_OCTETS = new Uint8Array(0);
const NONE: readonly never[] = [];

/** How many choices of national tables are cut to the end; the rest have more septets. */
const SHIFT_CANDIDATES = 8;

/** The best plan; undefined where 7-bit is asked for and the text has characters that no permitted table has. */
export function bestPlan(text: string, options: PlanOptions): Plan | undefined {
  const { encoding } = options;
  let best = encoding === 'ucs2' ? undefined : fit(text, 'gsm7', DEFAULT_LOOKUP, undefined, NONE, options);
  if (best !== undefined && best.ends.length === 1 && lost(best) === 0) return best;
  if (encoding !== 'gsm7') best = better(best, fit(text, 'ucs2', NO_OCTETS, undefined, NONE, options));
  if (encoding === 'ucs2') return best;
  // Phones without a national table show wrong letters: it is used only where it saves a part.
  for (const plan of nationalPlans(text, NONE, options)) best = better(best, plan);
  if (!options.smart) return best;
  const plain = plainTypography(text);
  if (plain.replaced.length === 0) return best;
  best = better(best, fit(plain.text, 'gsm7', DEFAULT_LOOKUP, undefined, plain.replaced, options));
  for (const plan of nationalPlans(plain.text, plain.replaced, options)) best = better(best, plan);
  return best;
}

function better(best: Plan | undefined, plan: Plan | undefined): Plan | undefined {
  if (best === undefined || plan === undefined) return best ?? plan;
  const saved = lost(best) - lost(plan);
  return saved > 0 || (saved === 0 && plan.ends.length < best.ends.length) ? plan : best;
}

/** Characters over the limit. */
function lost(plan: Plan): number {
  return plan.text.length - (plan.ends[plan.ends.length - 1] ?? 0);
}

function* nationalPlans(
  text: string,
  replaced: readonly Replacement[],
  options: PlanOptions,
): Generator<Plan | undefined> {
  const permitted = permittedShifts(options.nationalShifts);
  if (permitted === undefined) return;
  // What lies behind the last part that may be sent need not be in the tables.
  const sendable = text.slice(0, options.maxParts * CAPACITY.septets);
  for (const { shifts } of shiftChoices(sendable, permitted).slice(0, SHIFT_CANDIDATES)) {
    yield fit(text, 'gsm7', lookupTable(alphabetOf(shifts)), shifts, replaced, options);
  }
}

/** Cuts a text into parts; undefined where a character that is to be sent is not in the alphabet. */
function fit(
  text: string,
  encoding: 'gsm7' | 'ucs2',
  lookup: Uint8Array,
  shifts: Shifts | undefined,
  replaced: readonly Replacement[],
  options: PlanOptions,
): Plan | undefined {
  const elements = shifts === undefined ? NO_OCTETS : Uint8Array.from(shiftElements(shifts));
  const headerLength = options.headerLength + elements.length;
  let capacity = capacityOf(encoding, headerLength);
  let limit = 1;
  // A text longer than one part is cut anew, with room for the concatenation element in each.
  if (options.maxParts > 1 && needsMore(text, encoding, lookup, capacity)) {
    capacity = capacityOf(encoding, headerLength + options.concatLength);
    limit = options.maxParts;
  }
  const ends: number[] = [];
  let start = 0;
  let units = 0;
  let lastUnits = 0;
  do {
    const reach = encoding === 'gsm7' ? reachOf(text, start, lookup, capacity) : start + capacity;
    if (reach < 0) return undefined;
    const end = cutBefore(text, start, reach);
    lastUnits = encoding === 'gsm7' ? unitsOf(text, start, end, lookup) : end - start;
    units += lastUnits;
    ends.push(end);
    start = end;
  } while (start < text.length && ends.length < limit);
  return {
    encoding,
    text,
    ends,
    units,
    lastUnits,
    capacity,
    shiftElements: elements,
    lookup,
    shifts,
    replaced,
  };
}

function needsMore(text: string, encoding: 'gsm7' | 'ucs2', lookup: Uint8Array, capacity: number): boolean {
  if (text.length > capacity) return true;
  return encoding === 'gsm7' && unitsOf(text, 0, text.length, lookup) > capacity;
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

/** Septets of a piece of text whose characters are all in the alphabet. */
export function unitsOf(text: string, start: number, end: number, lookup: Uint8Array): number {
  let units = end - start;
  for (let i = start; i < end; i++) {
    if ((lookup[text.charCodeAt(i)] as number) >= SHIFTED) units++;
  }
  return units;
}
