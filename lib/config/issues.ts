import { closest, distance } from 'fastest-levenshtein';
import type { z } from 'zod';
import type { Finding, SettingPath } from './finding.ts';
import type { SettingsTree } from './json-schema.ts';

type Issue = z.core.$ZodIssue;

/**
 * What the schema found wrong, in plain words.
 *
 * @param tree tells which settings there are, for "did you mean"
 * @param plain the text of an unquoted value as it stands in the file
 */
export function findingsOf(
  issues: readonly Issue[],
  tree: SettingsTree,
  plain: (path: SettingPath) => string | undefined,
): Finding[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
    if (issue.code === 'unrecognized_keys') {
      const names = tree.namesAt(path);
      return issue.keys.map((key) => unknownSetting([...path, key], key, names, tree));
    }
    return [{ path, ...wordsFor(issue, path, plain) }];
  });
}

function unknownSetting(
  path: SettingPath,
  key: string,
  names: readonly string[],
  tree: SettingsTree,
): Finding {
  const finding = { path, message: 'unknown setting', aboutKey: true };
  const near = suggestion(key, names);
  if (near !== undefined) return { ...finding, hint: `did you mean "${near}"?` };
  const elsewhere = tree.pathsOf(key)[0];
  if (elsewhere !== undefined) return { ...finding, hint: `${elsewhere} is a setting, but not here` };
  return { ...finding, hint: `here there are ${listed(names)}` };
}

function wordsFor(
  issue: Issue,
  path: SettingPath,
  plain: (path: SettingPath) => string | undefined,
): { message: string; hint?: string } {
  switch (issue.code) {
    case 'custom': {
      const hint: unknown = issue.params?.['hint'];
      return typeof hint === 'string' ? { message: issue.message, hint } : { message: issue.message };
    }
    case 'invalid_type':
      return wrongType(issue, path, plain(path));
    case 'invalid_value': {
      const values = issue.values.map(String);
      const near = suggestion(plain(path) ?? String(issue.input), values);
      return {
        message: `must be ${listed(values, 'or')}`,
        ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
      };
    }
    case 'invalid_union': {
      if (!('discriminator' in issue) || issue.discriminator === undefined)
        return typed(issue.message, issue.input);
      const options = ('options' in issue ? (issue.options ?? []) : []).map(String);
      const given = plain(path);
      const near = given === undefined ? undefined : suggestion(given, options);
      const message =
        given === undefined ? 'is missing' : `knows no ${path.at(-1) === 'type' ? 'type ' : ''}"${given}"`;
      return {
        message,
        hint: near === undefined ? `use ${listed(options, 'or')}` : `did you mean "${near}"?`,
      };
    }
    case 'too_small':
      return issue.origin === 'array'
        ? { message: 'must not be empty' }
        : { message: `must be at least ${issue.minimum}` };
    case 'too_big':
      return { message: `must be at most ${issue.maximum}` };
    case 'invalid_format':
    case 'not_multiple_of':
    case 'unrecognized_keys':
    case 'invalid_key':
    case 'invalid_element':
      return { message: issue.message };
  }
}

function wrongType(
  issue: Extract<Issue, { code: 'invalid_type' }>,
  path: SettingPath,
  source: string | undefined,
): { message: string; hint?: string } {
  const { expected, input } = issue;
  if (input === undefined) return { message: 'is missing' };
  if (input === null) return { message: 'is empty' };
  const kind = KINDS[expected] ?? expected;
  if (expected === 'int') return { message: 'must be a whole number' };
  if (expected === 'string' && source !== undefined) {
    // What is secret is not repeated, and a number's source may be a PIN.
    const shown = path.at(-1) === 'pin' || path.at(-1) === 'password' ? '...' : source;
    return {
      message: `must be text, but without quotes YAML reads it as ${kindOf(input)}`,
      hint: `write "${shown}"`,
    };
  }
  if (expected === 'number' && typeof input === 'string') {
    return { message: 'must be a number, but is text', hint: 'write it without quotes and without a unit' };
  }
  if (expected === 'boolean') return { message: `must be true or false, but is ${kindOf(input)}` };
  if (expected === 'array' && typeof input === 'object') {
    return { message: 'must be a list', hint: 'begin each entry with "- "' };
  }
  return { message: `must be ${kind}, but is ${kindOf(input)}` };
}

function typed(message: string, input: unknown): { message: string } {
  return { message: input === undefined ? 'is missing' : message };
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of settings',
};

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value === null) return 'empty';
  if (typeof value === 'object') return 'a group of settings';
  if (typeof value === 'boolean') return String(value);
  return typeof value === 'string' ? 'text' : 'a number';
}

/** The word that was meant, where one is close enough. */
export function suggestion(word: string, words: readonly string[]): string | undefined {
  if (words.length === 0) return undefined;
  const plain = (text: string): string => text.toLowerCase().replace(/[_-]/g, '');
  const near = closest(plain(word), words.map(plain));
  const far = Math.max(1, Math.floor(near.length / 3));
  return distance(plain(word), near) <= far ? words.find((each) => plain(each) === near) : undefined;
}

function listed(words: readonly string[], last = 'and'): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}
