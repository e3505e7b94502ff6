import type { Quarantined } from './records.ts';

/** When there is work to do: what the services that take work sleep by. */
export interface Agenda {
  /**
   * The earliest time at which a deferred message, a deadline, a lease, an effect or a reassembly falls due. It lies in
   * the past where something is due and nobody has taken it yet. With `after` (the time up to which the caller has
   * taken what it can) only later times count: who waits for its return needs that, or it never sleeps while others
   * have a backlog.
   */
  nextDue(after?: number): Promise<number | undefined>;
  /** Tells of new work as soon as it is kept. Returns what ends that. A hint: other nodes' work may come untold. */
  watch(watcher: Watcher): () => void;
}

export interface Watcher {
  /** Messages came into these lanes: they are ready, or will be at their time. */
  readonly messages?: (lanes: readonly string[]) => void;
  readonly incoming?: () => void;
  readonly effects?: () => void;
  readonly quarantined?: (record: Quarantined) => void;
}
