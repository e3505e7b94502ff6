import { distance } from 'fastest-levenshtein';

/** A piece of the file's text that is not to be shown, by offsets. */
export interface Hidden {
  readonly start: number;
  readonly end: number;
}

const SECRET_NAMES = ['password', 'pin'];
const MASK = '***';

/**
 * Is this the name of a secret setting, or could it have been meant for one? The line that is shown is most often the one
 * with the misspelt name.
 */
export function namesSecret(name: string): boolean {
  const word = name.toLowerCase();
  return (
    /^pass|^pwd$|secret|token/.test(word) ||
    SECRET_NAMES.some((each) => distance(each, word) <= each.length / 3)
  );
}

/** The password of a URL inside `text`, which begins at `start`; greedy, since a wrong URL may have it unescaped. */
export function passwordInUrl(text: string, start: number): Hidden | undefined {
  const match = /:\/\/[^:\s]*:(.+)@/s.exec(text);
  if (match?.[1] === undefined) return undefined;
  const end = start + match.index + match[0].length - 1;
  return { start: end - match[1].length, end };
}

/** What stands behind `pass=` and its like in a query. */
export function secretsInQuery(text: string, start: number): Hidden[] {
  return [...text.matchAll(/([?&;](?:pass|password|pin|token|secret)=)([^&"'\s]+)/gi)].map((match) => {
    const end = start + match.index + match[0].length;
    return { start: end - (match[2]?.length ?? 0), end };
  });
}

/** Everything behind the name of a secret, for text that could not be understood. */
export function hiddenByName(text: string): Hidden[] {
  const hidden: Hidden[] = [];
  for (const match of text.matchAll(/([A-Za-z_]+)(["']?\s*:\s*)([^\r\n]+)/g)) {
    const [whole, name = '', , value = ''] = match;
    const end = match.index + whole.length;
    const password = passwordInUrl(value, end - value.length);
    hidden.push(...secretsInQuery(value, end - value.length));
    if (namesSecret(name)) hidden.push({ start: end - value.length, end });
    else if (password !== undefined) hidden.push(password);
    else hidden.push(...hiddenByName(value).map((each) => shifted(each, end - value.length)));
  }
  return hidden;
}

function shifted({ start, end }: Hidden, by: number): Hidden {
  return { start: start + by, end: end + by };
}

/**
 * The line around `offset` with what is hidden in it masked, and the column of `offset` in that (from 1).
 */
export function excerptOf(
  text: string,
  offset: number,
  hidden: readonly Hidden[],
): { readonly text: string; readonly column: number } {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const next = text.indexOf('\n', start);
  const end = next < 0 ? text.length : text.charAt(next - 1) === '\r' ? next - 1 : next;
  let shown = '';
  let column = 0;
  let from = start;
  for (const mask of [...hidden].sort((a, b) => a.start - b.start)) {
    if (mask.end <= from || mask.start >= end) continue;
    const until = Math.max(mask.start, from);
    if (offset >= from && offset < until) column = shown.length + offset - from + 1;
    shown += text.slice(from, until);
    if (offset >= until && offset < mask.end) column = shown.length + 1;
    shown += MASK;
    from = Math.min(mask.end, end);
  }
  if (column === 0) column = shown.length + offset - from + 1;
  return { text: shown + text.slice(from, end), column };
}
