import type { z } from 'zod';
import { namesSecret } from './excerpt.ts';
import { printPath, type Finding, type SettingPath } from './finding.ts';
import type { SettingsTree } from './json-schema.ts';
import { suggestion } from './suggestion.ts';

type Issue = z.core.$ZodIssue;
type Words = Pick<Finding, 'message' | 'hint'>;

/** What is known of the file beside its values. */
export interface FileKnowledge {
  /** Which settings there are, for "did you mean". */
  readonly tree: SettingsTree;
  /** The text of an unquoted value as it stands in the file. */
  readonly plain: (path: SettingPath) => string | undefined;
  /** What the schema says when the unquoted values at these places are taken as text. */
  readonly quoted: (paths: readonly SettingPath[]) => readonly Issue[];
}

/** What the schema found wrong, in plain words. */
export function findingsOf(given: readonly Issue[], file: FileKnowledge): Finding[] {
  const issues = withoutConsequences(given.flatMap(ofItsShape));
  const unquoted = issues.filter((issue) => isNumberForText(issue, file)).map(pathOf);
  const wouldBe = new Map(
    (unquoted.length === 0 ? [] : file.quoted(unquoted)).map((issue) => [printPath(pathOf(issue)), issue]),
  );
  const findings = issues.flatMap((issue): Finding[] => {
    const path = pathOf(issue);
    if (issue.code === 'unrecognized_keys') {
      const names = file.tree.namesAt(path);
      return issue.keys.map((key) => unknownSetting([...path, key], key, names, file.tree));
    }
    // `listen: 2525` would be wrong with quotes too: then that is what is said.
    const other = isNumberForText(issue, file) ? wouldBe.get(printPath(path)) : undefined;
    return [{ path, ...wordsFor(other ?? issue, path, file) }];
  });
  return withoutMisspelt(findings);
}

/** A group that lacks something does so because a name in it is misspelt: that is said, and no more. */
function withoutConsequences(issues: readonly Issue[]): Issue[] {
  const unknown = new Set(
    issues.filter(({ code }) => code === 'unrecognized_keys').map((issue) => printPath(pathOf(issue))),
  );
  return issues.filter((issue) => issue.code !== 'custom' || !unknown.has(printPath(pathOf(issue))));
}

/**
 * Where a setting may have several shapes (a text or a list of them), what is wrong with the one that was meant: the only one
 * of the kind that stands there. Else the issue itself.
 */
function ofItsShape(issue: Issue): Issue[] {
  // A name that may be any of a form: what the form says.
  if (issue.code === 'invalid_key') return issue.issues.map((each) => ({ ...each, path: issue.path }));
  if (issue.code !== 'invalid_union' || 'discriminator' in issue || hasOwnWords(issue)) return [issue];
  const meant = issue.errors.filter((errors) => !errors.some((each) => isOfAnotherKind(each)));
  const [only] = meant;
  if (meant.length !== 1 || only === undefined) return [issue];
  return only.map((each) => ({ ...each, path: [...issue.path, ...each.path] })).flatMap(ofItsShape);
}

/** The schema says itself what is wanted. */
function hasOwnWords({ message }: Issue): boolean {
  return message !== 'Invalid input';
}

/** The value as a whole is not what this shape begins with. */
function isOfAnotherKind(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union' && !('discriminator' in issue)) {
    return issue.errors.every((errors) => errors.some(isOfAnotherKind));
  }
  return issue.code === 'invalid_type' || (issue.code === 'invalid_value' && typeof issue.input !== 'string');
}

/** A required setting is not missing where its name is only misspelt. */
function withoutMisspelt(findings: readonly Finding[]): Finding[] {
  const meant = new Set(
    findings.flatMap(({ path, aboutKey, hint }) => {
      const name = aboutKey === true ? /^did you mean "(.*)"\?$/.exec(hint ?? '')?.[1] : undefined;
      return name === undefined ? [] : [printPath([...path.slice(0, -1), name])];
    }),
  );
  return findings.filter(({ path, message }) => message !== MISSING || !meant.has(printPath(path)));
}

const MISSING = 'is missing';

function pathOf(issue: Issue): (string | number)[] {
  return issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
}

/** Text was wanted, and YAML made something else of what stands there without quotes. */
function isNumberForText(issue: Issue, file: FileKnowledge): boolean {
  const wanted = issue.code === 'invalid_type' && issue.expected === 'string';
  const choice = issue.code === 'invalid_union' && !('discriminator' in issue);
  return (wanted || choice) && typeof issue.input !== 'string' && file.plain(pathOf(issue)) !== undefined;
}

