/** One thing that is wrong, or odd, in a file that people write, and where. */
export interface Problem {
  /** The file as it was named; absent where the setting did not come from one. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1, in UTF-16 units. */
  readonly column?: number;
  /** The setting: `gateways[0].device`; empty where it is about the file as a whole. */
  readonly path: string;
  /** What is wrong with it, to be read after the path: `unknown setting`. Never shows a secret. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
  /** The line of the file, with its secrets masked, and where in it the problem is (from 1). */
  readonly excerpt?: { readonly text: string; readonly column: number };
}

/** One line: `mailsms.yaml:12:7: gateways[0].devcie: unknown setting; did you mean "device"?` */
export function headline(problem: Problem): string {
  const { file, line, column, path, message, hint } = problem;
  const place = [file, line, column].filter((each) => each !== undefined).join(':');
  const about = [place, path].filter((each) => each !== '').map((each) => `${each}: `);
  return `${about.join('')}${message}${hint === undefined ? '' : `; ${hint}`}`;
}

/** The headline, and where there is one, the line of the file with a caret below it. */
export function printProblem(problem: Problem): string {
  const { excerpt, line } = problem;
  if (excerpt === undefined || line === undefined) return headline(problem);
  const margin = `${line}`.padStart(5);
  const { text, column } = window(excerpt);
  return [
    headline(problem),
    `${margin} | ${text}`,
    `${' '.repeat(margin.length)} | ${' '.repeat(column - 1)}^`,
  ].join('\n');
}

const WIDTH = 100;

/** The part of a long line that fits a terminal. Tabs become spaces, so that the caret stands where it should. */
function window(excerpt: { text: string; column: number }): { text: string; column: number } {
  const text = excerpt.text.replaceAll('\t', ' ');
  if (text.length <= WIDTH) return { text, column: excerpt.column };
  const start = Math.max(0, Math.min(excerpt.column - WIDTH / 2, text.length - WIDTH));
  const shown = text.slice(start, start + WIDTH);
  const left = start > 0 ? '... ' : '';
  const right = start + WIDTH < text.length ? ' ...' : '';
  return { text: left + shown + right, column: excerpt.column - start + left.length };
}
