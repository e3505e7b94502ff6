/**
 * Which national language tables make a text shortest (3GPP TS 23.038 6.2.1.2): a locking table, a single shift
 * table, or one of each; an element of three octets for every one in every part.
 */
import { lockingTable, type Shifts } from './alphabet.ts';
import { DEFAULT_TABLE, EXTENSION_TABLE, LANGUAGES, SINGLE, type Language } from './national.ts';

const ALL = Object.keys(LANGUAGES) as Language[];

/** The languages of an option: all for true, none for false. Names the standard does not have are left out. */
export function languagesOf(option: boolean | readonly string[] | undefined): readonly Language[] {
  if (option === undefined || option === false) return [];
  if (option === true) return ALL;
  const wanted = new Set(option.map((name) => name.toLowerCase()));
  return ALL.filter((language) => wanted.has(language));
}

export interface ShiftChoice {
  readonly shifts: Shifts;
  /** Septets of the text alone. */
  readonly septets: number;
}

/** Every choice of tables that has all characters of the text, with fewest septets (and tables) first. */
export function shiftChoices(text: string, languages: readonly Language[]): ShiftChoice[] {
  const counts = new Map<string, number>();
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  const locking = [undefined, ...languages.filter((language) => lockingTable(language) !== undefined)];
  const single = [undefined, ...languages];
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
