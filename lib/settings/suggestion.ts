import { closest, distance } from 'fastest-levenshtein';

/** The word that was meant, where one is close enough, or just one begins as it does. */
export function suggestion(word: string, words: readonly string[]): string | undefined {
  if (words.length === 0) return undefined;
  const plain = (text: string): string => text.toLowerCase().replace(/[_-]/g, '');
  const meant = plain(word);
  const near = closest(meant, words.map(plain));
  const far = Math.floor((near.length + 1) / 3);
  if (distance(meant, near) <= far) return words.find((each) => plain(each) === near);
  const longer = meant.length < 3 ? [] : words.filter((each) => plain(each).startsWith(meant));
  return longer.length === 1 ? longer[0] : undefined;
}
