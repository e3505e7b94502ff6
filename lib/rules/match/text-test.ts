/** How a text is compared: the modes of a condition such as `subject: { contains: alarm }`, one line each in MODES. */
import { z } from 'zod';
import { BadRule } from '../bad-rule.ts';
import type { Draft } from '../draft.ts';
import type { Field } from '../field.ts';
import { BadPattern, Pattern } from './regex.ts';
import { wildcard } from './wildcard.ts';

/** Texts, any of which will do; `list` names a file with one in each line. */
export type Values = string | readonly string[] | { readonly list: string };

export interface TextTest {
  readonly contains?: Values;
  readonly is?: Values;
  readonly starts?: Values;
  readonly ends?: Values;
  readonly wildcard?: Values;
  readonly regex?: string | readonly string[];
  readonly case?: boolean;
  readonly words?: boolean;
  readonly every?: boolean;
  readonly not?: boolean;
}

export type Mode = 'contains' | 'is' | 'starts' | 'ends' | 'wildcard' | 'regex';

interface ModeKind {
  /** As it reads: `Subject contains`, `Subject does not contain`. */
  readonly says: readonly [yes: string, no: string];
  /** Does `whole` have `part` in the way of this mode? Both in lower case where case does not matter. */
  readonly fits?: (whole: string, part: string, words: boolean) => boolean;
}

export const MODES: { readonly [M in Mode]: ModeKind } = {
  contains: { says: ['contains', 'does not contain'], fits: contains },
  is: { says: ['is', 'is not'], fits: (whole, part) => whole === part },
  starts: { says: ['starts with', 'does not start with'], fits: starts },
  ends: { says: ['ends with', 'does not end with'], fits: ends },
  wildcard: { says: ['is like', 'is not like'], fits: wildcard },
  regex: { says: ['matches', 'does not match'] },
};

const MODE_NAMES = Object.keys(MODES) as Mode[];

const texts = () => z.union([z.string(), z.array(z.string()).min(1)]);
const values = () =>
  z.union([z.string(), z.array(z.string()).min(1), z.strictObject({ list: z.string().min(1) })]);

/** @param more other settings that stand beside the mode, as the name of a header field does */
export function textTest<T extends z.ZodRawShape>(more: T) {
  return z
    .strictObject({
      ...more,
      contains: values()
        .exactOptional()
        .meta({ description: 'The text stands somewhere in it.', examples: ['alarm'] }),
      is: values()
        .exactOptional()
        .meta({ description: 'It is the text.', examples: ['down'] }),
      starts: values()
        .exactOptional()
        .meta({ description: 'It starts with the text.', examples: ['+1'] }),
      ends: values()
        .exactOptional()
        .meta({ description: 'It ends with the text.', examples: ['@example.com'] }),
      wildcard: values()
        .exactOptional()
        .meta({
          description: 'It is like the text: `*` is anything, `?` any character.',
          examples: ['*@example.*'],
        }),
      regex: texts()
        .exactOptional()
        .meta({ description: 'The regular expression is found in it.', examples: ['^(?!.*@)(.*)$'] }),
      case: z
        .boolean()
        .exactOptional()
        .meta({ description: 'Capital letters matter.', examples: [true] }),
      words: z
        .boolean()
        .exactOptional()
        .meta({ description: 'Whole words only: not a part of a longer one.', examples: [true] }),
      every: z
        .boolean()
        .exactOptional()
        .meta({
          description: 'Where there are several (two such fields): it must be so of each.',
          examples: [true],
        }),
      not: z
        .boolean()
        .exactOptional()
        .meta({ description: 'The opposite.', examples: [true] }),
    })
    .superRefine((test, context) => {
      const given = MODE_NAMES.filter((mode) => (test as Record<string, unknown>)[mode] !== undefined);
      if (given.length === 1) return;
      const message =
        given.length === 0
          ? 'does not say how to compare'
          : `compares in several ways: ${given.join(' and ')}`;
      context.addIssue({
        code: 'custom',
        message,
        params: {
          hint:
            given.length === 0 ? 'write { contains: TEXT }, or is, starts, ends, wildcard, regex' : 'use one',
        },
      });
    });
}

/** Lines of the list with this name; undefined where there is none. */
export type Lists = (name: string) => readonly string[] | undefined;

export interface TextResult {
  readonly holds: boolean;
  readonly seen: string;
  readonly warning?: string;
  /** What a regular expression caught. */
  readonly match?: readonly (string | undefined)[];
}

export interface CompiledText {
  /** `contains "alarm" or "down"`. */
  readonly text: string;
  readonly test: (fields: readonly Field[], draft: Draft) => TextResult;
}

