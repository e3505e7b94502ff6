/**
 * Regular expressions that cannot stall the process.
 *
 * A pattern that is known to end soon on the text at hand (regex-cost.ts) runs as it is, any other with a time limit. All but
 * the quickest that one message meets share a budget: once it is spent, the rest count as timed out at once. So a run takes
 * little longer than the budget for regular expressions, whatever the patterns and the text are.
 *
 * A pattern is as in JavaScript, with the `u` flag where it is valid with it, and may begin with flags as other engines
 * write them: `(?i)`, `(?m)`, `(?s)`.
 */
import { messageOf } from '../../base/errors.ts';
import { execTimed, execWithin } from '../../base/exec-within.ts';
import { regexCost, steps, type Cost } from './regex-cost.ts';

/** What is left to the slow patterns of one run, milliseconds. */
export interface RegexBudget {
  left: number;
}

/** For each pattern, and for all patterns that one message meets. */
export const REGEX_LIMIT_MS = 100;
export const REGEX_BUDGET_MS = 250;

/** Only so much of a text is searched: no message has more (mail/extract.ts). */
export const REGEX_INPUT = 65_536;

const LONGEST_PATTERN = 2000;
/** V8 compiles these within a tenth of a second, at the worst. */
const MOST_OPTIONALS = 24;
/** Steps that V8 takes in some 25 microseconds: not worth a look at the time. */
const INSTANT = Math.log(1e4);
/** Steps that V8 takes in some 2.5 milliseconds: no need for a watchdog. */
const QUICK = Math.log(1e6);

export type Match = RegExpExecArray | null | 'timeout';

export class BadPattern extends Error {}

export class Pattern {
  readonly #regex: RegExp;
  readonly #cost: Cost;

  /** Throws BadPattern. */
  constructor(source: string, options: { readonly caseSensitive: boolean }) {
    if (source.length > LONGEST_PATTERN)
      throw new BadPattern(`a pattern has at most ${LONGEST_PATTERN} characters`);
    const [, flags = ''] = /^\(\?([ims]+)\)/.exec(source) ?? [];
    const pattern = flags === '' ? source : source.slice(flags.length + 3);
    this.#cost = regexCost(pattern);
    if (this.#cost.optionals > MOST_OPTIONALS) {
      throw new BadPattern(`a pattern has at most ${MOST_OPTIONALS} optional parts`);
    }
    const wanted = new Set([...flags, ...(options.caseSensitive ? '' : 'i'), 'g']);
    this.#regex = compile(pattern, [...wanted].join(''));
  }

  /** The first match at or after `from`. */
  exec(text: string, budget: RegexBudget, from = 0): Match {
    const input = text.length > REGEX_INPUT ? text.slice(0, REGEX_INPUT) : text;
    this.#regex.lastIndex = from;
    const most = steps(this.#cost, input.length);
    if (most <= INSTANT) return this.#regex.exec(input);
    if (budget.left <= 0) return 'timeout';
    const { match, took } =
      most <= QUICK
        ? execTimed(this.#regex, input)
        : execWithin(this.#regex, input, Math.min(REGEX_LIMIT_MS, budget.left));
    budget.left -= took;
    return match;
  }
}

function compile(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, `${flags}u`);
  } catch {
    try {
      return new RegExp(source, flags);
    } catch (error) {
      throw new BadPattern(
        messageOf(error)
          .replace(/^Invalid regular expression: .*: /s, '')
          .toLowerCase(),
      );
    }
  }
}
