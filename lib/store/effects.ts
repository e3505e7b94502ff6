import type { Lease, TakeRequest } from './lease.ts';
import type { Effect, FaultRecord, NewEffect } from './records.ts';

/** What is still to be done outside: mails, and what rules want. */
export interface Effects {
  enqueue(effects: readonly NewEffect[]): Promise<void>;
  takeEffects(
    request: TakeRequest & { readonly kinds?: readonly string[] },
  ): Promise<readonly LeasedEffect[]>;
  /** The effect took place. Ends the lease. */
  effectDone(lease: Lease): Promise<boolean>;
  effectDeferred(lease: Lease, until: number, fault: FaultRecord): Promise<boolean>;
  /** Given up; it is kept among the failed ones for the operator. `follow` is queued in its place. */
  effectFailed(lease: Lease, fault: FaultRecord, follow: readonly NewEffect[]): Promise<boolean>;
  findEffect(id: string): Promise<ListedEffect | undefined>;
  /** A page of effects: those that wait, by kind and in the order they fall due; then failed ones, the last one first. */
  listEffects(query: EffectQuery): Promise<EffectPage>;
  /**
   * The operator's hand: `retry` makes a waiting or failed effect due at `at`, with the time it had once more where
   * that is over; `remove` forgets it. `busy`: it is being carried out.
   */
  amendEffect(id: string, change: EffectAmendment): Promise<'done' | 'absent' | 'busy'>;
}

export interface LeasedEffect {
  readonly lease: Lease;
  readonly effect: Effect;
}

/** An effect as the operator sees it. */
export interface ListedEffect {
  readonly effect: Effect;
  readonly state: EffectState;
  /** When it was given up. */
  readonly failedAt?: number;
}

/** `busy`: somebody carries it out right now. */
export type EffectState = 'waiting' | 'busy' | 'failed';

export interface EffectQuery {
  /** Default: both. `waiting` has those that are carried out right now too. */
  readonly state?: 'waiting' | 'failed';
  readonly limit: number;
  /** The `next` of the page before. */
  readonly after?: string;
}

export interface EffectPage {
  readonly effects: readonly ListedEffect[];
  readonly next?: string;
}

export type EffectAmendment = { readonly kind: 'retry'; readonly at: number } | { readonly kind: 'remove' };
