import type { TakeRequest } from '../lease.ts';
import type { LeaseRequest } from '../outgoing.ts';
import { kindsOf } from './effects/queue.ts';
import { type Identity, isOrphan, type View } from './disk/work.ts';

/**
 * Whether there is anything to take, seen without a transaction. Most who ask are told no, and a transaction would cost
 * them two trips to another thread. A yes is only a hint: another process may be faster.
 */
export function mayLease({ tables }: View, { lanes, now }: LeaseRequest): boolean {
  return (
    tables.delayed.upTo([], now, 1).length > 0 ||
    lanes.some((lane) => tables.ready.under([lane], 1).length > 0)
  );
}

export function mayRecover({ tables }: View, { now }: TakeRequest, identity: Identity): boolean {
  for (const [end, , owner, incarnation] of tables.leases.each([])) {
    if (Number(end) <= now || isOrphan(identity, owner, incarnation)) return true;
  }
  return false;
}

export function mayBeOverdue({ tables }: View, { now }: TakeRequest): boolean {
  return tables.deadlines.upTo([], now, 1).length > 0;
}

export function mayTakeComplete({ tables }: View, { now }: TakeRequest): boolean {
  return tables.incomingDue.upTo([], now, 1).length > 0;
}

export function mayTakeEffects(
  { tables }: View,
  { now, kinds }: TakeRequest & { readonly kinds?: readonly string[] },
): boolean {
  return (kinds ?? kindsOf(tables.effectsDue)).some(
    (kind) => tables.effectsDue.upTo([kind], now, 1).length > 0,
  );
}

/** Whether effects or incoming messages are held by a process that is gone. Looks at those in flight. */
export function holdsOrphans({ tables }: View, identity: Identity): boolean {
  for (const leases of [tables.effectLeases, tables.incomingLeases]) {
    for (const [, owner, incarnation] of leases.each([])) {
      if (isOrphan(identity, owner, incarnation)) return true;
    }
  }
  return false;
}
