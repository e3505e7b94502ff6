import { readDelphiDate } from './delphi.ts';
import type { Finding } from './problem.ts';

/**
 * One line of sms.dat, smsusers.dat or smsstat.dat: ten fields with colons between, in this order. Nothing is quoted, so
 * a colon within a field cannot be told from one between two.
 */
export const FIELDS = [
  'user',
  'password',
  'gateway',
  'description',
  'maxsend',
  'sent',
  'lastsent',
  'prevsent',
  'expire',
  'inactive',
] as const;
export type FieldName = (typeof FIELDS)[number];

/** What a line says. */
export interface Row {
  readonly user: string;
  readonly password: string;
  readonly gateway: string;
  readonly description: string;
  /** Parts a month; 0: no limit. */
  readonly maxsend: number;
  readonly sent: number;
  readonly prevsent: number;
  /** Milliseconds since 1970. */
  readonly lastsent: number | undefined;
  /** `2027-01-31`. */
  readonly expire: string | undefined;
  readonly inactive: boolean;
}

export interface ReadLine {
  /** Absent where something in it cannot be read. */
  readonly row?: Row;
  readonly columns: Readonly<Record<FieldName, number>>;
  readonly bad: readonly Finding[];
  readonly notes: readonly Finding[];
}

export interface LineContext {
  readonly file: string;
  readonly line: number;
  /** In the file of a level neither user nor password is written. */
  readonly level: boolean;
  /** Whether a gateway is called so: that tells where a colon too many belongs. */
  readonly isGateway: (name: string) => boolean;
}

const DESCRIPTION = FIELDS.indexOf('description');
const GATEWAY = FIELDS.indexOf('gateway');

export function readLine(text: string, context: LineContext): ReadLine {
  const { file, line } = context;
  const cells = text.split(':');
  const bad: Finding[] = [];
  const notes: Finding[] = [];
  if (cells.length < FIELDS.length) {
    const missing = FIELDS.slice(cells.length).join(', ');
    notes.push({
      file,
      line,
      column: text.length + 1,
      message: `${cells.length} fields instead of ${FIELDS.length}: ${missing} taken as blank`,
    });
  }
  const split = cells.length > FIELDS.length ? joined(cells, context) : cells;
  const values = typeof split === 'string' ? cells : split;
  const columns = columnsOf(values);
  if (typeof split === 'string') {
    return { columns, notes, bad: [{ file, line, column: columns.description, message: split }] };
  }
  if (cells.length > FIELDS.length) {
    notes.push({
      file,
      line,
      column: columns.description,
      field: 'description',
      message: `holds a colon: read as "${split[DESCRIPTION] ?? ''}", since no other reading fits`,
    });
  }
  const field = (name: FieldName): string => values[FIELDS.indexOf(name)] ?? '';
  const complain = (name: FieldName, message: string): undefined => {
    bad.push({ file, line, column: columns[name], field: name, message });
  };
  const count = (name: FieldName): number => {
    const written = field(name).trim();
    if (written === '') return 0;
    if (/^\d{1,15}$/.test(written)) return Number(written);
    complain(name, `"${written}" is no whole number`);
    return 0;
  };
  for (const name of ['user', 'gateway', 'password', 'description'] as const) {
    // A tab in a description does no harm.
    if (/[\0-\x08\x0b-\x1f\x7f]/.test(field(name))) complain(name, 'holds a control character');
  }
  const row: Row = {
    user: field('user').trim(),
    password: field('password'),
    gateway: field('gateway').trim(),
    description: field('description'),
    maxsend: count('maxsend'),
    sent: count('sent'),
    prevsent: count('prevsent'),
    lastsent: unixTime(field('lastsent').trim(), (why) => complain('lastsent', why)),
    expire: expiry(field('expire'), {
      bad: (why) => complain('expire', why),
      note: (message) => notes.push({ file, line, column: columns.expire, field: 'expire', message }),
    }),
    inactive: flag(field('inactive').trim(), (why) => complain('inactive', why)),
  };
  return { columns, notes, bad, ...(bad.length === 0 ? { row } : {}) };
}

/** The line of a row. No field may hold a colon or a line break. */
export function writeLine(
  row: Omit<Row, 'expire' | 'lastsent'> & { expire: number; lastsent: number },
): string {
  return [
    row.user,
    row.password,
    row.gateway,
    row.description,
    row.maxsend,
    row.sent,
    row.lastsent,
    row.prevsent,
    row.expire,
    row.inactive ? 1 : 0,
  ].join(':');
}

/**
 * The cells of a line that has too many, put together so that the description holds the colons; or why that is not sure.
 * The six fields after it are numbers, and the one before it is blank or names a gateway: where that holds for no place
 * but the third field, the colons are the description's.
 */
function joined(cells: readonly string[], { level, isGateway }: LineContext): string[] | string {
  const surplus = cells.length - FIELDS.length;
  const many = `${cells.length} fields instead of ${FIELDS.length}`;
  const tail = cells.slice(DESCRIPTION + surplus + 1);
  if (!tail.every((cell) => /^[\d.,\s]*$/.test(cell))) {
    return `${many}, and the last six are not all numbers: it cannot be told which colon is one too many`;
  }
  const fits = (index: number): boolean => {
    const cell = (cells[index] ?? '').trim();
    return cell === '' || isGateway(cell);
  };
  const places = Array.from({ length: surplus + 1 }, (_, index) => GATEWAY + index).filter(fits);
  const blankHead = level && cells.slice(0, GATEWAY).every((cell) => cell.trim() === '');
  if (!fits(GATEWAY) || (places.length > 1 && !blankHead)) {
    return `${many}: it cannot be told whether the password or the description holds a colon; take it out in IceWarp`;
  }
  const description = cells.slice(DESCRIPTION, DESCRIPTION + surplus + 1).join(':');
  return [...cells.slice(0, DESCRIPTION), description, ...tail];
}

function columnsOf(values: readonly string[]): Record<FieldName, number> {
  let next = 1;
  const columns = FIELDS.map((name, index): [FieldName, number] => {
    const column = next;
    const value = values[index];
    if (value !== undefined) next += value.length + 1;
    return [name, column];
  });
  return Object.fromEntries(columns) as Record<FieldName, number>;
}

/** The year 9999 in seconds. */
const LAST_SECOND = 253_402_300_799;

function unixTime(written: string, bad: (why: string) => void): number | undefined {
  if (/^0*$/.test(written)) return undefined;
  if (/^\d{1,5}(?:[.,]\d+)?$/.test(written)) {
    bad(`"${written}" is no unix time; it looks like a Delphi date`);
    return undefined;
  }
  if (!/^\d{1,12}$/.test(written) || Number(written) > LAST_SECOND) {
    bad(`"${written}" is no unix time (seconds since 1970)`);
    return undefined;
  }
  return Number(written) * 1000;
}

function expiry(
  written: string,
  tell: { readonly bad: (why: string) => void; readonly note: (what: string) => void },
): string | undefined {
  const date = readDelphiDate(written);
  if (date.kind === 'bad') tell.bad(date.why);
  if (date.kind !== 'day') return undefined;
  if (date.time) tell.note(`"${written.trim()}" is within ${date.day}: it expires at the start of that day`);
  return date.day;
}

function flag(written: string, bad: (why: string) => void): boolean {
  if (/^(?:|0|f|false|no)$/i.test(written)) return false;
  if (!/^(?:1|t|true|yes)$/i.test(written)) bad(`"${written}" is neither 0 nor 1`);
  return true;
}
