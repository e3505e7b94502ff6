import type { LeasedEffect } from '../../effects.ts';
import type { Lease, TakeRequest } from '../../lease.ts';
import type { FaultRecord, NewEffect } from '../../records.ts';
import { instant, type KeyPart } from '../disk/key.ts';
import type { StoredEffect } from '../disk/layout.ts';
import type { IndexTable } from '../disk/table.ts';
import { held, leaseEnd, proof, type Work } from '../disk/work.ts';

/** The queue of effects. One that somebody holds stays in it, due again when the lease ends. */

/** Queues effects. One that is known by its id is left as it is: whoever repeats a call repeats no effect. */
export function enqueue(work: Work, effects: readonly NewEffect[]): void {
  for (const effect of effects) {
    if (work.tables.effects.has([effect.id])) continue;
    const due = instant(effect.created);
    placeEffect(work, undefined, { effect: { ...effect, attempts: 0, due }, order: work.nextOrder(), due });
  }
}

export function takeEffects(
  work: Work,
  request: TakeRequest & { readonly kinds?: readonly string[] },
): LeasedEffect[] {
  const { effects, effectsDue } = work.tables;
  const kinds = request.kinds ?? kindsOf(effectsDue);
  const taken: LeasedEffect[] = [];
  for (;;) {
    const limit = request.limit - taken.length;
    const due = [...new Set(kinds)].flatMap((kind) => effectsDue.upTo([kind], request.now, limit));
    if (limit <= 0 || due.length === 0) return taken;
    due.sort(([, dueA, orderA], [, dueB, orderB]) => byNumbers(dueA, dueB) || byNumbers(orderA, orderB));
    for (const key of due.slice(0, limit)) {
      const found = work.read(effects, [key[3] ?? '']);
      if (found?.due === undefined) {
        // Its record was damaged, and has been set aside.
        effectsDue.drop(key);
        work.count('effects', -1);
        continue;
      }
      const lease = work.lease(leaseEnd(request));
      placeEffect(work, found, { ...found, due: lease.until, lease });
      taken.push({ lease: proof(found.effect, lease), effect: found.effect });
    }
  }
}

export function effectDone(work: Work, lease: Lease): boolean {
  const found = held(work.read(work.tables.effects, [lease.id]), lease);
  if (found === undefined) return false;
  placeEffect(work, found, undefined);
  return true;
}

export function effectDeferred(work: Work, lease: Lease, until: number, fault: FaultRecord): boolean {
  const found = held(work.read(work.tables.effects, [lease.id]), lease);
  if (found === undefined) return false;
  const due = instant(until);
  const effect = { ...found.effect, attempts: found.effect.attempts + 1, due, fault };
  placeEffect(work, found, { effect, order: work.nextOrder(), due });
  return true;
}

export function effectFailed(
  work: Work,
  lease: Lease,
  fault: FaultRecord,
  follow: readonly NewEffect[],
): boolean {
  const found = held(work.read(work.tables.effects, [lease.id]), lease);
  if (found === undefined) return false;
  const effect = { ...found.effect, attempts: found.effect.attempts + 1, fault };
  placeEffect(work, found, { effect, order: found.order, failedAt: work.now });
  enqueue(work, follow);
  return true;
}

/** Gives back what was held under this owner's name by a process that is gone. */
export function releaseEffects(work: Work): void {
  const { effects, effectLeases } = work.tables;
  for (const key of [...effectLeases.each([])]) {
    const [id = '', owner, incarnation] = key;
    if (!work.isOrphan(owner, incarnation)) continue;
    const found = work.read(effects, [id]);
    if (found?.lease === undefined) {
      effectLeases.drop(key);
      continue;
    }
    placeEffect(work, found, { effect: found.effect, order: found.order, due: found.effect.due });
  }
}

/** Kinds that are in the queue: a hop from each to the next. */
export function kindsOf(effectsDue: IndexTable): string[] {
  const kinds: string[] = [];
  let [key] = effectsDue.under([], 1);
  while (key !== undefined) {
    const kind = String(key[0]);
    kinds.push(kind);
    key = effectsDue.firstBeyond([kind]);
  }
  return kinds;
}

/** Writes an effect and moves its index entries, as place.ts does for messages. */
export function placeEffect(
  work: Work,
  before: StoredEffect | undefined,
  after: StoredEffect | undefined,
): void {
  const { effects, effectsDue, effectLeases, effectsFailed } = work.tables;
  const effect = (after ?? before)?.effect;
  if (effect === undefined) return;
  const { id, kind } = effect;
  if (before?.due !== undefined) {
    effectsDue.drop([kind, before.due, before.order, id]);
    work.count('effects', -1);
  }
  if (after?.due !== undefined) {
    effectsDue.add([kind, after.due, after.order, id]);
    work.count('effects', 1);
    work.news.effects ||= after.lease === undefined;
  }
  if (before?.lease !== undefined) effectLeases.drop([id, before.lease.owner, before.lease.incarnation]);
  if (after?.lease !== undefined) effectLeases.add([id, after.lease.owner, after.lease.incarnation]);
  if (before?.failedAt !== undefined) {
    effectsFailed.drop([before.failedAt, id]);
    work.count('failedEffects', -1);
  }
  if (after?.failedAt !== undefined) {
    effectsFailed.add([after.failedAt, id]);
    work.count('failedEffects', 1);
  }
  if (after === undefined) effects.remove([id]);
  else effects.put([id], after);
}

function byNumbers(a: KeyPart | undefined, b: KeyPart | undefined): number {
  return Number(a) - Number(b);
}