function unknownSetting(
  path: SettingPath,
  key: string,
  names: readonly string[],
  tree: SettingsTree,
): Finding {
  const finding = { path, message: 'unknown setting', aboutKey: true };
  const elsewhere = tree.pathsOf(key)[0];
  if (elsewhere !== undefined) return { ...finding, hint: `${elsewhere} is a setting, but not here` };
  const near = suggestion(key, names);
  if (near !== undefined) return { ...finding, hint: `did you mean "${near}"?` };
  return { ...finding, hint: `here there are ${listed(names)}` };
}

function wordsFor(issue: Issue, path: SettingPath, { plain }: FileKnowledge): Words {
  switch (issue.code) {
    case 'custom': {
      const hint: unknown = issue.params?.['hint'];
      return typeof hint === 'string' ? { message: issue.message, hint } : { message: issue.message };
    }
    case 'invalid_type':
      return wrongType(issue, path, plain(path));
    case 'invalid_value': {
      if (issue.input === undefined) return { message: MISSING };
      const values = issue.values.map(String);
      const near = suggestion(typeof issue.input === 'string' ? issue.input : (plain(path) ?? ''), values);
      return {
        message: `must be ${listed(values, 'or')}`,
        ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
      };
    }
    case 'invalid_union': {
      if (!('discriminator' in issue) || issue.discriminator === undefined)
        return noShape(issue, path, plain(path));
      const options = ('options' in issue ? (issue.options ?? []) : []).map(String);
      const given = chosen(issue.input, issue.discriminator) ?? plain(path);
      const near = given === undefined ? undefined : suggestion(given, options);
      const message =
        given === undefined ? MISSING : `knows no ${path.at(-1) === 'type' ? 'type ' : ''}"${given}"`;
      return {
        message,
        hint: near === undefined ? `use ${listed(options, 'or')}` : `did you mean "${near}"?`,
      };
    }
    case 'too_small':
      if (issue.origin === 'array' || issue.origin === 'string')
        return tooFew(issue.origin, Number(issue.minimum));
      return { message: `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}` };
    case 'too_big': {
      const most = `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`;
      if (issue.origin === 'array') return { message: `must have ${most} entries` };
      return { message: issue.origin === 'string' ? `must have ${most} characters` : `must be ${most}` };
    }
    case 'invalid_format':
    case 'not_multiple_of':
    case 'unrecognized_keys':
    case 'invalid_key':
    case 'invalid_element':
      return { message: issue.message };
  }
}

function tooFew(origin: string, least: number): Words {
  if (least <= 1) return { message: 'must not be empty' };
  return { message: `must have at least ${least} ${origin === 'array' ? 'entries' : 'characters'}` };
}

/** What stands where a group says of what kind it is; undefined where nothing does. */
function chosen(group: unknown, name: string): string | undefined {
  const value: unknown =
    typeof group === 'object' && group !== null ? (group as Record<string, unknown>)[name] : undefined;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

function wrongType(
  issue: Extract<Issue, { code: 'invalid_type' }>,
  path: SettingPath,
  source: string | undefined,
): Words {
  const { expected, input } = issue;
  if (input === undefined) return { message: MISSING };
  if (input === null) return { message: 'is empty' };
  const kind = KINDS[expected] ?? expected;
  if (expected === 'int') return { message: 'must be a whole number' };
  if (expected === 'string' && source !== undefined) {
    // What is secret is not repeated.
    const secret = typeof path.at(-1) === 'string' && namesSecret(String(path.at(-1)));
    return {
      message: `must be text, but without quotes YAML reads it as ${kindOf(input)}`,
      hint: secret ? 'put it in quotes, so that no zero is lost' : `write "${source}"`,
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

/** None of the shapes that a setting may have begins as this value does. */
function noShape(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: SettingPath,
  source: string | undefined,
): Words {
  const { input } = issue;
  if (input === undefined) return { message: MISSING };
  const kinds = new Set(issue.errors.flatMap(kindsWanted));
  if (kinds.has('string') && source !== undefined && typeof input !== 'string') {
    return wrongType(
      { code: 'invalid_type', expected: 'string', input, path: [], message: '' },
      path,
      source,
    );
  }
  if (kinds.size === 0 || hasOwnWords(issue)) return { message: issue.message };
  const wanted = [...kinds].map((kind) => KINDS[kind] ?? kind);
  return { message: `must be ${listed(wanted, 'or')}, but is ${kindOf(input)}` };
}

function kindsWanted(errors: readonly Issue[]): string[] {
  return errors.flatMap((issue): string[] => {
    if (issue.path.length > 0) return [];
    if (issue.code === 'invalid_type') return [issue.expected];
    if (issue.code === 'invalid_value') return [typeof issue.values[0]];
    return issue.code === 'invalid_union' && !('discriminator' in issue)
      ? issue.errors.flatMap(kindsWanted)
      : [];
  });
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

function listed(words: readonly string[], last = 'and'): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}
