/** SMS-STATUS-REPORT: what became of a message, 3GPP TS 23.040 9.2.2.3. */
import { encodeAddress, readAddress, type Address, type AddressInput } from './address.ts';
import { DecodeError, integer } from './errors.ts';
import { octetsOf } from './octets.ts';
import { encodeParameters, readParameters, type ParameterFields, type Parameters } from './parameters.ts';
import type { Reader } from './reader.ts';
import { isFinalStatus, statusClass, statusName, type StatusClass } from './status.ts';
import { decodeTimestamp, encodeTimestamp, type Timestamp, type TimestampInput } from './timestamp.ts';

export interface StatusReport extends Parameters {
  readonly type: 'status-report';
  readonly smsc?: Address;
  /** More messages are waiting in the service centre. */
  readonly moreMessages: boolean;
  readonly loopPrevention: boolean;
  /** TP-SRQ: the report answers a COMMAND, not a SUBMIT. */
  readonly forCommand: boolean;
  /** TP-MR of the message it is about. */
  readonly reference: number;
  readonly recipient: Address;
  /** When the service centre got the message. */
  readonly timestamp: Timestamp;
  /** When the outcome came about. */
  readonly discharge: Timestamp;
  /** TP-ST. */
  readonly status: number;
  readonly statusClass: StatusClass;
  readonly statusName: string;
  /** No further report follows. */
  readonly final: boolean;
}

/** Reads a STATUS-REPORT whose first octet has been read. */
export function readStatusReport(reader: Reader, first: number, lenient: boolean): StatusReport {
  const reference = reader.octet('reference');
  const recipient = readAddress(reader, 'recipient');
  const timestamp = decodeTimestamp(reader.octets, reader.pass('timestamp', 7));
  const discharge = decodeTimestamp(reader.octets, reader.pass('discharge', 7));
  const status = reader.octet('status');
  return {
    type: 'status-report',
    moreMessages: (first & 0x04) === 0,
    loopPrevention: (first & 0x08) !== 0,
    forCommand: (first & 0x20) !== 0,
    reference,
    recipient,
    timestamp,
    discharge,
    status,
    statusClass: statusClass(status),
    statusName: statusName(status),
    final: isFinalStatus(status),
    // The parameter indicator and all after it may be left out altogether.
    ...(reader.left > 0 && readRest(reader, (first & 0x40) !== 0, lenient)),
  };
}

/**
 * What follows TP-ST. A record of EF_SMSR is filled up with FF (TS 31.102 4.2.32), which is no TP-PI: read leniently, what
 * cannot be read there costs the report nothing.
 */
function readRest(reader: Reader, hasUdh: boolean, lenient: boolean): Parameters | undefined {
  if (!lenient) return readParameters(reader, hasUdh, lenient);
  if (reader.octets.subarray(reader.offset).every((octet) => octet === PADDING)) return undefined;
  try {
    return readParameters(reader, hasUdh, lenient);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

const PADDING = 0xff;

export interface StatusReportFields extends ParameterFields {
  readonly reference: number;
  readonly recipient: AddressInput;
  readonly timestamp: TimestampInput;
  readonly discharge: TimestampInput;
  readonly status: number;
  readonly moreMessages?: boolean | undefined;
  readonly loopPrevention?: boolean | undefined;
  readonly forCommand?: boolean | undefined;
}

/** The TPDU of a STATUS-REPORT, without service centre octets. Throws EncodeError. */
export function encodeStatusReport(fields: StatusReportFields): Uint8Array {
  const parameters = encodeParameters(fields);
  const first =
    0x02 |
    (fields.moreMessages ? 0 : 0x04) |
    (fields.loopPrevention ? 0x08 : 0) |
    (fields.forCommand ? 0x20 : 0) |
    (parameters.hasUdh ? 0x40 : 0);
  return octetsOf(
    first,
    integer('reference', fields.reference, 0, 255),
    encodeAddress(fields.recipient, 'recipient'),
    encodeTimestamp(fields.timestamp),
    encodeTimestamp(fields.discharge, 'discharge'),
    integer('status', fields.status, 0, 255),
    ...(parameters.indicator === 0 ? [] : [parameters.indicator, parameters.octets]),
  );
}
