import type { Tally } from '../../archive.ts';
import type { FaultRecord } from '../../records.ts';
import type { StoredMessage, StoredTally } from '../disk/layout.ts';
import type { View, Work } from '../disk/work.ts';

/** What each gateway did today: one small record for each, of the last day on which it did something. */

export function tallySent(work: Work, gateway: string, parts: number): void {
  if (gateway === '' || parts === 0) return;
  const kept = today(work, gateway);
  write(work, { ...kept, sent: kept.sent + parts });
}

/** A hand-over that failed. A message that nobody was handing over (it expired in the queue) is no gateway's failure. */
export function tallyFailed(work: Work, { message, gateway }: StoredMessage, fault: FaultRecord): void {
  if (gateway === undefined || message.state !== 'sending') return;
  if (!message.parts.some(({ state }) => state === 'handing')) return;
  const kept = today(work, gateway);
  write(work, { ...kept, failed: kept.failed + 1, lastError: { at: work.now, fault } });
}

export function tallies(view: View, day: string): ReadonlyMap<string, Tally> {
  const found = new Map<string, Tally>();
  for (const key of view.tables.tallies.keys([])) {
    const kept = view.read(view.tables.tallies, key);
    if (kept === undefined) continue;
    const { gateway, day: of, ...tally } = kept;
    found.set(gateway, of === day ? tally : { ...tally, sent: 0, failed: 0 });
  }
  return found;
}

function today(work: Work, gateway: string): StoredTally {
  const kept = work.read(work.tables.tallies, [gateway]);
  const day = work.today();
  if (kept?.day === day) return kept;
  const { lastError } = kept ?? {};
  return { gateway, day, sent: 0, failed: 0, ...(lastError === undefined ? {} : { lastError }) };
}

function write(work: Work, tally: StoredTally): void {
  work.tables.tallies.put([tally.gateway], tally);
}
