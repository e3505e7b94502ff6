/** A PDU field by field: its octets, what they mean, and the section that says so. */
import type { Address } from './address.ts';
import { toHex } from './hex.ts';
import { addressOfTpdu } from './json.ts';
import { pidName } from './pid.ts';
import type { Span } from './reader.ts';
import type { Timestamp } from './timestamp.ts';
import { decodeTpdu, type DecodeOptions, type Tpdu } from './tpdu.ts';
import type { InformationElement } from './udh.ts';

export interface FieldRow {
  /** The field by its name in 3GPP TS 23.040. */
  readonly field: string;
  readonly offset: number;
  /** In hexadecimal. */
  readonly octets: string;
  readonly meaning: string;
  readonly section: string;
}

interface Known {
  readonly title: string;
  readonly section: string;
  readonly meaning: (tpdu: Tpdu, octets: Uint8Array) => string;
}

/** Reads a PDU and explains it. Throws DecodeError, as `decodeTpdu` does. */
export function explainTpdu(
  pdu: Uint8Array,
  options: DecodeOptions = {},
): { readonly tpdu: Tpdu; readonly rows: readonly FieldRow[] } {
  const spans: Span[] = [];
  const tpdu = decodeTpdu(pdu, { ...options, spans });
  const rows = joined(spans).flatMap(({ field, offset, length }): FieldRow[] => {
    const octets = pdu.subarray(offset, offset + length);
    if (field === 'ud') return userDataRows(tpdu, octets, offset);
    const known = FIELDS[field];
    if (known === undefined) return [];
    const { title, section } = known;
    return [{ field: title, offset, octets: toHex(octets), meaning: known.meaning(tpdu, octets), section }];
  });
  const last = spans[spans.length - 1];
  const end = last === undefined ? 0 : last.offset + last.length;
  if (end === pdu.length) return { tpdu, rows };
  const rest = toHex(pdu.subarray(end));
  return {
    tpdu,
    rows: [
      ...rows,
      { field: 'rest', offset: end, octets: rest, meaning: 'not part of the TPDU', section: '' },
    ],
  };
}

/** Spans of one field (`smsc.length`, `smsc.type`, `smsc.digits`) as one. */
function joined(spans: readonly Span[]): Span[] {
  const fields: Span[] = [];
  for (const { field, offset, length } of spans) {
    const [name = field] = field.split('.');
    const before = fields[fields.length - 1];
    if (before?.field === name && length + before.length > 0 && name !== 'ud') {
      fields[fields.length - 1] = { field: name, offset: before.offset, length: before.length + length };
    } else {
      fields.push({ field: name, offset, length });
    }
  }
  return fields;
}

const FIELDS: Readonly<Record<string, Known>> = {
  smsc: { title: 'SMSC', section: '24.011 8.2.5', meaning: (tpdu) => addressText(tpdu.smsc) },
  'first-octet': { title: 'first octet', section: '23.040 9.2.3.1', meaning: flags },
  originator: {
    title: 'TP-OA',
    section: '23.040 9.2.3.7',
    meaning: (tpdu) => addressText(addressOfTpdu(tpdu)),
  },
  destination: {
    title: 'TP-DA',
    section: '23.040 9.2.3.8',
    meaning: (tpdu) => addressText(addressOfTpdu(tpdu)),
  },
  recipient: {
    title: 'TP-RA',
    section: '23.040 9.2.3.14',
    meaning: (tpdu) => addressText(addressOfTpdu(tpdu)),
  },
  reference: { title: 'TP-MR', section: '23.040 9.2.3.6', meaning: (_, octets) => String(octets[0]) },
  pid: { title: 'TP-PID', section: '23.040 9.2.3.9', meaning: (_, octets) => pidName(octets[0] ?? 0) },
  dcs: { title: 'TP-DCS', section: '23.038 4', meaning: codingText },
  timestamp: {
    title: 'TP-SCTS',
    section: '23.040 9.2.3.11',
    meaning: (tpdu) => ('timestamp' in tpdu ? timeText(tpdu.timestamp) : ''),
  },
  discharge: {
    title: 'TP-DT',
    section: '23.040 9.2.3.13',
    meaning: (tpdu) => (tpdu.type === 'status-report' ? timeText(tpdu.discharge) : ''),
  },
  validity: { title: 'TP-VP', section: '23.040 9.2.3.12', meaning: validityText },
  status: {
    title: 'TP-ST',
    section: '23.040 9.2.3.15',
    meaning: (tpdu) => (tpdu.type === 'status-report' ? `${tpdu.statusName} (${tpdu.statusClass})` : ''),
  },
  'failure-cause': {
    title: 'TP-FCS',
    section: '23.040 9.2.3.22',
    meaning: (tpdu) => ('failureName' in tpdu ? (tpdu.failureName ?? '') : ''),
  },
  'parameter-indicator': { title: 'TP-PI', section: '23.040 9.2.3.27', meaning: indicatorText },
  command: {
    title: 'TP-CT',
    section: '23.040 9.2.3.19',
    meaning: (tpdu) => (tpdu.type === 'command' ? tpdu.commandName : ''),
  },
  'message-number': { title: 'TP-MN', section: '23.040 9.2.3.18', meaning: (_, octets) => String(octets[0]) },
  'command-data': {
    title: 'TP-CDL, TP-CD',
    section: '23.040 9.2.3.20-21',
    meaning: (tpdu) => (tpdu.type === 'command' ? `${tpdu.data.length} octets` : ''),
  },
  udl: { title: 'TP-UDL', section: '23.040 9.2.3.16', meaning: lengthText },
};

