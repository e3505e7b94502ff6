import type { Charge } from '../contract.ts';
import type { Usage } from '../records.ts';
import type { StoredUsage } from './layout.ts';
import type { View, Work } from './work.ts';

/** Accounts' counters: one record for each account and calendar month, so that nothing has to roll over. */

/** Adds to the month's counter unless that would exceed the limit (0: none). */
export function charge(work: Work, { account, parts, limit, period, at }: Charge): boolean {
  const kept = work.usage(account, period);
  const sent = (kept?.sent ?? 0) + parts;
  if (limit > 0 && sent > limit) return false;
  const lastSent = Math.max(kept?.lastSent ?? 0, at);
  work.setUsage(account, period, { sent, lastSent });
  return true;
}

export function refund(work: Work, account: string, parts: number, period: string): void {
  const kept = work.usage(account, period);
  if (kept === undefined || parts <= 0) return;
  work.setUsage(account, period, { ...kept, sent: Math.max(kept.sent - parts, 0) });
}

export function usage(view: View, account: string, period: string): Usage {
  const current = view.read(view.tables.usage, [account, period]);
  const before = monthBefore(period);
  const previous = before === undefined ? undefined : view.read(view.tables.usage, [account, before]);
  const lastSent = latest(current, previous);
  return {
    period,
    sent: current?.sent ?? 0,
    previous: previous?.sent ?? 0,
    ...(lastSent === undefined ? {} : { lastSent }),
  };
}

function latest(...records: (StoredUsage | undefined)[]): number | undefined {
  const times = records.flatMap((record) => (record?.lastSent === undefined ? [] : [record.lastSent]));
  return times.length === 0 ? undefined : Math.max(...times);
}

/** `2026-01` -> `2025-12`; undefined where it is not written so. */
function monthBefore(period: string): string | undefined {
  const match = /^(\d{4})-(\d{2})$/.exec(period);
  if (match === null) return undefined;
  const months = Number(match[1]) * 12 + Number(match[2]) - 2;
  return `${String(Math.floor(months / 12)).padStart(4, '0')}-${String((months % 12) + 1).padStart(2, '0')}`;
}
