/**
 * Addresses: of the other phone (TP-OA, TP-DA, TP-RA; 3GPP TS 23.040 9.1.2.5), their length counted in useful
 * semi-octets, and of the service centre (TS 24.011 8.2.5), its length counted in octets.
 */
import { decodeSeptets, encodeSeptets } from './alphabet.ts';
import { DecodeError, EncodeError, integer } from './errors.ts';
import type { Reader } from './reader.ts';
import { packSeptets, unpackSeptets } from './septets.ts';

export type NumberType =
  | 'unknown'
  | 'international'
  | 'national'
  | 'network-specific'
  | 'subscriber'
  | 'alphanumeric'
  | 'abbreviated'
  | 'reserved';

export interface Address {
  /** Digits (and `*#abc`), with a leading `+` where the type is international; text where it is alphanumeric. */
  readonly number: string;
  /** Type of number, 0-7. */
  readonly ton: number;
  /** Numbering plan identification, 0-15; 1 is E.164. */
  readonly npi: number;
  /** The type of number in words. */
  readonly type: NumberType;
  /** The type-of-address octet itself. */
  readonly toa: number;
}

/** What an encoder takes: `+15551234567`, `12345`, an alphanumeric sender, or a number with its own type. */
export type AddressInput =
  string | Address | { readonly number: string; readonly ton?: number; readonly npi?: number };

const TYPES: readonly NumberType[] = [
  'unknown',
  'international',
  'national',
  'network-specific',
  'subscriber',
  'alphanumeric',
  'abbreviated',
  'reserved',
];

const DIGITS = '0123456789*#abc';
const FILL = 0xf;
const PLUS = 0x2b;

/** TP-DA may have 20 digits, TS 23.040 9.1.2.5; 11 septets fill the same ten octets. */
const LONGEST = 20;

/** Reads an address whose length is counted in semi-octets; `field` is its name in errors. */
export function readAddress(reader: Reader, field: string): Address {
  if (reader.left < 2) throw new DecodeError(field, reader.offset, 'an address has a length and a type');
  const length = reader.octet(`${field}.length`);
  const toa = reader.octet(`${field}.type`);
  const at = reader.pass(`${field}.digits`, (length + 1) >> 1);
  const ton = (toa >> 4) & 7;
  if (ton !== 5) return numeric(toa, semiOctets(reader.octets, at, reader.offset, length));
  const text = decodeSeptets(unpackSeptets(reader.octets, 0, Math.floor((length * 4) / 7), at));
  return { number: text, ton, npi: toa & 0xf, type: 'alphanumeric', toa };
}

/** Reads the service centre address that stands in front of a PDU; undefined where its length is zero. */
export function readSmsc(reader: Reader): Address | undefined {
  const length = reader.octet('smsc.length');
  if (length === 0) return undefined;
  const toa = reader.octet('smsc.type');
  const at = reader.pass('smsc.digits', length - 1);
  return numeric(toa, semiOctets(reader.octets, at, reader.offset, Infinity));
}

/** The octets of an address with its length in semi-octets. Throws EncodeError under the name `field`. */
export function encodeAddress(input: AddressInput, field = 'address'): Uint8Array {
  const plain = typeof input === 'string' ? encodePlain(input) : undefined;
  if (plain !== undefined) return plain;
  const { number, toa } = normalise(input, field);
  if (((toa >> 4) & 7) === 5) {
    const septets = encodeSeptets(number);
    if (typeof septets === 'number') {
      throw new EncodeError(field, `${JSON.stringify(number[septets])} is not in the GSM 7-bit alphabet`);
    }
    const useful = Math.ceil((septets.length * 7) / 4);
    if (useful > LONGEST) throw new EncodeError(field, 'an alphanumeric address has at most 11 characters');
    return Uint8Array.of(useful, toa, ...packSeptets(septets));
  }
  if (number.length > LONGEST) throw new EncodeError(field, `a number has at most ${LONGEST} digits`);
  const octets = new Uint8Array(2 + ((number.length + 1) >> 1));
  octets[0] = number.length;
  octets[1] = toa;
  writeSemiOctets(number, 0, octets, 2, field);
  return octets;
}

