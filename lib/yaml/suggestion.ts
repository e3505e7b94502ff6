import { closest, distance } from 'fastest-levenshtein';

/** The word that was meant, where one is close enough. */
export function suggestion(word: string, words: readonly string[]): string | undefined {
  if (words.length === 0) return undefined;
  const plain = (text: string): string => text.toLowerCase().replace(/[_-]/g, '');
  const near = closest(plain(word), words.map(plain));
  const far = Math.floor((near.length + 1) / 3);
  return distance(plain(word), near) <= far ? words.find((each) => plain(each) === near) : undefined;
}
