import type { Lease, TakeRequest } from '../../lease.ts';
import type { LeaseRequest, Leased, PeekRequest } from '../../outgoing.ts';
import type { OutgoingMessage, Part, TraceEntry } from '../../records.ts';
import { instant, type KeyPart, keyString } from '../disk/key.ts';
import type { MessageBody, MessageHead, StoredMessage } from '../disk/layout.ts';
import { deadlineOf, isWaiting, place } from './place.ts';
import { held, proof, type View, type Work } from '../disk/work.ts';

/** Taking messages out of the queue. */

/** How many deferred messages are moved to their lanes at a time. Moving one is two small writes. */
const PROMOTE = 500;
const TRACE_LENGTH = 40;

export function leaseReady(work: Work, request: LeaseRequest): Leased[] {
  const leased: Leased[] = [];
  for (;;) {
    const promoted = promote(work, request.now);
    // Also where one alone is wanted: those that are due must be seen by whoever peeks next.
    if (request.only !== undefined) return takeOnly(work, request, request.only);
    take(work, request, leased);
    // Those that are due may stand behind others that are due in lanes nobody asked for.
    if (leased.length >= request.limit || promoted < PROMOTE) return leased;
  }
}

/** Moves deferred messages whose time has come to where they are taken from, the longest due first. */
function promote(work: Work, now: number): number {
  const { delayed, ready, lanes } = work.tables;
  const due = delayed.upTo([], now, PROMOTE);
  for (const key of due) {
    const [, order = 0, lane = '', rank = 0, id = ''] = key;
    delayed.drop(key);
    ready.add([lane, rank, order, id]);
    const name = String(lane);
    work.news.lanes.add(name.startsWith('\u0001') ? (work.read(lanes, [name])?.lane ?? name) : name);
  }
  return due.length;
}

function take(work: Work, request: LeaseRequest, leased: Leased[]): void {
  for (;;) {
    const heads = firstOf(work, request.lanes, request.limit - leased.length);
    if (heads.length === 0) return;
    for (const key of heads) {
      const [lane = '', , , id = ''] = key;
      const found = work.read(work.tables.messages, [id]);
      const whole = found !== undefined && isWaiting(found) ? work.whole(found) : undefined;
      if (found !== undefined && whole !== undefined) {
        leased.push(leaseFor(work, found, whole, request));
      } else {
        // Its record is gone: it was damaged, and has been set aside.
        work.tables.ready.drop(key);
        work.countLane(String(lane), -1);
      }
    }
  }
}

function takeOnly(work: Work, request: LeaseRequest, id: string): Leased[] {
  const found = work.read(work.tables.messages, [id]);
  if (found === undefined || !isWaiting(found) || !request.lanes.includes(found.message.lane)) return [];
  // It may have been deferred since it was seen.
  if (instant(found.message.notBefore) > request.now) return [];
  const whole = work.whole(found);
  return whole === undefined ? [] : [leaseFor(work, found, whole, request)];
}

/** What stands at the head of the lanes, and is not in `skip`. Damaged ones are left to whoever takes them. */
export function peekReady(view: View, { lanes, limit, skip }: PeekRequest): OutgoingMessage[] {
  const found: OutgoingMessage[] = [];
  for (const key of firstOf(view, lanes, limit + skip.size)) {
    const id = String(key[3]);
    if (found.length >= limit) break;
    if (skip.has(id)) continue;
    const stored = view.read(view.tables.messages, [id]);
    const whole = stored !== undefined && isWaiting(stored) ? view.whole(stored) : undefined;
    if (whole !== undefined) found.push(whole);
  }
  return found;
}