/** A number of decimal digits, with or without a `+`, on a short way; undefined for anything else. */
function encodePlain(number: string): Uint8Array | undefined {
  const from = number.charCodeAt(0) === PLUS ? 1 : 0;
  const count = number.length - from;
  if (count === 0 || count > LONGEST) return undefined;
  const octets = new Uint8Array(2 + ((count + 1) >> 1));
  octets[0] = count;
  octets[1] = from === 1 ? 0x91 : 0x81;
  for (let i = 0; i < count; i += 2) {
    const low = number.charCodeAt(from + i) - 48;
    const high = i + 1 < count ? number.charCodeAt(from + i + 1) - 48 : FILL;
    if (low < 0 || low > 9 || high < 0 || (high > 9 && i + 1 < count)) return undefined;
    octets[2 + (i >> 1)] = (high << 4) | low;
  }
  return octets;
}

/** The service centre octets in front of a PDU; without a number a single 00 ("the one set in the modem"). */
export function encodeSmsc(input?: AddressInput): Uint8Array {
  if (input === undefined || input === '') return Uint8Array.of(0);
  const { number, toa } = normalise(input, 'smsc');
  if (((toa >> 4) & 7) === 5) throw new EncodeError('smsc', 'a service centre has a number, not a name');
  if (number.length > LONGEST) throw new EncodeError('smsc', `a number has at most ${LONGEST} digits`);
  const octets = new Uint8Array(2 + ((number.length + 1) >> 1));
  octets[0] = octets.length - 1;
  octets[1] = toa;
  writeSemiOctets(number, 0, octets, 2, 'smsc');
  return octets;
}

/** An address as the decoder would give it. */
export function addressOf(input: AddressInput): Address {
  const { number, toa } = normalise(input, 'address');
  return ((toa >> 4) & 7) === 5
    ? { number, ton: 5, npi: toa & 0xf, type: 'alphanumeric', toa }
    : numeric(toa, number);
}

/**
 * Writes digits as semi-octets, the first in the low half (TS 23.040 9.1.2.3), from character `from` on; an odd
 * one out is filled up with F. Returns the offset after the last octet.
 */
export function writeSemiOctets(
  digits: string,
  from: number,
  octets: Uint8Array,
  at: number,
  field: string,
): number {
  for (let i = from; i < digits.length; i += 2) {
    const low = semiOctet(digits, i, field);
    const high = i + 1 < digits.length ? semiOctet(digits, i + 1, field) : FILL;
    octets[at++] = (high << 4) | low;
  }
  return at;
}

function semiOctet(digits: string, i: number, field: string): number {
  const code = digits.charCodeAt(i);
  if (code >= 48 && code <= 57) return code - 48;
  const value = DIGITS.indexOf(digits.charAt(i).toLowerCase());
  if (value < 0)
    throw new EncodeError(field, `${JSON.stringify(digits.charAt(i))} is not a digit of a number`);
  return value;
}

/**
 * Up to `count` digits. Fill semi-octets are passed over wherever they stand: some networks put the F of an odd
 * number into the wrong half of its octet, others pad with more of them.
 */
function semiOctets(octets: Uint8Array, start: number, end: number, count: number): string {
  let digits = '';
  for (let i = start; i < end; i++) {
    const octet = octets[i] as number;
    const low = octet & 0xf;
    const high = octet >> 4;
    if (low !== FILL && digits.length < count) digits += DIGITS.charAt(low);
    if (high !== FILL && digits.length < count) digits += DIGITS.charAt(high);
  }
  return digits;
}

function numeric(toa: number, digits: string): Address {
  const ton = (toa >> 4) & 7;
  const number = ton === 1 && digits !== '' ? `+${digits}` : digits;
  return { number, ton, npi: toa & 0xf, type: TYPES[ton] as NumberType, toa };
}

/** The digits or text of an address without its `+`, and its type-of-address octet. */
function normalise(input: AddressInput, field: string): { number: string; toa: number } {
  if (typeof input === 'string') {
    if (input.startsWith('+')) return { number: input.slice(1), toa: 0x91 };
    return { number: input, toa: /^[0-9*#]*$/.test(input) ? 0x81 : 0xd0 };
  }
  const { number } = input;
  const plus = number.startsWith('+');
  if (input.ton === undefined) {
    const guess = normalise(number, field);
    return input.npi === undefined
      ? guess
      : { number: guess.number, toa: (guess.toa & 0xf0) | integer(field, input.npi, 0, 15) };
  }
  const ton = integer(field, input.ton, 0, 7);
  const npi = integer(field, input.npi ?? (ton === 5 ? 0 : 1), 0, 15);
  const toa = 'toa' in input ? input.toa & 0xff : 0x80 | (ton << 4) | npi;
  return { number: plus && ton === 1 ? number.slice(1) : number, toa };
}
