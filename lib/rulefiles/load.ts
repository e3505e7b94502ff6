/**
 * Rule files from disk: which there are, in which order, and the lists that they name.
 *
 * An entry is a file or a folder; the files of a folder are taken in the order of their names, and rules in the order
 * in which they stand. `.yaml` and `.yml` are our own, `.xml` is read as IceWarp's. Everything that is wrong in any of them is
 * told at once. What was looked at is told even then, so that whoever watches sees the mistake mended.
 */
import type { Stats } from 'node:fs';
import { readFile, readdir, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { messageOf } from '../base/errors.ts';
import type { OutsideLimits } from '../rules/condition.ts';
import type { Gateways } from '../rules/actions/destination.ts';
import { listLines, listsNamed } from '../rules/lists-named.ts';
import { type RuleFile, RulesError, readRuleFile, ruleFileOf } from '../rules/rule-file.ts';
import { RuleSet, compileRules } from '../rules/rule-set.ts';
import { type Note, importXml } from '../rules/xml/read.ts';
import { BadXml } from '../rules/xml/tree.ts';
import type { Problem } from '../settings/problem.ts';
import { type Environment, expander } from '../settings/expand.ts';
import type { RulesSection } from './settings.ts';

/** Where the rules are. Paths are taken from `base` where they are not absolute. */
export interface RulesPlaces extends Pick<RulesSection, 'outgoing' | 'incoming' | 'lists'> {
  readonly base: string;
}

export interface RulesOptions {
  readonly places: RulesPlaces;
  readonly gateways: Gateways;
  /** Names of the configured SQL connections; absent: any will do. */
  readonly connections?: readonly string[];
  /** What rules may not do outside; absent: it is not known here. */
  readonly outside?: OutsideLimits;
  readonly env: Environment;
}

export interface LoadedRules {
  /** Absent where there are problems. */
  readonly sets?: { readonly outgoing: RuleSet; readonly incoming: RuleSet };
  readonly problems: readonly Problem[];
  /** What XML files lost on their way, each with its file. */
  readonly notes: readonly (Note & { readonly file: string })[];
  /** All files and folders that were looked at, absolute, and how each was just before (see `currentState`). */
  readonly looked: ReadonlyMap<string, string>;
}

const MISSING = '-';

/** What changes when a file or a folder does. */
export async function currentState(path: string): Promise<string> {
  try {
    return stateOf(await stat(path));
  } catch {
    return MISSING;
  }
}

function stateOf({ mtimeMs, ctimeMs, size, ino }: Stats): string {
  return `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
}

const LONGEST_LIST = 20 * 1024 * 1024;

export async function loadRules(options: RulesOptions): Promise<LoadedRules> {
  const reader = new RulesReader(options);
  const outgoing = await reader.files(options.places.outgoing);
  const incoming = await reader.files(options.places.incoming);
  const lists = await reader.lists([...outgoing, ...incoming]);
  const { problems, notes, looked } = reader;
  const compile = (files: readonly RuleFile[], direction: 'outgoing' | 'incoming'): RuleSet => {
    try {
      const { gateways, connections, outside } = options;
      return compileRules(files, {
        direction,
        gateways,
        lists: (name) => lists.get(name),
        ...(connections === undefined ? {} : { connections }),
        ...(outside === undefined ? {} : { outside }),
      });
    } catch (error) {
      if (!(error instanceof RulesError)) throw error;
      problems.push(...error.problems);
      return new RuleSet([], []);
    }
  };
  const sets = { outgoing: compile(outgoing, 'outgoing'), incoming: compile(incoming, 'incoming') };
  const seen = { problems, notes, looked };
  return problems.length > 0 ? seen : { ...seen, sets };
}

/** Reads one file of rules, as it is named. Throws RulesError. */
export function readRules(
  text: string,
  name: string,
  env: Environment,
): { readonly file: RuleFile; readonly notes: readonly Note[] } {
  if (!/\.xml$/i.test(name) && !/^\s*</.test(text))
    return { file: readRuleFile(text, name, expander(env)), notes: [] };
  try {
    const { rules, notes } = importXml(text);
    return { file: ruleFileOf(name, rules), notes };
  } catch (error) {
    if (!(error instanceof BadXml)) throw error;
    const { message, line, column } = error;
    throw new RulesError([{ file: name, line, column, path: '', message }]);
  }
}

class RulesReader {
  readonly problems: Problem[] = [];
  readonly notes: (Note & { readonly file: string })[] = [];
  readonly looked = new Map<string, string>();
  readonly #options: RulesOptions;

  constructor(options: RulesOptions) {
    this.#options = options;
  }

  async files(entries: readonly string[]): Promise<RuleFile[]> {
    const files: RuleFile[] = [];
    for (const entry of entries) {
      for (const name of await this.#names(entry)) {
        const file = await this.#file(name);
        if (file !== undefined) files.push(file);
      }
    }
    return files;
  }

  /** The lists that these rules name and those that have a name in the configuration. */
  async lists(files: readonly RuleFile[]): Promise<Map<string, readonly string[]>> {
    const { lists } = this.#options.places;
    const found = new Map<string, readonly string[]>();
    for (const name of new Set([...listsNamed(files.map(({ rules }) => rules)), ...Object.keys(lists)])) {
      // A name that looks like a file is one.
      const file = Object.hasOwn(lists, name) ? lists[name] : /[./\\]/.test(name) ? name : undefined;
      if (file === undefined) continue;
      const path = this.#path(file);
      const text = await this.#attempt(file, async () => {
        const { size } = await this.#look(path);
        if (size > LONGEST_LIST) throw new Error(`it has ${size} octets`);
        return readFile(path, 'utf8');
      });
      found.set(name, listLines(text ?? ''));
    }
    return found;
  }

  /** The files that an entry stands for. */
  async #names(entry: string): Promise<string[]> {
    const path = this.#path(entry);
    const names = await this.#attempt(entry, async () => {
      if (!(await this.#look(path)).isDirectory()) return [entry];
      const inside = await readdir(path);
      return inside
        .filter((name) => /\.(?:ya?ml|xml)$/i.test(name) && !name.startsWith('.'))
        .sort()
        .map((name) => join(entry, name));
    });
    return names ?? [];
  }

  async #file(name: string): Promise<RuleFile | undefined> {
    const path = this.#path(name);
    const text = await this.#attempt(name, async () => {
      await this.#look(path);
      return readFile(path, 'utf8');
    });
    if (text === undefined) return undefined;
    try {
      const { file, notes } = readRules(text, name, this.#options.env);
      this.notes.push(...notes.map((note) => ({ ...note, file: name })));
      return file;
    } catch (error) {
      if (!(error instanceof RulesError)) throw error;
      this.problems.push(...error.problems);
      return undefined;
    }
  }

  #path(file: string): string {
    return isAbsolute(file) ? file : resolve(this.#options.places.base, file);
  }

  async #look(path: string): Promise<Stats> {
    this.looked.set(path, MISSING);
    const stats = await stat(path);
    this.looked.set(path, stateOf(stats));
    return stats;
  }

  /** Undefined where it failed, which becomes a problem of this file. */
  async #attempt<T>(file: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      const message = missing
        ? 'there is no such file'
        : `${basename(file)} cannot be read: ${messageOf(error)}`;
      this.problems.push({ file, path: '', message });
      return undefined;
    }
  }
}
