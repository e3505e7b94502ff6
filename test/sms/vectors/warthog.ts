import { expect } from 'chai';
import { encodeAddress, encodeSmsc, readAddress, readSmsc, type Address } from '../../../lib/sms/address.ts';
import {
  DEFAULT_ALPHABET,
  ESCAPE,
  alphabetOf,
  decodeSeptets,
  encodeSeptets,
  lookupTable,
  type Alphabet,
} from '../../../lib/sms/alphabet.ts';
import { segmentBinary } from '../../../lib/sms/binary.ts';
import { decodeDcs } from '../../../lib/sms/dcs.ts';
import { DecodeError, EncodeError } from '../../../lib/sms/errors.ts';
import { fromHex, toHex } from '../../../lib/sms/hex.ts';
import type { Language } from '../../../lib/sms/national.ts';
import { Reader } from '../../../lib/sms/reader.ts';
import { segment } from '../../../lib/sms/segment.ts';
import { packSeptets, packUssd, unpackSeptets, unpackUssd } from '../../../lib/sms/septets.ts';
import { decodeTimestamp, encodeTimestamp } from '../../../lib/sms/timestamp.ts';
import { decodeUdh, encodeUdh } from '../../../lib/sms/udh.ts';
import { decodeUserDataOf } from './warthog-tpdu.ts';
import { encodeValidity, readValidity } from '../../../lib/sms/validity.ts';
import type { Check, Vector } from './vector.ts';

/** Septets and how they are packed; USSD packing has its own cases. */
export const sevenBit: Check = (vector) => {
  const septets = fromHex((vector['septets'] as string | null) ?? '');
  const octets = fromHex(vector.pdu ?? '');
  const fill = vector['pad_bits'] as number;
  const ussd = vector.test.endsWith('USSD');
  if (vector.direction === 'unpack') {
    expect(toHex(ussd ? unpackUssd(octets, fill) : unpackSeptets(octets, fill))).to.equal(toHex(septets));
  } else {
    expect(toHex(ussd ? packUssd(septets, fill) : packSeptets(septets, fill))).to.equal(toHex(octets));
  }
  return undefined;
};

/** One character of one table, by language and septet: `Hindi_x1d`. */
export const charsets: Check = (vector) => {
  const [name = '', position = ''] = (vector.name ?? '').split('_x');
  const septet = parseInt(position, 16);
  const extension = vector.test.includes('Ext');
  const code = vector.expected['codepoint'] as number;
  const language = name === 'Default' ? undefined : (name.toLowerCase() as Language);
  const alphabet =
    language === undefined
      ? DEFAULT_ALPHABET
      : alphabetOf(extension ? { single: language } : { locking: language });
  const septets = Uint8Array.from(extension ? [ESCAPE, septet] : [septet]);
  if (vector.test.endsWith('Decoder')) {
    expect(decodeSeptets(septets, alphabet)).to.equal(String.fromCodePoint(code));
  } else {
    expect(toHex(encodeOne(String.fromCodePoint(code), alphabet, extension))).to.equal(toHex(septets));
  }
  return undefined;
};

/** A character by the one table in question: letters that both have are looked up in the shifted one too. */
function encodeOne(character: string, alphabet: Alphabet, extension: boolean): Uint8Array {
  const only = extension ? { ...alphabet, locking: '\0'.repeat(128) } : alphabet;
  const septets = encodeSeptets(character, lookupTable(only));
  return typeof septets === 'number' ? new Uint8Array(0) : septets;
}

