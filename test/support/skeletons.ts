/** A file of a page's, whole, or lines that are added to one that is there. */
export type Skeleton =
  | { readonly kind: 'file'; readonly section: string; readonly path: string; readonly text: string }
  | {
      readonly kind: 'change';
      readonly section: string;
      readonly path: string;
      readonly hunks: readonly Hunk[];
    };

/** Lines that are added behind `after`, which stands in the file. */
export interface Hunk {
  readonly after: string;
  readonly added: readonly string[];
}

/** The fenced blocks of a Markdown page that name a file: `ts lib/x.ts` and `diff lib/y.ts`, each with its section. */
export function skeletonsOf(page: string): Skeleton[] {
  const found: Skeleton[] = [];
  let section = '';
  for (const [, heading, language, path, text = ''] of page.matchAll(
    /^## (.+)$|^```(ts|yaml|diff) (\S+)\n([^]*?)^```$/gm,
  )) {
    if (heading !== undefined) section = heading;
    else if (language === 'diff' && path !== undefined) {
      found.push({ kind: 'change', section, path, hunks: hunksOf(path, text) });
    } else if (path !== undefined) found.push({ kind: 'file', section, path, text });
  }
  return found;
}

/** The file with the hunks in it. Throws where a line that a hunk stands behind is not there once. */
export function apply(text: string, { path, hunks }: { path: string; hunks: readonly Hunk[] }): string {
  let lines = text.split('\n');
  for (const { after, added } of hunks) {
    const places = lines.flatMap((line, at) => (line === after ? [at] : []));
    const [at, ...others] = places;
    if (at === undefined || others.length > 0) {
      throw new Error(`${path} has ${places.length} lines "${after}"`);
    }
    lines = [...lines.slice(0, at + 1), ...added, ...lines.slice(at + 1)];
  }
  return lines.join('\n');
}

function hunksOf(path: string, text: string): Hunk[] {
  const hunks: { after: string; added: string[] }[] = [];
  let before: string | undefined;
  for (const line of text.split('\n')) {
    if (!line.startsWith('+')) {
      before = line.slice(1);
      continue;
    }
    const last = hunks.at(-1);
    if (before !== undefined) hunks.push({ after: before, added: [line.slice(1)] });
    else if (last !== undefined) last.added.push(line.slice(1));
    else throw new Error(`${path}: a change begins without the line before it`);
    before = undefined;
  }
  return hunks;
}
