import { distance } from 'fastest-levenshtein';

/** Settings whose values are secret. `relay` is one only in part: see USERINFO. */
const SECRET_KEYS = ['password', 'pin'];

const KEY = /([A-Za-z_]+)(["']?\s*:\s*)("(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s,}\]#][^,}\]#]*)/g;
const USERINFO = /(:\/\/)([^\s@/"']+)(@)/g;
const MASK = '***';

/**
 * A line of the file as it may be shown, and where `column` (from 1) is in it.
 *
 * Values of secret settings are masked, also where the setting's name is misspelt, since that is what an excerpt
 * most often shows.
 */
export function excerptOf(line: string, column: number): { text: string; column: number } {
  const masks: { start: number; end: number }[] = [];
  for (const match of line.matchAll(KEY)) {
    const [whole, key = '', , value = ''] = match;
    if (isSecretKey(key))
      masks.push({ start: match.index + whole.length - value.length, end: match.index + whole.length });
  }
  for (const match of line.matchAll(USERINFO)) {
    const colon = match[2]?.indexOf(':') ?? -1;
    const start = match.index + 3;
    if (colon >= 0) masks.push({ start: start + colon + 1, end: start + (match[2]?.length ?? 0) });
  }
  let text = '';
  let from = 0;
  let at = column - 1;
  for (const { start, end } of masks.sort((a, b) => a.start - b.start)) {
    if (start < from) continue;
    text += line.slice(from, start) + MASK;
    if (column - 1 >= end) at += MASK.length - (end - start);
    else if (column - 1 > start) at -= column - 1 - start;
    from = end;
  }
  return { text: text + line.slice(from), column: at + 1 };
}

function isSecretKey(key: string): boolean {
  const name = key.toLowerCase();
  return name.startsWith('pass') || SECRET_KEYS.some((each) => distance(each, name) <= each.length / 3);
}
