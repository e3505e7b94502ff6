/**
 * Which national language tables make a text shortest (3GPP TS 23.038 6.2.1.2): a locking table, a single shift
 * table, or one of each; an element of three octets for every one in every part.
 */
import { lockingTable, type Shifts } from './alphabet.ts';
import { EncodeError } from './errors.ts';
import { DEFAULT_TABLE, EXTENSION_TABLE, LANGUAGES, SINGLE, type Language } from './national.ts';

const ALL = Object.keys(LANGUAGES) as Language[];

/** Which tables may be used: all, none, those of the named languages, or a choice for each kind of table. */
export type NationalShifts =
  boolean | readonly string[] | { readonly locking?: readonly string[]; readonly single?: readonly string[] };

export interface PermittedShifts {
  readonly locking: readonly Language[];
  readonly single: readonly Language[];
}

/** The languages of an option; undefined where it permits none. Throws EncodeError for an unknown name. */
export function permittedShifts(option: NationalShifts | undefined): PermittedShifts | undefined {
  if (option === undefined || option === false) return undefined;
  if (option === true) return { locking: ALL.filter(hasLocking), single: ALL };
  const { locking = [], single = [] } = 'map' in option ? { locking: option, single: option } : option;
  const permitted = { locking: named(locking).filter(hasLocking), single: named(single) };
  return permitted.locking.length + permitted.single.length === 0 ? undefined : permitted;
}

function named(names: readonly string[]): Language[] {
  return names.map((name) => {
    const language = ALL.find((known) => known === name.toLowerCase());
    if (language === undefined)
      throw new EncodeError('nationalShifts', `no language ${JSON.stringify(name)}`);
    return language;
  });
}

function hasLocking(language: Language): boolean {
  return lockingTable(language) !== undefined;
}

export interface ShiftChoice {
  readonly shifts: Shifts;
  /** Septets of the text alone. */
  readonly septets: number;
}

/** Every choice of tables that has all characters of the text, with fewest septets (and tables) first. */
export function shiftChoices(text: string, permitted: PermittedShifts): ShiftChoice[] {
  const counts = new Map<string, number>();
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  const locking = [undefined, ...permitted.locking];
  const single = [undefined, ...permitted.single];
  const choices: ShiftChoice[] = [];
  for (const l of locking) {
    const left = leftOver(counts, lockingTable(l) ?? DEFAULT_TABLE);
    for (const s of single) {
      if (l === undefined && s === undefined) continue;
      const table = s === undefined ? EXTENSION_TABLE : SINGLE[s];
      if (left.some(([character]) => !table.includes(character))) continue;
      const septets = left.reduce((sum, [, count]) => sum + count, text.length);
      choices.push({ shifts: { ...(l && { locking: l }), ...(s && { single: s }) }, septets });
    }
  }
  return choices.sort((a, b) => weight(a) - weight(b));
}

function weight({ shifts, septets }: ShiftChoice): number {
  return septets + 4 * Object.keys(shifts).length;
}

function leftOver(counts: ReadonlyMap<string, number>, table: string): [string, number][] {
  return [...counts].filter(([character]) => character === '\0' || !table.includes(character));
}

/** The header elements that announce these tables: single shift 0x24, locking shift 0x25 (TS 23.040 9.2.3.24). */
export function shiftElements(shifts: Shifts): number[] {
  const single = shifts.single === undefined ? [] : [0x24, 1, LANGUAGES[shifts.single]];
  const locking = shifts.locking === undefined ? [] : [0x25, 1, LANGUAGES[shifts.locking]];
  return [...single, ...locking];
}
