/**
 * Files that old programs put into the text itself: `begin 644 name`, lines that begin with their length, `end`
 * (POSIX uuencode). A phone does not want them.
 */

const BEGIN = /^begin [0-7]{3,4} \S/;

/** `text` without the uuencoded files in it; what only looks like one stays. */
export function withoutUuencoded(text: string): string {
  if (!text.startsWith('begin ') && !text.includes('\nbegin ')) return text;
  const lines = text.split(/\r?\n/);
  const kept: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const end = BEGIN.test(lines[at] ?? '') ? endOfFile(lines, at + 1) : at;
    if (end === at) kept.push(lines[at] ?? '');
    else at = end;
  }
  return kept.join('\n');
}

/** The line with the `end` of the file whose data begins at `from`, the last data line without one, `from - 1` for none. */
function endOfFile(lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length && isData(lines[at] ?? '')) at++;
  if (at === from) return from - 1;
  // The empty line of data may have lost its back quote.
  if (/^[` ]?$/.test(lines[at] ?? '') && lines[at + 1] === 'end') at += 1;
  return lines[at] === 'end' ? at : at - 1;
}

/** Three octets are four characters; spaces at a line's end get lost on the way. */
function isData(line: string): boolean {
  const octets = (line.charCodeAt(0) - 0x20) & 0x3f;
  if (octets === 0 || octets > 45 || !/^[ -`]+$/.test(line)) return false;
  const expected = 1 + Math.ceil(octets / 3) * 4;
  return line.length <= expected + 1 && line.length >= expected - 8 && line.length > 1;
}
