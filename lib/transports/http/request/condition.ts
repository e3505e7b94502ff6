import { type RegexBudget, Pattern } from '../../../rules/match/regex.ts';
import { textOf, textsAt, valuesAt } from './paths.ts';
import type { Expectation, WhenDescription } from './schema.ts';

/** An answer or a webhook as conditions look at it. What is parsed is parsed once, and only where it is asked for. */
export interface Subject {
  readonly status: number;
  readonly text: string;
  /** Undefined where it is none. */
  readonly json: unknown;
  readonly xml: unknown;
}

/** Whether something is as a description wants it: all that is named in it. */
export class Condition {
  readonly #statuses: readonly (number | string)[] | undefined;
  readonly #body: Pattern | undefined;
  readonly #json: readonly (readonly [path: string, test: ValueTest])[];
  readonly #xml: readonly (readonly [path: string, test: ValueTest])[];

  /** Throws BadPattern. */
  constructor({ status, body, json = {}, xml = {} }: WhenDescription) {
    this.#statuses = status === undefined ? undefined : [status].flat();
    this.#body = body === undefined ? undefined : new Pattern(body, { caseSensitive: true });
    this.#json = Object.entries(json).map(([path, each]) => [path, valueTest(each)]);
    this.#xml = Object.entries(xml).map(([path, each]) => [path, valueTest(each)]);
  }

  /** @param every of several values at a path all must fit (a success); otherwise one will do (a failure) */
  holds(subject: Subject, every: boolean, budget: RegexBudget): boolean {
    const { status, text } = subject;
    if (this.#statuses?.some((each) => fits(status, each)) === false) return false;
    if (this.#body !== undefined && !matches(this.#body, text, budget)) return false;
    const at = (root: unknown) => (entry: readonly [string, ValueTest]) =>
      entry[1](valuesAt(root, entry[0]), every, budget);
    if (this.#json.length > 0 && !this.#json.every(at(subject.json))) return false;
    return this.#xml.length === 0 || this.#xml.every(at(subject.xml));
  }
}

/** Whether what is at a path is as it should be. Nothing there is never right, but where it must not exist. */
export type ValueTest = (values: readonly unknown[], every: boolean, budget: RegexBudget) => boolean;

/** Throws BadPattern. */
export function valueTest(expected: Expectation): ValueTest {
  if (typeof expected === 'object' && 'exists' in expected)
    return (values) => values.length > 0 === expected.exists;
  const one = oneTest(expected);
  return (values, every, budget) => {
    if (values.length === 0) return false;
    const test = (value: unknown): boolean => {
      const text = textOf(value);
      return text !== undefined && one(text, budget);
    };
    return every ? values.every(test) : values.some(test);
  };
}

function oneTest(
  expected: Exclude<Expectation, { exists: boolean }>,
): (text: string, budget: RegexBudget) => boolean {
  if (typeof expected === 'object' && 'regex' in expected) {
    const pattern = new Pattern(expected.regex, { caseSensitive: true });
    return (text, budget) => matches(pattern, text, budget);
  }
  const allowed = new Set([expected].flat().map(String));
  return (text) => allowed.has(text);
}

/** The first group of a match, or all of it. */
export function firstGroup(pattern: Pattern, text: string, budget: RegexBudget): string | undefined {
  const match = pattern.exec(text, budget);
  return match === null || match === 'timeout' ? undefined : (match[1] ?? match[0]);
}

/** The first text at one of these paths. */
export function firstText(root: unknown, paths: readonly string[]): string | undefined {
  for (const path of paths) {
    const [text] = textsAt(root, path).filter((each) => each !== '');
    if (text !== undefined) return text;
  }
  return undefined;
}

function matches(pattern: Pattern, text: string, budget: RegexBudget): boolean {
  const match = pattern.exec(text, budget);
  return match !== null && match !== 'timeout';
}

function fits(status: number, wanted: number | string): boolean {
  return typeof wanted === 'number' ? status === wanted : String(status).startsWith(wanted.charAt(0));
}
