import type { AcceptItem, Collapse } from '../../outgoing.ts';
import { instant } from '../disk/key.ts';
import type { StoredStorm } from '../disk/layout.ts';
import { isWaiting, place } from './place.ts';
import { traced } from './queue.ts';
import type { Work } from '../disk/work.ts';

/**
 * Storms: of equal messages within a window one goes out at once and one, for all others, at the window's end. While
 * the storm lasts, windows follow each other, so that there is never more than one message a window.
 */

/** What a storm makes of a message: it is counted by the one with this id, or it is queued. */
export type InStorm =
  | { readonly counted: string }
  | {
      readonly counted?: undefined;
      /** As it came where it begins a storm, else as the follower of this window. */
      readonly item: AcceptItem;
      /** Notes the storm as it is then, once the item is paid for: what its account cannot pay for begins none. */
      readonly note: () => void;
    };

export function inStorm(work: Work, item: AcceptItem, collapse: Collapse): InStorm {
  const storm = work.read(work.tables.storms, [collapse.key]);
  if (storm?.follower !== undefined && follows(work, storm.follower)) return { counted: storm.follower };
  const begins = storm === undefined || work.now >= endOf(storm, collapse);
  const until = begins
    ? instant(work.now + collapse.windowMs)
    : storm.until > work.now
      ? storm.until
      : instant(storm.until + collapse.windowMs);
  const next = begins ? { until } : { until, follower: item.message.id };
  return {
    item: begins ? item : asFollower(item, collapse, until),
    note: () => noteStorm(work, collapse, storm, next),
  };
}

/** Where a message waited for a window's end, the window after it belongs to the storm too. */
function endOf({ until, follower }: StoredStorm, { windowMs }: Collapse): number {
  return until + (follower === undefined ? 0 : windowMs);
}

/** Counts one more with the follower, where that still waits. */
function follows(work: Work, follower: string): boolean {
  const found = work.read(work.tables.messages, [follower]);
  if (found === undefined || !isWaiting(found)) return false;
  const repeats = (found.message.repeats ?? 0) + 1;
  const entry = { at: work.now, event: 'repeated', note: `${repeats} more` };
  // The station of the count before it is replaced: a storm must not push out how the message came in.
  const { trace } = found.message;
  const kept = trace.at(-1)?.event === 'repeated' ? trace.slice(0, -1) : trace;
  const message = { ...found.message, trace: kept };
  place(work, found, { ...found, message: { ...message, repeats, trace: traced(message, entry) } });
  return true;
}

function asFollower(item: AcceptItem, { follower }: Collapse, until: number): AcceptItem {
  const { message, charge } = item;
  const wait = Math.max(until - message.notBefore, 0);
  return {
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
}

function noteStorm(
  work: Work,
  { key, windowMs }: Collapse,
  old: StoredStorm | undefined,
  storm: StoredStorm,
): void {
  const { storms, expiries } = work.tables;
  // It matters for one window more.
  if (old !== undefined) expiries.drop([instant(old.until + windowMs), 'storm', key]);
  storms.put([key], storm);
  expiries.add([instant(storm.until + windowMs), 'storm', key]);
}
