/** Rows as a table for people: columns as wide as their widest cell. */
export function table(head: readonly string[], written: readonly (readonly string[])[]): string {
  const rows = written.map((row) => row.map((cell) => shown(cell, CONTROLS)));
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(head), ...rows.map(line)].map((each) => `${each}\n`).join('');
}

/** A text of several lines without what a terminal would obey: anybody may have written it. */
export function harmless(text: string): string {
  return shown(text, CONTROLS_WITHIN_LINES);
}

/** A text on one line, cut to `width` characters, control characters made visible. */
export function oneLine(text: string, width: number): string {
  const flat = shown(text.replace(/\s+/g, ' '), CONTROLS);
  const characters = [...flat];
  return characters.length <= width ? flat : `${characters.slice(0, width - 1).join('')}…`;
}

const CONTROLS = /\p{Cc}/gu;
const CONTROLS_WITHIN_LINES = /(?![\n\t])\p{Cc}/gu;

function shown(text: string, controls: RegExp): string {
  return text.replace(controls, '\u{fffd}');
}

/** Things for scripts: one JSON object a line. */
export function jsonLines(things: readonly unknown[]): string {
  return things.map((thing) => `${JSON.stringify(thing)}\n`).join('');
}

/** A time as `2026-11-23 09:30:15`, in the machine's zone. */
export function when(at: number): string {
  return new Date(at).toLocaleString('sv-SE');
}
