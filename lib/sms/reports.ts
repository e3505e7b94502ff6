/**
 * SMS-DELIVER-REPORT and SMS-SUBMIT-REPORT: the answers to a DELIVER and a SUBMIT (3GPP TS 23.040 9.2.2.1a and
 * 9.2.2.2a). Each has two forms, sent in RP-ERROR with a failure cause and in RP-ACK without one; the octets do
 * not say which. Where the caller does not know either, a second octet of 0 to 7 is taken as a parameter
 * indicator, since failure causes below 80 are reserved, and anything else as a failure cause.
 */
import type { Address } from './address.ts';
import { EncodeError, integer } from './errors.ts';
import { failureName } from './failure.ts';
import { octetsOf } from './octets.ts';
import {
  encodeParameters,
  readIndicated,
  readIndicator,
  type ParameterFields,
  type Parameters,
} from './parameters.ts';
import type { Reader } from './reader.ts';
import { decodeTimestamp, encodeTimestamp, type Timestamp, type TimestampInput } from './timestamp.ts';

/** Which form a report has: `ack` has no failure cause. */
export type ReportForm = 'ack' | 'error';

interface Report extends Parameters {
  readonly smsc?: Address;
  /** TP-FCS; absent in the positive form. */
  readonly failureCause?: number;
  readonly failureName?: string;
}

export interface DeliverReport extends Report {
  readonly type: 'deliver-report';
}

export interface SubmitReport extends Report {
  readonly type: 'submit-report';
  /** When the service centre got the message. */
  readonly timestamp: Timestamp;
}

/** Reads a DELIVER-REPORT whose first octet has been read. */
export function readDeliverReport(
  reader: Reader,
  first: number,
  lenient: boolean,
  form: ReportForm | undefined,
): DeliverReport {
  const cause = readCause(reader, form);
  const parameterIndicator = readIndicator(reader);
  return {
    type: 'deliver-report',
    ...cause,
    parameterIndicator,
    ...readIndicated(reader, parameterIndicator, (first & 0x40) !== 0, lenient),
  };
}

/** Reads a SUBMIT-REPORT whose first octet has been read. */
export function readSubmitReport(
  reader: Reader,
  first: number,
  lenient: boolean,
  form: ReportForm | undefined,
): SubmitReport {
  const cause = readCause(reader, form);
  const parameterIndicator = readIndicator(reader);
  const timestamp = decodeTimestamp(reader.octets, reader.pass('timestamp', 7));
  return {
    type: 'submit-report',
    ...cause,
    parameterIndicator,
    timestamp,
    ...readIndicated(reader, parameterIndicator, (first & 0x40) !== 0, lenient),
  };
}

function readCause(
  reader: Reader,
  form: ReportForm | undefined,
): Pick<Report, 'failureCause' | 'failureName'> {
  const next = reader.octets[reader.offset];
  const known = form ?? (next !== undefined && next < 8 ? 'ack' : 'error');
  if (known === 'ack') return {};
  const failureCause = reader.octet('failure-cause');
  return { failureCause, failureName: failureName(failureCause) };
}

export interface DeliverReportFields extends ParameterFields {
  /** TP-FCS, 8-255; leave it out for the positive form. */
  readonly failureCause?: number | undefined;
}

export interface SubmitReportFields extends DeliverReportFields {
  readonly timestamp: TimestampInput;
}

/** The TPDU of a DELIVER-REPORT. Throws EncodeError. */
export function encodeDeliverReport(fields: DeliverReportFields): Uint8Array {
  const { indicator, octets, hasUdh } = encodeParameters(fields);
  return octetsOf(hasUdh ? 0x40 : 0, ...causeOf(fields), indicator, octets);
}

/** The TPDU of a SUBMIT-REPORT. Throws EncodeError. */
export function encodeSubmitReport(fields: SubmitReportFields): Uint8Array {
  const { indicator, octets, hasUdh } = encodeParameters(fields);
  return octetsOf(
    0x01 | (hasUdh ? 0x40 : 0),
    ...causeOf(fields),
    indicator,
    encodeTimestamp(fields.timestamp),
    octets,
  );
}

function causeOf(fields: DeliverReportFields): number[] {
  const { failureCause } = fields;
  if (failureCause === undefined) return [];
  if (failureCause < 8) throw new EncodeError('failure-cause', `${failureCause} is reserved`);
  return [integer('failure-cause', failureCause, 8, 255)];
}
