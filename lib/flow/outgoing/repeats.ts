/**
 * The count at the end of a text that stands for others: `disk full (+17 more)`.
 *
 * A message's parts are planned and charged when it is accepted, and the count is known only when it is sent. So room for
 * the longest count is planned, and a shorter one is followed by spaces.
 */
const ROOM = ' (+9999 more)';
const MOST = 9999;

/** The text with room for a count; `keep` cuts a text to what fits, and says what is left of it. */
export function withRoom(text: string, keep: (text: string) => string): string {
  const planned = text + ROOM;
  const kept = keep(planned);
  if (kept.endsWith(ROOM)) return planned;
  const head = kept.slice(0, Math.max(kept.length - ROOM.length, 0));
  // Not half of a surrogate pair.
  return head.replace(/[\ud800-\udbff]$/, '') + ROOM;
}

/** The text as it is sent, where it stands for `repeats` others. */
export function withCount(text: string, repeats: number): string {
  if (!text.endsWith(ROOM)) return text;
  const count = repeats === 0 ? '' : ` (+${Math.min(repeats, MOST)} more)`;
  return text.slice(0, -ROOM.length) + count.padEnd(ROOM.length);
}
