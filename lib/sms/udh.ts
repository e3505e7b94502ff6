/**
 * The user data header: information elements in front of the text (3GPP TS 23.040 9.2.3.24). Headers are handed
 * about without their length octet, as the elements alone. Every element is kept byte for byte; those with a
 * defined value are given it as well.
 */
import { DecodeError, EncodeError, integer } from './errors.ts';
import { languageOf, type Shifts } from './alphabet.ts';
import { copyOf } from './octets.ts';
import type { Language } from './national.ts';
import { elementName } from './udh-names.ts';

export interface Concat {
  /** The same for all parts of a message. */
  readonly ref: number;
  readonly total: number;
  /** Which part this is, from 1 on. */
  readonly seq: number;
  /** How many bits the reference was sent in: 8 and 16 bit references are different ones. */
  readonly bits: 8 | 16;
}

export interface Ports {
  readonly destination: number;
  readonly source: number;
  readonly bits: 8 | 16;
}

/** Special SMS message indication, 9.2.3.24.2. */
export interface SpecialIndication {
  readonly kind: 'voicemail' | 'fax' | 'email' | 'other';
  /** Message indication type and extended indication type as sent (bits 6 to 0). */
  readonly type: number;
  readonly store: boolean;
  /** Multiple subscriber profile, 0-3. */
  readonly profile: number;
  /** How many messages are waiting; 255 means 255 or more. */
  readonly count: number;
}

export interface InformationElement {
  /** Information element identifier. */
  readonly id: number;
  readonly name: string;
  readonly data: Uint8Array;
  readonly value?:
    | { readonly concat: Concat }
    | { readonly ports: Ports }
    | { readonly indication: SpecialIndication }
    | { readonly language: Language | undefined; readonly shift: 'single' | 'locking' }
    | { readonly smscControl: SmscControl }
    | { readonly source: 'sender' | 'receiver' | 'SMSC' }
    | { readonly emailHeaderLength: number }
    | { readonly formatting: TextFormatting }
    | { readonly sound: { readonly position: number; readonly number: number } };
}

/** SMSC control parameters, 9.2.3.24.5: for which outcomes a status report is wanted, part by part. */
export interface SmscControl {
  readonly completed: boolean;
  readonly permanentError: boolean;
  readonly temporaryErrorGivenUp: boolean;
  readonly temporaryErrorTrying: boolean;
  readonly cancelRest: boolean;
  readonly includeHeader: boolean;
}

/** EMS text formatting, 9.2.3.24.10.1.1. */
export interface TextFormatting {
  readonly start: number;
  readonly length: number;
  readonly mode: number;
  readonly color?: number;
}

export const IEI = {
  concat8: 0x00,
  special: 0x01,
  ports8: 0x04,
  ports16: 0x05,
  smscControl: 0x06,
  source: 0x07,
  concat16: 0x08,
  formatting: 0x0a,
  predefinedSound: 0x0b,
  emailHeader: 0x20,
  singleShift: 0x24,
  lockingShift: 0x25,
} as const;

const KINDS = ['voicemail', 'fax', 'email', 'other'] as const;
const SOURCES: Readonly<Record<number, 'sender' | 'receiver' | 'SMSC'>> = {
  1: 'sender',
  2: 'receiver',
  3: 'SMSC',
};

/**
 * Reads the elements of a header (without its length octet). Throws DecodeError (field 'udh') where one runs over
 * the end; `offset` is the offset of the header in what is decoded.
 */
export function decodeUdh(udh: Uint8Array, offset = 0): InformationElement[] {
  const { elements, length } = readElements(udh);
  const id = udh[length];
  if (id === undefined) return elements;
  const size = udh[length + 1];
  const what = size === undefined ? 'has no length' : `of ${size} octets runs over the end of the header`;
  throw new DecodeError('udh', offset + length, `information element 0x${hex(id)} ${what}`);
}

/** Reads the elements of a header up to the first that runs over its end; `length` is how many octets they take. */
export function readElements(udh: Uint8Array): { elements: InformationElement[]; length: number } {
  const elements: InformationElement[] = [];
  let at = 0;
  while (at < udh.length) {
    const size = udh[at + 1];
    if (size === undefined || at + 2 + size > udh.length) break;
    elements.push(element(udh[at] as number, copyOf(udh, at + 2, at + 2 + size)));
    at += 2 + size;
  }
  return { elements, length: at };
}

/** Elements as the octets of a header, without its length octet. Throws EncodeError (field 'udh'). */
export function encodeUdh(
  elements: readonly { readonly id: number; readonly data: Uint8Array }[],
): Uint8Array {
  const octets: number[] = [];
  for (const { id, data } of elements) {
    integer('udh', id, 0, 255);
    integer('udh', data.length, 0, 255);
    octets.push(id, data.length, ...data);
  }
  if (octets.length > 139)
    throw new EncodeError('udh', `${octets.length} octets do not fit into 140 with their length`);
  return Uint8Array.from(octets);
}

