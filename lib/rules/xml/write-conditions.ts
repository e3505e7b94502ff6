/** One condition of ours, as the fields of an item. */
import { parseSize } from '../../base/units.ts';
import type { Mode, TextTest, Values } from '../match/text-test.ts';
import { type Fields, NoCounterpart } from './no-counterpart.ts';
import {
  CONDITION_NUMBERS,
  EVERY_ITEM,
  type KnownCondition,
  MATCH_LIST,
  MATCH_NUMBERS,
  PRIORITIES,
  WEEKDAY_FIELDS,
} from './numbers.ts';

export interface WrittenCondition {
  readonly known: KnownCondition;
  readonly fields: Fields;
  /** It was written as its opposite. */
  readonly negated: boolean;
}

/** Throws NoCounterpart. */
export function writtenCondition(name: string, settings: unknown): WrittenCondition {
  const write = WRITERS[name];
  if (write !== undefined) return write(settings);
  const known = CONDITION_NUMBERS[name];
  if (known === undefined) throw new NoCounterpart(`the condition "${name}" has no counterpart`);
  return { known, fields: wordsFields(settings as TextTest, ''), negated: false };
}

type Write = (settings: unknown) => WrittenCondition;

function known(name: string): KnownCondition {
  const found = CONDITION_NUMBERS[name];
  if (found === undefined) throw new NoCounterpart(`the condition "${name}" has no counterpart`);
  return found;
}

/** A condition that is true or false, of which the other side knows `true` only. */
function fact(name: string): Write {
  return (wanted) => ({ known: known(name), fields: [], negated: wanted !== true });
}

const WRITERS: Readonly<Record<string, Write>> = {
  always: fact('always'),
  trusted: fact('trusted'),
  authenticated: fact('authenticated'),
  hasAttachment: fact('hasAttachment'),
  priority: (settings) => {
    const { is } = settings as { is?: number };
    const found = Object.entries(PRIORITIES).find(([, ours]) => ours === is);
    if (found === undefined || Object.keys(settings as object).length > 1) {
      throw new NoCounterpart('a priority other than -9, -5, 0, 5 or 9 has no counterpart');
    }
    return { known: known('priority'), fields: [['priority', Number(found[0])]], negated: false };
  },
  size: (settings) => {
    const { over, under, is } = settings as { over?: string; under?: string; is?: string };
    const given = over ?? under;
    if (given === undefined || is !== undefined || (over !== undefined && under !== undefined)) {
      throw new NoCounterpart('a size that is neither over nor under one value has no counterpart');
    }
    const fields: Fields = [
      ['comparetype', over !== undefined],
      ['size', parseSize(given) ?? 0],
    ];
    return { known: known('size'), fields, negated: false };
  },
  header: (settings) => {
    const { name, ...test } = settings as TextTest & { name: string };
    const own = CONDITION_NUMBERS[`header:${name.toLowerCase()}`];
    if (own !== undefined) return { known: own, fields: wordsFields(test, ''), negated: false };
    return { known: known('header'), fields: wordsFields(test, `${name}:`), negated: false };
  },
  remote: (settings) => {
    const networks = typeof settings === 'string' ? [settings] : (settings as string[]);
    return { known: known('remote'), fields: wordsFields({ is: networks }, ''), negated: false };
  },
  time: (settings) => {
    const { from = '00:00', to = '24:00' } = settings as { from?: string; to?: string };
    return timeCondition({ time: [from, to] });
  },
  weekday: (settings) =>
    timeCondition({ days: typeof settings === 'string' ? [settings] : (settings as string[]) }),
  date: (settings) => {
    const { from = '', to = '' } = settings as { from?: string; to?: string };
    return timeCondition({ date: [from, to] });
  },
};

function timeCondition({
  days = [],
  time = ['', ''],
  date = ['', ''],
}: {
  readonly days?: readonly string[];
  readonly time?: readonly [string, string];
  readonly date?: readonly [string, string];
}): WrittenCondition {
  const fields: Fields = [
    ['weekdays', days.length > 0],
    ...Object.entries(WEEKDAY_FIELDS).map(([field, day]) => [field, days.includes(day)] as const),
    ['betweentimes', time[0] !== ''],
    ['fromtime', time[0]],
    ['totime', time[1]],
    ['betweendates', date[0] !== '' || date[1] !== ''],
    ['fromdate', date[0]],
    ['todate', date[1]],
  ];
  return { known: known('time'), fields, negated: false };
}

/** @param before what stands before the value: the name of a header field */
function wordsFields(test: TextTest, before: string): Fields {
  const mode = (Object.keys(MATCH_NUMBERS) as Mode[]).find((each) => test[each] !== undefined) ?? 'contains';
  const given = test[mode] ?? '';
  const list = listOf(given);
  if (list !== undefined && mode !== 'contains') {
    throw new NoCounterpart(`a list that is compared by "${mode}" has no counterpart`);
  }
  return [
    ['matchfunction', list === undefined ? MATCH_NUMBERS[mode] : MATCH_LIST],
    ['matchvalue', before + (list ?? matchValue(mode, given))],
    ['matchcase', test.case === true],
    ['matchwholewordsonly', test.words === true],
    ['notmatch', test.not === true],
    ['multipleitemsmatch', test.every === true ? EVERY_ITEM : 0],
    ['parsexml', false],
  ];
}

function listOf(given: Values): string | undefined {
  return typeof given === 'object' && 'list' in given ? given.list : undefined;
}

function matchValue(mode: Mode, given: Values): string {
  const values = typeof given === 'string' ? [given] : (given as readonly string[]);
  if (mode === 'regex') {
    if (values.length > 1) return values.map((each) => `(?:${each})`).join('|');
    return values[0] ?? '';
  }
  if (values.some((each) => each.includes(';') || each.trim() === '')) {
    throw new NoCounterpart('a text with a semicolon in it, or an empty one, has no counterpart');
  }
  return values.join(';');
}
