import { decodeSeptets, encodeSeptets } from '../sms/alphabet.ts';
import { decodeDcs } from '../sms/dcs.ts';
import { fromHex, toHex } from '../sms/hex.ts';
import { segment } from '../sms/segment.ts';
import { encodeSubmit } from '../sms/submit.ts';
import { decodeTpdu } from '../sms/tpdu.ts';

/** The text mode of the modem in modem.ts: what TS 27.005 3 says a modem makes of a SMS, and a SMS of what it is told. */
export interface TextState {
  readonly charset: string;
  /** AT+CSMP: first octet, validity, protocol, coding. */
  readonly parameters: readonly number[];
  /** AT+CSDH. */
  readonly headers: boolean;
}

const STATES = ['REC UNREAD', 'REC READ', 'STO UNSENT', 'STO SENT'];
const UDHI = 0x40;

/** The SMS-SUBMIT that the modem makes, service centre octet in front. Throws for what it cannot make. */
export function submitOf(number: string, body: string, { charset, parameters }: TextState): string {
  const [fo = 17, vp = 167, pid = 0, dcs = 0] = parameters;
  const { alphabet } = decodeDcs(dcs);
  const inOctets = (fo & UDHI) !== 0 || alphabet !== 'gsm7';
  const tpdu = encodeSubmit({
    destination: number,
    segment: inOctets ? octetSegment(fromHex(body), (fo & UDHI) !== 0, alphabet) : textSegment(body, charset),
    statusReport: (fo & 0x20) !== 0,
    validity: { format: 'relative', raw: vp, minutes: 5 },
    pid,
    dcs,
  });
  return `00${toHex(tpdu)}`;
}

function octetSegment(userData: Uint8Array, header: boolean, encoding: 'gsm7' | 'ucs2' | '8bit') {
  if (userData.length > 140) throw new Error('too long');
  const units = encoding === 'gsm7' ? Math.floor((userData.length * 8) / 7) : userData.length;
  const udh = userData.subarray(1, 1 + (userData[0] ?? 0));
  return { sequence: 1, total: 1, userData, userDataLength: units, encoding, ...(header && { udh }) };
}

function textSegment(body: string, charset: string) {
  const { parts } = segment(textOf(body, charset), { encoding: 'gsm7' });
  if (parts.length !== 1 || parts[0] === undefined) throw new Error('too long');
  return parts[0];
}

/** A string that the host wrote. */
export function textOf(given: string, charset: string): string {
  if (charset === 'UCS2') return utf16(fromHex(given));
  if (charset === 'HEX') return decodeSeptets(fromHex(given));
  return charset === 'GSM' ? decodeSeptets(Buffer.from(given, 'latin1')) : given;
}

/** A string for the host. */
function written(text: string, charset: string): string {
  if (charset === 'UCS2') return toHex(Buffer.from(text, 'utf16le').swap16());
  const septets = encodeSeptets(text);
  if (charset === 'IRA' || typeof septets === 'number') return text.replace(/[^\x00-\x7e]/g, '?');
  return charset === 'HEX' ? toHex(septets) : Buffer.from(septets).toString('latin1');
}

function utf16(octets: Uint8Array): string {
  return Buffer.from(octets).swap16().toString('utf16le');
}

/** What follows `+CMT: `, `+CDS: `, `+CMGR: ` or `+CMGL: `, with the body on a line of its own. */
export function shown(
  as: '+CMT' | '+CDS' | '+CMGR' | '+CMGL',
  hex: string,
  state: TextState,
  place: { readonly index?: number; readonly stat?: number } = {},
): string {
  const octets = fromHex(hex);
  const tpdu = decodeTpdu(octets, { direction: 'to-mobile' });
  const start = 1 + (octets[0] ?? 0);
  const fo = octets[start] ?? 0;
  // In "HEX", gammu for one takes numbers to come as they are.
  const words = state.charset === 'HEX' ? 'IRA' : state.charset;
  const quoted = (text: string): string => `"${written(text, words)}"`;
  const stat = `"${STATES[place.stat ?? 0]}"`;
  const before = as === '+CMGL' ? [String(place.index), stat] : as === '+CMGR' ? [stat] : [];
  if (tpdu.type === 'status-report') {
    const { reference, recipient, timestamp, discharge, status } = tpdu;
    const fields = [fo, reference, quoted(recipient.number), typeOf(recipient.number)];
    return [...before, ...fields, stampOf(timestamp.iso), stampOf(discharge.iso), status].join(',');
  }
  if (tpdu.type !== 'deliver') throw new Error(`a ${tpdu.type} in a storage`);
  const { originator, timestamp, pid, dcs } = tpdu;
  // First octet, length and digits of the number, protocol, coding, seven octets of time, length of the rest.
  const userData = octets.subarray(start + 3 + Math.ceil((octets[start + 1] ?? 0) / 2) + 10);
  const inOctets = (fo & UDHI) !== 0 || dcs.alphabet !== 'gsm7';
  const text = tpdu.text ?? '';
  const body = inOctets ? toHex(userData) : written(text, state.charset);
  const length = inOctets ? userData.length : text.length;
  const head = [...before, quoted(originator.number), '', stampOf(timestamp.iso)];
  const type = typeOf(originator.number);
  const rest =
    as === '+CMGL' ? [type, length] : [type, fo, pid, dcs.raw, quoted('+15550000000'), 145, length];
  return `${[...head, ...(state.headers ? rest : [])].join(',')}\r\n${body}`;
}

function typeOf(number: string): number {
  return number.startsWith('+') ? 145 : /^\d+$/.test(number) ? 129 : 208;
}

/** `"26/11/23,09:30:15+04"`. */
function stampOf(iso: string): string {
  const [, year, month, day, time, sign, hours, minutes] =
    /^\d\d(\d\d)-(\d\d)-(\d\d)T([\d:]+)([+-])(\d\d):(\d\d)$/.exec(iso.replace(/Z$/, '+00:00')) ?? [];
  const quarters = Number(hours) * 4 + Number(minutes) / 15;
  return `"${year}/${month}/${day},${time}${sign}${String(quarters).padStart(2, '0')}"`;
}
