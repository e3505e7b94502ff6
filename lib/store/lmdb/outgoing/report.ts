import type { PartReport } from '../../outgoing.ts';
import type { NewEffect, OutgoingMessage, Part } from '../../records.ts';
import { enqueue } from '../effects/queue.ts';
import { instant, keyString } from '../disk/key.ts';
import type { MessageHead, StoredMessage } from '../disk/layout.ts';
import { isSameNumber, numberTail } from './number.ts';
import { verdictOf } from './outcome.ts';
import { place, unconfirmedSince } from './place.ts';
import { traced } from './queue.ts';
import type { Work } from '../disk/work.ts';

/**
 * Status reports. A modem's reference (TP-MR, TS 23.040 9.2.3.6) is one octet and wraps after 256 messages, so a report
 * belongs to the newest part of that gateway, reference and number that was sent within the window.
 */
export function report(
  work: Work,
  given: PartReport,
  onVerdict: (message: OutgoingMessage) => readonly NewEffect[],
): { message: OutgoingMessage; verdict: boolean } | undefined {
  const found = findPart(work, given);
  if (found === undefined) return undefined;
  const { stored, part } = found;
  const { message } = stored;
  const whole = work.whole(stored);
  if (whole === undefined) return undefined;
  // A second word about the same part changes nothing, whatever it says: networks repeat themselves.
  if (isFinal(part)) return { message: whole, verdict: false };
  const parts = message.parts.map((each) => (each === part ? withReport(each, given) : each));
  const entry = {
    at: given.at,
    event: 'report',
    gateway: given.gateway,
    note: `${part.sequence} ${given.outcome} ${given.note ?? given.status ?? ''}`,
  };
  const reported = { ...message, parts, trace: traced(message, entry) };
  const end = message.state === 'sent' ? verdictOf(parts) : undefined;
  if (end === undefined) {
    place(work, stored, { ...stored, message: reported });
    return { message: { ...whole, ...reported }, verdict: false };
  }
  const settledAt = Math.max(message.settledAt ?? 0, instant(given.at));
  const ended: MessageHead = { ...reported, state: end, settledAt };
  place(work, stored, { ...stored, message: ended });
  const told: OutgoingMessage = { ...whole, ...ended };
  enqueue(work, onVerdict(told));
  return { message: told, verdict: true };
}

/** What nobody will say any more whether it arrived. */
export function unconfirmed(
  work: Work,
  before: number,
  limit: number,
  onEnd: (message: OutgoingMessage) => readonly NewEffect[],
): number {
  const index = work.tables.unconfirmed;
  const keys = index.upTo([], before - 1, limit);
  for (const key of keys) {
    const [since, id = ''] = key;
    const stored = work.read(work.tables.messages, [id]);
    const whole = stored === undefined ? undefined : work.whole(stored);
    if (stored === undefined || whole === undefined || unconfirmedSince(stored) !== since) {
      index.drop(key);
      continue;
    }
    const trace = traced(stored.message, { at: work.now, event: 'unconfirmed' });
    const message = { ...stored.message, trace };
    place(work, stored, { ...stored, message, reportsOver: true });
    enqueue(work, onEnd({ ...whole, ...message }));
  }
  return keys.length;
}

function findPart(
  work: Work,
  { gateway, reference, number, at, windowMs }: PartReport,
): { stored: StoredMessage; part: Part } | undefined {
  const { references, messages } = work.tables;
  const prefix = [gateway, keyString(reference), numberTail(number)];
  let before: (string | number)[] | undefined;
  for (;;) {
    const [key] = references.descending(prefix, before, 1);
    const sentAt = Number(key?.[3]);
    if (key === undefined || sentAt < at - windowMs) return undefined;
    const [, , , , id = '', sequence] = key;
    const stored = work.read(messages, [id]);
    const part = stored?.message.parts.find((each) => each.sequence === sequence);
    if (stored === undefined) references.drop(key);
    else if (part !== undefined && isSameNumber(stored.message.number, number)) return { stored, part };
    before = key;
  }
}

function isFinal({ state }: Part): boolean {
  return state === 'delivered' || state === 'undelivered';
}

function withReport(part: Part, { outcome, status }: PartReport): Part {
  return {
    ...part,
    ...(status === undefined ? {} : { status }),
    ...(outcome === 'temporary' ? {} : { state: outcome }),
  };
}
