import { decodeWord } from './charset.ts';

/** The answers of AT commands as data: pure, and undefined for what cannot be read. */

/** How AT+CPIN? is answered. Wavecom's modems end it without OK. */
export const PIN_STATE = { answer: '+CPIN:', bare: true };

/** `+CPIN: SIM PIN` (TS 27.007 8.3): the state in capitals. */
export function readPinState(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    const match = /^\+CPIN:\s*"?([A-Z0-9 -]+?)"?$/i.exec(line);
    if (match?.[1] !== undefined) return match[1].toUpperCase();
  }
  return undefined;
}

/** `+CSCA: "+491710760000",145` (TS 27.005 3.3.1): the number; undefined where none is set. */
export function readServiceCentre(lines: readonly string[]): string | undefined {
  const match = /^\+CSCA:\s*"([^"]*)"(?:\s*,\s*(\d+))?/i.exec(lines[0] ?? '');
  const given = match?.[1] ?? '';
  // Some modems give the number as UCS-2 in hex when AT+CSCS="UCS2" is set, or left over.
  const number = given.length >= 12 ? decodeWord(given) : given;
  if (!/^\+?\d{3,20}$/.test(number)) return undefined;
  return match?.[2] === '145' && !number.startsWith('+') ? `+${number}` : number;
}

/** The answer of AT+CGSN (TS 27.007 5.4): the IMEI; makers put more beside it. */
export function readImei(line: string): string | undefined {
  return /(?<!\d)(\d{14,16})(?!\d)/.exec(line)?.[1];
}

/**
 * The SIM's serial number (ITU-T E.118): 19 or 20 digits, 89 first; some operators use A to F as digits. A modem may give it
 * as it lies in the SIM, filled up with F and the digits of each octet swapped (TS 31.102 4.2.1).
 */
export function readIccid(line: string): string | undefined {
  const given = /(?<![\dA-Z])(\d{6}[\dA-F]{12,14})(?![\dA-Z])/i.exec(line)?.[1]?.toUpperCase();
  const straight = given?.startsWith('98') === true ? given.replace(/(.)(.)/g, '$2$1') : given;
  return straight?.replace(/F+$/, '');
}

/** What the network makes of us (TS 27.007 7.2, 10.1.20, 10.1.22). */
export type Registration = 'home' | 'roaming' | 'searching' | 'denied' | 'none' | 'unknown';

/** `+CREG: 0,1` (an answer) or `+CREG: 1` (unasked), with or without where that is. */
export function readRegistration(line: string): Registration | undefined {
  const fields = registrationFields(line);
  if (fields === undefined) return undefined;
  const stat = Number(isRegistrationNews(line) ? fields[0] : fields[1]);
  // 6, 7: "SMS only"; 9, 10: CSFB not preferred: the SIM can send all the same.
  if (stat === 1 || stat === 6 || stat === 9) return 'home';
  if (stat === 5 || stat === 7 || stat === 10) return 'roaming';
  if (stat === 0) return 'none';
  if (stat === 2) return 'searching';
  // 8, 11: for emergency calls, or what the operator left open, alone.
  return stat === 3 || stat === 8 || stat === 11 ? 'denied' : 'unknown';
}

/**
 * Whether a line says unasked what became of the registration: `<stat>[,<lac>,<ci>[,...]]`, where an answer is
 * `<n>,<stat>[,...]` (TS 27.007 7.2). Makers leave the quotes off, so that <lac> may look like a number: it has four digits, and
 * <ci> always follows it.
 */
export function isRegistrationNews(line: string): boolean {
  const fields = registrationFields(line);
  if (fields === undefined) return false;
  const second = fields[1] ?? '';
  return fields.length === 3 || !/^\d{1,3}$/.test(second) || Number(second) > 11;
}

function registrationFields(line: string): string[] | undefined {
  const text = /^\+C(?:G|E|5G)?REG:\s*(\d+\s*(?:,.*)?)$/i.exec(line)?.[1];
  return text?.split(',').map((field) => field.trim());
}

