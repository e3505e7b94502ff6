/**
 * TP-PI and the optional fields it announces at the end of a report: TP-PID, TP-DCS, TP-UDL with TP-UD
 * (3GPP TS 23.040 9.2.3.27).
 */
import { encodeContent, type ContentInput } from './content.ts';
import { decodeDcs, type DataCoding } from './dcs.ts';
import { integer } from './errors.ts';
import { octetsOf } from './octets.ts';
import type { Reader } from './reader.ts';
import { readUserData, type UserData } from './user-data.ts';

export interface Parameters extends Partial<UserData> {
  /** TP-PI as it came, without its extension octets; absent where it was left out. */
  readonly parameterIndicator?: number;
  readonly pid?: number;
  readonly dcs?: DataCoding;
}

const PID = 1;
const DCS = 2;
const UDL = 4;
const EXTENSION = 0x80;

/** Reads TP-PI. Its extension octets have no meaning yet and are passed over. */
export function readIndicator(reader: Reader): number {
  const indicator = reader.octet('parameter-indicator');
  for (let more = indicator; (more & EXTENSION) !== 0;) more = reader.octet('parameter-indicator');
  return indicator;
}

/** Reads the fields that `indicator` announces. */
export function readIndicated(
  reader: Reader,
  indicator: number,
  hasUdh: boolean,
  lenient: boolean,
): Omit<Parameters, 'parameterIndicator'> {
  const pid = indicator & PID ? reader.octet('pid') : undefined;
  const dcs = indicator & DCS ? decodeDcs(reader.octet('dcs')) : undefined;
  const head = { ...(pid !== undefined && { pid }), ...(dcs && { dcs }) };
  // Without a TP-DCS the user data is plain 7-bit text, as if it were zero.
  return indicator & UDL ? readUserData(head, reader, dcs ?? decodeDcs(0), hasUdh, lenient) : head;
}

export function readParameters(reader: Reader, hasUdh: boolean, lenient: boolean): Parameters {
  const parameterIndicator = readIndicator(reader);
  return { parameterIndicator, ...readIndicated(reader, parameterIndicator, hasUdh, lenient) };
}

export interface ParameterFields extends ContentInput {
  readonly pid?: number | undefined;
}

/** The indicator for what is given, and the octets of it. */
export function encodeParameters(fields: ParameterFields): {
  indicator: number;
  octets: Uint8Array;
  hasUdh: boolean;
} {
  const { text, data, udh, segment } = fields;
  const hasUserData = text !== undefined || data !== undefined || udh !== undefined || segment !== undefined;
  const content = hasUserData ? encodeContent(fields) : undefined;
  const dcs = fields.dcs ?? (content !== undefined && content.dcs !== 0 ? content.dcs : undefined);
  const indicator =
    (fields.pid === undefined ? 0 : PID) | (dcs === undefined ? 0 : DCS) | (content ? UDL : 0);
  const octets = octetsOf(
    ...(fields.pid === undefined ? [] : [integer('pid', fields.pid, 0, 255)]),
    ...(dcs === undefined ? [] : [integer('dcs', dcs, 0, 255)]),
    ...(content === undefined ? [] : [content.userDataLength, content.userData]),
  );
  return { indicator, octets, hasUdh: content?.hasUdh ?? false };
}
