/** The RegEx rewrite of a header field or of the text: what the pattern finds gives way to a text made of its groups. */
import { z } from 'zod';
import {
  type ActionKind,
  changeDestination,
  checkDestination,
  fillDestination,
  isDestination,
  shown,
  template,
} from './action.ts';
import { line, lines } from '../clean.ts';
import { headerName, type CompileContext } from '../condition.ts';
import { type Draft, LONGEST_TEXT, LONGEST_VALUE } from '../draft.ts';
import type { Pattern } from '../match/regex.ts';
import { pattern } from '../match/text-test.ts';
import { Template } from '../variables.ts';

const MOST_MATCHES = 1000;

type Replacement = (groups: readonly (string | undefined)[]) => string;

const settings = z
  .strictObject({
    in: headerName().meta({ description: 'A header field, or `body` for the text.', examples: ['To'] }),
    regex: z
      .string()
      .min(1)
      .meta({ description: 'What is looked for.', examples: ['^(\\+1)(.*)'] }),
    with: template().meta({
      description: 'What takes its place: `$1` is the first group, `$&` all that was found.',
      examples: ['$1$2@us'],
    }),
    all: z
      .boolean()
      .exactOptional()
      .meta({ description: 'Not only the first place.', examples: [true] }),
    case: z
      .boolean()
      .exactOptional()
      .meta({ description: 'Capital letters matter.', examples: [true] }),
  })
  .meta({ description: 'Rewrites by a regular expression; skipped where it does not match.' });

export const rewrite: ActionKind<z.output<typeof settings>, CompileContext> = {
  schema: settings,
  compile: ({ in: where, regex, with: replacement, all = false, case: exact = false }, context) => {
    checkDestination(where, replacement, context);
    const search = pattern(regex, exact);
    const made = new Template(replacement, { groups: true });
    return {
      text: `rewrite ${where} by ${shown(regex)} to ${shown(replacement)}`,
      act: (draft) => {
        const run = (value: string, replace: Replacement): Replaced =>
          replaced(search, value, all, draft, replace);
        if (where.toLowerCase() === 'body') {
          const text = run(draft.text, (groups) => made.fill(draft, lines, LONGEST_TEXT, groups));
          if ('note' in text) return text.note;
          draft.setText(text.value);
          return undefined;
        }
        if (isDestination(draft, where)) {
          const to = run(draft.header('to'), (groups) => fillDestination(made, draft, groups));
          return 'note' in to ? to.note : changeDestination(draft, to.value);
        }
        const value = run(draft.header(where), (groups) =>
          made.fill(draft, line, LONGEST_VALUE, groups, line),
        );
        if ('note' in value) return value.note;
        draft.setHeader(where, value.value);
        return undefined;
      },
    };
  },
};

/** The new value, or why there is none. */
type Replaced = { readonly value: string } | { readonly note: string };

function replaced(
  search: Pattern,
  value: string,
  all: boolean,
  draft: Draft,
  replacement: Replacement,
): Replaced {
  let result = '';
  let end = 0;
  let count = 0;
  for (let from = 0; from <= value.length && count < (all ? MOST_MATCHES : 1);) {
    const match = search.exec(value, draft.budget, from);
    if (match === 'timeout') return { note: 'the regular expression ran out of time' };
    if (match === null) break;
    count += 1;
    result += value.slice(end, match.index) + replacement(match);
    end = match.index + match[0].length;
    // An empty match would be found again at the same place, and between the halves of a surrogate pair too.
    from = match[0] === '' ? end + ((value.codePointAt(end) ?? 0) > 0xffff ? 2 : 1) : end;
    if (result.length > LONGEST_TEXT) break;
  }
  return count === 0 ? { note: 'the pattern does not match' } : { value: result + value.slice(end) };
}
