import { type AccountSettings, isLevel } from '../../accounts/account.ts';
import { matches } from '../../accounts/password.ts';
import { asFault, Fault } from '../../base/errors.ts';
import type { Secret } from '../../base/secret.ts';
import type { AccountChange } from '../../store/account-book.ts';
import type { AccountRecord, Usage } from '../../store/records.ts';
import type { BatchView } from './views/account.ts';
import type { BatchAccount } from './queries.ts';

type Counters = NonNullable<BatchAccount['counters']>;

/**
 * Many accounts at once, as another system kept them: what would change for each, compared with what is stored.
 *
 * What an import may be run again for is kept: a password is never replaced by an empty one, and a counter never falls,
 * so that neither locks anybody out nor gives anybody a second month.
 */
export interface BatchEntry {
  readonly user: string;
  /** All its settings, made of those it has; throws a Fault that says what is wrong. Absent: they stay. */
  readonly settings?: (kept: AccountSettings | undefined) => AccountSettings;
  readonly password?: Secret;
  readonly counters?: Counters;
}

/** A result with what it takes: a record to be put, a password to be hashed into it, counters to be set. */
export interface Planned {
  readonly result: BatchView['results'][number];
  readonly put?: {
    readonly record: AccountRecord;
    readonly when: 'new' | 'existing';
    readonly hash?: Secret;
  };
  readonly usage: readonly MonthCount[];
}

export interface MonthCount {
  readonly user: string;
  readonly period: string;
  readonly sent: number;
  readonly lastSent?: number;
}

/** What is known about one account before the change. */
export interface Known {
  readonly kept: AccountRecord | undefined;
  readonly usage: Usage;
  /** The month before `usage.period`. */
  readonly before: string;
  readonly monthOf: (at: number) => string;
}

export async function planEntry(entry: BatchEntry, known: Known): Promise<Planned> {
  const { kept } = known;
  const user = kept?.user ?? entry.user;
  if (entry.password !== undefined && isLevel(user)) {
    throw new Fault('config.invalid', { told: `"${user}" is no user: it has no password` });
  }
  const counted = countersFor(user, entry.counters, known);
  const changes: string[] = [];
  let record: AccountRecord | undefined;
  let hash: Secret | undefined;
  if (entry.settings !== undefined) {
    const { password, ...settings } = kept ?? { user };
    const wanted = entry.settings(kept === undefined ? undefined : settings);
    if (kept !== undefined) changes.push(...differences(settings, wanted));
    record = { ...wanted, user, ...(password === undefined ? {} : { password }) };
    if (entry.password?.open() === '') record = { ...record, password: password ?? '' };
    else if (entry.password !== undefined && !(await isKept(password, entry.password))) hash = entry.password;
    if (kept !== undefined && (hash !== undefined || record.password !== password)) changes.push('password');
  }
  const why = [...counted.notes];
  if (entry.password?.open() === '') {
    why.push(
      record?.password === ''
        ? 'no password: it may send without one where auth.blankPasswords is set, and else not at all'
        : 'the password it has stays: none is given',
    );
  }
  changes.push(...counted.changes);
  const isNew = record !== undefined && kept === undefined;
  const puts = record !== undefined && (isNew || changes.length > counted.changes.length);
  return {
    result: {
      user,
      action: isNew ? 'new' : changes.length > 0 ? 'changed' : 'same',
      changes,
      ...(why.length === 0 ? {} : { why: why.join('; ') }),
    },
    ...(puts && record !== undefined
      ? {
          put: {
            record,
            when: isNew ? ('new' as const) : ('existing' as const),
            ...(hash === undefined ? {} : { hash }),
          },
        }
      : {}),
    usage: counted.usage,
  };
}

export function refusedEntry(user: string, error: unknown): Planned {
  return { result: { user, action: 'refused', changes: [], why: asFault(error).told }, usage: [] };
}

export function skippedEntry(user: string): Planned {
  const why = 'stands in the configuration file and is changed there';
  return { result: { user, action: 'skipped', changes: [], why }, usage: [] };
}

/** The store's changes, once each password has been hashed. */
export function changesOf(
  planned: readonly Planned[],
  hashes: ReadonlyMap<Planned, string>,
): readonly AccountChange[] {
  return planned.flatMap((each) => {
    const password = hashes.get(each);
    const record = each.put && { ...each.put.record, ...(password === undefined ? {} : { password }) };
    return [
      ...(each.put === undefined || record === undefined
        ? []
        : [{ kind: 'put' as const, record, when: each.put.when }]),
      ...each.usage.map((count) => ({ kind: 'usage' as const, ...count })),
    ];
  });
}

async function isKept(kept: string | undefined, given: Secret): Promise<boolean> {
  return kept !== undefined && kept !== '' && (await matches(kept, given));
}

/**
 * The months that counters belong to. Another system may not have begun a new month where nobody has sent in it:
 * `sent` is then of the month before, unless it is 0 and `previous` has been moved on already.
 */
function countersFor(user: string, given: Counters | undefined, known: Known) {
  const { usage, before, monthOf } = known;
  const notes: string[] = [];
  const wanted: MonthCount[] = [];
  if (given !== undefined) {
    const { sent, previous, lastSent } = given;
    const month = lastSent === undefined ? undefined : monthOf(lastSent);
    const at = lastSent === undefined ? {} : { lastSent };
    if (month === usage.period) {
      wanted.push({ user, period: usage.period, sent, ...at }, { user, period: before, sent: previous });
    } else if (month === before) {
      wanted.push({ user, period: before, sent: sent > 0 ? sent : previous, ...at });
      if (sent > 0) notes.push(`sent ${sent} counts for ${before}`);
    } else if (month === undefined) {
      wanted.push({ user, period: before, sent: previous });
      if (sent > 0) notes.push(`sent ${sent} is not counted: it is not known when it last sent`);
    } else if (sent > 0 || previous > 0) {
      notes.push(`sent ${sent} is not counted: it last sent in ${month}`);
    }
  }
  const keptIn = (period: string): number => (period === usage.period ? usage.sent : usage.previous);
  const rising = wanted.filter(({ period, sent }) => sent > keptIn(period));
  const changes = rising.map(({ period, sent }) => `sent in ${period} ${keptIn(period)} -> ${sent}`);
  for (const { period, sent } of wanted) {
    if (sent > 0 && sent < keptIn(period)) notes.push(`sent in ${period} stays ${keptIn(period)}`);
  }
  return { usage: rising, changes, notes };
}

/** `gateway - -> modem1` for each setting that differs. */
function differences(kept: AccountSettings, wanted: AccountSettings): string[] {
  const names = new Set([...Object.keys(kept), ...Object.keys(wanted)]);
  names.delete('user');
  const value = (settings: AccountSettings, name: string): string => {
    const found = (settings as unknown as Readonly<Record<string, SettingValue | undefined>>)[name];
    return found === undefined ? '-' : typeof found === 'object' ? found.join(',') : String(found);
  };
  return [...names].flatMap((name) => {
    const [from, to] = [value(kept, name), value(wanted, name)];
    return from === to ? [] : [`${name} ${from} -> ${to}`];
  });
}

type SettingValue = string | number | boolean | readonly string[];
