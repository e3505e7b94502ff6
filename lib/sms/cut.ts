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
    // Below U+0300 nothing joins its neighbour but CR and LF.
    if (left < 0x300 && right < 0x300 && !(left === 0x0d && right === 0x0a)) return at;
    this.#clusters ??= GRAPHEMES.segment(text);
    const cluster = this.#clusters.containing(at)?.index ?? at;
    if (cluster > start) return cluster;
    const insidePair = (left & 0xfc00) === 0xd800 && (right & 0xfc00) === 0xdc00;
    return insidePair && at - 1 > start ? at - 1 : at;
  }
}

/** Divides a text into what users take for characters. */
export const GRAPHEMES = new Intl.Segmenter('und', { granularity: 'grapheme' });
