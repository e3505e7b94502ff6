import { KeyCount } from '../base/key-count.ts';

/** Counts what is under way, by key, and wakes those who wait for one of a key to end. */
export class UnderWay {
  readonly #counts = new KeyCount();
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #mostWaiting: number;

  /** @param mostWaiting how many may wait for one key */
  constructor(mostWaiting: number) {
    this.#mostWaiting = mostWaiting;
  }

  count(key: string): number {
    return this.#counts.of(key);
  }

  begin(keys: readonly string[]): void {
    for (const key of keys) this.#counts.enter(key);
  }

  end(keys: readonly string[]): void {
    for (const key of keys) {
      this.#counts.leave(key);
      const woken = this.#waiting.get(key);
      this.#waiting.delete(key);
      for (const wake of woken ?? []) wake();
    }
  }

  /** Until one of this key ends: all who wait are woken then. Undefined where too many wait. */
  next(key: string): { readonly came: Promise<void>; readonly leave: () => void } | undefined {
    const waiting = this.#waiting.get(key) ?? new Set<() => void>();
    if (waiting.size >= this.#mostWaiting) return undefined;
    this.#waiting.set(key, waiting);
    let wake = (): void => {};
    const came = new Promise<void>((resolve) => (wake = resolve));
    waiting.add(wake);
    return {
      came,
      leave: () => {
        waiting.delete(wake);
        if (waiting.size === 0 && this.#waiting.get(key) === waiting) this.#waiting.delete(key);
      },
    };
  }
}
