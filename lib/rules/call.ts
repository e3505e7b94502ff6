/** Calls to the world outside as plain data: programs, URLs, SQL. The same for conditions and for actions. */
import { z } from 'zod';
import { parseDuration } from '../base/units.ts';
import { BadRule } from './bad-rule.ts';
import type { CompileContext } from './condition.ts';
import { argument, cut, line, lines, percentEncoded, urlPart } from './clean.ts';
import { type Draft, LONGEST_TEXT, LONGEST_VALUE } from './draft.ts';
import { Template, readVariable } from './variables.ts';
import type { ProgramCall, SqlCall } from './verdict.ts';

/** An answer is waited for no longer than this, whatever a rule says. */
const LONGEST_WAIT_MS = 300_000;

/** A duration such as `5s`, kept as it is written. */
export function wait(example: string) {
  return z
    .string()
    .superRefine((text, context) => {
      const ms = parseDuration(text);
      if (ms !== undefined && ms > 0 && ms <= LONGEST_WAIT_MS) return;
      const message =
        ms === undefined ? `"${text}" is not a duration` : 'must be between nothing and 5 minutes';
      context.addIssue({ code: 'custom', message, params: { hint: 'write it as 500ms, 5s or 1m' } });
    })
    .exactOptional()
    .meta({ description: 'How long an answer is waited for.', examples: [example] });
}

export function waitMs(text: string | undefined, fallback: number): number {
  return text === undefined ? fallback : (parseDuration(text) ?? fallback);
}

/** A program with its arguments. */
export function programShape() {
  return {
    run: z
      .array(z.string())
      .min(1)
      .meta({
        description: 'The program and its arguments, each an entry of its own: no shell reads them.',
        examples: [['/usr/local/bin/notify', '%number%']],
      }),
    input: z
      .enum(['message', 'none'])
      .exactOptional()
      .meta({ description: 'What it reads on standard input; default: the message.', examples: ['none'] }),
    timeout: wait('10s'),
  };
}

export interface ProgramSettings {
  readonly run: readonly string[];
  readonly input?: 'message' | 'none';
  readonly timeout?: string;
}

/** Variables of the environment: `MAILSMS_` and each name in capitals. */
export const ENVIRONMENT: readonly string[] = [
  'direction',
  'id',
  'number',
  'country',
  'gateway',
  'from',
  'to',
  'subject',
  'text',
  'sender_email',
  'sender_phonealias',
  'recipient',
  'user',
  'remote',
  'parts',
  'encoding',
  'priority',
  'attachments',
  'size',
  'date',
  'time',
];

/** Some systems take no more for one variable. */
const LONGEST_VARIABLE = 32_768;
const PROGRAM_MS = 10_000;

/** Throws BadRule. */
export function compileProgram(
  settings: ProgramSettings,
  { outside }: Pick<CompileContext, 'outside'>,
): (draft: Draft) => ProgramCall {
  const [program = '', ...rest] = settings.run.map((each) => new Template(each));
  if (program === '' || !program.constant) {
    throw new BadRule('the program itself cannot come from a message', 'use variables in its arguments only');
  }
  const forbidden = outside?.program(program.source);
  if (forbidden !== undefined) throw new BadRule(forbidden);
  const timeoutMs = waitMs(settings.timeout, PROGRAM_MS);
  return (draft) => {
    const env = Object.fromEntries([
      ['MAILSMS_RULE', argument(draft.rule)],
      ...ENVIRONMENT.map((name) => [
        `MAILSMS_${name.toUpperCase()}`,
        cut(argument(readVariable(name, draft)), LONGEST_VARIABLE),
      ]),
    ]) as Record<string, string>;
    return {
      program: [program.source, ...rest.map((each) => programArgument(each, draft))],
      env,
      ...(settings.input === 'none' ? {} : { input: asMail(draft) }),
      timeoutMs,
    };
  };
}

/** What a message brings is no option of the program: a space in front keeps it from being read as one. */
function programArgument(template: Template, draft: Draft): string {
  const filled = template.fill(draft, argument, LONGEST_VALUE);
  return filled.startsWith('-') && !template.source.startsWith('-') ? ` ${filled}` : filled;
}

function asMail(draft: Draft): string {
  const fields = draft.headers.map(({ name, value }) => `${line(name)}: ${line(value)}\n`);
  return `${fields.join('')}\n${lines(draft.text)}\n`;
}

const SQL_MS = 5_000;

/** @param connections the configured ones; throws BadRule */
export function compileSql(
  connection: string,
  statement: string,
  timeout: string | undefined,
  connections: readonly string[] | undefined,
): (draft: Draft) => SqlCall {
  if (connections !== undefined && !connections.includes(connection)) {
    const names = connections.length === 0 ? 'none is configured' : `there are ${connections.join(', ')}`;
    throw new BadRule(`there is no SQL connection "${connection}"`, names);
  }
  const { text, values } = new Template(statement).parts();
  const unquoted = withoutQuotes(text);
  const timeoutMs = waitMs(timeout, SQL_MS);
  return (draft) => ({
    connection,
    text: unquoted,
    values: values.map((read) => cut(argument(read(draft)), LONGEST_TEXT)),
    timeoutMs,
  });
}

/**
 * A value is bound, never pasted, so it needs no quotes: `'%%from%%'` becomes the same as `%%from%%`. Within a longer
 * quoted text it could only be pasted: that is refused.
 */
function withoutQuotes(text: readonly string[]): string[] {
  const pieces = [...text];
  for (let at = 0; at + 1 < pieces.length; at++) {
    const before = pieces[at] ?? '';
    const after = pieces[at + 1] ?? '';
    if (before.endsWith("'") && after.startsWith("'")) {
      pieces[at] = before.slice(0, -1);
      pieces[at + 1] = after.slice(1);
    }
  }
  let quote = '';
  pieces.forEach((piece, index) => {
    for (const character of piece) {
      if (quote === '' && /["'`]/.test(character)) quote = character;
      else if (character === quote) quote = '';
    }
    if (quote !== '' && index < pieces.length - 1) {
      throw new BadRule(
        'a variable of a statement cannot stand inside a quoted text',
        "values are bound: write LIKE '%' || %number%",
      );
    }
  });
  return pieces;
}

/** Throws BadRule where this cannot be a URL whose scheme and host stand in the rule itself. */
export function compileUrl(
  source: string,
  { outside }: Pick<CompileContext, 'outside'>,
): (draft: Draft) => string {
  const host = /^(https?:\/\/[^/?#]+)(.*)$/is.exec(source.trim());
  if (host === null)
    throw new BadRule(`"${source.slice(0, 60)}" is not a URL`, 'write it with http:// or https://');
  const [, origin = '', rest = ''] = host;
  if (!new Template(origin).constant) {
    throw new BadRule('the server of a URL cannot come from a message', 'use variables after it only');
  }
  if (!URL.canParse(origin)) throw new BadRule(`"${shownOrigin(origin)}" has no valid host`);
  const forbidden = outside?.host(new URL(origin).hostname);
  if (forbidden !== undefined) throw new BadRule(forbidden);
  const template = new Template(rest);
  return (draft) => origin + template.fill(draft, urlPart, LONGEST_TEXT, [], written);
}

/** Without user and password. */
function shownOrigin(origin: string): string {
  return origin.replace(/\/\/.*@/, '//***@');
}

/** The rule's own text in a URL: what URLs cannot hold is encoded, what is encoded stays. */
function written(text: string): string {
  return line(text).replace(/[^\x21-\x7e]|["<>\\^`{|}]/gu, percentEncoded);
}
