/**
 * Time stamps: seven octets of swapped digits, year to second and the zone in quarters of an hour
 * (3GPP TS 23.040 9.2.3.11).
 */
import { EncodeError } from './errors.ts';
import { toHex } from './hex.ts';

export interface Timestamp {
  /** RFC 3339 with the PDU's own offset. Where `valid` is false it may name a day that does not exist. */
  readonly iso: string;
  /** Milliseconds since 1970-01-01T00:00:00Z; absent where the digits are no date. */
  readonly epochMs?: number;
  /** The zone: minutes east of UTC. */
  readonly offsetMinutes: number;
  /** False where a digit is not one, or a field is out of its range. */
  readonly valid: boolean;
  /** The seven octets as they came, in hexadecimal. */
  readonly raw: string;
}

/** What an encoder takes: RFC 3339 with an offset, or a time stamp that was decoded (written back as it came). */
export type TimestampInput = string | Timestamp;

const RFC3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/**
 * Reads seven octets from `at` on. Never fails: "if the MS receives a non-integer value in the SCTS, it shall assume the digit
 * to be 0 but shall store the entire field exactly as received". Two-digit years from 90 on are taken as 19xx.
 */
export function decodeTimestamp(octets: Uint8Array, at = 0): Timestamp {
  let valid = true;
  const digit = (nibble: number): number => {
    if (nibble > 9) valid = false;
    return nibble > 9 ? 0 : nibble;
  };
  const field = (i: number): number => {
    const octet = octets[at + i] ?? 0;
    return digit(octet & 0xf) * 10 + digit(octet >> 4);
  };
  const year = centuryOf(field(0));
  const month = field(1);
  const day = field(2);
  const hour = field(3);
  const minute = field(4);
  const second = field(5);
  const zone = octets[at + 6] ?? 0;
  const quarters = ((zone & 7) * 10 + digit(zone >> 4)) * (zone & 8 ? -1 : 1);
  const offsetMinutes = quarters * 15 || 0;
  const iso = `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}${printOffset(offsetMinutes)}`;
  const raw = toHex(octets.subarray(at, at + 7));
  const utc = Date.UTC(year, month - 1, day, hour, minute, second);
  const real =
    month >= 1 && month <= 12 && day >= 1 && new Date(utc).getUTCDate() === day && hour < 24 && minute < 60;
  if (!real || second > 59) return { iso, offsetMinutes, valid: false, raw };
  return { iso, epochMs: utc - offsetMinutes * 60_000, offsetMinutes, valid, raw };
}

/** The seven octets of a time. Throws EncodeError under the name `field` for what is no such time. */
export function encodeTimestamp(input: TimestampInput, field = 'timestamp'): Uint8Array {
  if (typeof input !== 'string') return Uint8Array.from(Buffer.from(input.raw, 'hex'));
  const match = RFC3339.exec(input);
  if (match === null || Number.isNaN(Date.parse(input))) {
    throw new EncodeError(field, `${JSON.stringify(input)} is not an RFC 3339 time with an offset`);
  }
  const minutes = Number(match[8] ?? 0) * 60 + Number(match[9] ?? 0);
  if (minutes % 15 !== 0 || minutes / 15 > 79) {
    throw new EncodeError(
      field,
      `the offset ${match[7]}${match[8]}:${match[9]} is not in quarters of an hour up to 19:45`,
    );
  }
  const quarters = minutes / 15;
  const octets = new Uint8Array(7);
  for (let i = 0; i < 6; i++) octets[i] = swapped(Number(match[i + 1]) % 100);
  octets[6] = swapped(quarters) | (match[7] === '-' && quarters > 0 ? 8 : 0);
  return octets;
}

/** Two decimal digits as one octet, the tens in its low half. */
export function swapped(value: number): number {
  return ((value % 10) << 4) | Math.floor(value / 10);
}

function centuryOf(year: number): number {
  return year >= 90 ? 1900 + year : 2000 + year;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

function printOffset(minutes: number): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
