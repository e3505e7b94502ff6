import { isDeepStrictEqual } from 'node:util';
import type { IncomingResult, LeasedIncoming } from '../../incoming.ts';
import type { Lease, TakeRequest } from '../../lease.ts';
import type { IncomingMessage, IncomingPart } from '../../records.ts';
import { accept } from '../outgoing/accept.ts';
import { enqueue } from '../effects/queue.ts';
import { instant } from '../disk/key.ts';
import type { StoredIncoming } from '../disk/layout.ts';
import { held, leaseEnd, proof, type Work } from '../disk/work.ts';

/**
 * What came from phones. A part joins the open group of its concatenation key; a whole message is due at once, one with
 * parts missing at its `waitUntil`. A message that was given out takes no more parts: a late one begins a new group, and
 * is given up in its turn. Nothing is thrown away for being late or odd.
 */
export function receive(work: Work, part: IncomingPart, waitUntil: number): 'stored' | 'duplicate' {
  const { fingerprints, expiries, groups } = work.tables;
  if (fingerprints.has([part.fingerprint])) return 'duplicate';
  const open = openGroup(work, part);
  const twin = open?.message.parts.find((each) => each.concat?.sequence === part.concat?.sequence);
  // The network sends a part again where it missed our acknowledgement, with another stamp and so another fingerprint.
  const repeated = twin !== undefined && isDeepStrictEqual(twin.body, part.body);
  fingerprints.add([part.fingerprint]);
  expiries.add([part.received, 'fingerprint', part.fingerprint]);
  if (repeated) return 'duplicate';
  // The same place with another text is another message whose reference has come round.
  const before = twin === undefined ? open : undefined;
  const after = joined(work, before, part, instant(waitUntil));
  placeIncoming(work, before, after);
  work.news.incoming = true;
  if (part.concat === undefined) return 'stored';
  if (after.due === 0) groups.remove([part.concat.key]);
  else groups.put([part.concat.key], { id: after.message.id });
  return 'stored';
}

export function takeComplete(work: Work, request: TakeRequest): LeasedIncoming[] {
  const { incoming, incomingDue, groups } = work.tables;
  const taken: LeasedIncoming[] = [];
  for (;;) {
    const due = incomingDue.upTo([], request.now, request.limit - taken.length);
    if (due.length === 0) return taken;
    for (const key of due) {
      const found = work.read(incoming, [key[2] ?? '']);
      if (found?.due === undefined) {
        // Its record was damaged, and has been set aside.
        incomingDue.drop(key);
        work.count('incoming', -1);
        continue;
      }
      const { group, message } = found;
      if (group !== undefined && work.read(groups, [group])?.id === message.id) groups.remove([group]);
      const lease = work.lease(leaseEnd(request));
      placeIncoming(work, found, { ...found, due: lease.until, lease });
      taken.push({ lease: proof(message, lease), message });
    }
  }
}

export function finish(work: Work, lease: Lease, result: IncomingResult): boolean {
  const found = held(work.read(work.tables.incoming, [lease.id]), lease);
  if (found === undefined) return false;
  const { state, at, note, effects, rules, messages = [] } = result;
  const { message, order } = found;
  const trace = [...message.trace, { at, event: state, note }];
  placeIncoming(work, found, {
    message: { ...message, state, trace, ...(rules === undefined ? {} : { rules }) },
    order,
    settledAt: instant(at),
  });
  enqueue(work, effects);
  for (const item of messages) accept(work, item);
  return true;
}

/** Gives back what was held under this owner's name by a process that is gone. */
export function releaseIncoming(work: Work): void {
  const { incoming, incomingLeases } = work.tables;
  for (const key of [...incomingLeases.each([])]) {
    const [id = '', owner, incarnation] = key;
    if (!work.isOrphan(owner, incarnation)) continue;
    const found = work.read(incoming, [id]);
    if (found?.lease === undefined) {
      incomingLeases.drop(key);
      continue;
    }
    const { lease: _, ...rest } = found;
    placeIncoming(work, found, { ...rest, due: 0 });
  }
}

/** Writes an incoming message and moves its index entries, as place.ts does for outgoing ones. */
export function placeIncoming(
  work: Work,
  before: StoredIncoming | undefined,
  after: StoredIncoming | undefined,
): void {
  const { incoming, incomingDue, incomingLeases, incomingSettled } = work.tables;
  const id = (after ?? before)?.message.id;
  if (id === undefined) return;
  if (before?.due !== undefined) {
    incomingDue.drop([before.due, before.order, id]);
    work.count('incoming', -1);
  }
  if (after?.due !== undefined) {
    incomingDue.add([after.due, after.order, id]);
    work.count('incoming', 1);
  }
  if (before?.lease !== undefined) incomingLeases.drop([id, before.lease.owner, before.lease.incarnation]);
  if (after?.lease !== undefined) incomingLeases.add([id, after.lease.owner, after.lease.incarnation]);
  if (before?.settledAt !== undefined) incomingSettled.drop([before.settledAt, id]);
  if (after?.settledAt !== undefined) incomingSettled.add([after.settledAt, id]);
  if (after === undefined) incoming.remove([id]);
  else incoming.put([id], after);
}

/** The message that still waits for parts like this one. */
function openGroup(work: Work, { concat }: IncomingPart): StoredIncoming | undefined {
  if (concat === undefined) return undefined;
  const id = work.read(work.tables.groups, [concat.key])?.id;
  const found = id === undefined ? undefined : work.read(work.tables.incoming, [id]);
  return found?.message.total === concat.total ? found : undefined;
}

function joined(
  work: Work,
  before: StoredIncoming | undefined,
  part: IncomingPart,
  waitUntil: number,
): StoredIncoming {
  const parts = [...(before?.message.parts ?? []), part].sort((a, b) => sequenceOf(a) - sequenceOf(b));
  const total = part.concat?.total ?? 1;
  const message: IncomingMessage = {
    id: before?.message.id ?? freeId(work, part),
    gateway: part.gateway,
    number: part.number,
    received: Math.min(before?.message.received ?? part.received, part.received),
    parts,
    total,
    state: 'arrived',
    trace: [
      ...(before?.message.trace ?? []),
      {
        at: part.received,
        event: 'received',
        gateway: part.gateway,
        note: `${sequenceOf(part)} of ${total}`,
      },
    ],
  };
  return {
    message,
    order: before?.order ?? work.nextOrder(),
    due: parts.length >= total ? 0 : (before?.due ?? waitUntil),
    ...(part.concat === undefined ? {} : { group: part.concat.key }),
  };
}

/** The part's id, unless a message has it already: then nothing of the older one may be lost. */
function freeId(work: Work, { id }: IncomingPart): string {
  let free = id;
  for (let copy = 2; work.tables.incoming.has([free]); copy++) free = `${id}.${copy}`;
  return free;
}

function sequenceOf({ concat }: IncomingPart): number {
  return concat?.sequence ?? 1;
}
