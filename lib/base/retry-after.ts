/** A server may ask for a pause of this at most: what waits longer is forgotten rather than wanted. */
const LONGEST_MS = 86_400_000;

/** How long Retry-After (RFC 9110 10.2.3: seconds, or a date) asks to wait; 0 where it is missing or makes no sense. */
export function retryAfterMs(value: string | undefined, now: number): number {
  const text = value?.trim() ?? '';
  // Date.parse takes much that is no HTTP date, such as "1.5" and "-3".
  const ms = /^\d{1,10}$/.test(text)
    ? Number(text) * 1000
    : /^[A-Z][a-z]{2,8}, .* GMT$/.test(text)
      ? Date.parse(text) - now
      : 0;
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, 0), LONGEST_MS);
}
