/**
 * Where a text may be cut: never inside a surrogate pair, and inside a grapheme cluster (a flag, an emoji with
 * its skin tone, a letter with its marks, CR LF) only where the cluster alone is longer than a part.
 */
export class Cutter {
  readonly #text: string;
  #clusters: Intl.Segments | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** The last place to cut in the text that is not behind `at`; always behind `start`, where the part begins. */
  before(start: number, at: number): number {
    const text = this.#text;
    if (at >= text.length) return text.length;
    const left = text.charCodeAt(at - 1);
    const right = text.charCodeAt(at);
    if (isAlone(left) && isAlone(right) && !(left === 0x0d && right === 0x0a)) return at;
    this.#clusters ??= GRAPHEMES.segment(text);
    const cluster = this.#clusters.containing(at)?.index ?? at;
    if (cluster > start) return cluster;
    const insidePair = (left & 0xfc00) === 0xd800 && (right & 0xfc00) === 0xdc00;
    return insidePair && at - 1 > start ? at - 1 : at;
  }
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

/** Divides a text into what users take for characters. */
export const GRAPHEMES = new Intl.Segmenter('und', { granularity: 'grapheme' });
