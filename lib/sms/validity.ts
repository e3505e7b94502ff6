/** The validity period of a SUBMIT in its three formats, 3GPP TS 23.040 9.2.3.12. */
import { DecodeError, EncodeError, integer } from './errors.ts';
import { toHex } from './hex.ts';
import type { Reader } from './reader.ts';
import {
  decodeTimestamp,
  encodeTimestamp,
  swapped,
  type Timestamp,
  type TimestampInput,
} from './timestamp.ts';

export type Validity =
  | { readonly format: 'relative'; readonly raw: number; readonly minutes: number }
  | { readonly format: 'absolute'; readonly until: Timestamp }
  | {
      readonly format: 'enhanced';
      /** The seven octets in hexadecimal. */
      readonly raw: string;
      /** Tried once only ("single shot SM"). */
      readonly singleShot: boolean;
      /** Absent where the functionality indicator says that there is none. */
      readonly seconds?: number;
    };

/** What an encoder takes: minutes (rounded up to what the relative format has), or one of the formats. */
export type ValidityInput =
  | number
  | { readonly minutes: number; readonly enhanced?: boolean; readonly singleShot?: boolean }
  | { readonly until: TimestampInput }
  | { readonly seconds?: number; readonly singleShot?: boolean }
  | Validity;

/** TP-Validity-Period-Format, 9.2.3.3: bits 4 and 3 of the first octet. */
export const VALIDITY_FORMAT = { none: 0, enhanced: 1, relative: 2, absolute: 3 } as const;

const DAY = 24 * 60;

/** Minutes of a relative validity period, 9.2.3.12.1. */
export function relativeMinutes(raw: number): number {
  if (raw < 144) return (raw + 1) * 5;
  if (raw < 168) return DAY / 2 + (raw - 143) * 30;
  if (raw < 197) return (raw - 166) * DAY;
  return (raw - 192) * 7 * DAY;
}

/** The shortest relative validity period that is not shorter than `minutes`; 63 weeks for anything longer. */
export function relativeValue(minutes: number): number {
  if (!(minutes >= 0)) throw new EncodeError('validity', `${minutes} is not a number of minutes`);
  if (minutes <= DAY / 2) return Math.max(0, Math.ceil(minutes / 5) - 1);
  if (minutes <= DAY) return Math.ceil((minutes - DAY / 2) / 30) + 143;
  if (minutes <= 30 * DAY) return Math.ceil(minutes / DAY) + 166;
  return Math.min(255, Math.max(197, Math.ceil(minutes / (7 * DAY)) + 192));
}

/** Reads the validity period in the format that the first octet announced. */
export function readValidity(reader: Reader, format: number): Validity | undefined {
  if (format === VALIDITY_FORMAT.none) return undefined;
  if (format === VALIDITY_FORMAT.relative) {
    const raw = reader.octet('validity');
    return { format: 'relative', raw, minutes: relativeMinutes(raw) };
  }
  const start = reader.offset;
  const octets = reader.take('validity', 7);
  if (format === VALIDITY_FORMAT.absolute) return { format: 'absolute', until: decodeTimestamp(octets) };
  return readEnhanced(octets, start);
}

/** The enhanced format, 9.2.3.12.3. Octets that its indicator leaves unused are not looked at. */
function readEnhanced(octets: Uint8Array, start: number): Validity {
  const indicator = octets[0] as number;
  const enhanced = { format: 'enhanced', raw: toHex(octets), singleShot: (indicator & 0x40) !== 0 } as const;
  let at = 1;
  for (let more = indicator; (more & 0x80) !== 0 && at < 7; at++) more = octets[at] as number;
  const room = (need: number): void => {
    if (at + need > 7)
      throw new DecodeError('validity', start + at, 'the functionality indicator leaves no room');
  };
  switch (indicator & 7) {
    case 0:
      return enhanced;
    case 1:
      room(1);
      return { ...enhanced, seconds: relativeMinutes(octets[at] as number) * 60 };
    case 2:
      room(1);
      return { ...enhanced, seconds: octets[at] as number };
    case 3: {
      room(3);
      const [hours, minutes, seconds] = Array.from(octets.subarray(at, at + 3), unswapped) as [
        number,
        number,
        number,
      ];
      if (!(hours < 100 && minutes < 60 && seconds < 60)) {
        throw new DecodeError('validity', start + at, 'hours, minutes and seconds are not decimal digits');
      }
      return { ...enhanced, seconds: (hours * 60 + minutes) * 60 + seconds };
    }
    default:
      throw new DecodeError('validity', start, `functionality indicator ${indicator & 7} is reserved`);
  }
}

/** A validity period as its format bits and its octets. Throws EncodeError (field 'validity'). */
export function encodeValidity(input: ValidityInput | undefined): { format: number; octets: Uint8Array } {
  if (input === undefined) return { format: VALIDITY_FORMAT.none, octets: new Uint8Array(0) };
  if (typeof input === 'number') return relative(relativeValue(input));
  if ('until' in input) {
    return { format: VALIDITY_FORMAT.absolute, octets: encodeTimestamp(input.until, 'validity') };
  }
  if ('minutes' in input) {
    if ('raw' in input) return relative(input.raw & 0xff);
    const value = relativeValue(input.minutes);
    if (!input.enhanced) return relative(value);
    const octets = Uint8Array.of(input.singleShot ? 0x41 : 0x01, value, 0, 0, 0, 0, 0);
    return { format: VALIDITY_FORMAT.enhanced, octets };
  }
  if ('raw' in input) {
    return { format: VALIDITY_FORMAT.enhanced, octets: Uint8Array.from(Buffer.from(input.raw, 'hex')) };
  }
  return {
    format: VALIDITY_FORMAT.enhanced,
    octets: enhancedOctets(input.seconds, input.singleShot ?? false),
  };
}

function relative(value: number): { format: number; octets: Uint8Array } {
  return { format: VALIDITY_FORMAT.relative, octets: Uint8Array.of(value) };
}

function enhancedOctets(seconds: number | undefined, singleShot: boolean): Uint8Array {
  const octets = new Uint8Array(7);
  const shot = singleShot ? 0x40 : 0;
  octets[0] = shot;
  if (seconds === undefined) return octets;
  integer('validity', seconds, 1, 99 * 3600 + 59 * 60 + 59);
  if (seconds < 256) {
    octets[0] = shot | 2;
    octets[1] = seconds;
  } else {
    octets[0] = shot | 3;
    octets[1] = swapped(Math.floor(seconds / 3600));
    octets[2] = swapped(Math.floor(seconds / 60) % 60);
    octets[3] = swapped(seconds % 60);
  }
  return octets;
}

/** Two swapped decimal digits; NaN where one is not a digit. */
function unswapped(octet: number): number {
  const tens = octet & 0xf;
  const units = octet >> 4;
  return tens > 9 || units > 9 ? NaN : tens * 10 + units;
}