function userDataRows(tpdu: Tpdu, octets: Uint8Array, start: number): FieldRow[] {
  const rows: FieldRow[] = [];
  let at = 0;
  const row = (field: string, length: number, meaning: string, section: string): void => {
    rows.push({
      field,
      offset: start + at,
      octets: toHex(octets.subarray(at, at + length)),
      meaning,
      section,
    });
    at += length;
  };
  if (tpdu.udh !== undefined) {
    row('TP-UD: UDHL', 1, `${tpdu.udh.length} octets of header`, '23.040 9.2.3.24');
    for (const element of tpdu.elements ?? []) {
      row('TP-UD: header', 2 + element.data.length, elementText(element), '23.040 9.2.3.24');
    }
  }
  const data = tpdu.data && `${tpdu.data.length} octets`;
  const meaning = 'text' in tpdu && tpdu.text !== undefined ? JSON.stringify(tpdu.text) : (data ?? '');
  row('TP-UD', octets.length - at, meaning, '23.040 9.2.3.24');
  return rows;
}

function flags(tpdu: Tpdu, [first = 0]: Uint8Array): string {
  const header = first & 0x40 && tpdu.type !== 'command' ? 'UDHI' : undefined;
  const marks: (string | false | undefined)[] = [header];
  if (tpdu.type === 'deliver') {
    marks.push(tpdu.moreMessages && 'more messages', tpdu.loopPrevention && 'LP', tpdu.statusReport && 'SRI');
    marks.push(tpdu.replyPath && 'RP');
  } else if (tpdu.type === 'submit') {
    marks.push(tpdu.rejectDuplicates && 'RD', tpdu.statusReport && 'SRR', tpdu.replyPath && 'RP');
    marks.push(tpdu.validity && `${tpdu.validity.format} validity`);
  } else if (tpdu.type === 'status-report') {
    marks.push(tpdu.moreMessages && 'more messages', tpdu.loopPrevention && 'LP', tpdu.forCommand && 'SRQ');
  } else if (tpdu.type === 'command') {
    marks.push(tpdu.statusReport && 'SRR');
  }
  const set = marks.filter((mark) => typeof mark === 'string');
  return [`SMS-${tpdu.type.toUpperCase()}`, ...set].join(', ');
}

function addressText(address: Address | undefined): string {
  return address === undefined ? 'none' : `${address.number} (${address.type}, plan ${address.npi})`;
}

function timeText(timestamp: Timestamp): string {
  return timestamp.valid ? timestamp.iso : `${timestamp.iso} (not a time: ${timestamp.raw})`;
}

function codingText(tpdu: Tpdu): string {
  const dcs = 'dcs' in tpdu ? tpdu.dcs : undefined;
  if (dcs === undefined) return '';
  const { waiting } = dcs;
  const parts = [
    dcs.alphabet,
    dcs.group === 'general' ? undefined : dcs.group.replaceAll('-', ' '),
    dcs.class === undefined ? undefined : `class ${dcs.class}`,
    dcs.compressed ? 'compressed' : undefined,
    waiting && `${waiting.kind} ${waiting.active ? 'on' : 'off'}, ${waiting.store ? 'store' : 'discard'}`,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

function validityText(tpdu: Tpdu): string {
  const validity = tpdu.type === 'submit' ? tpdu.validity : undefined;
  if (validity?.format === 'relative') return `${validity.minutes} minutes`;
  if (validity?.format === 'absolute') return `until ${timeText(validity.until)}`;
  return validity?.seconds === undefined ? 'none' : `${validity.seconds} seconds`;
}

function indicatorText(_: Tpdu, [indicator = 0]: Uint8Array): string {
  const names = [indicator & 1 && 'TP-PID', indicator & 2 && 'TP-DCS', indicator & 4 && 'TP-UDL'];
  return names.filter((name) => typeof name === 'string').join(', ') || 'nothing follows';
}

function lengthText(tpdu: Tpdu, [length = 0]: Uint8Array): string {
  const septets = 'encoding' in tpdu && tpdu.encoding === 'gsm7';
  return `${length} ${septets ? 'septets' : 'octets'}`;
}

function elementText({ name, value }: InformationElement): string {
  if (value === undefined) return name;
  const detail = Object.values(value)
    .map((member) => (typeof member === 'object' ? JSON.stringify(member) : String(member)))
    .join(' ');
  return `${name}: ${detail}`;
}
