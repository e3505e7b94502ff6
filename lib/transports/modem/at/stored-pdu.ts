import { decodeWord } from './charset.ts';
import { fieldsOf, isStamp } from './text-answers.ts';

/**
 * Messages as they lie in a modem's storage, as AT+CMGL and AT+CMGR show them in PDU mode (TS 27.005 3.4.2, 3.4.3): pure.
 *
 * The standard's header is `<index>,<stat>,[<alpha>],<length>`, AT+CMGR's without the index. Modems leave out the state, or the
 * length, write the state in words, add fields, or put the PDU on the same line. What counts is the PDU: where there is
 * one the message is read.
 */
export interface StoredPdu {
  readonly index: number;
  /** 0 received unread, 1 received read, 2 stored unsent, 3 stored sent (TS 27.005 3.1); undefined where the modem does not say. */
  readonly stat: number | undefined;
  /** Octets of the TPDU without the service centre's address, as the modem counts them. */
  readonly length: number | undefined;
  /** In capitals. */
  readonly hex: string;
}

/** What an answer shows. */
export interface Listing {
  readonly found: readonly StoredPdu[];
  /** Headers below which no PDU stands. */
  readonly unread: readonly string[];
  /** Messages are shown as texts: the modem is not in PDU mode. */
  readonly inText: boolean;
}

/** The answer of AT+CMGL=4: what can be read of it; the rest comes with the next look. */
export function readList(lines: readonly string[]): Listing {
  return readAnswer(lines, 'CMGL', undefined);
}

/** The answer of AT+CMGR: one message or none, at the place `index`. */
export function readMessage(index: number, lines: readonly string[]): Listing {
  return readAnswer(lines, 'CMGR', index);
}

function readAnswer(given: readonly string[], name: 'CMGL' | 'CMGR', place: number | undefined): Listing {
  const found: StoredPdu[] = [];
  const unread: string[] = [];
  let inText = false;
  const lines = given.flatMap(apart);
  lines.forEach((line, at) => {
    const header = headerOf(line, name);
    if (header === undefined) return;
    const fields = fieldsOf(header);
    const [first = ''] = place === undefined ? fields.splice(0, 1) : [];
    const asText = fields.some(isStamp);
    inText ||= asText;
    const hex = asText ? undefined : pduBelow(lines, at, fields);
    const index = place ?? (/^\d+$/.test(first) ? Number(first) : undefined);
    if (hex === undefined || index === undefined) unread.push(line);
    else found.push({ index, hex, ...stateAndLength(fields, hex) });
  });
  return { found, unread, inText };
}

function headerOf(line: string, name: string): string | undefined {
  return line.slice(0, 6).toUpperCase() === `+${name}:` ? line.slice(6).trim() : undefined;
}

/** A PDU that follows its header on the same line, behind a blank or a comma, on a line of its own. */
function apart(line: string): string[] {
  const [, head, hex] = /^(\+CMG[LR]:.*?)[\s,]+([0-9A-F]{14,})$/i.exec(line) ?? [];
  // What stands in quotes is a field of the header, in hexadecimal UCS-2.
  return head !== undefined && hex !== undefined ? [head, hex] : [line];
}

/** The PDU on the line below, or on the lines where the first is too short for the length that is given. */
function pduBelow(lines: readonly string[], at: number, fields: readonly string[]): string | undefined {
  let hex = readHex(lines[at + 1] ?? '');
  if (hex === undefined) return undefined;
  const longest = Math.max(0, ...fields.filter((field) => /^\d{1,3}$/.test(field)).map(Number));
  for (let next = at + 2; hex.length / 2 < longest; next++) {
    const more = readHex(lines[next] ?? '');
    if (more === undefined) break;
    hex += more;
  }
  return hex;
}

/** What the header says beside its index; numbers are told apart by what fits the PDU. */
function stateAndLength(
  fields: readonly string[],
  hex: string,
): { stat: number | undefined; length: number | undefined } {
  const numbers = fields.map((field) => (/^\d{1,4}$/.test(field) ? Number(field) : undefined));
  const fitting = numbers.findLastIndex((number) => number !== undefined && readPduForm(hex, number).fits);
  const word = readState(fields[0] ?? '');
  const statAt = fitting !== 0 && word !== undefined ? 0 : -1;
  // One that fits nothing is the length all the same: then the PDU was damaged, or the modem counts in its own way.
  const lengthAt = fitting > statAt ? fitting : numbers.findLastIndex((number) => number !== undefined);
  return {
    stat: statAt === 0 ? word : undefined,
    length: lengthAt > statAt ? numbers[lengthAt] : undefined,
  };
}

const STATES = ['REC UNREAD', 'REC READ', 'STO UNSENT', 'STO SENT'];

/** A state as a number, or in the words of text mode. */
function readState(field: string): number | undefined {
  if (/^[0-3]$/.test(field)) return Number(field);
  const at = STATES.indexOf(decodeWord(field).toUpperCase().replace(/\s+/g, ' '));
  return at < 0 ? undefined : at;
}

/** Whether a stored message came from the network. Where no state is given its type tells: only what was to be sent is a SUBMIT. */
export function isReceived({ stat, hex, length }: StoredPdu): boolean {
  if (stat !== undefined) return stat <= 1;
  const at = readPduForm(hex, length).smsc ? 2 + 2 * parseInt(hex.slice(0, 2), 16) : 0;
  return (parseInt(hex.slice(at, at + 2), 16) & 3) !== 1;
}

/** Hexadecimal digits in capitals, blanks and quotes taken off; undefined for anything else. */
export function readHex(line: string): string | undefined {
  const hex = line.replace(/["\s]/g, '').toUpperCase();
  return hex.length >= 2 && hex.length % 2 === 0 && /^[0-9A-F]+$/.test(hex) ? hex : undefined;
}

/**
 * Whether the service centre's address stands in front of the TPDU: TS 27.005 3.1 says so, some modems leave it out in +CDS.
 * `fits` is false where the length that is given agrees with neither, or none is given; then the octets tell.
 */
export function readPduForm(hex: string, length: number | undefined): { smsc: boolean; fits: boolean } {
  const octets = hex.length / 2;
  const centre = parseInt(hex.slice(0, 2), 16) + 1;
  if (length !== undefined && octets === length + centre) return { smsc: true, fits: true };
  if (length !== undefined && octets === length) return { smsc: false, fits: true };
  return { smsc: looksLikeCentre(hex), fits: false };
}

/** None (00), or a number of up to 20 digits with a type of address before it, whose high bit is always set (TS 24.011 8.2.5). */
function looksLikeCentre(hex: string): boolean {
  const length = parseInt(hex.slice(0, 2), 16);
  if (length === 0) return true;
  return length >= 2 && length <= 12 && parseInt(hex.slice(2, 4), 16) >= 0x80 && hex.length / 2 > length + 1;
}