/** Texts into segments. The suite's options are numbered, not named: 1 all character sets, 2 octets, 3 a template. */
export const segments: Check = (vector) => {
  const { text, options } = vector['input'] as { text: string | null; options: number | null };
  const expected =
    (vector.expected['segments'] as { UD: string; UDH?: { ID: number; Data: string }[]; DCS?: number }[]) ??
    [];
  if (text === null) return 'no check';
  const template = options === 3 ? encodeUdh([{ id: 3, data: Uint8Array.of(1, 2, 3) }]) : undefined;
  if (decodeDcs(expected[0]?.DCS ?? 0).alphabet === '8bit') {
    const { parts } = segmentBinary(Buffer.from(text), { reference: 1, udh: template });
    const bodies = parts.map((part) => toHex(part.userData.subarray(1 + (part.udh?.length ?? -1))));
    expect(bodies).to.deep.equal(expected.map((part) => part.UD));
    return undefined;
  }
  const result = segment(text, { nationalShifts: options === 1, reference: 1, udh: template });
  expect(result.parts).to.have.length(expected.length);
  result.parts.forEach((part, i) => {
    const { UD, UDH = [] } = expected[i] as (typeof expected)[number];
    expect(decodeUserDataOf(part)).to.equal(UD);
    const elements = decodeUdh(part.udh ?? new Uint8Array(0));
    expect(elements.map(({ id, data }) => ({ ID: id, Data: toHex(data) }))).to.deep.equal(
      UDH.map(({ ID, Data }) => ({ ID, Data })),
    );
  });
  return undefined;
};

interface AddressCase {
  readonly Addr: string;
  readonly TOA: number;
}

/** Fields by themselves: addresses, codings, time stamps, headers, validity periods. */
export const fields: Check = (vector) => {
  const input = vector['in'];
  const { expected } = vector;
  const failing = expected['error'] !== undefined;
  switch (vector.test) {
    case 'TestUnmarshalHexString':
      expect(() => fromHex(vector.pdu ?? '')).to.throw(DecodeError);
      return undefined;
    case 'TestMarshalBinary':
    case 'TestMarshalHexString': {
      const { Addr, TOA } = vector['smsc'] as AddressCase;
      expect(() => encodeSmsc(addressCase({ Addr, TOA }))).to.throw(EncodeError);
      return undefined;
    }
    case 'TestSMSCAddressMarshalBinary':
    case 'TestAddressMarshalBinary': {
      const encode = vector.test.includes('SMSC') ? encodeSmsc : encodeAddress;
      if (failing) expect(() => encode(addressCase(input as AddressCase))).to.throw(EncodeError);
      else expect(toHex(encode(addressCase(input as AddressCase)))).to.equal(expected['out']);
      return undefined;
    }
    case 'TestSMSCAddressUnmarshalBinary':
    case 'TestAddressUnmarshalBinary':
      return address(vector);
    case 'TestDCSAlphabet': {
      if (failing)
        throw new Error(`the suite refuses a coding, here it is ${decodeDcs(input as number).alphabet}`);
      expect(['gsm7', '8bit', 'ucs2'].indexOf(decodeDcs(input as number).alphabet)).to.equal(expected['out']);
      return undefined;
    }
    case 'TestDCSClass': {
      const none = failing || expected['out'] === 4;
      expect(decodeDcs(input as number).class).to.equal(none ? undefined : expected['out']);
      return undefined;
    }
    case 'TestMarhalBinary':
      if (failing) expect(() => encodeTimestamp(input as string)).to.throw(EncodeError);
      else expect(toHex(encodeTimestamp(input as string))).to.equal(expected['out']);
      return undefined;
    case 'TestUnmarhalBinary':
      return timestamp(vector);
    case 'TestUserDataHeaderMarshalBinary': {
      const elements = (input as { ID: number; Data: string }[]).map(({ ID, Data }) => ({
        id: ID,
        data: fromHex(Data),
      }));
      const udh = encodeUdh(elements);
      expect(toHex(Uint8Array.of(udh.length, ...udh))).to.equal(expected['out']);
      return undefined;
    }
    case 'TestUserDataHeaderUnmarshalBinary': {
      const octets = fromHex(input as string);
      const elements = () => decodeUdh(octets.subarray(1), 1);
      if (failing) expect(elements).to.throw(DecodeError).with.property('offset', expected['offset']);
      else {
        expect(elements().map(({ id, data }) => ({ Data: toHex(data), ID: id }))).to.deep.equal(
          expected['out'],
        );
      }
      return undefined;
    }
    case 'TestVPMarshalBinary':
    case 'TestVPUnmarshalBinary':
      return validity(vector);
    default:
      throw new Error(`no check for ${vector.test}`);
  }
};

