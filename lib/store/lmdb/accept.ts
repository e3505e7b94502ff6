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
  const { messages } = work.tables;
  const { id } = item.message;
  const known = knownAs(work, item);
  if (known !== undefined) return { outcome: 'duplicate', id: known };
  if (messages.has([id])) return { outcome: 'duplicate', id };
  if (item.charge !== undefined && !charge(work, item.charge)) return { outcome: 'limit' };
  place(work, undefined, {
    message: asQueued(item),
    order: work.nextOrder(),
    ...(item.charge === undefined ? {} : { chargedTo: item.charge.account }),
    ...(item.link === undefined ? {} : { linked: item.link.sender }),
  } satisfies StoredMessage);
  if (item.dedupe !== undefined) remember(work, item.dedupe.key, id, instant(item.dedupe.until));
  if (item.link !== undefined) addLink(work, item.link);
  enqueue(work, item.effects ?? []);
  return { outcome: 'accepted', id };
}

function asQueued({ message, charge: charged }: AcceptItem): OutgoingMessage {
  return {
    ...message,
    state: 'queued',
    notBefore: instant(message.notBefore),
    expires: instant(message.expires),
    ...(message.warnAt === undefined ? {} : { warnAt: instant(message.warnAt) }),
    ...(charged === undefined ? {} : { charged: charged.parts, chargedPeriod: charged.period }),
  };
}

/** The message that this one repeats. */
function knownAs(work: Work, { dedupe }: AcceptItem): string | undefined {
  if (dedupe === undefined) return undefined;
  const kept = work.read(work.tables.dedupe, [dedupe.key]);
  return kept !== undefined && kept.until > work.now ? kept.id : undefined;
}

function remember(work: Work, key: string, id: string, until: number): void {
  const { dedupe, expiries } = work.tables;
  const kept = work.read(dedupe, [key]);
  if (kept !== undefined) expiries.drop([kept.until, 'dedupe', key]);
  dedupe.put([key], { id, until });
  expiries.add([until, 'dedupe', key]);
}
