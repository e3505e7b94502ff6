/**
 * A request in plain values (strings, numbers, what a command line or a JSON document has) made into PDUs. Any of
 * the six TPDU types; a SUBMIT or DELIVER of more than one part gives as many.
 */
import { encodeSmsc } from './address.ts';
import { segmentBinary } from './binary.ts';
import { encodeCommand } from './command.ts';
import { encodeDcs, type MessageClass, type WaitingIndication } from './dcs.ts';
import { encodeDeliver } from './deliver.ts';
import { EncodeError } from './errors.ts';
import { toHex } from './hex.ts';
import { encodeDeliverReport, encodeSubmitReport } from './reports.ts';
import { segment, type Segment, type SegmentOptions } from './segment.ts';
import { encodeStatusReport } from './status-report.ts';
import { encodeSubmit } from './submit.ts';
import type { Tpdu } from './tpdu.ts';

export interface ComposeRequest extends SegmentOptions {
  /** Default 'submit'. */
  readonly as?: Tpdu['type'] | undefined;
  /** The other party: destination, originator or recipient. */
  readonly number?: string | undefined;
  readonly text?: string | undefined;
  readonly data?: Uint8Array | undefined;
  readonly ports?: { readonly destination: number; readonly source: number } | undefined;
  /** Service centre; by default a single 00 in its place, and with false not even that. */
  readonly smsc?: string | false | undefined;
  /** TP-MR, counted up from part to part. */
  readonly messageReference?: number | undefined;
  readonly pid?: number | undefined;
  readonly dcs?: number | undefined;
  readonly class?: MessageClass | undefined;
  readonly waiting?: WaitingIndication | undefined;
  /** Minutes. */
  readonly validity?: number | undefined;
  readonly statusReport?: boolean | undefined;
  readonly replyPath?: boolean | undefined;
  readonly rejectDuplicates?: boolean | undefined;
  readonly timestamp?: string | undefined;
  readonly discharge?: string | undefined;
  readonly status?: number | undefined;
  readonly failureCause?: number | undefined;
  readonly command?: number | undefined;
  readonly messageNumber?: number | undefined;
}

export interface ComposedPart {
  /** Service centre octets, unless left out, and the TPDU, in hexadecimal. */
  readonly pdu: string;
  /** Octets of the TPDU alone, as `AT+CMGS=` wants them. */
  readonly length: number;
  readonly sequence: number;
  readonly total: number;
  readonly encoding?: Segment['encoding'];
  /** Was text cut off at the limit of parts? */
  readonly truncated?: true;
}

/** The PDUs of a request. Throws EncodeError. */
export function compose(request: ComposeRequest): ComposedPart[] {
  const as = request.as ?? 'submit';
  if (as !== 'submit' && as !== 'deliver') {
    return [part(request, composeReport(as, request), { sequence: 1, total: 1 })];
  }
  const { data } = request;
  const number = request.number ?? '';
  if (number === '') throw new EncodeError('number', 'a number is needed');
  const { parts, truncated } =
    data === undefined ? segment(request.text ?? '', request) : segmentBinary(data, request);
  return parts.map((segment, i) => {
    const { encoding, sequence, total } = segment;
    const dcs =
      request.dcs ?? encodeDcs({ alphabet: encoding, class: request.class, waiting: request.waiting });
    const tpdu =
      as === 'submit'
        ? encodeSubmit({
            ...request,
            destination: number,
            segment,
            dcs,
            messageReference: ((request.messageReference ?? 0) + i) & 0xff,
          })
        : encodeDeliver({
            segment,
            dcs,
            originator: number,
            timestamp: needed(request.timestamp, 'timestamp'),
            pid: request.pid,
            statusReport: request.statusReport,
            replyPath: request.replyPath,
          });
    return part(request, tpdu, { sequence, total, encoding, ...(truncated && { truncated }) });
  });
}

function composeReport(as: Exclude<Tpdu['type'], 'submit' | 'deliver'>, request: ComposeRequest): Uint8Array {
  const { pid, dcs, text, data, udh, failureCause } = request;
  const parameters = { pid, dcs, text, data, udh };
  switch (as) {
    case 'status-report':
      return encodeStatusReport({
        ...parameters,
        reference: request.messageReference ?? 0,
        recipient: needed(request.number, 'number'),
        timestamp: needed(request.timestamp, 'timestamp'),
        discharge: request.discharge ?? needed(request.timestamp, 'timestamp'),
        status: request.status ?? 0,
      });
    case 'deliver-report':
      return encodeDeliverReport({ ...parameters, failureCause });
    case 'submit-report':
      return encodeSubmitReport({
        ...parameters,
        failureCause,
        timestamp: needed(request.timestamp, 'timestamp'),
      });
    case 'command':
      return encodeCommand({
        destination: needed(request.number, 'number'),
        command: needed(request.command, 'command'),
        messageNumber: request.messageNumber ?? 0,
        reference: request.messageReference,
        pid,
        statusReport: request.statusReport,
        data,
        udh,
      });
  }
}

function part(
  request: ComposeRequest,
  tpdu: Uint8Array,
  about: Omit<ComposedPart, 'pdu' | 'length'>,
): ComposedPart {
  const smsc = request.smsc === false ? '' : toHex(encodeSmsc(request.smsc));
  return { pdu: smsc + toHex(tpdu), length: tpdu.length, ...about };
}

function needed<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw new EncodeError(field, `a ${field} is needed`);
  return value;
}
