import { fromHex, toHex } from '../../../lib/sms/hex.ts';
import { encodeSmsc, type AddressInput } from '../../../lib/sms/address.ts';
import { decodeTpdu, type DecodeOptions, type Tpdu } from '../../../lib/sms/tpdu.ts';
import type { Segment } from '../../../lib/sms/segment.ts';

/** One entry of a file of vectors; which members there are differs from suite to suite. */
export interface Vector {
  readonly id: string;
  readonly test: string;
  readonly name?: string;
  readonly direction?: string;
  readonly pdu: string | null;
  readonly smsc_in_pdu?: boolean;
  readonly type?: string;
  readonly kind?: string;
  readonly mode?: string;
  readonly note?: string;
  readonly expected: Readonly<Record<string, unknown>>;
  readonly [member: string]: unknown;
}

export interface Suite {
  readonly name: string;
  readonly repo: string;
  readonly path: string;
  readonly commit: string;
  readonly vectors: readonly Vector[];
}

/** Checks one vector against the codec; 'no check' where it states nothing about short messages. */
export type Check = (vector: Vector) => 'no check' | undefined;

/** The octets of a vector, decoded. */
export function decoded(vector: Vector, options: DecodeOptions = {}): Tpdu {
  const from = vector.type?.startsWith('SUBMIT') || vector.expected['type'] === 'SMS-SUBMIT';
  return decodeTpdu(fromHex(vector.pdu ?? ''), {
    smsc: vector.smsc_in_pdu ?? true,
    direction: from ? 'from-mobile' : 'to-mobile',
    ...options,
  });
}

export function numberOf(tpdu: Tpdu): string | undefined {
  switch (tpdu.type) {
    case 'deliver':
      return tpdu.originator.number;
    case 'submit':
    case 'command':
      return tpdu.destination.number;
    case 'status-report':
      return tpdu.recipient.number;
    case 'deliver-report':
    case 'submit-report':
      return undefined;
  }
}

/** A PDU with its service centre octets, in hexadecimal. */
export function pduOf(smsc: AddressInput | undefined, tpdu: Uint8Array): string {
  return toHex(encodeSmsc(smsc)) + toHex(tpdu);
}

export function firstPart(parts: readonly Segment[]): Segment {
  const [first] = parts;
  if (first === undefined) throw new Error('a segmentation without parts');
  return first;
}

export function textOf(tpdu: Tpdu): string | undefined {
  return tpdu.type === 'command' ? undefined : tpdu.text;
}

export function instant(iso: string): number {
  // Some suites write an offset in hours alone.
  return Date.parse(/[+-]\d\d$/.test(iso) && iso.includes('T') ? `${iso}:00` : iso);
}
