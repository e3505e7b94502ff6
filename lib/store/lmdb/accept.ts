import type { AcceptItem, Accepted } from '../contract.ts';
import type { OutgoingMessage } from '../records.ts';
import { charge } from './accounts.ts';
import { enqueue } from './effects.ts';
import { instant } from './key.ts';
import type { StoredMessage } from './layout.ts';
import { addLink } from './links.ts';
import { place } from './place.ts';
import type { Work } from './work.ts';

/** Takes a message into the queue with all that belongs to it, or, where it is a duplicate or too much, nothing. */
export function accept(work: Work, item: AcceptItem): Accepted {
  const { message, dedupe, link, charge: charged } = item;
  const { id } = message;
  const known = dedupe === undefined ? undefined : work.read(work.tables.dedupe, [dedupe.key]);
  if (known !== undefined && known.until > work.now) return { outcome: 'duplicate', id: known.id };
  if (work.tables.messages.has([id])) return { outcome: 'duplicate', id };
  if (charged !== undefined && !charge(work, charged)) return { outcome: 'limit' };
  const { content, origin, ...head } = asQueued(item);
  work.tables.bodies.put([id], { content, origin });
  const stored: StoredMessage = {
    message: head,
    order: work.nextOrder(),
    ...(charged === undefined ? {} : { chargedTo: charged.account }),
    ...(link === undefined ? {} : { linked: link.sender }),
  };
  place(work, undefined, stored);
  if (dedupe !== undefined) remember(work, dedupe.key, id, instant(dedupe.until), known);
  if (link !== undefined) addLink(work, link);
  enqueue(work, item.effects ?? []);
  return { outcome: 'accepted', id };
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

function remember(
  work: Work,
  key: string,
  id: string,
  until: number,
  old: { readonly until: number } | undefined,
): void {
  const { dedupe, expiries } = work.tables;
  if (old !== undefined) expiries.drop([old.until, 'dedupe', key]);
  dedupe.put([key], { id, until });
  expiries.add([until, 'dedupe', key]);
}
