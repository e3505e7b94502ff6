import { expect } from 'chai';
import { encodeSeptets } from '../../../lib/sms/alphabet.ts';
import type { Address, AddressInput } from '../../../lib/sms/address.ts';
import { encodeCommand } from '../../../lib/sms/command.ts';
import { decodeDcs } from '../../../lib/sms/dcs.ts';
import { encodeDeliver } from '../../../lib/sms/deliver.ts';
import { DecodeError, EncodeError } from '../../../lib/sms/errors.ts';
import { fromHex, toHex } from '../../../lib/sms/hex.ts';
import { Reader } from '../../../lib/sms/reader.ts';
import { encodeDeliverReport, encodeSubmitReport } from '../../../lib/sms/reports.ts';
import type { Segment } from '../../../lib/sms/segment.ts';
import { encodeStatusReport } from '../../../lib/sms/status-report.ts';
import { encodeSubmit } from '../../../lib/sms/submit.ts';
import { decodeTpdu, type Tpdu } from '../../../lib/sms/tpdu.ts';
import { encodeUcs2 } from '../../../lib/sms/ucs2.ts';
import { encodeUserData, readUserData, type UserDataInput } from '../../../lib/sms/user-data.ts';
import type { ValidityInput } from '../../../lib/sms/validity.ts';
import { decodeSeptets } from '../../../lib/sms/alphabet.ts';
import { decodeUcs2 } from '../../../lib/sms/ucs2.ts';
import type { Check, Vector } from './vector.ts';

/** A TPDU as the suite writes it: fields by the names of the standard, user data with septets unpacked. */
interface Fields {
  readonly Direction: string;
  readonly FirstOctet?: number;
  readonly MR?: number;
  readonly DA?: { Addr: string; TOA: number };
  readonly OA?: { Addr: string; TOA: number };
  readonly RA?: { Addr: string; TOA: number };
  readonly PID?: number;
  readonly DCS?: number;
  readonly CT?: number;
  readonly MN?: number;
  readonly FCS?: number;
  readonly PI?: number;
  readonly ST?: number;
  readonly SCTS?: string;
  readonly DT?: string;
  readonly UD?: string;
  readonly VP?: { Duration: number; Format: number };
}

export const tpdus: Check = (vector) => {
  if (vector.direction === 'encode') return encode(vector);
  const direction = directionOf(vector);
  const decode = () => decodeTpdu(fromHex(vector.pdu ?? ''), { smsc: false, direction });
  const { expected } = vector;
  if (expected['error'] !== undefined) {
    expect(decode).to.throw(DecodeError).with.property('offset', expected['offset']);
    return undefined;
  }
  compare(decode(), expected as unknown as Fields);
  return undefined;
};

function directionOf(vector: Vector): 'to-mobile' | 'from-mobile' {
  const stated = (vector.expected as { Direction?: string }).Direction ?? vector.name ?? '';
  return /^MO|Submit(?!Report)|DeliverReport|Command|submit_/.test(stated) ? 'from-mobile' : 'to-mobile';
}

function compare(tpdu: Tpdu, fields: Fields): void {
  const seen: Record<string, unknown> = { ...tpdu };
  const address = (key: string, want: { Addr: string; TOA: number } | undefined): void => {
    const found = seen[key] as Address | undefined;
    if (want !== undefined) {
      expect(found?.number.replace(/^\+/, '')).to.equal(want.Addr);
      expect(found?.toa).to.equal(want.TOA);
    }
  };
  address('destination', fields.DA);
  address('originator', fields.OA);
  address('recipient', fields.RA);
  if (fields.MR !== undefined) expect(seen['reference']).to.equal(fields.MR);
  if (fields.CT !== undefined) expect(seen['command']).to.equal(fields.CT);
  if (fields.MN !== undefined) expect(seen['messageNumber']).to.equal(fields.MN);
  if (fields.FCS !== undefined) expect(seen['failureCause']).to.equal(fields.FCS);
  if (fields.ST !== undefined) expect(seen['status']).to.equal(fields.ST);
  if (fields.PID !== undefined) expect(seen['pid']).to.equal(fields.PID);
  // A COMMAND has no TP-DCS; the suite states one for it all the same.
  if (fields.DCS !== undefined && tpdu.type !== 'command') expect(tpdu.dcs?.raw).to.equal(fields.DCS);
  if (fields.SCTS !== undefined) expect((seen['timestamp'] as { iso: string }).iso).to.equal(fields.SCTS);
  if (fields.DT !== undefined) expect((seen['discharge'] as { iso: string }).iso).to.equal(fields.DT);
  if (fields.UD !== undefined) expect(userDataOf(tpdu)).to.equal(fields.UD);
  if (fields.VP !== undefined && tpdu.type === 'submit') {
    expect(tpdu.validity?.format).to.equal(['', 'enhanced', 'relative', 'absolute'][fields.VP.Format]);
    if (tpdu.validity?.format === 'relative')
      expect(tpdu.validity.minutes * 60e9).to.equal(fields.VP.Duration);
  }
}

