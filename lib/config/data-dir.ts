import { dirname, resolve } from 'node:path';
import { isMap, parseDocument } from 'yaml';
import { expander } from '../settings/expand.ts';
import { type FileOptions, findFile } from './find-file.ts';

/** The data directory where no setting names one. */
export const DEFAULT_DATA_DIR = './data';

/**
 * The data directory that a configuration names, absolute, and nothing else of it: whoever wants to talk to the running
 * gateway needs neither its secrets nor a configuration without mistakes. `data` goes before the file's.
 *
 * @throws ConfigError where a file that was asked for cannot be read
 */
export async function findDataDir(options: FileOptions & { readonly data?: string }): Promise<string> {
  const { cwd, env, data } = options;
  if (data !== undefined) return resolve(cwd, data);
  const found = await findFile(options);
  if (found === undefined) return resolve(cwd, DEFAULT_DATA_DIR);
  const document = parseDocument(found.text, { logLevel: 'silent' });
  const named: unknown = isMap(document.contents) ? document.contents.get('dataDir') : undefined;
  const path = typeof named === 'string' ? expander(env)(named, ['dataDir']) : DEFAULT_DATA_DIR;
  return resolve(dirname(found.path), typeof path === 'string' ? path : DEFAULT_DATA_DIR);
}
