import type { AcceptItem, Collapse } from '../contract.ts';
import { instant } from './key.ts';
import type { StoredStorm } from './layout.ts';
import { place } from './place.ts';
import { traced } from './queue.ts';
import type { Work } from './work.ts';

/**
 * Storms: of equal messages within a window one goes out at once and one, for all others, at the window's end. While
 * the storm lasts, windows follow each other, so that there is never more than one message a window.
 */

/** Counts the message with the follower that waits, and says which that is; undefined where none waits. */
export function followed(work: Work, { key }: Collapse): string | undefined {
  const storm = work.read(work.tables.storms, [key]);
  if (storm?.follower === undefined) return undefined;
  const found = work.read(work.tables.messages, [storm.follower]);
  if (found === undefined || found.message.state !== 'queued' || found.lease !== undefined) return undefined;
  const repeats = (found.message.repeats ?? 0) + 1;
  const entry = { at: work.now, event: 'repeated', note: `${repeats} more` };
  // The station of the count before it is replaced: a storm must not push out how the message came in.
  const { trace } = found.message;
  const kept = trace.at(-1)?.event === 'repeated' ? trace.slice(0, -1) : trace;
  const message = { ...found.message, trace: kept };
  place(work, found, { ...found, message: { ...message, repeats, trace: traced(message, entry) } });
  return storm.follower;
}

/**
 * The item as it is to be queued: as it came where it begins a storm, else as the follower of this window; and the storm
 * as it is then, to be noted once the item is queued: what its account cannot pay for begins none.
 */
export function remainder(
  work: Work,
  item: AcceptItem,
  collapse: Collapse,
): { item: AcceptItem; storm: StoredStorm } {
  const { key, windowMs, follower } = collapse;
  const storm = work.read(work.tables.storms, [key]);
  const { message } = item;
  if (storm === undefined || work.now >= storm.until + (storm.follower === undefined ? 0 : windowMs)) {
    return { item, storm: { until: instant(work.now + windowMs) } };
  }
  const until = storm.until > work.now ? storm.until : instant(storm.until + windowMs);
  const wait = Math.max(until - message.notBefore, 0);
  const { charge } = item;
  const delayed: AcceptItem = {
    ...item,
    message: {
      ...message,
      ...follower,
      notBefore: message.notBefore + wait,
      expires: message.expires + wait,
      ...(message.warnAt === undefined ? {} : { warnAt: message.warnAt + wait }),
      repeats: 0,
    },
    ...(charge === undefined ? {} : { charge: { ...charge, parts: follower.parts.length } }),
  };
  return { item: delayed, storm: { until, follower: message.id } };
}

export function noteStorm(work: Work, { key, windowMs }: Collapse, storm: StoredStorm): void {
  const { storms, expiries } = work.tables;
  const old = work.read(storms, [key]);
  // It matters for one window more.
  if (old !== undefined) expiries.drop([instant(old.until + windowMs), 'storm', key]);
  storms.put([key], storm);
  expiries.add([instant(storm.until + windowMs), 'storm', key]);
}
