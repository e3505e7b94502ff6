import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';

/** A page of docs/ whose code blocks are tried: each stands under a comment that names it. */
export class Page {
  readonly name: string;
  readonly #text: string;

  constructor(name: string) {
    this.name = name;
    this.#text = readFileSync(resolve(import.meta.dirname, '../../docs', name), 'utf8');
  }

  /** The code block under `<!-- name -->`, with what is different on the reader's machine put in its place. */
  block(name: string, ...here: readonly (readonly [written: string, put: string])[]): string {
    const [, , rest] = this.#text.split(new RegExp(`(<!-- ${name} -->)`));
    const found = rest === undefined ? null : /^\s*```\w*\n([^]*?)```/.exec(rest);
    if (found === null) throw new Error(`${this.name} has no code block under <!-- ${name} -->`);
    return here.reduce((block, [written, put]) => {
      if (!block.includes(written))
        throw new Error(`${this.name}, ${name}: "${written}" does not stand there any more`);
      return block.replaceAll(written, put);
    }, found[1] ?? '');
  }

  /** The same, of a block that is a part of mailsms.yaml. */
  settings(
    name: string,
    ...here: readonly (readonly [written: string, put: string])[]
  ): Record<string, unknown> {
    const parsed: unknown = parse(this.block(name, ...here));
    if (typeof parsed !== 'object' || parsed === null) throw new Error(`${this.name}, ${name}: no settings`);
    return { ...parsed };
  }
}
