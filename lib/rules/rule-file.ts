/** A file of rules: YAML to data with the place of everything, checked against the schema. */
import { Fault } from '../base/errors.ts';
import { type Finding, printPath } from '../settings/finding.ts';
import { findingsOf } from '../settings/issues.ts';
import { settingsTree } from '../settings/json-schema.ts';
import { type Problem, headline, printProblem } from '../settings/problem.ts';
import { type Expand, readYaml } from '../settings/read.ts';
import { type RuleData, type RuleFileData, ruleFile, rulesJsonSchema } from './schema.ts';

/** Rules with what is known of where they stand. */
export interface RuleFile {
  /** The file as it was named. */
  readonly name: string;
  readonly rules: readonly RuleData[];
  /** `rules/outgoing.yaml:12`: where a rule begins. */
  readonly placeOf: (index: number) => string | undefined;
  readonly locate: (finding: Finding) => Problem;
}

/** The rules cannot be used. `problems` has everything that is wrong with them, in the order of the files. */
export class RulesError extends Fault {
  override readonly name: string = 'RulesError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super('config.invalid', { detail: problems.map(headline).join('; ') });
    this.problems = problems;
    this.message = ['the rules are not valid', ...problems.map(printProblem)].join('\n');
  }
}

/** Octets of a file: far more than any rules that people write. */
const LONGEST_FILE = 5 * 1024 * 1024;

const asWritten: Expand = (text) => text;

/**
 * @param name the file as it is to be named in problems
 * @param expand what a string stands for: references to the environment, where they are allowed
 * @throws RulesError
 */
export function readRuleFile(text: string, name: string, expand: Expand = asWritten): RuleFile {
  if (text.length > LONGEST_FILE)
    throw new RulesError([{ file: name, path: '', message: 'the file is too large' }]);
  const yaml = readYaml(text, name, expand);
  const fail = (findings: readonly Finding[]): never => {
    throw new RulesError(inOrder(findings.map((finding) => yaml.locate(finding))));
  };
  if (yaml.value === undefined && yaml.findings.length > 0) return fail(yaml.findings);
  const { value = {} } = yaml;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const hint = 'begin it with "rules:" and a list of rules below';
    return fail([...yaml.findings, { path: [], message: 'the file must hold rules', hint }]);
  }
  const parsed = ruleFile.safeParse(value, { reportInput: true });
  const findings = [...yaml.findings];
  if (!parsed.success) {
    const tree = settingsTree(rulesJsonSchema(), value);
    findings.push(...findingsOf(parsed.error.issues, { tree, plain: yaml.plain, quoted: () => [] }));
  }
  if (findings.length > 0) return fail(findings);
  const { rules } = value as RuleFileData;
  return {
    name,
    rules,
    locate: yaml.locate,
    placeOf: (index) => {
      const { line } = yaml.locate({ path: ['rules', index], message: '' });
      return line === undefined ? name : `${name}:${line}`;
    },
  };
}

/** Rules that do not come from a file with lines: made by a program, or imported. */
export function ruleFileOf(name: string, rules: readonly RuleData[]): RuleFile {
  return {
    name,
    rules,
    placeOf: (index) => `${name}#${index + 1}`,
    locate: ({ path, message, hint }) => ({
      file: name,
      path: printPath(path),
      message,
      ...(hint === undefined ? {} : { hint }),
    }),
  };
}

function inOrder(problems: readonly Problem[]): Problem[] {
  const rank = ({ line = 0, column = 0 }: Problem): number => line * 1e6 + column;
  return [...problems].sort((a, b) => rank(a) - rank(b));
}
