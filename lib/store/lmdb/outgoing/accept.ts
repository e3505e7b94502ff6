import type { AcceptItem, Accepted } from '../../outgoing.ts';
import { type OutgoingMessage, isRuledOff } from '../../records.ts';
import { charge } from '../accounts/counters.ts';
import { endAlarm, waitingAlarms } from './alarms.ts';
import { enqueue } from '../effects/queue.ts';
import { instant } from '../disk/key.ts';
import type { StoredMessage } from '../disk/layout.ts';
import { addLink } from '../incoming/links.ts';
import { place } from './place.ts';
import { inStorm } from './storms.ts';
import type { Work } from '../disk/work.ts';

/** Takes a message into the queue with all that belongs to it, or, where it is a duplicate or too much, nothing. */
export function accept(work: Work, given: AcceptItem): Accepted {
  const known = knownAs(work, given);
  if (known !== undefined) return { outcome: 'duplicate', id: known };
  const { id } = given.message;
  if (isRuledOff(given.message)) {
    keep(work, given, given.message);
    remember(work, given, id);
    return { outcome: 'accepted', id };
  }
  const waiting = given.alarm === undefined ? [] : waitingAlarms(work, given.alarm.key);
  const [first] = waiting;
  if (given.alarm?.ends === true && first !== undefined) {
    for (const each of waiting) endAlarm(work, each, 'the alarm has ended');
    remember(work, given, first.message.id);
    return { outcome: 'withdrawn', id: first.message.id };
  }
  const storm = given.collapse === undefined ? undefined : inStorm(work, given, given.collapse);
  if (storm?.counted !== undefined) {
    remember(work, given, storm.counted);
    return { outcome: 'collapsed', id: storm.counted };
  }
  const item = storm?.item ?? given;
  const { message, charge: charged } = item;
  const paid = charged === undefined ? 'charged' : charge(work, charged);
  if (paid !== 'charged') return { outcome: 'limit', limit: paid };
  storm?.note();
  for (const each of waiting) endAlarm(work, each, `replaced by ${message.id}`);
  queue(work, item);
  remember(work, item, message.id);
  return { outcome: 'accepted', id: message.id };
}

function queue(work: Work, item: AcceptItem): void {
  const { link, charge: charged, alarm } = item;
  keep(work, item, asQueued(item), {
    ...(charged === undefined ? {} : { chargedTo: charged.account }),
    ...(charged?.day === undefined ? {} : { chargedDay: charged.day.day }),
    ...(link === undefined ? {} : { linked: link.sender }),
    ...(alarm === undefined ? {} : { alarm: alarm.key }),
  });
  if (link !== undefined) addLink(work, link);
}

/** Writes the message with its effects, as the state that it is in has it. */
function keep(
  work: Work,
  { effects = [] }: AcceptItem,
  { content, origin, ...message }: OutgoingMessage,
  more: Partial<StoredMessage> = {},
): void {
  work.tables.bodies.put([message.id], { content, origin });
  place(work, undefined, { message, order: work.nextOrder(), ...more });
  enqueue(work, effects);
}

function asQueued({ message, charge: charged }: AcceptItem): OutgoingMessage {
  const queued: { -readonly [name in keyof OutgoingMessage]: OutgoingMessage[name] } = { ...message };
  queued.state = 'queued';
  queued.notBefore = instant(message.notBefore);
  queued.expires = instant(message.expires);
  if (message.warnAt !== undefined) queued.warnAt = instant(message.warnAt);
  if (charged === undefined) return queued;
  queued.charged = charged.parts;
  queued.chargedPeriod = charged.period;
  return queued;
}

/** The id of the message that this one is again. */
function knownAs(work: Work, { message, dedupe }: AcceptItem): string | undefined {
  const { messages } = work.tables;
  const known = dedupe === undefined ? undefined : work.read(work.tables.dedupe, [dedupe.key]);
  if (known !== undefined && known.until > work.now) {
    // One that a rule took away, and that rule has been mended since: this time it goes out.
    const kept = isRuledOff(message) ? undefined : work.read(messages, [known.id]);
    if (kept === undefined || !isRuledOff(kept.message)) return known.id;
  }
  return messages.has([message.id]) ? message.id : undefined;
}

/** The same mail sent again finds what became of it. */
function remember(work: Work, { dedupe: given }: AcceptItem, id: string): void {
  if (given === undefined) return;
  const { dedupe, expiries } = work.tables;
  const until = instant(given.until);
  const old = work.read(dedupe, [given.key]);
  if (old !== undefined) expiries.drop([old.until, 'dedupe', given.key]);
  dedupe.put([given.key], { id, until });
  expiries.add([until, 'dedupe', given.key]);
}
