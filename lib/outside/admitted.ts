import type { Stats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, relative, sep } from 'node:path';
import { Fault, messageOf } from '../base/errors.ts';

const SET_ID_BITS = 0o6000;
const WRITABLE_BY_ALL = 0o002;
const STICKY = 0o1000;

/**
 * The real path of a program, once it is certain that it may be run: it lies, links resolved, under an allowed directory or is
 * an allowed file; it does not change the user or group that it runs as; not everybody can replace it.
 *
 * Throws `effect.failed` with the reason.
 */
export async function admitted(program: string, allow: readonly string[]): Promise<string> {
  const problem = refusal(program, allow);
  if (problem !== undefined) throw refused(problem);
  const real = await realOf(program);
  const roots = await Promise.all(allow.map((each) => realpath(each).catch(() => each)));
  if (!roots.some((root) => holds(root, real))) {
    throw refused(`"${program}" is a link to ${real}, which is not among the allowed programs`);
  }
  const file = await stat(real);
  if (!file.isFile()) throw refused(`"${program}" is not a file`);
  if ((file.mode & SET_ID_BITS) !== 0) throw refused(`"${program}" is set-user-ID or set-group-ID`);
  const folders = await Promise.all(foldersOf(real).map((folder) => stat(folder)));
  if ((file.mode & WRITABLE_BY_ALL) !== 0 || folders.some(replaceable)) {
    throw refused(`"${program}" can be changed by everybody`);
  }
  return real;
}

/**
 * Why a program may not be run, from its path alone; undefined where nothing is wrong with that. For those who check rules
 * before they run.
 */
export function refusal(program: string, allow: readonly string[]): string | undefined {
  if (!isAbsolute(program)) return `"${program}" is not an absolute path`;
  if (program.split(sep).includes('..')) return `"${program}" holds ".."`;
  if (allow.length === 0) return `no program is allowed: "${program}" must be named in outside.programs`;
  if (allow.some((root) => holds(root, program))) return undefined;
  return `"${program}" is not among the allowed programs (outside.programs)`;
}

function holds(root: string, path: string): boolean {
  const rest = relative(root, path);
  return rest === '' || !(rest === '..' || rest.startsWith(`..${sep}`) || isAbsolute(rest));
}

/** All that it lies in, up to the root: whoever can replace one of them can replace the program. */
function foldersOf(path: string): string[] {
  const folder = dirname(path);
  return folder === path ? [] : [folder, ...foldersOf(folder)];
}

function replaceable(directory: Stats): boolean {
  return (directory.mode & WRITABLE_BY_ALL) !== 0 && (directory.mode & STICKY) === 0;
}

async function realOf(program: string): Promise<string> {
  try {
    return await realpath(program);
  } catch (error) {
    throw refused(`"${program}" cannot be run: ${messageOf(error)}`);
  }
}

function refused(detail: string): Fault {
  return new Fault('effect.failed', { detail });
}
