/**
 * Typographic characters and what stands for them in the GSM 7-bit alphabet. Punctuation and white space only:
 * no letter or symbol is changed, so nothing is lost but the typography.
 */

/** One replacement that was made. */
export interface Replacement {
  readonly from: string;
  readonly to: string;
}

const TABLE: readonly (readonly [characters: string, replacement: string])[] = [
  ['\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\u2036\u301d\u301e', '"'],
  ['\u2018\u2019\u201a\u201b\u2039\u203a\u2032\u2035\u02bc\u02b9\u00b4\u0060', "'"],
  ['\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\ufe58\ufe63\uff0d', '-'],
  ['\u2026', '...'],
  ['\u2022\u2023\u25e6\u2219', '*'],
  ['\u00b7\u2024', '.'],
  ['\u2044\u2215', '/'],
  ['\u2016\u00a6', '|'],
  ['\u203c', '!!'],
  ['\u2047', '??'],
  ['\u2048', '?!'],
  ['\u2049', '!?'],
  ['\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000', ' '],
  ['\u000b\u0085\u2028\u2029', '\n'],
  ['\u00ad\u200b\u2060\ufeff', ''],
];

const REPLACEMENTS: ReadonlyMap<string, string> = new Map(
  TABLE.flatMap(([characters, to]) => Array.from(characters, (from) => [from, to] as const)),
);

const REPLACEABLE = new RegExp(`[${[...REPLACEMENTS.keys()].join('')}]`, 'g');

/** The text with every typographic character replaced, and each kind of replacement once. */
export function plainTypography(text: string): { text: string; replaced: readonly Replacement[] } {
  const seen = new Map<string, string>();
  const plain = text.replace(REPLACEABLE, (from) => {
    const to = REPLACEMENTS.get(from) ?? from;
    seen.set(from, to);
    return to;
  });
  return { text: plain, replaced: Array.from(seen, ([from, to]) => ({ from, to })) };
}