type Hit = boolean | 'timeout' | readonly (string | undefined)[];

/** Throws BadRule: no such list, or a pattern that is none. */
export function compileText(test: TextTest, lists: Lists): CompiledText {
  const mode = MODE_NAMES.find((each) => test[each] !== undefined) ?? 'contains';
  const hit = mode === 'regex' ? regexHit(test) : plainHit(test, mode, lists);
  const negated = test.not === true;
  const every = test.every === true;
  return {
    text: saying(test, mode),
    test: (fields, draft) => {
      let holds = every && fields.length > 0;
      let seen = fields[0]?.text ?? '';
      let match: readonly (string | undefined)[] | undefined;
      for (const field of fields) {
        const found = hit(field, draft);
        if (found === 'timeout') {
          return { holds: false, seen: field.text, warning: 'the regular expression ran out of time' };
        }
        if (typeof found === 'object') match = found;
        if ((found !== false) === every) continue;
        holds = !every;
        seen = field.text;
        break;
      }
      if (negated) return { holds: !holds, seen };
      return holds && match !== undefined ? { holds, seen, match } : { holds, seen };
    },
  };
}

function plainHit(test: TextTest, mode: Mode, lists: Lists): (field: Field, draft: Draft) => Hit {
  const fits = MODES[mode].fits ?? (() => false);
  const { case: exact = false, words = false } = test;
  const given = valuesOf(test[mode] ?? [], lists);
  const wanted = exact ? given : given.map((each) => each.toLowerCase());
  const [only] = wanted;
  if (wanted.length === 1 && only !== undefined) {
    return (field) => fits(exact ? field.text : field.lower, only, words);
  }
  if (mode === 'is') {
    const set = new Set(wanted);
    return (field) => set.has(exact ? field.text : field.lower);
  }
  return (field) => {
    const whole = exact ? field.text : field.lower;
    return wanted.some((part) => fits(whole, part, words));
  };
}

function regexHit(test: TextTest): (field: Field, draft: Draft) => Hit {
  const sources = typeof test.regex === 'string' ? [test.regex] : (test.regex ?? []);
  const patterns = sources.map((source) => pattern(source, test.case === true));
  return (field, draft) => {
    for (const each of patterns) {
      const match = each.exec(field.text, draft.budget);
      if (match !== null) return match;
    }
    return false;
  };
}

/** Throws BadRule. */
export function pattern(source: string, caseSensitive: boolean): Pattern {
  try {
    return new Pattern(source, { caseSensitive });
  } catch (error) {
    if (!(error instanceof BadPattern)) throw error;
    throw new BadRule(
      `"${source.slice(0, 60)}" is not a regular expression: ${error.message}`,
      'a + ( ) [ ] { } . * ? ^ $ | or \\ that is meant as it stands gets a \\ in front',
    );
  }
}

function valuesOf(given: Values, lists: Lists): readonly string[] {
  if (typeof given === 'string') return [given];
  if (!('list' in given)) return given;
  const lines = lists(given.list);
  if (lines !== undefined) return lines;
  throw new BadRule(
    `there is no list "${given.list}"`,
    'name one of `rules.lists` in the configuration, or a file such as ./known.txt',
  );
}

function saying(test: TextTest, mode: Mode): string {
  const given = test[mode] ?? [];
  const shown =
    typeof given === 'string'
      ? `"${given}"`
      : 'list' in given
        ? `one of the list ${given.list}`
        : given.map((each) => `"${each}"`).join(' or ');
  const extras = [
    ...(test.case === true ? ['case matters'] : []),
    ...(test.words === true ? ['whole words'] : []),
    ...(test.every === true ? ['every one'] : []),
  ];
  const end = extras.length === 0 ? '' : ` (${extras.join(', ')})`;
  return `${MODES[mode].says[test.not === true ? 1 : 0]} ${shown}${end}`;
}

function contains(whole: string, part: string, words: boolean): boolean {
  if (!words) return whole.includes(part);
  if (part === '') return true;
  for (let at = whole.indexOf(part); at >= 0; at = whole.indexOf(part, at + 1)) {
    if (!joined(whole, at) && !joined(whole, at + part.length)) return true;
  }
  return false;
}

function starts(whole: string, part: string, words: boolean): boolean {
  return whole.startsWith(part) && !(words && joined(whole, part.length));
}

function ends(whole: string, part: string, words: boolean): boolean {
  return whole.endsWith(part) && !(words && joined(whole, whole.length - part.length));
}

const LETTER = /[\p{L}\p{M}\p{N}_]/u;

/** Does a word go on over this place? */
function joined(text: string, at: number): boolean {
  return LETTER.test(text.charAt(at - 1)) && LETTER.test(text.charAt(at));
}
