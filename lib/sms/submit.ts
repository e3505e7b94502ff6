/** SMS-SUBMIT: from the phone to the service centre, 3GPP TS 23.040 9.2.2.2. */
import { encodeAddress, readAddress, type Address, type AddressInput } from './address.ts';
import { decodeDcs, encodeDcs, type DataCoding, type MessageClass, type WaitingIndication } from './dcs.ts';
import { EncodeError, integer } from './errors.ts';
import { roomFor } from './octets.ts';
import type { Reader } from './reader.ts';
import type { Segment } from './segment.ts';
import { readUserData, type UserData } from './user-data.ts';
import { encodeValidity, readValidity, type Validity, type ValidityInput } from './validity.ts';

export interface Submit extends UserData {
  readonly type: 'submit';
  /** The service centre, where its octets stood in front and were not empty. */
  readonly smsc?: Address;
  /** TP-RD. */
  readonly rejectDuplicates: boolean;
  /** TP-SRR. */
  readonly statusReport: boolean;
  /** TP-RP. */
  readonly replyPath: boolean;
  /** TP-MR. */
  readonly reference: number;
  readonly destination: Address;
  readonly pid: number;
  readonly dcs: DataCoding;
  readonly validity?: Validity;
}

/** Reads a SUBMIT whose first octet has been read. */
export function readSubmit(reader: Reader, first: number, lenient: boolean): Submit {
  const reference = reader.octet('reference');
  const destination = readAddress(reader, 'destination');
  const pid = reader.octet('pid');
  const dcs = decodeDcs(reader.octet('dcs'));
  const validity = readValidity(reader, (first >> 3) & 3);
  const head: Omit<Submit, keyof UserData | 'validity'> & { validity?: Validity } = {
    type: 'submit',
    rejectDuplicates: (first & 0x04) !== 0,
    statusReport: (first & 0x20) !== 0,
    replyPath: (first & 0x80) !== 0,
    reference,
    destination,
    pid,
    dcs,
  };
  if (validity !== undefined) head.validity = validity;
  return readUserData(head, reader, dcs, (first & 0x40) !== 0, lenient);
}

export interface SubmitFields {
  /** `+15551234567`, digits as dialled, a short code, or an alphanumeric name. */
  readonly destination: AddressInput;
  /** One part, as `segment` made it. */
  readonly segment: Segment;
  /** TP-MR, 0-255; the modem may put its own in. Default 0. */
  readonly messageReference?: number | undefined;
  /** TP-SRR. */
  readonly statusReport?: boolean | undefined;
  /** TP-RD. */
  readonly rejectDuplicates?: boolean | undefined;
  /** TP-RP. */
  readonly replyPath?: boolean | undefined;
  /** Minutes, or one of the three formats. Default: none, the service centre decides. */
  readonly validity?: ValidityInput | undefined;
  readonly class?: MessageClass | undefined;
  readonly waiting?: WaitingIndication | undefined;
  readonly pid?: number | undefined;
  /** TP-DCS as it is to be sent; it must have the segment's encoding. */
  readonly dcs?: number | undefined;
}

/** The TPDU of a SUBMIT, without service centre octets (`encodeSmsc` makes those). Throws EncodeError. */
export function encodeSubmit(fields: SubmitFields): Uint8Array {
  const { segment } = fields;
  const address = encodeAddress(fields.destination, 'destination');
  const validity = fields.validity === undefined ? undefined : encodeValidity(fields.validity);
  const { userData } = segment;
  const tail = 2 + address.length;
  const size = tail + 3 + (validity === undefined ? 0 : validity.octets.length) + userData.length;
  const tpdu = roomFor(size);
  tpdu[0] =
    0x01 |
    (fields.rejectDuplicates ? 0x04 : 0) |
    (validity === undefined ? 0 : validity.format << 3) |
    (fields.statusReport ? 0x20 : 0) |
    (segment.udh === undefined ? 0 : 0x40) |
    (fields.replyPath ? 0x80 : 0);
  tpdu[1] = integer('reference', fields.messageReference ?? 0, 0, 255);
  for (let i = 0; i < address.length; i++) tpdu[2 + i] = address[i] as number;
  tpdu[tail] = integer('pid', fields.pid ?? 0, 0, 255);
  tpdu[tail + 1] = dcsOf(fields);
  if (validity !== undefined) tpdu.set(validity.octets, tail + 2);
  const at = size - userData.length;
  tpdu[at - 1] = segment.userDataLength;
  tpdu.set(userData, at);
  return tpdu;
}

function dcsOf(fields: SubmitFields): number {
  const { encoding } = fields.segment;
  if (fields.dcs !== undefined) {
    const dcs = integer('dcs', fields.dcs, 0, 255);
    const coding = decodeDcs(dcs);
    const octets = coding.compressed ? '8bit' : coding.alphabet;
    if (octets !== encoding)
      throw new EncodeError('dcs', `${dcs} says ${octets}, the segment is ${encoding}`);
    return dcs;
  }
  return encodeDcs({ alphabet: encoding, class: fields.class, waiting: fields.waiting });
}