export interface Signal {
  /** Received signal strength in dBm. */
  readonly dbm: number;
  /** 0 to 5, as a phone shows it. */
  readonly bars: number;
}

/** `+CSQ: 24,0` (TS 27.007 8.5); undefined where it is not known (99). */
export function readSignal(lines: readonly string[]): Signal | undefined {
  const rssi = Number(/^\+CSQ:\s*(\d+)/i.exec(lines[0] ?? '')?.[1]);
  if (!(rssi >= 0 && rssi <= 31)) return undefined;
  const bars = rssi >= 20 ? 5 : rssi >= 15 ? 4 : rssi >= 10 ? 3 : rssi >= 5 ? 2 : rssi >= 2 ? 1 : 0;
  return { dbm: -113 + 2 * rssi, bars };
}

/** `+COPS: 0,0,"Operator",7` (TS 27.007 7.3): the name or number of the network. */
export function readOperator(lines: readonly string[]): string | undefined {
  const match = /^\+COPS:\s*\d+\s*,\s*\d+\s*,\s*"([^"]+)"/i.exec(lines[0] ?? '');
  return match?.[1] === undefined ? undefined : decodeWord(match[1].trim());
}

/** `+CSMS: (0,1)`, `+CSMS: (0-1,128)` (TS 27.005 3.2.1, test form): the message services that may be chosen. */
export function readServices(lines: readonly string[]): number[] {
  const list = /^\+CSMS:\s*\(([\d\s,-]*)\)/i.exec(lines[0] ?? '')?.[1] ?? '';
  return [...list.matchAll(/(\d{1,3})(?:\s*-\s*(\d{1,3}))?/g)].flatMap(([, first, last = first]) =>
    Array.from({ length: Math.max(0, Number(last) - Number(first) + 1) }, (_, at) => Number(first) + at),
  );
}

/** `+CPMS: ("SM","ME"),...` (TS 27.005 3.2.2, test form): what may be read from. */
export function readStorages(lines: readonly string[]): string[] {
  const text = lines.join(' ');
  const list = /^\+CPMS:\s*\(([^)]*)\)/i.exec(text)?.[1];
  if (list !== undefined) return storageNames(list);
  // Huawei's MU609 and Thuraya's phones give the three lists without brackets, one after the other.
  const names = storageNames(/^\+CPMS:(.*)$/i.exec(text)?.[1] ?? '');
  return names.slice(0, names.length / 3);
}

function storageNames(text: string): string[] {
  return [...text.matchAll(/"([A-Z]{2})"/gi)].map((match) => (match[1] ?? '').toUpperCase());
}

export interface Fill {
  readonly used: number;
  readonly total: number;
}

/** `+CPMS: 3,50,...` after AT+CPMS=, or `+CPMS: "SM",3,50,...` to a question: how full the first storage is. */
export function readFill(lines: readonly string[]): Fill | undefined {
  const match = /^\+CPMS:\s*(?:"[A-Z]{2}"\s*,\s*)?(\d+)\s*,\s*(\d+)/i.exec(lines[0] ?? '');
  return match === null ? undefined : { used: Number(match[1]), total: Number(match[2]) };
}

/** `+CMTI: "SM",3`, `+CDSI: "SR",1`: where it lies. */
export function readIndication(text: string): { storage: string; index: number } | undefined {
  const match = /^"?([A-Z]{2})"?\s*,\s*(\d+)/i.exec(text);
  return match?.[1] === undefined ? undefined : { storage: match[1].toUpperCase(), index: Number(match[2]) };
}

/** The length at the end of `+CMT: ,23` or `+CDS: 25`. */
export function readLength(text: string): number | undefined {
  const match = /(\d+)$/.exec(text.trim());
  return match === null ? undefined : Number(match[1]);
}

/** `+CMGS: 7[,...]` (TS 27.005 3.5.1): TP-MR. */
export function readReference(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    const match = /^\+CMG[SC]:\s*(\d+)/i.exec(line);
    if (match?.[1] !== undefined) return match[1];
  }
  return undefined;
}
