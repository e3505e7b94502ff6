/**
 * Where a text may be cut: never inside a surrogate pair, and inside a grapheme cluster (a flag, an emoji with
 * its skin tone, a letter with its marks, CR LF) only where the cluster alone is longer than a part.
 *
 * The segmenter is only ever shown a short piece of the text: V8 copies all it is shown for every answer.
 */

/**
 * The last place to cut in `text` that is not behind `at`; always behind `start`, where the part begins and which
 * is such a place itself.
 */
export function cutBefore(text: string, start: number, at: number): number {
  if (at >= text.length) return text.length;
  const left = text.charCodeAt(at - 1);
  const right = text.charCodeAt(at);
  if (isAlone(left) && isAlone(right) && !(left === 0x0d && right === 0x0a)) return at;
  // Where a cluster begins depends on what is before it and on its first character, no more.
  const piece = GRAPHEMES.segment(text.slice(start, at + 2));
  const offset = piece.containing(at - start)?.index ?? at - start;
  if (offset > 0) return start + offset;
  const insidePair = (left & 0xfc00) === 0xd800 && (right & 0xfc00) === 0xdc00;
  return insidePair && at - 1 > start ? at - 1 : at;
}

/** How far around a character its cluster is looked for. Longer ones are shown in pieces. */
const REACH = 32;

/** The grapheme cluster around the code unit at `at`, and where it ends. */
export function clusterAt(text: string, at: number): { readonly cluster: string; readonly end: number } {
  const from = Math.max(0, at - REACH);
  const found = GRAPHEMES.segment(text.slice(from, at + REACH)).containing(at - from);
  const cluster = found?.segment ?? text.charAt(at);
  return { cluster, end: from + (found?.index ?? at - from) + cluster.length };
}

/**
 * Is this code unit a whole character that joins none of its neighbours? Latin, Greek, Cyrillic, Armenian, kana and
 * the common ideographs, so that texts in them need not ask the segmenter (Unicode Standard Annex 29).
 */
export function isAlone(code: number): boolean {
  if (code < 0x300) return true;
  if (code < 0x590) return code >= 0x370 && (code < 0x483 || code > 0x489);
  if (code < 0x4e00) {
    return (
      (code >= 0x1e00 && code < 0x2000) ||
      (code >= 0x3041 && code <= 0x3096) ||
      (code >= 0x30a1 && code <= 0x30ff)
    );
  }
  return code < 0xa000;
}

const GRAPHEMES = new Intl.Segmenter('und', { granularity: 'grapheme' });
