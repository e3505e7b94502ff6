import type { Charge, LimitKind } from '../../account-book.ts';
import type { Usage } from '../../records.ts';
import type { StoredRate, StoredUsage } from '../disk/layout.ts';
import type { View, Work } from '../disk/work.ts';

/**
 * What accounts have used. There is one counter for each account and calendar month, so that nothing has to roll
 * over. What only those need that have a limit a day or a minute stands in a record of its own.
 */

/** The time that a limit a minute looks back, seconds. */
const RATE_SECONDS = 60;
const DAY_MS = 86_400_000;

/** Adds to the counters, unless that would exceed one of the limits; then nothing is changed. */
export function charge(work: Work, given: Charge): 'charged' | LimitKind {
  const { parts, period, at } = given;
  const account = nameKey(given.account);
  const kept = work.usage(account, period);
  const rate = isRated(given) ? rateNow(work, given) : undefined;
  const exceeded = over(given, kept, rate);
  if (exceeded !== undefined) return exceeded;
  work.setUsage(account, period, {
    sent: (kept?.sent ?? 0) + parts,
    lastSent: Math.max(kept?.lastSent ?? 0, at),
  });
  if (rate !== undefined) {
    const recent = withParts(rate.recent, Math.floor(at / 1000), parts);
    work.tables.rates.put([account], { day: rate.day, sent: rate.sent + parts, recent });
  }
  return 'charged';
}

/** Which limit the charge would exceed. */
export function wouldExceed(view: View, given: Charge): LimitKind | undefined {
  const kept = view.read(view.tables.usage, [nameKey(given.account), given.period]);
  return over(given, kept, isRated(given) ? rateNow(view, given) : undefined);
}

export function refund(work: Work, user: string, parts: number, period: string, day?: string): void {
  if (parts <= 0) return;
  const account = nameKey(user);
  const kept = work.usage(account, period);
  if (kept !== undefined) {
    work.setUsage(account, period, { ...kept, sent: Math.max(kept.sent - parts, 0) });
  }
  if (day === undefined) return;
  const rate = work.read(work.tables.rates, [account]);
  if (rate?.day !== day) return;
  // The last minute is left as it is: a limit on the rate is about what was asked for, not about what became of it.
  work.tables.rates.put([account], { ...rate, sent: Math.max(rate.sent - parts, 0) });
}

export function usage(view: View, user: string, period: string): Usage {
  const account = nameKey(user);
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

/** An account is the same one however the case of its name is written, and so are its counters. */
export function nameKey(user: string): string {
  return user.toLowerCase();
}

function isRated({ day, minute = 0 }: Charge): boolean {
  return (day?.limit ?? 0) > 0 || minute > 0;
}

function over(
  { parts, limit, day, minute = 0 }: Charge,
  kept: StoredUsage | undefined,
  rate: StoredRate | undefined,
): LimitKind | undefined {
  if (limit > 0 && (kept?.sent ?? 0) + parts > limit) return 'month';
  if (rate === undefined) return undefined;
  if (day !== undefined && day.limit > 0 && rate.sent + parts > day.limit) return 'day';
  const lately = rate.recent.reduce((sum, [, each]) => sum + each, 0);
  return minute > 0 && lately + parts > minute ? 'minute' : undefined;
}

/** The counters of this day and of the last 60 seconds, what is older being gone. */
function rateNow(reader: View | Work, { account, day, at }: Charge): StoredRate {
  const kept = reader.read(reader.tables.rates, [nameKey(account)]);
  const today = laterDay(day?.day, kept?.day);
  const since = Math.floor(at / 1000) - RATE_SECONDS;
  return {
    day: today,
    sent: kept?.day === today ? kept.sent : 0,
    recent: (kept?.recent ?? []).filter(([second]) => second >= since),
  };
}

/**
 * The day to count on. A charge may have been made just before midnight, or by a node whose clock is behind, and come after
 * others of the next day: these must stay counted. A day further off was counted by a clock that was wrong.
 */
function laterDay(asked: string | undefined, kept: string | undefined): string {
  if (asked === undefined || kept === undefined) return asked ?? kept ?? '';
  const ahead = Date.parse(kept) - Date.parse(asked);
  return ahead > 0 && ahead <= DAY_MS ? kept : asked;
}

/** One entry for each second, however many messages it has. */
function withParts(recent: StoredRate['recent'], second: number, parts: number): StoredRate['recent'] {
  const last = recent.at(-1);
  if (last?.[0] !== second) return [...recent, [second, parts]];
  return [...recent.slice(0, -1), [second, last[1] + parts]];
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