/** Throws EncodeError (field 'udh') where these octets are no header. */
export function checkUdh(udh: Uint8Array): void {
  try {
    decodeUdh(udh);
  } catch (error) {
    if (error instanceof DecodeError) throw new EncodeError('udh', error.reason);
    throw error;
  }
}

/** The concatenation that counts: of several the last (9.2.3.24), none where its numbers make no sense. */
export function concatOf(elements: readonly InformationElement[]): Concat | undefined {
  let concat: Concat | undefined;
  for (const { value } of elements) if (value !== undefined && 'concat' in value) concat = value.concat;
  return concat;
}

/** The application ports that count: of several the last. */
export function portsOf(elements: readonly InformationElement[]): Ports | undefined {
  let ports: Ports | undefined;
  for (const { value } of elements) if (value !== undefined && 'ports' in value) ports = value.ports;
  return ports;
}

/** The national languages in use: of several for one kind of shift the last. Unknown ones are ignored. */
export function shiftsOf(elements: readonly InformationElement[]): Shifts {
  let shifts: Shifts = {};
  for (const { value } of elements) {
    if (value === undefined || !('shift' in value) || value.language === undefined) continue;
    shifts = { ...shifts, [value.shift]: value.language };
  }
  return shifts;
}

type Value = NonNullable<InformationElement['value']>;

function element(id: number, data: Uint8Array): InformationElement {
  const value = valueOf(id, data);
  const name = elementName(id);
  return value === undefined ? { id, name, data } : { id, name, data, value };
}

/** The typed value of an element; undefined where it has none or its length is not the defined one. */
function valueOf(id: number, data: Uint8Array): Value | undefined {
  const [a = 0, b = 0, c = 0, d = 0] = data;
  switch (id) {
    case IEI.concat8:
      return data.length === 3 ? concatValue({ ref: a, total: b, seq: c, bits: 8 }) : undefined;
    case IEI.concat16:
      return data.length === 4 ? concatValue({ ref: (a << 8) | b, total: c, seq: d, bits: 16 }) : undefined;
    case IEI.ports8:
      return data.length === 2 ? { ports: { destination: a, source: b, bits: 8 } } : undefined;
    case IEI.ports16:
      return data.length === 4
        ? { ports: { destination: (a << 8) | b, source: (c << 8) | d, bits: 16 } }
        : undefined;
    case IEI.special:
      return data.length === 2 ? { indication: indicationOf(a, b) } : undefined;
    case IEI.smscControl:
      return data.length === 1 ? { smscControl: smscControlOf(a) } : undefined;
    case IEI.source: {
      const source = SOURCES[a];
      return data.length === 1 && source !== undefined ? { source } : undefined;
    }
    case IEI.emailHeader:
      return data.length === 1 ? { emailHeaderLength: a } : undefined;
    case IEI.formatting:
      if (data.length < 3 || data.length > 4) return undefined;
      return {
        formatting: { start: a, length: b, mode: c, ...(data.length === 4 && { color: d }) },
      };
    case IEI.predefinedSound:
      return data.length === 2 ? { sound: { position: a, number: b } } : undefined;
    case IEI.singleShift:
    case IEI.lockingShift:
      return data.length === 1
        ? { language: languageOf(a), shift: id === IEI.singleShift ? 'single' : 'locking' }
        : undefined;
    default:
      return undefined;
  }
}

/** "If the value is zero or greater than the total, the receiving entity shall ignore the whole element." */
function concatValue(concat: Concat): { concat: Concat } | undefined {
  return concat.total > 0 && concat.seq > 0 && concat.seq <= concat.total ? { concat } : undefined;
}

function indicationOf(octet: number, count: number): SpecialIndication {
  return {
    kind: KINDS[octet & 3] as SpecialIndication['kind'],
    type: octet & 0x1f,
    store: (octet & 0x80) !== 0,
    profile: (octet >> 5) & 3,
    count,
  };
}

function smscControlOf(octet: number): SmscControl {
  return {
    completed: (octet & 0x01) !== 0,
    permanentError: (octet & 0x02) !== 0,
    temporaryErrorGivenUp: (octet & 0x04) !== 0,
    temporaryErrorTrying: (octet & 0x08) !== 0,
    cancelRest: (octet & 0x40) !== 0,
    includeHeader: (octet & 0x80) !== 0,
  };
}

function hex(octet: number): string {
  return octet.toString(16).toUpperCase().padStart(2, '0');
}