function addressCase({ Addr, TOA }: AddressCase): Address {
  const ton = (TOA >> 4) & 7;
  return { number: Addr, toa: TOA, ton, npi: TOA & 15, type: 'unknown' };
}

function address(vector: Vector): undefined {
  const { expected } = vector;
  const reader = new Reader(fromHex((vector['in'] as string | null) ?? ''));
  const read = () => (vector.test.includes('SMSC') ? readSmsc(reader) : readAddress(reader, 'address'));
  if (expected['error'] !== undefined) {
    expect(read).to.throw(DecodeError).with.property('offset', expected['offset']);
    return;
  }
  const { Addr, TOA } = expected['out'] as AddressCase;
  const found = read();
  expect((found?.number ?? '').replace(/^\+/, '')).to.equal(Addr);
  expect(found?.toa).to.equal(TOA);
  expect(reader.offset).to.equal(vector['n']);
}

function timestamp(vector: Vector): undefined {
  const octets = fromHex(vector['in'] as string);
  if (vector.expected['error'] === 'underflow') {
    expect(() => new Reader(octets).take('timestamp', 7)).to.throw(DecodeError);
    return;
  }
  const found = decodeTimestamp(octets);
  if (vector.expected['error'] !== undefined)
    throw new Error(`the suite refuses it, here it is ${found.iso}`);
  expect(found.epochMs).to.equal(Date.parse(vector.expected['out'] as string));
}

interface Period {
  readonly Duration: number;
  readonly EFI: number;
  readonly Format: number;
  readonly Time: string | null;
}

const NANOSECONDS_A_SECOND = 1e9;

function validity(vector: Vector): undefined {
  const { expected } = vector;
  if (vector.test === 'TestVPMarshalBinary') {
    const period = vector['in'] as Period;
    const octets = encodeValidity(validityInput(period)).octets;
    expect(toHex(octets) || null).to.equal(expected['out']);
    return;
  }
  const reader = new Reader(fromHex((vector['in'] as string | null) ?? ''));
  const read = () => readValidity(reader, vector['vpf'] as number);
  if (expected['error'] !== undefined) {
    if (expected['error'] !== 'invalid' || expected['field'] !== 'vpf') {
      expect(read).to.throw(DecodeError).with.property('offset', expected['offset']);
    }
    return;
  }
  const period = expected['out'] as Period;
  const found = read();
  expect(reader.offset).to.equal(vector['readCount']);
  const formats = [undefined, 'enhanced', 'relative', 'absolute'];
  expect(found?.format).to.equal(formats[period.Format]);
  const seconds = period.Duration / NANOSECONDS_A_SECOND;
  if (found?.format === 'relative') expect(found.minutes * 60).to.equal(seconds);
  if (found?.format === 'enhanced') expect(found.seconds ?? 0).to.equal(seconds);
  if (found?.format === 'absolute') expect(found.until.epochMs).to.equal(Date.parse(period.Time ?? ''));
}

function validityInput(period: Period): Parameters<typeof encodeValidity>[0] {
  const seconds = period.Duration / NANOSECONDS_A_SECOND;
  if (period.Format === 0) return undefined;
  if (period.EFI === 1) return { minutes: seconds / 60, enhanced: true };
  if (period.Format === 2) return seconds / 60;
  if (period.Format === 3) return { until: period.Time ?? '' };
  return seconds === 0 ? {} : { seconds };
}
