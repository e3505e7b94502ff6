import type { IncomingPage, IncomingQuery, ListQuery, Page, StoreStats } from '../../archive.ts';
import {
  type IncomingMessage,
  MESSAGE_STATES,
  type MessageState,
  type OutgoingMessage,
  type Quarantined,
} from '../../records.ts';
import { isWanted, isWantedIncoming } from '../../filter.ts';
import { kindsOf } from '../effects/queue.ts';
import type { IndexTable } from '../disk/table.ts';
import { stateCount, type View } from '../disk/work.ts';

/** Looking without touching. */

export function find(view: View, id: string): OutgoingMessage | undefined {
  const found = view.read(view.tables.messages, [id]);
  return found === undefined ? undefined : view.whole(found);
}

export function findIncoming(view: View, id: string): IncomingMessage | undefined {
  return view.read(view.tables.incoming, [id])?.message;
}

/** Records that one call looks through: where few are asked for, a page has few of them, or none. */
const MOST_LOOKED_AT = 500;

/** State by state in the order asked for, in each the newest first; a page ends with where the next begins. */
export function list(view: View, { states = MESSAGE_STATES, where, limit, after }: ListQuery): Page {
  const messages: OutgoingMessage[] = [];
  let left = where === undefined ? Infinity : MOST_LOOKED_AT;
  const start = after === undefined ? undefined : readCursor(after);
  const from = start === undefined ? 0 : Math.max(states.indexOf(start.state), 0);
  for (const state of states.slice(from)) {
    let before = start?.state === state ? [state, start.id] : undefined;
    while (messages.length < limit && left > 0) {
      const keys = view.tables.states.descending([state], before, Math.min(limit - messages.length, left));
      if (keys.length === 0) break;
      for (const key of keys) {
        const found = view.read(view.tables.messages, [key[1] ?? '']);
        const whole = found === undefined ? undefined : view.whole(found);
        if (whole !== undefined && isWanted(whole, where)) messages.push(whole);
        before = [state, String(key[1])];
      }
      left -= keys.length;
    }
    if (messages.length >= limit || left <= 0)
      return { messages, next: writeCursor(state, String(before?.[1])) };
  }
  return { messages };
}

export function listIncoming(view: View, { states, where, limit, after }: IncomingQuery): IncomingPage {
  const messages: IncomingMessage[] = [];
  const keys = view.tables.incoming.keysBefore(after === undefined ? undefined : [after], MOST_LOOKED_AT);
  for (const key of keys) {
    const message = view.read(view.tables.incoming, key)?.message;
    if (message === undefined || states?.includes(message.state) === false) continue;
    if (!isWantedIncoming(message, where)) continue;
    messages.push(message);
    if (messages.length >= limit) return { messages, next: String(key[0]) };
  }
  const last = keys.length < MOST_LOOKED_AT ? undefined : keys.at(-1);
  return { messages, ...(last === undefined ? {} : { next: String(last[0]) }) };
}

/** Lanes in which messages wait or are ready. Asks the index too: a counter may have been damaged. */
export function lanes(view: View): string[] {
  const found = new Map<string, string>();
  for (const [lane = ''] of view.tables.lanes.keys([])) {
    found.set(String(lane), view.read(view.tables.lanes, [lane])?.lane ?? String(lane));
  }
  let [key] = view.tables.ready.under([], 1);
  while (key !== undefined) {
    const lane = String(key[0]);
    if (!found.has(lane)) found.set(lane, lane);
    key = view.tables.ready.firstBeyond([lane]);
  }
  return [...found.values()];
}

export function stats(view: View): StoreStats {
  const count = (name: string): number => view.read(view.tables.counts, [name])?.count ?? 0;
  const messages = Object.fromEntries(
    MESSAGE_STATES.map((state) => [state, count(stateCount(state))]),
  ) as Record<MessageState, number>;
  const waiting: Record<string, number> = {};
  for (const key of view.tables.lanes.keys([])) {
    const lane = view.read(view.tables.lanes, key);
    if (lane !== undefined) waiting[lane.lane] = lane.waiting;
  }
  const [oldest] = view.tables.states.under(['queued'], 1);
  return {
    messages,
    lanes: waiting,
    ...(oldest === undefined ? {} : { oldestQueued: String(oldest[1]) }),
    incoming: count('incoming'),
    effects: count('effects'),
    failedEffects: count('failedEffects'),
    quarantined: count('quarantined'),
  };
}

export function quarantined(view: View, limit: number): Quarantined[] {
  return view.tables.quarantine
    .keys([], limit)
    .flatMap((key) => view.read(view.tables.quarantine, key) ?? []);
}

/** The earliest time (greater than `after`, where that is given) at which something falls due: the indexes' heads. */
export function nextDue({ tables }: View, after: number | undefined): number | undefined {
  const head = (index: IndexTable, ...prefix: string[]): number | undefined => {
    const key = after === undefined ? index.under(prefix, 1)[0] : index.firstAfter(prefix, after);
    return key === undefined ? undefined : Number(key[prefix.length]);
  };
  const times = [
    head(tables.delayed),
    head(tables.deadlines),
    head(tables.leases),
    head(tables.incomingDue),
    ...kindsOf(tables.effectsDue).map((kind) => head(tables.effectsDue, kind)),
  ].filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.min(...times);
}

function writeCursor(state: MessageState, id: string): string {
  return `${state}:${id}`;
}

function readCursor(cursor: string): { state: MessageState; id: string } {
  const colon = cursor.indexOf(':');
  return { state: cursor.slice(0, colon) as MessageState, id: cursor.slice(colon + 1) };
}
