/**
 * The configuration: one YAML file, read once at start.
 *
 * Promises: what `loadConfig` resolves with is complete and free of contradictions, so no other module checks a setting
 * again; everything that is wrong is told at once, each problem with its place in the file and, where one is known, the
 * remedy; no message shows a secret. Nothing is guessed: an unknown setting is an error.
 *
 * Failure: ConfigError with all problems. Warnings are what would work but is hardly meant.
 */
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { printPath, type Finding } from '../settings/finding.ts';
import { findingsOf, type FileKnowledge } from '../settings/issues.ts';
import { settingsTree } from '../settings/json-schema.ts';
import type { Problem } from '../settings/problem.ts';
import { readYaml, type YamlFile } from '../settings/read.ts';
import { crossChecks } from './checks.ts';
import { complete } from './complete.ts';
import type { Config } from './config.ts';
import { type Environment, expander } from '../settings/expand.ts';
import { applyOverrides, put } from './environment.ts';
import { findFile, readText } from './find-file.ts';
import { configJsonSchema } from './json-schema.ts';
import { ConfigError } from './problem.ts';
import { fileSchema, type FileSettings } from './schema.ts';
import { checkMailFiles } from '../mailer/mail-files.ts';
import { checkTls } from '../servers/tls-files.ts';
import { readableWarning, warningsFor } from './warnings.ts';

export interface LoadOptions {
  /** The file to read; default: `$MAILSMS_CONFIG`, else `mailsms.yaml` if there is one, else the embedded defaults. */
  readonly file?: string;
  /** Replaces `dataDir`; relative to `cwd`. */
  readonly data?: string;
  readonly env: Environment;
  readonly cwd: string;
  /** Output goes to a terminal; default no. */
  readonly terminal?: boolean;
  /** Default: from disk, as UTF-8. */
  readonly readFile?: (path: string) => Promise<string>;
  /** Permission bits of a file, where there are such; default: from disk. */
  readonly modeOf?: (path: string) => Promise<number | undefined>;
}

export interface LoadedConfig {
  readonly config: Config;
  /** The file that was read, absolute; absent for the embedded defaults. */
  readonly file?: string;
  readonly warnings: readonly Problem[];
}

/** @throws ConfigError with everything that is wrong */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const { env, cwd } = options;
  const found = await findFile(options);
  const yaml = found === undefined ? NO_FILE : readYaml(found.text, found.name, expander(env));
  const { value = {} } = yaml;
  const findings = [...yaml.findings];
  const fail = (): never => {
    throw new ConfigError(inOrder(findings.map((finding) => yaml.locate(finding))));
  };
  if (yaml.value === undefined && findings.length > 0) return fail();
  if (!isGroup(value)) {
    findings.push({ path: [], message: 'the file must hold settings, such as "dataDir: ./data"' });
    return fail();
  }
  const given = new Set(Object.keys(value));
  const overrides = applyOverrides(value, env);
  findings.push(...overrides.errors);

  const parsed = fileSchema.safeParse(value, { reportInput: true });
  if (!parsed.success) {
    const file = {
      tree: settingsTree(configJsonSchema(), value),
      plain: yaml.plain,
      quoted: quotedIssues(value, yaml),
    };
    findings.push(...findingsOf(parsed.error.issues, file));
  }
  findings.push(...crossChecks(value, parsed.success ? parsed.data : soundSections(value)));
  const problems = fromVariables(onePerSetting(findings), overrides.applied);
  findings.splice(0, Infinity, ...problems);
  if (!parsed.success) return fail();

  const config = complete(parsed.data, {
    base: found === undefined ? cwd : dirname(found.path),
    terminal: options.terminal ?? false,
    ...(options.data === undefined ? {} : { dataDir: resolve(cwd, options.data) }),
  });
  findings.push(...(await checkTls(config.smtp.tls, options.readFile ?? readText)));
  findings.push(...(await checkMailFiles(config.mail, options.readFile ?? readText)));
  if (findings.length > 0) return fail();

  const odd = [...overrides.warnings, ...warningsFor(config, found === undefined ? undefined : given)];
  if (found !== undefined && yaml.holdsSecret) {
    odd.push(...readableWarning(await (options.modeOf ?? modeOnDisk)(found.path)));
  }
  const warnings = inOrder(odd.map((finding) => yaml.locate(finding)));
  return found === undefined ? { config, warnings } : { config, file: found.path, warnings };
}

async function modeOnDisk(path: string): Promise<number | undefined> {
  // Windows has no such bits and reports 0666 for everything.
  return process.platform === 'win32' ? undefined : (await stat(path)).mode;
}

/** What would still be wrong if some unquoted values had quotes. */
function quotedIssues(value: Record<string, unknown>, yaml: YamlFile): FileKnowledge['quoted'] {
  return (paths) => {
    const copy = structuredClone(value);
    for (const path of paths) put(copy, path, yaml.plain(path));
    return fileSchema.safeParse(copy, { reportInput: true }).error?.issues ?? [];
  };
}

/** Each top section that is right by itself: enough for cross-checks while others are wrong. */
function soundSections(value: Record<string, unknown>): Partial<FileSettings> {
  const sound: [string, unknown][] = [];
  for (const [name, schema] of Object.entries(fileSchema.shape)) {
    const result = schema.safeParse(value[name]);
    if (result.success) sound.push([name, result.data]);
  }
  return Object.fromEntries(sound);
}

/** What follows from a problem at the same setting is not told again. */
function onePerSetting(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ path, offset }) => {
    const key = printPath(path);
    if (key === '' || offset !== undefined) {
      if (key !== '') seen.add(key);
      return true;
    }
    const first = !seen.has(key);
    seen.add(key);
    return first;
  });
}

/** Problems with values that came from variables name the variable instead of a line. */
function fromVariables(
  findings: readonly Finding[],
  applied: readonly { readonly variable: string; readonly path: readonly (string | number)[] }[],
): Finding[] {
  return findings.map((finding) => {
    const origin = applied.find(({ path }) => printPath(path) === printPath(finding.path));
    return origin === undefined ? finding : { ...finding, source: origin.variable };
  });
}

function inOrder(problems: readonly Problem[]): Problem[] {
  const rank = ({ line = 0, column = 0 }: Problem): number => line * 1e6 + column;
  return [...problems].sort((a, b) => rank(a) - rank(b));
}

const NO_FILE: YamlFile = {
  holdsSecret: false,
  findings: [],
  plain: () => undefined,
  locate: ({ path, message, hint, source }) => ({
    ...(source === undefined ? {} : { file: source }),
    path: printPath(path),
    message,
    ...(hint === undefined ? {} : { hint }),
  }),
};

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
