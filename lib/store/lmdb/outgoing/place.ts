import type { Part } from '../../records.ts';
import { instant, keyString } from '../disk/key.ts';
import type { StoredMessage } from '../disk/layout.ts';
import { numberTail } from './number.ts';
import type { Work } from '../disk/work.ts';

/**
 * Writes a message and moves its index entries from where they were (`before`, absent where it is new) to where they
 * belong (`after`, absent where it is to be forgotten). Every change of a message goes through here, so no index can be
 * forgotten.
 */
export function place(work: Work, before: StoredMessage | undefined, after: StoredMessage | undefined): void {
  const id = (after ?? before)?.message.id;
  if (id === undefined) return;
  placeState(work, id, before, after);
  placeInQueue(work, id, before, after);
  placeLease(work, id, before, after);
  placeAlarm(work, id, before, after);
  placeUnconfirmed(work, id, before, after);
  placeReferences(work, id, before, after);
  if (after !== undefined) {
    work.tables.messages.put([id], after);
    return;
  }
  work.tables.messages.remove([id]);
  work.tables.bodies.remove([id]);
}

/** Whether it stands in a lane: queued, and held by nobody. */
export function isWaiting({ message, lease }: StoredMessage): boolean {
  return message.state === 'queued' && lease === undefined;
}

/** When something must be done about a waiting message: a warning, or its end. */
export function deadlineOf({ message }: StoredMessage): number {
  return Math.min(message.warnAt ?? message.expires, message.expires);
}

/** How priorities stand in keys: the highest first. */
export function rank(priority: number): number {
  return 9 - Math.min(Math.max(Math.trunc(priority), -9), 9);
}

function placeState(
  work: Work,
  id: string,
  before: StoredMessage | undefined,
  after: StoredMessage | undefined,
): void {
  const { states, settled } = work.tables;
  const [was, is] = [before?.message, after?.message];
  if (was?.state !== is?.state) {
    if (was !== undefined && states.has([was.state, id])) {
      states.drop([was.state, id]);
      work.countState(was.state, -1);
    }
    if (is !== undefined) {
      states.add([is.state, id]);
      work.countState(is.state, 1);
    }
  }
  if (was?.settledAt === is?.settledAt) return;
  if (was?.settledAt !== undefined) settled.drop([was.settledAt, id]);
  if (is?.settledAt !== undefined) settled.add([is.settledAt, id]);
}

function placeInQueue(
  work: Work,
  id: string,
  before: StoredMessage | undefined,
  after: StoredMessage | undefined,
): void {
  const { ready, delayed, deadlines } = work.tables;
  if (before !== undefined && isWaiting(before)) {
    const { lane, priority, notBefore } = before.message;
    // It may have been moved to `ready` since: see promote in queue.ts.
    ready.drop([lane, rank(priority), before.order, id]);
    delayed.drop([notBefore, before.order, lane, rank(priority), id]);
    deadlines.drop([deadlineOf(before), id]);
    work.countLane(lane, -1);
  }
  if (after === undefined || !isWaiting(after)) return;
  const { lane, priority, notBefore } = after.message;
  if (instant(notBefore) <= work.now) ready.add([lane, rank(priority), after.order, id]);
  else delayed.add([notBefore, after.order, lane, rank(priority), id]);
  deadlines.add([deadlineOf(after), id]);
  work.countLane(lane, 1);
  work.news.lanes.add(lane);
}

function placeLease(
  work: Work,
  id: string,
  before: StoredMessage | undefined,
  after: StoredMessage | undefined,
): void {
  const [was, is] = [before?.lease, after?.lease];
  if (was?.token === is?.token && was?.until === is?.until) return;
  if (was !== undefined) work.tables.leases.drop([was.until, id, was.owner, was.incarnation]);
  if (is !== undefined) work.tables.leases.add([is.until, id, is.owner, is.incarnation]);
}

/** An alarm can be found by its key for as long as it may still be cancelled. */
function placeAlarm(
  work: Work,
  id: string,
  before: StoredMessage | undefined,
  after: StoredMessage | undefined,
): void {
  const [was, is] = [alarmOf(before), alarmOf(after)];
  if (was === is) return;
  if (was !== undefined) work.tables.alarms.drop([was, id]);
  if (is !== undefined) work.tables.alarms.add([is, id]);
}

function alarmOf(stored: StoredMessage | undefined): string | undefined {
  const state = stored?.message.state;
  return state === 'queued' || state === 'sending' || state === 'held' ? stored?.alarm : undefined;
}

function placeUnconfirmed(
  work: Work,
  id: string,
  before: StoredMessage | undefined,
  after: StoredMessage | undefined,
): void {
  const [was, is] = [unconfirmedSince(before), unconfirmedSince(after)];
  if (was === is) return;
  if (was !== undefined) work.tables.unconfirmed.drop([was, id]);
  if (is !== undefined) work.tables.unconfirmed.add([is, id]);
}

/** Since when a message waits for status reports that its sender wants. */
export function unconfirmedSince(stored: StoredMessage | undefined): number | undefined {
  const { state, options, settledAt } = stored?.message ?? {};
  const waits = state === 'sent' && options?.statusReport === true && stored?.reportsOver !== true;
  return waits ? settledAt : undefined;
}

function placeReferences(
  work: Work,
  id: string,
  before: StoredMessage | undefined,
  after: StoredMessage | undefined,
): void {
  const { references } = work.tables;
  const kept = after?.message.parts ?? [];
  for (const part of before?.message.parts ?? []) {
    const now = kept.find(({ sequence }) => sequence === part.sequence);
    if (isSameReference(part, now)) continue;
    const key = referenceKey(part, id, before?.message.number ?? '');
    if (key !== undefined) references.drop(key);
  }
  const known = before?.message.parts ?? [];
  for (const part of kept) {
    const was = known.find(({ sequence }) => sequence === part.sequence);
    if (isSameReference(part, was)) continue;
    const key = referenceKey(part, id, after?.message.number ?? '');
    if (key !== undefined) references.add(key);
  }
}

function isSameReference(a: Part, b: Part | undefined): boolean {
  return b !== undefined && a.reference === b.reference && a.gateway === b.gateway && a.at === b.at;
}

function referenceKey(part: Part, id: string, number: string): (string | number)[] | undefined {
  const { gateway, reference, at, sequence } = part;
  if (gateway === undefined || reference === undefined || at === undefined) return undefined;
  return [gateway, keyString(reference), numberTail(number), at, id, sequence];
}
