import { type Dirent } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Place, placeOf } from './place.ts';
import type { Finding } from './problem.ts';
import type { SourceFile } from './read.ts';

/**
 * The files of IceWarp's directory that say something about SMS. Only folders where such files can lie are looked into;
 * what else lies there is not opened. Case does not matter: the files may have been copied from Windows.
 */
export interface Walked {
  /** By path. */
  readonly files: readonly (SourceFile & { readonly place: Place })[];
  /** What is there and could not be read. */
  readonly bad: readonly Finding[];
}

/** Octets; no file of accounts or gateways is longer. */
const LONGEST_FILE = 64 * 1024 * 1024;

/**
 * @param mail where the mailboxes are; default: `mail` in the directory
 * @throws Error where there is no such directory, or nothing of IceWarp in it
 */
export async function walk(dir: string, mail?: string): Promise<Walked> {
  const tops = await entriesOf(dir);
  const top = (name: string): string | undefined =>
    tops.find((entry) => entry.name.toLowerCase() === name && !entry.isFile())?.name;
  const config = top('config');
  const mailTop = top('mail');
  const mailDir = mail ?? (mailTop === undefined ? undefined : join(dir, mailTop));
  if (config === undefined && mailDir === undefined) {
    throw new Error(`${dir} has neither a folder config nor mail: it is not the directory of IceWarp`);
  }
  const walk = new Walk();
  if (config !== undefined) await walk.folder(join(dir, config), ['config'], 1);
  if (mailDir !== undefined) await walk.folder(mailDir, ['mail'], 2);
  return walk;
}

class Walk implements Walked {
  readonly files: (SourceFile & { readonly place: Place })[] = [];
  readonly bad: Finding[] = [];

  /** @param depth how many folders further down files of ours may lie */
  async folder(path: string, steps: readonly string[], depth: number): Promise<void> {
    let entries: Dirent[];
    try {
      entries = await entriesOf(path);
    } catch (error) {
      // A link to something that is no folder.
      if (codeOf(error) !== 'ENOTDIR') this.#unreadable(steps, error);
      return;
    }
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const below = [...steps, entry.name];
      const place = placeOf(below.join('/'));
      if (place !== undefined && !entry.isDirectory()) await this.#file(join(path, entry.name), below, place);
      else if (depth > 0 && !entry.isFile()) await this.folder(join(path, entry.name), below, depth - 1);
    }
  }

  async #file(path: string, steps: readonly string[], place: Place): Promise<void> {
    try {
      const octets = await readFile(path);
      if (octets.length > LONGEST_FILE) throw new Error(`it is longer than ${LONGEST_FILE} octets`);
      this.files.push({ path: steps.join('/'), octets, place });
    } catch (error) {
      this.#unreadable(steps, error);
    }
  }

  #unreadable(steps: readonly string[], error: unknown): void {
    const why = codeOf(error) ?? (error instanceof Error ? error.message : String(error));
    this.bad.push({ file: steps.join('/'), message: `cannot be read: ${why}` });
  }
}

async function entriesOf(path: string): Promise<Dirent[]> {
  return readdir(path, { withFileTypes: true });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
