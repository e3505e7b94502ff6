import { createHash } from 'node:crypto';
import type { ReceivedSms } from '../../../routing/transport.ts';
import { decodeDcs } from '../../../sms/dcs.ts';
import { encodeDeliver } from '../../../sms/deliver.ts';
import { fromHex } from '../../../sms/hex.ts';
import { statusClass, statusName } from '../../../sms/status.ts';
import { decodeUdh } from '../../../sms/udh.ts';
import { decodeBody, decodeWord, isHex, type Charset } from './charset.ts';

/** The answers of text mode as data (TS 27.005 3.4, 3.1): pure, and undefined for what cannot be read. */

/** A place in a storage as AT+CMGL shows it. */
export interface TextPlace {
  readonly index: number;
  /** Received, not one that was stored to be sent. */
  readonly received: boolean;
}

/** The parameters of a line, quotes taken off; an empty one is empty. */
export function fieldsOf(text: string): string[] {
  const fields: string[] = [];
  const pattern = /\s*(?:"([^"]*)"?|([^,]*))\s*(?:,|$)/y;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (match === null) break;
    fields.push((match[1] ?? match[2] ?? '').trim());
    if (match[0].endsWith(',') && pattern.lastIndex === text.length) fields.push('');
  }
  return fields;
}

/** The places of a list: `+CMGL: 3,"REC UNREAD",...`. The messages are read one by one: that shows more of them. */
export function readPlaces(lines: readonly string[]): TextPlace[] {
  return lines.flatMap((line) => {
    const [index = '', stat = ''] = fieldsOf(/^\+CMGL:\s*(.*)$/i.exec(line)?.[1] ?? '');
    return /^\d+$/.test(index) && stat !== '' ? [{ index: Number(index), received: isReceived(stat) }] : [];
  });
}

/** "REC READ" in words, in hexadecimal UCS-2, or as a number. */
export function isReceived(stat: string): boolean {
  return /^(REC\b|0$|1$)/i.test(decodeWord(stat));
}

/** The length of the body in characters, where the header of +CMT, +CMGR or +CMGL says it (AT+CSDH=1). */
export function readBodyLength(name: string, text: string): number | undefined {
  const fields = fieldsOf(text);
  const at = name === '+CMGL' ? 6 : name === '+CMGR' ? 10 : 9;
  const length = fields.length === at + 1 ? fields[at] : undefined;
  return length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined;
}

/** Whether a message's text follows the header: after a status report none does. */
export function hasBody(name: string, text: string): boolean {
  if (name === '+CMT' || name === '+CBM') return true;
  const fields = fieldsOf(text);
  // A number or name in quotes follows the state; a status report has two numbers there.
  const from = name === '+CMGL' ? 2 : 1;
  return !(/^\d{1,3}$/.test(fields[from] ?? '') && /^\d{1,3}$/.test(fields[from + 1] ?? ''));
}

/** The answer of AT+CMGR: a message with its text, or a status report; undefined for an empty place. */
export function readTextMessage(
  lines: readonly string[],
  charset: Charset,
): { readonly received: boolean; readonly sms: ReceivedSms } | undefined {
  const text = /^\+CMGR:\s*(.*)$/i.exec(lines[0] ?? '')?.[1];
  if (text === undefined) return undefined;
  const [stat = '', ...fields] = fieldsOf(text);
  const sms = hasBody('+CMGR', text) ? readText(fields, lines[1] ?? '', charset) : readReport(fields);
  return sms === undefined ? undefined : { received: isReceived(stat), sms };
}

/** `<fo>,<mr>,[<ra>],[<tora>],<scts>,<dt>,<st>`, after +CDS and in storages. */
export function readReport(fields: readonly string[]): ReceivedSms | undefined {
  const [, reference = '', number = '', type = ''] = fields;
  const last = fields.at(-1) ?? '';
  if (fields.length < 7 || !/^\d+$/.test(reference) || !/^\d+$/.test(last)) return undefined;
  const status = Number(last);
  const kind = statusClass(status);
  return {
    kind: 'report',
    number: printNumber(number, type),
    reference,
    outcome: kind === 'delivered' || kind === 'temporary' ? kind : 'undelivered',
    status,
    note: statusName(status),
  };
}

