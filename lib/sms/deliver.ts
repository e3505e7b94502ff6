/** SMS-DELIVER: from the service centre to the phone, 3GPP TS 23.040 9.2.2.1. */
import { encodeAddress, readAddress, type Address, type AddressInput } from './address.ts';
import { encodeContent, type ContentInput } from './content.ts';
import { decodeDcs, type DataCoding } from './dcs.ts';
import { integer } from './errors.ts';
import type { Reader } from './reader.ts';
import { octetsOf } from './octets.ts';
import { decodeTimestamp, encodeTimestamp, type Timestamp, type TimestampInput } from './timestamp.ts';
import { readUserData, type UserData } from './user-data.ts';

export interface Deliver extends UserData {
  readonly type: 'deliver';
  /** The service centre, where its octets stood in front and were not empty. */
  readonly smsc?: Address;
  /** More messages are waiting in the service centre (TP-MMS; the bit itself is inverted). */
  readonly moreMessages: boolean;
  /** TP-LP: forwarded or spawned; must not be forwarded again. */
  readonly loopPrevention: boolean;
  /** TP-SRI: the sender will get a status report. */
  readonly statusReport: boolean;
  /** TP-RP. */
  readonly replyPath: boolean;
  readonly originator: Address;
  readonly pid: number;
  readonly dcs: DataCoding;
  readonly timestamp: Timestamp;
}

/** Reads a DELIVER whose first octet has been read. */
export function readDeliver(reader: Reader, first: number, lenient: boolean): Deliver {
  const originator = readAddress(reader, 'originator');
  const pid = reader.octet('pid');
  const dcs = decodeDcs(reader.octet('dcs'));
  const timestamp = decodeTimestamp(reader.octets, reader.pass('timestamp', 7));
  const head = {
    type: 'deliver' as const,
    moreMessages: (first & 0x04) === 0,
    loopPrevention: (first & 0x08) !== 0,
    statusReport: (first & 0x20) !== 0,
    replyPath: (first & 0x80) !== 0,
    originator,
    pid,
    dcs,
    timestamp,
  };
  return readUserData(head, reader, dcs, (first & 0x40) !== 0, lenient);
}

export interface DeliverFields extends ContentInput {
  readonly originator: AddressInput;
  readonly timestamp: TimestampInput;
  readonly pid?: number | undefined;
  readonly moreMessages?: boolean | undefined;
  readonly loopPrevention?: boolean | undefined;
  readonly statusReport?: boolean | undefined;
  readonly replyPath?: boolean | undefined;
}

/** The TPDU of a DELIVER, without service centre octets. Throws EncodeError. */
export function encodeDeliver(fields: DeliverFields): Uint8Array {
  const { dcs, userData, userDataLength, hasUdh } = encodeContent(fields);
  const first =
    (fields.moreMessages ? 0 : 0x04) |
    (fields.loopPrevention ? 0x08 : 0) |
    (fields.statusReport ? 0x20 : 0) |
    (hasUdh ? 0x40 : 0) |
    (fields.replyPath ? 0x80 : 0);
  return octetsOf(
    first,
    encodeAddress(fields.originator, 'originator'),
    integer('pid', fields.pid ?? 0, 0, 255),
    dcs,
    encodeTimestamp(fields.timestamp),
    userDataLength,
    userData,
  );
}
