import {
  LineCounter,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseDocument,
  type Alias,
  type Document,
  type Node,
  type Pair,
  type Scalar,
} from 'yaml';
import {
  excerptOf,
  hiddenByName,
  namesSecret,
  passwordInUrl,
  secretsInQuery,
  type Hidden,
} from './excerpt.ts';
import { printPath, type Finding, type SettingPath } from './finding.ts';
import type { Problem } from './problem.ts';
import { syntaxWords } from './syntax-words.ts';

/**
 * A YAML file as plain values, with the place of each.
 *
 * A key without a value counts as not set, so a list whose entries are all commented out is no error. Every string
 * passes through `expand`. What can be read is read even where something else is wrong with the file, except after an
 * error of syntax: then `value` is absent, since what follows from it would only mislead.
 */
export interface YamlFile {
  readonly value?: unknown;
  readonly findings: readonly Finding[];
  /** The text of an unquoted value as it stands in the file; absent for anything else. */
  readonly plain: (path: SettingPath) => string | undefined;
  /** A secret stands in the file itself, not only a reference to the environment. */
  readonly holdsSecret: boolean;
  /** The finding with its file, line and column, where the setting stands in the file. */
  readonly locate: (finding: Finding) => Problem;
}

/** What a string of the file stands for, or what is wrong with it. */
export type Expand = (text: string, path: SettingPath) => string | Omit<Finding, 'path'>;

/** Aliases may repeat this many values: more than anybody writes by hand needs, and an end to those that multiply. */
const MOST_REPEATED = 10_000;

const REFERENCE = /^["']?\$\{MAILSMS_\w+\}["']?$/;

interface Entry {
  readonly key?: number;
  readonly value: number;
  readonly plain?: string;
}

/** @param name the file as it is to be named in problems */
export function readYaml(text: string, name: string, expand: Expand): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const reader = new Reader(text, document, expand);
  const faults = [...document.errors, ...document.warnings];
  // The first one only: the others mostly follow from it.
  const [fault] = faults;
  if (fault !== undefined) reader.findings.push({ path: [], offset: fault.pos[0], ...syntaxWords(fault) });
  const value = fault === undefined ? reader.read(document.contents, []) : undefined;
  const { entries, findings } = reader;
  const hidden = fault === undefined ? reader.hidden : hiddenByName(text);

  const placeOf = ({ path, aboutKey }: Finding): number | undefined => {
    for (let length = path.length; length > 0; length--) {
      const entry = entries.get(printPath(path.slice(0, length)));
      if (entry === undefined) continue;
      return aboutKey === true && length === path.length ? (entry.key ?? entry.value) : entry.value;
    }
    return undefined;
  };
  return {
    value,
    findings,
    holdsSecret: hidden.some(({ start, end }) => !REFERENCE.test(text.slice(start, end))),
    plain: (path) => entries.get(printPath(path))?.plain,
    locate: (finding) => {
      const about = { path: printPath(finding.path), message: finding.message };
      const hint = finding.hint === undefined ? {} : { hint: finding.hint };
      if (finding.source !== undefined) return { file: finding.source, ...about, ...hint };
      const offset = finding.offset ?? placeOf(finding);
      if (offset === undefined) return { file: name, ...about, ...hint };
      const { line, col } = lines.linePos(offset);
      const excerpt = excerptOf(text, offset, hidden);
      return { file: name, line, column: col, ...about, ...hint, excerpt };
    },
  };
}

class Reader {
  readonly entries = new Map<string, Entry>();
  readonly findings: Finding[] = [];
  readonly hidden: Hidden[] = [];
  readonly #text: string;
  readonly #document: Document;
  readonly #expand: Expand;
  /** The collections being read, to tell an alias that contains itself. */
  readonly #open = new Set<Node>();
  #insideAlias = false;
  #repeated = 0;
  #exhausted = false;

  constructor(text: string, document: Document, expand: Expand) {
    this.#text = text;
    this.#document = document;
    this.#expand = expand;
  }

  read(node: unknown, path: SettingPath, key?: number): unknown {
    if (!isNode(node)) return undefined;
    const plain = isScalar(node) && node.type === 'PLAIN' ? node.source : undefined;
    this.entries.set(printPath(path), {
      value: offsetOf(node),
      ...(key === undefined ? {} : { key }),
      ...(plain === undefined ? {} : { plain }),
    });
    if (this.#insideAlias) this.#repeated++;
    if (isAlias(node)) return this.#alias(node, path);
    if (isScalar(node)) {
      this.#hide(node, path);
      return this.#scalar(node.value, path);
    }
    this.#open.add(node);
    const value = isSeq(node)
      ? this.#list(node.items, path)
      : isMap(node)
        ? this.#map(node.items, path)
        : null;
    this.#open.delete(node);
    return value;
  }

  #alias(node: Alias, path: SettingPath): unknown {
    const target = node.resolve(this.#document);
    const fault = this.#aliasFault(node, target);
    if (fault !== undefined) {
      this.findings.push({ path, message: fault, offset: offsetOf(node) });
      return undefined;
    }
    if (this.#repeated > MOST_REPEATED) return undefined;
    const outermost = !this.#insideAlias;
    this.#insideAlias = true;
    const value = this.read(target, path);
    if (outermost) this.#insideAlias = false;
    return value;
  }

  #aliasFault(node: Alias, target: Node | undefined): string | undefined {
    if (target === undefined) return `there is no anchor &${node.source} before this`;
    if (this.#open.has(target)) return `the alias *${node.source} contains itself`;
    // Once is enough: the other aliases are read as nothing.
    if (this.#repeated <= MOST_REPEATED || this.#exhausted) return undefined;
    this.#exhausted = true;
    return 'the aliases make too many values';
  }

  #list(items: readonly unknown[], path: SettingPath): unknown[] {
    return items.map((item, index) => this.read(item, [...path, index]) ?? null);
  }

  #map(items: readonly Pair[], path: SettingPath): Record<string, unknown> {
    const values = new Map<string, unknown>();
    for (const { key, value } of items) {
      const offset = isNode(key) ? offsetOf(key) : 0;
      if (!isScalar(key)) {
        this.findings.push({ path, message: 'the name of a setting must be a word', offset });
        continue;
      }
      const name = String(key.value);
      const here = [...path, name];
      if (values.has(name)) this.findings.push({ path: here, message: 'is set twice', offset });
      else values.set(name, this.read(value, here, offset) ?? undefined);
    }
    // Not by assignment: a setting called __proto__ is an unknown one, nothing else.
    return Object.fromEntries([...values].filter(([, value]) => value !== undefined));
  }

  /** Notes what must not be shown of this value. */
  #hide(node: Scalar, path: SettingPath): void {
    const [start, end] = node.range ?? [0, 0];
    if (path.some((step) => typeof step === 'string' && namesSecret(step))) this.hidden.push({ start, end });
    const password = passwordInUrl(this.#text.slice(start, end), start);
    if (password !== undefined) this.hidden.push(password);
    this.hidden.push(...secretsInQuery(this.#text.slice(start, end), start));
  }

  #scalar(value: unknown, path: SettingPath): unknown {
    if (typeof value !== 'string') return value;
    const expanded = this.#expand(value, path);
    if (typeof expanded === 'string') return expanded;
    this.findings.push({ path, ...expanded });
    return value;
  }
}

function offsetOf(node: Node): number {
  return node.range?.[0] ?? 0;
}
