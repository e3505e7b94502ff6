/** One condition of a filter, made one of ours. */
import { parseNetwork } from '../match/cidr.ts';
import type { ConditionGroup } from '../schema.ts';
import type { Mode, TextTest } from '../match/text-test.ts';
import {
  CONDITION_NUMBERS,
  EVERY_ITEM,
  FOREIGN_CONDITIONS,
  MATCH_LIST,
  MATCH_NUMBERS,
  PRIORITIES,
  WEEKDAY_FIELDS,
} from './numbers.ts';
import { flag } from './flag.ts';
import type { XmlElement } from './tree.ts';

type Fields = XmlElement['fields'];

/** Undefined where there is no counterpart, which `lose` is told of. */
export function conditionFrom(item: XmlElement, lose: (text: string) => void): ConditionGroup | undefined {
  const { fields } = item;
  const name = nameOf(fields);
  if (name === undefined) {
    const number = fields.get('conditiontype') ?? '';
    const label = FOREIGN_CONDITIONS[Number(number)];
    const what = label === undefined ? `condition type ${number || '(none)'}` : `the condition "${label}"`;
    lose(`${what} ${label === undefined ? 'is not known' : 'means nothing for text messages'}`);
    return undefined;
  }
  const read = READERS[name];
  if (read !== undefined) return read(fields, lose);
  const test = textTestFrom(fields, fields.get('matchvalue') ?? '', lose);
  if (test === undefined) return undefined;
  if (name.startsWith('header:')) {
    return { header: { name: CONDITION_NUMBERS[name]?.label ?? '', ...test } };
  }
  return { [name]: test };
}

function nameOf(fields: Fields): string | undefined {
  const given = (fields.get('conditiontype') ?? '').trim();
  const classname = (fields.get('classname') ?? '').trim().toLowerCase();
  const entries = Object.entries(CONDITION_NUMBERS);
  // The class tells where the number is missing, except the one that many conditions share.
  const found =
    given === ''
      ? entries.find(([, known]) => known.classname === classname && classname !== 'trulesomewordscondition')
      : entries.find(([, known]) => known.number === Number(given));
  return found?.[0];
}

type Read = (fields: Fields, lose: (text: string) => void) => ConditionGroup | undefined;

/** Conditions that are not on words as they stand. */
const READERS: Readonly<Record<string, Read>> = {
  always: () => ({ always: true }),
  trusted: () => ({ trusted: true }),
  authenticated: () => ({ authenticated: true }),
  hasAttachment: () => ({ hasAttachment: true }),
  priority: (fields, lose) => {
    const is = PRIORITIES[Number(fields.get('priority'))];
    if (is === undefined) lose(`the priority ${fields.get('priority') ?? ''} is not known`);
    return is === undefined ? undefined : { priority: { is } };
  },
  size: (fields, lose) => {
    const size = Number(fields.get('size') ?? NaN);
    if (!Number.isInteger(size) || size < 0) {
      lose('the size is not a number');
      return undefined;
    }
    return { size: flag(fields.get('comparetype'), false) ? { over: `${size}B` } : { under: `${size}B` } };
  },
  header: (fields, lose) => {
    const value = fields.get('matchvalue') ?? '';
    const colon = value.indexOf(':');
    const name = value.slice(0, Math.max(0, colon)).trim();
    if (!/^[!-9;-~]{1,76}$/.test(name)) {
      lose(`"${value.slice(0, 60)}" does not begin with the name of a header field`);
      return undefined;
    }
    const test = textTestFrom(fields, value.slice(colon + 1).trim(), lose);
    return test === undefined ? undefined : { header: { name, ...test } };
  },
  remote: (fields, lose) => {
    const networks = (fields.get('matchvalue') ?? '').split(';').map((each) => each.trim());
    if (networks.length === 0 || networks.some((each) => parseNetwork(each) === undefined)) {
      lose('the remote IP is not an address or a network');
      return undefined;
    }
    const group: ConditionGroup = { remote: single(networks) };
    return flag(fields.get('notmatch'), false) ? { not: group } : group;
  },
  time: (fields, lose) => {
    const days = Object.entries(WEEKDAY_FIELDS).filter(([field]) => flag(fields.get(field), false));
    const parts: ConditionGroup[] = [];
    if (flag(fields.get('weekdays'), false)) {
      if (days.length === 0) parts.push({ not: { always: true } });
      else parts.push({ weekday: single(days.map(([, day]) => day)) });
    }
    const times = rangeFrom(fields, 'time', /^(\d{1,2}):(\d{2})/);
    if (flag(fields.get('betweentimes'), false)) {
      if (times === undefined) lose('the times of day cannot be read');
      else parts.push({ time: times });
    }
    const dates = rangeFrom(fields, 'date', /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})/);
    if (flag(fields.get('betweendates'), false)) {
      if (dates === undefined) lose('the dates cannot be read');
      else parts.push({ date: dates });
    }
    return parts.length === 0 ? { always: true } : (Object.assign({}, ...parts) as ConditionGroup);
  },
};

function rangeFrom(
  fields: Fields,
  what: 'time' | 'date',
  form: RegExp,
): { from?: string; to?: string } | undefined {
  const separator = what === 'time' ? ':' : '-';
  const ends = ['from', 'to'].flatMap((end): [string, string][] => {
    const match = form.exec((fields.get(`${end}${what}`) ?? '').trim());
    return match === null
      ? []
      : [
          [
            end,
            match
              .slice(1)
              .map((each) => each.padStart(2, '0'))
              .join(separator),
          ],
        ];
  });
  return ends.length === 0 ? undefined : Object.fromEntries(ends);
}

function textTestFrom(fields: Fields, value: string, lose: (text: string) => void): TextTest | undefined {
  const number = Number(fields.get('matchfunction') ?? MATCH_NUMBERS.contains);
  const mode = (Object.keys(MATCH_NUMBERS) as Mode[]).find((each) => MATCH_NUMBERS[each] === number);
  if (mode === undefined && number !== MATCH_LIST) {
    lose(`the match function ${fields.get('matchfunction') ?? ''} is not known`);
    return undefined;
  }
  if (flag(fields.get('parsexml'), false)) lose('"parse XML" of the body means nothing for text messages');
  const more: Partial<TextTest> = {
    ...(flag(fields.get('matchcase'), false) ? { case: true } : {}),
    ...(flag(fields.get('matchwholewordsonly'), false) && mode !== 'regex' ? { words: true } : {}),
    ...(Number(fields.get('multipleitemsmatch') ?? 0) === EVERY_ITEM ? { every: true } : {}),
    ...(flag(fields.get('notmatch'), false) ? { not: true } : {}),
  };
  if (number === MATCH_LIST) return { contains: { list: value.trim() || 'list' }, ...more };
  if (mode === undefined) return undefined;
  return { [mode]: mode === 'regex' ? value : single(alternatives(value)), ...more };
}

/** Semicolons separate alternatives. */
function alternatives(value: string): string[] {
  const found = value.split(';').filter((each) => each.trim() !== '');
  return found.length === 0 ? [value] : found;
}

function single(values: readonly string[]): string | readonly string[] {
  const [only] = values;
  return values.length === 1 && only !== undefined ? only : values;
}
