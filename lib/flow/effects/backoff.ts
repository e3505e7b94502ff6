/** The pause after the `attempts`-th failed attempt (0 for the first): the list's, then its last for ever. */
export function backoff(retryMs: readonly number[], attempts: number): number {
  return retryMs[Math.min(attempts, retryMs.length - 1)] ?? 60_000;
}
