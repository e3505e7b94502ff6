/** What a condition is made of; the table of conditions is in conditions.ts. */
import { z } from 'zod';
import { parseSize } from '../base/units.ts';
import type { Gateways } from './actions/destination.ts';
import type { Draft } from './draft.ts';
import type { Direction } from './message.ts';
import { type Lists, type TextTest, compileText, textTest } from './match/text-test.ts';
import type { Answer, Question } from './verdict.ts';

/** What rules are compiled with. */
export interface CompileContext {
  /** Which way the messages go; absent: both, and what fits one way only is found out as a message comes. */
  readonly direction?: Direction;
  readonly gateways: Gateways;
  readonly lists: Lists;
  /** Names of the configured SQL connections; absent: any name will do. */
  readonly connections?: readonly string[];
  /** What rules may not do outside, as far as that is known; absent: it is not known. */
  readonly outside?: OutsideLimits;
}

/** Each says why not; undefined where nothing is known to be against it. */
export interface OutsideLimits {
  readonly program: (path: string) => string | undefined;
  readonly host: (name: string) => string | undefined;
}

/** What a condition found. `seen` is what stood there. */
export interface Look {
  readonly holds: boolean;
  readonly seen: string;
  readonly warning?: string;
  readonly match?: readonly (string | undefined)[];
}

export interface CompiledCondition {
  /** `Subject contains "alarm"`. */
  readonly text: string;
  /** @param answer to its question, where it has asked one */
  readonly look: (draft: Draft, answer: Answer | undefined) => Look | { readonly question: Question };
}

export interface ConditionKind<S> {
  readonly schema: z.ZodType<S>;
  /** Throws BadRule for what the schema cannot tell. */
  readonly compile: (settings: S, context: CompileContext) => CompiledCondition;
}

/** Kept so that the type of the settings stays with the line of the table. */
export function kind<S>(schema: z.ZodType<S>, compile: ConditionKind<S>['compile']): ConditionKind<S> {
  return { schema, compile };
}

/** Where the texts of a condition come from. `several`: there may be none or many. */
export interface TextSource {
  readonly name: string;
  readonly values: (draft: Draft) => readonly string[];
  readonly several?: boolean;
}

/** A condition on the texts of this source. Throws BadRule. */
export function compileWords(
  source: TextSource,
  settings: TextTest,
  { lists }: CompileContext,
): CompiledCondition {
  const { name, values, several = false } = source;
  const { text, test } = compileText(settings, lists);
  const key = `words ${name}`;
  const least = several ? [] : [''];
  return { text: `${name} ${text}`, look: (draft) => test(draft.fields(key, values, least), draft) };
}

/** A condition on a text. */
export function words(name: string, about: string, values: TextSource['values'], several = false) {
  const source = { name, values, several };
  return kind<TextTest>(textTest({}).meta({ description: about }), (settings, context) =>
    compileWords(source, settings, context),
  );
}

export function headerSource(name: string): TextSource {
  return { name, values: (draft) => draft.headerValues(name) };
}

export function field(name: string, about: string) {
  return words(name, about, headerSource(name).values);
}

/** A condition that holds or not, and of which `false` is the opposite. */
export function fact(yes: string, no: string, about: string, read: (draft: Draft) => boolean) {
  return kind(z.boolean().meta({ description: about, examples: [true] }), (wanted) => ({
    text: wanted ? yes : no,
    look: (draft) => {
      const found = read(draft);
      return { holds: found === wanted, seen: found ? 'yes' : 'no' };
    },
  }));
}

/** A condition on a number, written in `unit`. */
export function amount<V extends string | number>(
  name: string,
  about: string,
  value: () => z.ZodType<V>,
  toNumber: (written: V) => number,
  read: (draft: Draft) => number,
) {
  const schema = z
    .strictObject({
      over: value().exactOptional().meta({ description: 'More than this.' }),
      under: value().exactOptional().meta({ description: 'Less than this.' }),
      is: value().exactOptional().meta({ description: 'Just this.' }),
    })
    .superRefine((given, context) => {
      if (Object.values(given).some((each) => each !== undefined)) return;
      context.addIssue({
        code: 'custom',
        message: 'compares with nothing',
        params: { hint: 'write over, under or is' },
      });
    })
    .meta({ description: about });
  return kind(schema, ({ over, under, is }) => {
    const text = [
      ...(over === undefined ? [] : [`over ${over}`]),
      ...(under === undefined ? [] : [`under ${under}`]),
      ...(is === undefined ? [] : [`is ${is}`]),
    ].join(' and ');
    const [most, least, same] = [under, over, is].map((each) =>
      each === undefined ? undefined : toNumber(each),
    );
    return {
      text: `${name} ${text}`,
      look: (draft) => {
        const found = read(draft);
        const holds =
          (least === undefined || found > least) &&
          (most === undefined || found < most) &&
          (same === undefined || found === same);
        return { holds, seen: String(found) };
      },
    };
  });
}

export const size = () =>
  z.string().refine((text) => parseSize(text) !== undefined, {
    error: 'is not a size',
    params: { hint: 'write it as 10KB or 512B' },
  });
export const whole = () => z.number().int();

/** One or several words of a form. */
export function some(one: () => z.ZodString, about: string, examples: unknown[]) {
  return z.union([one(), z.array(one()).min(1)]).meta({ description: about, examples });
}

export function asList(given: string | readonly string[]): readonly string[] {
  return typeof given === 'string' ? [given] : given;
}

/** From here to there; either may be missing. */
export function range(form: RegExp, hint: string, about: string, examples: unknown[]) {
  const end = () =>
    z
      .string()
      .refine((text) => form.test(text), { error: 'is not valid', params: { hint } })
      .exactOptional();
  return z
    .strictObject({
      from: end().meta({ description: 'From then on.' }),
      to: end().meta({ description: 'Until then.' }),
    })
    .superRefine(({ from, to }, context) => {
      if (from !== undefined || to !== undefined) return;
      context.addIssue({ code: 'custom', message: 'has no beginning and no end', params: { hint } });
    })
    .meta({ description: about, examples });
}

const HEADER_NAME = /^[!-9;-~]{1,76}$/;

/** The name of a header field, RFC 5322 3.6.8. */
export const headerName = () =>
  z.string().refine((text) => HEADER_NAME.test(text), {
    error: 'is not the name of a header field',
    params: { hint: 'write it without the colon' },
  });
