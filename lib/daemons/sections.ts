import type { Line, Note, Section } from './found.ts';

/** A file in sections, and the lines that are neither a setting nor a comment. */
export interface Sections {
  readonly sections: readonly Section[];
  readonly notes: readonly Note[];
}

/** An INI file: `[name]`, `key = value`, comments with `#` or `;`. What stands before the first name is the section ''. */
export function iniSections(text: string): Sections {
  return split(text, /^\[\s*([^\]]*?)\s*\]$/);
}

/** Kannel's file: groups begin with `group = name`. */
export function kannelSections(text: string): Sections {
  return split(text, /^group\s*=\s*"?([\w-]+)"?$/);
}

function split(text: string, heading: RegExp): Sections {
  const sections: { name: string; line: number; lines: Line[] }[] = [{ name: '', line: 1, lines: [] }];
  const notes: Note[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const written = raw.trim();
    const line = index + 1;
    if (written === '' || /^[#;]/.test(written)) continue;
    const name = heading.exec(written)?.[1];
    if (name !== undefined) {
      sections.push({ name, line, lines: [] });
      continue;
    }
    const match = /^([\w.:-]+)\s*=\s*(.*)$/.exec(written);
    if (match === null) notes.push({ line, message: 'is neither a setting nor a comment' });
    else sections.at(-1)?.lines.push({ line, key: match[1] ?? '', value: unquoted(match[2] ?? '') });
  }
  return { sections, notes };
}

function unquoted(value: string): string {
  const quoted = /^"(.*)"$/.exec(value);
  return (quoted?.[1] ?? value).trim();
}
