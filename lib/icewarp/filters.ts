import { stringify } from 'yaml';
import { type Imported, importXml } from '../rules/xml/read.ts';
import { BadXml } from '../rules/xml/tree.ts';
import type { Finding } from './problem.ts';
import { decodeFile } from './text.ts';

/** Content filters of the SMS service as a file of rules. */
export interface FoundFilters {
  readonly file: string;
  readonly count: number;
  /** A rule file; blank where there are none. */
  readonly yaml: string;
  /** What a filter lost, or was changed in, on its way. */
  readonly notes: readonly Finding[];
  readonly bad: readonly Finding[];
}

export function readFilters(file: string, octets: Uint8Array): FoundFilters {
  const none = { file, count: 0, yaml: '', notes: [], bad: [] };
  const text = decodeFile(octets);
  if (text === undefined) return { ...none, bad: [{ file, message: 'is no text: it holds NUL octets' }] };
  let found: Imported;
  try {
    found = importXml(text);
  } catch (error) {
    if (!(error instanceof BadXml)) throw error;
    const { line, column, message } = error;
    return { ...none, bad: [{ file, line, column, message }] };
  }
  // That a file is empty is not worth a note: IceWarp makes it before there is anything in it.
  const told = found.notes.filter(({ rule }) => rule !== '' || found.rules.length > 0);
  const notes = told.map(({ rule, line, text: message }) => ({
    file,
    ...(line === undefined ? {} : { line }),
    message: rule === '' ? message : `"${rule}": ${message}`,
  }));
  const count = found.rules.length;
  const yaml = count === 0 ? '' : stringify({ rules: found.rules }, { lineWidth: 110 });
  return { file, count, yaml, notes, bad: [] };
}
