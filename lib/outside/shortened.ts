const LONGEST = 200;

/** What somebody outside said, as one line of at most 200 characters for a log. */
export function shortened(text: string): string {
  const line = text
    .slice(0, LONGEST * 4)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  const characters = [...line];
  return characters.length <= LONGEST ? line : `${characters.slice(0, LONGEST - 3).join('')}...`;
}