/** Text as the suite's unpacked octets. */
function userDataOf(tpdu: Tpdu): string {
  if (tpdu.data !== undefined) return toHex(tpdu.data);
  const { text = '', encoding } = tpdu as { text?: string; encoding?: string };
  return textOctets(text, encoding);
}

function textOctets(text: string, encoding: string | undefined): string {
  return toHex(encoding === 'ucs2' ? encodeUcs2(text) : (encodeSeptets(text) as Uint8Array));
}

/** The user data of a part, without its header, as the suite's unpacked octets. */
export function decodeUserDataOf(part: Segment): string {
  const octets = Uint8Array.of(part.userDataLength, ...part.userData);
  const dcs = decodeDcs(part.encoding === 'ucs2' ? 8 : 0);
  const { text = '', udh } = readUserData({}, new Reader(octets), dcs, part.udh !== undefined, false);
  const national =
    udh !== undefined && [...udh].some((octet, i) => i === 0 && (octet === 0x24 || octet === 0x25));
  return national ? '' : textOctets(text, part.encoding);
}

function encode(vector: Vector): undefined {
  const fields = vector['input'] as Fields;
  const { expected } = vector;
  if (expected['error'] !== undefined) {
    expect(() => encodeFields(vector, fields)).to.throw(EncodeError);
    return;
  }
  expect(toHex(encodeFields(vector, fields))).to.equal(expected['pdu']);
}

function encodeFields(vector: Vector, fields: Fields): Uint8Array {
  const first = fields.FirstOctet ?? 0;
  const type = /^Sms([A-Za-z]+?)_/.exec(vector.name ?? '')?.[1];
  const dcs = fields.DCS ?? 0;
  const content = contentOf(fields, dcs);
  const pi = fields.PI ?? 0;
  const parameters = {
    ...(pi & 1 ? { pid: fields.PID ?? 0 } : {}),
    ...(pi & 2 ? { dcs } : {}),
    ...(pi & 4 ? (pi & 2 ? content : contentOf(fields, 0)) : {}),
  };
  const common = { pid: fields.PID, moreMessages: (first & 4) === 0 };
  switch (type ?? '') {
    case 'Command':
      return encodeCommand({
        destination: addressInput(fields.DA),
        command: fields.CT ?? 0,
        messageNumber: fields.MN ?? 0,
        reference: fields.MR,
        pid: fields.PID,
        data: fromHex(fields.UD ?? ''),
      });
    case 'Deliver':
      return encodeDeliver({
        ...common,
        ...content,
        dcs,
        originator: addressInput(fields.OA),
        timestamp: fields.SCTS ?? '',
      });
    case 'DeliverReport':
      return encodeDeliverReport({ failureCause: fields.FCS, ...parameters });
    case 'SubmitReport':
      return encodeSubmitReport({ failureCause: fields.FCS, timestamp: fields.SCTS ?? '', ...parameters });
    case 'StatusReport':
      return encodeStatusReport({
        moreMessages: (first & 4) === 0,
        ...parameters,
        reference: fields.MR ?? 0,
        recipient: addressInput(fields.RA),
        timestamp: fields.SCTS ?? '',
        discharge: fields.DT ?? '',
        status: fields.ST ?? 0,
      });
    default:
      return encodeSubmit({
        destination: addressInput(fields.DA),
        messageReference: fields.MR,
        pid: fields.PID,
        dcs,
        validity: validityOf(fields),
        segment: {
          sequence: 1,
          total: 1,
          encoding: decodeDcs(dcs).alphabet,
          ...encodeUserData(content, decodeDcs(dcs)),
        },
      });
  }
}

function contentOf(fields: Fields, dcs: number): UserDataInput {
  const octets = fromHex(fields.UD ?? '');
  const { alphabet } = decodeDcs(dcs);
  if (alphabet === '8bit') return { data: octets };
  return { text: alphabet === 'ucs2' ? decodeUcs2(octets) : decodeSeptets(octets) };
}

function addressInput(address: { Addr: string; TOA: number } | undefined): AddressInput {
  const { Addr = '', TOA = 0x81 } = address ?? {};
  return { number: Addr, toa: TOA, ton: (TOA >> 4) & 7, npi: TOA & 15, type: 'unknown' };
}

function validityOf({ VP }: Fields): ValidityInput | undefined {
  return VP === undefined || VP.Format === 0 ? undefined : VP.Duration / 60e9;
}
