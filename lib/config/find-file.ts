import { readFile as readFromDisk } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { messageOf } from '../base/errors.ts';
import type { Environment } from '../settings/expand.ts';
import { ConfigError } from './problem.ts';

/** Where a configuration may be. */
export interface FileOptions {
  /** The file to read; default: `$MAILSMS_CONFIG`, else `mailsms.yaml` if there is one. */
  readonly file?: string;
  readonly env: Environment;
  readonly cwd: string;
  /** Default: from disk, as UTF-8. */
  readonly readFile?: (path: string) => Promise<string>;
}

const DEFAULT_FILE = 'mailsms.yaml';

export interface FoundFile {
  /** As it is to be named. */
  readonly name: string;
  readonly path: string;
  readonly text: string;
}

/** The file that is asked for; undefined where none is and there is none under the usual name. Throws ConfigError. */
export async function findFile({
  file,
  env,
  cwd,
  readFile = readText,
}: FileOptions): Promise<FoundFile | undefined> {
  const variable = env['MAILSMS_CONFIG'];
  const named = file ?? (variable === '' ? undefined : variable);
  const name = named ?? DEFAULT_FILE;
  const path = isAbsolute(name) ? name : resolve(cwd, name);
  try {
    return { name, path, text: await readFile(path) };
  } catch (error) {
    const missing = codeOf(error) === 'ENOENT';
    if (missing && named === undefined) return undefined;
    const from = file === undefined && named !== undefined ? ' (named by MAILSMS_CONFIG)' : '';
    const message = missing
      ? `there is no such file${from}`
      : `the file cannot be read${from}: ${messageOf(error)}`;
    throw new ConfigError([{ file: name, path: '', message }]);
  }
}

export async function readText(path: string): Promise<string> {
  return readFromDisk(path, 'utf8');
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