/** `<oa>,[<alpha>],<scts>[,<tooa>,<fo>,<pid>,<dcs>,<sca>,<tosca>,<length>]` and the body, after +CMT and +CMGR. */
export function readText(fields: readonly string[], body: string, charset: Charset): ReceivedSms {
  const [oa = '', , scts = '', tooa = '', fo = '', pid = '', dcs = ''] = fields;
  const number = printNumber(oa, tooa);
  const stamp = readStamp(scts);
  const octets = asDeliver({ number, stamp, fo: Number(fo), pid: Number(pid), dcs, body });
  if (octets !== undefined) return { kind: 'pdu', pdu: octets, smsc: false };
  const text = decodeBody(body, charset);
  const reference = createHash('sha256').update([number, scts, text].join('\0')).digest('base64url');
  const at = stamp === undefined ? undefined : Date.parse(stamp);
  return { kind: 'text', number, text, reference, ...(at !== undefined && { at }) };
}

/**
 * A message that text alone does not show, a part of a longer one or binary data, as the TPDU it was: its body is octets.
 * Undefined where it is none, or where the modem took the header off: then the text is all there is.
 */
function asDeliver(sms: {
  number: string;
  stamp: string | undefined;
  fo: number;
  pid: number;
  dcs: string;
  body: string;
}): Uint8Array | undefined {
  const { number, stamp, fo, pid, body } = sms;
  if (!/^\d+$/.test(sms.dcs) || !isHex(body) || stamp === undefined) return undefined;
  const dcs = decodeDcs(Number(sms.dcs));
  const withHeader = (fo & UDHI) !== 0;
  if (!withHeader && dcs.alphabet !== '8bit') return undefined;
  const userData = fromHex(body);
  try {
    const udh = withHeader ? headerOf(userData) : undefined;
    const units = dcs.alphabet === 'gsm7' ? Math.floor((userData.length * 8) / 7) : userData.length;
    const segment = {
      ...{ sequence: 1, total: 1, userData, userDataLength: units, encoding: dcs.alphabet },
      ...(udh !== undefined && { udh }),
    };
    return encodeDeliver({ originator: number, timestamp: stamp, pid: pid || 0, dcs: dcs.raw, segment });
  } catch {
    return undefined;
  }
}

const UDHI = 0x40;

/** Throws where what stands there is no user data header. */
function headerOf(userData: Uint8Array): Uint8Array {
  const length = userData[0] ?? 0;
  if (length < 2 || length >= userData.length) throw new Error('no header');
  const udh = userData.subarray(1, 1 + length);
  decodeUdh(udh);
  return udh;
}

/** TS 27.005: type 145 is international, with its `+` or without. */
function printNumber(given: string, type: string): string {
  const number = decodeWord(given);
  return type === '145' && /^\d+$/.test(number) ? `+${number}` : number;
}

/** Whether a field begins as a time does in text mode: `26/11/23,09:30:15+04`. In PDU mode no header has one. */
export function isStamp(field: string): boolean {
  return /^(?:20)?\d\d[/-]\d\d[/-]\d\d(?!\d)/.test(decodeWord(field));
}

/** `26/11/23,09:30:15+04`, quarters of an hour, as RFC 3339; undefined for other forms and for days that are none. */
export function readStamp(scts: string): string | undefined {
  const match = /^(?:20)?(\d\d)[/-](\d\d)[/-](\d\d)[, ](\d\d):(\d\d):(\d\d)(?:([+-])(\d\d?))?$/.exec(
    decodeWord(scts),
  );
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, sign, quarters = '0'] = match;
  const zone = Number(quarters) * 15;
  const two = (number: number): string => String(number).padStart(2, '0');
  const offset = sign === undefined ? 'Z' : `${sign}${two(Math.floor(zone / 60))}:${two(zone % 60)}`;
  const stamp = `20${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`;
  return Number.isNaN(Date.parse(stamp)) ? undefined : stamp;
}
