import type { AccountRecord, Usage } from './records.ts';

/** Accounts and what they have used. Accounts are told apart without the case of their names. */
export interface AccountBook {
  /**
   * Adds to an account's counters, unless that would exceed one of its limits: then says which.
   */
  charge(charge: Charge): Promise<'charged' | LimitKind>;
  /** Gives parts back to a month, and to the day where one was counted. */
  refund(account: string, parts: number, period: string, day?: string): Promise<void>;
  usage(account: string, period: string): Promise<Usage>;
  /** Which limit a charge would exceed now; changes nothing. */
  wouldExceed(charge: Charge): Promise<LimitKind | undefined>;

  /** The first of these that has a record (a user, a domain, everybody), whatever the case of its name. */
  account(...users: readonly string[]): Promise<AccountRecord | undefined>;
  /** Users (by `mailFrom`) whose mail comes from this address: exactly so, or from its whole domain (`@example.com`). */
  accountsFrom(address: string): Promise<readonly string[]>;
  /** All changes or, where one cannot be made, none: then the index of that one. */
  changeAccounts(changes: readonly AccountChange[]): Promise<'done' | { readonly refused: number }>;
  /** In the order of their names in lower case. */
  listAccounts(query: AccountQuery): Promise<AccountPage>;
}

export type LimitKind = 'month' | 'day' | 'minute';

export interface Charge {
  readonly account: string;
  readonly parts: number;
  /** Parts allowed a month; 0: no limit. */
  readonly limit: number;
  readonly period: string;
  readonly at: number;
  /** Parts allowed on a calendar day, and that day: `2026-11-23`. */
  readonly day?: { readonly day: string; readonly limit: number };
  /** Parts allowed in any 60 seconds. */
  readonly minute?: number;
}

/** `new`: refused where there is one; `existing`: where there is none; `any`: never. */
export type AccountChange =
  | { readonly kind: 'put'; readonly record: AccountRecord; readonly when: 'new' | 'existing' | 'any' }
  | { readonly kind: 'remove'; readonly user: string }
  /** Sets the counters of a month. */
  | {
      readonly kind: 'usage';
      readonly user: string;
      readonly period: string;
      readonly sent: number;
      readonly lastSent?: number;
    };

export interface AccountQuery {
  readonly limit: number;
  /** The `next` of the page before. */
  readonly after?: string;
}

export interface AccountPage {
  readonly records: readonly AccountRecord[];
  readonly next?: string;
}
