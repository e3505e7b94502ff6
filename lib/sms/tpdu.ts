/**
 * The transport protocol data units of 3GPP TS 23.040 as one union, and the decoder for them.
 *
 * What it promises: every octet string is either one of the six TPDU types or a DecodeError that names the field
 * and the octet; no other error, no guess that is not written down here, time and memory linear in its length.
 * Octets after the end of the TPDU are left alone (modems and phone dumps append them).
 *
 * The octets do not say which way they go, and each message type indicator means one type in each direction
 * (9.2.3.1). The default is to the mobile, as a modem hands over what it received.
 */
import { readSmsc } from './address.ts';
import { readCommand, type Command } from './command.ts';
import { readDeliver, type Deliver } from './deliver.ts';
import { DecodeError } from './errors.ts';
import { Reader, type Span } from './reader.ts';
import {
  readDeliverReport,
  readSubmitReport,
  type DeliverReport,
  type ReportForm,
  type SubmitReport,
} from './reports.ts';
import { readStatusReport, type StatusReport } from './status-report.ts';
import { readSubmit, type Submit } from './submit.ts';

export type Tpdu = Deliver | Submit | StatusReport | DeliverReport | SubmitReport | Command;

export type Direction = 'to-mobile' | 'from-mobile';

export interface DecodeOptions {
  /** Do the octets of the service centre address stand in front? Default true. */
  readonly smsc?: boolean | undefined;
  /** Default 'to-mobile': DELIVER, SUBMIT-REPORT, STATUS-REPORT. */
  readonly direction?: Direction | undefined;
  /** Read the octets as this type, whatever the first octet and the direction say. */
  readonly type?: Tpdu['type'] | undefined;
  /** Take user data that ends too early, the whole elements of a broken header, and a report whose rest cannot be read, instead of throwing. Default false. */
  readonly lenient?: boolean | undefined;
  /** The form of a DELIVER-REPORT or SUBMIT-REPORT, where it is known. */
  readonly report?: ReportForm | undefined;
  /** Every field read is noted here, in order. */
  readonly spans?: Span[] | undefined;
}

/** Reads a PDU. Throws DecodeError and nothing else. */
export function decodeTpdu(pdu: Uint8Array, options: DecodeOptions = {}): Tpdu {
  const reader = new Reader(pdu, options.spans);
  const smsc = options.smsc === false ? undefined : readSmsc(reader);
  const first = reader.octet('first-octet');
  const tpdu = readTpdu(reader, first, options);
  return smsc === undefined ? tpdu : Object.assign(tpdu, { smsc });
}

/** Message types by TP-MTI, 9.2.3.1. A reserved one is processed as if it were a DELIVER. */
const TO_MOBILE = ['deliver', 'submit-report', 'status-report', 'deliver'] as const;
const FROM_MOBILE = ['deliver-report', 'submit', 'command'] as const;

function typeOf(first: number, offset: number, direction: Direction | undefined): Tpdu['type'] {
  if (direction !== 'from-mobile') return TO_MOBILE[first & 3] as Tpdu['type'];
  const type = FROM_MOBILE[first & 3];
  if (type === undefined)
    throw new DecodeError('first-octet', offset, 'message type indicator 3 is reserved');
  return type;
}

function readTpdu(reader: Reader, first: number, options: DecodeOptions): Tpdu {
  const lenient = options.lenient ?? false;
  const type = options.type ?? typeOf(first, reader.offset - 1, options.direction);
  switch (type) {
    case 'deliver':
      return readDeliver(reader, first, lenient);
    case 'submit':
      return readSubmit(reader, first, lenient);
    case 'status-report':
      return readStatusReport(reader, first, lenient);
    case 'deliver-report':
      return readDeliverReport(reader, first, lenient, options.report);
    case 'submit-report':
      return readSubmitReport(reader, first, lenient, options.report);
    case 'command':
      return readCommand(reader, first);
  }
}

/**
 * The likelier direction of a PDU of which nothing is known: from the mobile where its type indicator is 1, since
 * modems list the SUBMITs they keep but hand over no SUBMIT-REPORT; to the mobile otherwise.
 */
export function likelyDirection(pdu: Uint8Array, smsc = true): Direction {
  const at = smsc ? 1 + (pdu[0] ?? 0) : 0;
  return ((pdu[at] ?? 0) & 3) === 1 ? 'from-mobile' : 'to-mobile';
}