/** The first `limit` entries of several lanes together: a merge of the lanes, each of which is sorted. */
function firstOf(work: View | Work, lanes: readonly string[], limit: number): KeyPart[][] {
  const sources = [...new Set(lanes.map(keyString))].map((lane) => work.tables.ready.each([lane]));
  const heads = sources.map((source) => source.next());
  const first: KeyPart[][] = [];
  while (first.length < limit) {
    let best = -1;
    heads.forEach((head, index) => {
      const leader = heads[best];
      if (head.done !== true && (leader?.value === undefined || isBefore(head.value, leader.value)))
        best = index;
    });
    const head = heads[best];
    const source = sources[best];
    if (head === undefined || head.done === true || source === undefined) break;
    first.push(head.value);
    heads[best] = source.next();
  }
  for (const source of sources) source.return(undefined);
  return first;
}

/** Compares [lane, rank, order, id] of different lanes. */
function isBefore([, rankA, orderA]: KeyPart[], [, rankB, orderB]: KeyPart[]): boolean {
  return Number(rankA) - Number(rankB) < 0 || (rankA === rankB && Number(orderA) < Number(orderB));
}

function leaseFor(
  work: Work,
  found: StoredMessage,
  { content, origin }: MessageBody,
  { now, until, gateway }: LeaseRequest,
): Leased {
  const { message } = found;
  const given: MessageHead = {
    ...message,
    state: 'sending',
    parts: handNext(message.parts, gateway),
    trace: traced(message, { at: now, event: 'leased', gateway }),
  };
  return give(work, found, { ...found, message: given, gateway }, { content, origin }, until);
}

/** Messages that nobody answers for any more: their lease ended, or its owner was started anew. */
export function recover(work: Work, { now, until, limit }: TakeRequest): Leased[] {
  const leased: Leased[] = [];
  const { leases, messages } = work.tables;
  // As many as are being sent, which is few however long the queue is.
  for (const key of [...leases.each([])]) {
    if (leased.length >= limit) break;
    const [end, id = '', owner, incarnation] = key;
    if (Number(end) > now && !work.isOrphan(owner, incarnation)) continue;
    const found = work.read(messages, [id]);
    const whole = found === undefined ? undefined : work.whole(found);
    if (found?.lease === undefined || whole === undefined || instant(found.lease.until) !== end) {
      leases.drop(key);
      continue;
    }
    const trace = traced(found.message, { at: now, event: 'recovered' });
    leased.push(give(work, found, { ...found, message: { ...found.message, trace } }, whole, until));
  }
  return leased;
}

/** Waiting messages to be warned about or given up. They stay `queued`: nothing is being handed over. */
export function overdue(work: Work, { now, until, limit }: TakeRequest): Leased[] {
  const leased: Leased[] = [];
  const { deadlines, messages } = work.tables;
  for (const key of deadlines.upTo([], now, limit)) {
    const [time, id = ''] = key;
    const found = work.read(messages, [id]);
    const isDue = found !== undefined && isWaiting(found) && instant(deadlineOf(found)) === time;
    const whole = isDue ? work.whole(found) : undefined;
    if (whole === undefined || found === undefined) deadlines.drop(key);
    else leased.push(give(work, found, found, whole, until));
  }
  return leased;
}

export function renew(work: Work, lease: Lease, until: number): boolean {
  const found = held(work.read(work.tables.messages, [lease.id]), lease);
  if (found?.lease === undefined) return false;
  place(work, found, { ...found, lease: { ...found.lease, until: instant(until) } });
  return true;
}

function give(
  work: Work,
  before: StoredMessage,
  after: StoredMessage,
  { content, origin }: MessageBody,
  until: number,
): Leased {
  const lease = work.lease(instant(until));
  place(work, before, { ...after, lease });
  return { lease: proof(after.message, lease), message: { ...after.message, content, origin } };
}

/** The first waiting part becomes `handing`, unless one is already. */
export function handNext(parts: readonly Part[], gateway: string): readonly Part[] {
  if (parts.some((part) => part.state === 'handing')) return parts;
  const next = parts.find((part) => part.state === 'waiting');
  return parts.map((part) => (part === next ? { ...part, state: 'handing', gateway } : part));
}

/** The message's trace with one more entry; only the last ones are kept. */
export function traced({ trace }: MessageHead, entry: TraceEntry): readonly TraceEntry[] {
  return [...trace.slice(1 - TRACE_LENGTH), entry];
}
