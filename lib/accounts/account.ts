import { cutAddress } from '../base/mail-address.ts';
import type { Secret } from '../base/secret.ts';
import type { AccountRecord } from '../store/records.ts';

/** What stands in an account's record, but for its password. */
export type AccountSettings = Omit<AccountRecord, 'password'>;

/** A record of the configuration: there a password is a Secret, which may hold a hash as well. */
export type FixedRecord = AccountSettings & { readonly password?: Secret };

/**
 * Somebody who may send, or may not: what was found for a user, at the first level that has a record for it (spec
 * section 2). A member of a group has its own name and its group's limits, gateway and expiry.
 */
export interface Account {
  /** As it is written in its record; for a user without one, as it was given. */
  readonly user: string;
  /** Whose counters it is charged to: its own, or its group's. */
  readonly charged: string;
  readonly level: 'user' | 'domain' | 'global' | 'default';
  readonly active: boolean;
  /** Milliseconds since 1970: from then on it may not send. */
  readonly expires?: number;
  /** The gateway its messages are pinned to. */
  readonly gateway?: string;
  /** Parts; 0: no limit. */
  readonly monthlyLimit: number;
  readonly dailyLimit: number;
  readonly minuteLimit: number;
  readonly maxmsgs?: number;
  readonly allowed: readonly string[];
  readonly denied: readonly string[];
  readonly alias?: string;
  /** Caller id, where the account has one of its own. */
  readonly sender?: string;
  readonly template?: string;
  /** Milliseconds within which equal texts become one. */
  readonly collapse?: number;
}

type Settings = Omit<AccountRecord, 'user' | 'password' | 'group' | 'mailFrom'>;

/** What applies to a user. `startOfDay` says when a day begins. */
export function accountOf(
  user: string,
  level: Account['level'],
  own: Settings,
  group: (Settings & { readonly user: string }) | undefined,
  startOfDay: (day: string) => number,
): Account {
  const shared = group ?? own;
  const expiries = [own.expire, group?.expire].flatMap((day) => (day === undefined ? [] : [startOfDay(day)]));
  const callerId = own.sender ?? group?.sender;
  const alias = own.alias ?? group?.alias;
  const sender = callerId?.replaceAll('%alias%', alias ?? '');
  return {
    user,
    charged: group?.user ?? user,
    level,
    active: own.active !== false && group?.active !== false,
    ...(expiries.length === 0 ? {} : { expires: Math.min(...expiries) }),
    ...defined('gateway', shared.gateway),
    monthlyLimit: shared.monthlyLimit ?? 0,
    dailyLimit: shared.dailyLimit ?? 0,
    minuteLimit: shared.minuteLimit ?? 0,
    ...defined('maxmsgs', own.maxmsgs ?? group?.maxmsgs),
    allowed: own.allowed ?? group?.allowed ?? [],
    denied: [...(own.denied ?? []), ...(group?.denied ?? [])],
    ...defined('alias', alias),
    ...(sender === undefined || sender === '' ? {} : { sender }),
    ...defined('template', own.template ?? group?.template),
    ...defined('collapse', own.collapse ?? group?.collapse),
  };
}

/** The names under which settings for a user may stand, the first that has any being right. */
export function levelsOf(user: string): { readonly level: 'user' | 'domain' | 'global'; name: string }[] {
  const { domain } = cutAddress(user);
  return [
    { level: 'user', name: user },
    ...(domain === undefined ? [] : [{ level: 'domain' as const, name: `@${domain}` }]),
    { level: 'global', name: '*' },
  ];
}

/** Whether a record's name is that of a level and not of a user. */
export function isLevel(name: string): boolean {
  return name === '*' || name.startsWith('@');
}

function defined<Name extends string, Value>(name: Name, value: Value | undefined): { [N in Name]?: Value } {
  return (value === undefined ? {} : { [name]: value }) as { [N in Name]?: Value };
}
