import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Puts exported files into a directory that may hold others. A file that is there already is replaced only where an earlier
 * export wrote it and nobody has touched it since: a list of digests beside them tells. Each file is written whole before it
 * takes its place.
 */
const LIST = '.mailsms-export.json';

export interface PlacedFiles {
  readonly written: readonly string[];
  /** Written by an earlier export, with nothing to stand in them any more. */
  readonly removed: readonly string[];
}

/** Files that stand in the way: nothing was written. */
export class FilesInTheWay extends Error {
  readonly paths: readonly string[];

  constructor(paths: readonly string[]) {
    super(`${paths.length} of the files are there already and were not written by an export`);
    this.paths = paths;
  }
}

/** @throws FilesInTheWay unless `force` */
export async function placeFiles(
  dir: string,
  files: ReadonlyMap<string, string>,
  { force }: { readonly force: boolean },
): Promise<PlacedFiles> {
  const ours = await listIn(dir);
  const inTheWay: string[] = [];
  for (const [path, text] of files) {
    const there = await digestOf(join(dir, path));
    if (there !== undefined && there !== digest(text) && there !== ours.get(path)) inTheWay.push(path);
  }
  if (inTheWay.length > 0 && !force) throw new FilesInTheWay(inTheWay);
  const removed: string[] = [];
  for (const [path, known] of ours) {
    if (files.has(path) || (await digestOf(join(dir, path))) !== known) continue;
    await rm(join(dir, path));
    removed.push(path);
  }
  for (const [path, text] of files) await put(join(dir, path), text);
  const list = Object.fromEntries([...files].map(([path, text]) => [path, digest(text)]));
  await put(join(dir, LIST), `${JSON.stringify(list, null, 2)}\n`);
  return { written: [...files.keys()], removed };
}

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.new`;
  await writeFile(draft, text);
  await rename(draft, path);
}

/** What earlier exports wrote. A list that cannot be read says nothing; a path in it never leads out of the directory. */
async function listIn(dir: string): Promise<Map<string, string>> {
  try {
    const list: unknown = JSON.parse(await readFile(join(dir, LIST), 'utf8'));
    const entries = Object.entries(typeof list === 'object' && list !== null ? list : {});
    return new Map(
      entries.filter(
        (entry): entry is [string, string] =>
          typeof entry[1] === 'string' &&
          /^(?:config|mail)\//.test(entry[0]) &&
          !/(?:^|\/)\.+\/|\\/.test(entry[0]),
      ),
    );
  } catch {
    return new Map();
  }
}

async function digestOf(path: string): Promise<string | undefined> {
  try {
    return digest(await readFile(path));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function digest(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
