import { cutAddress } from '../../../base/mail-address.ts';
import type { AccountChange, AccountPage, AccountQuery } from '../../account-book.ts';
import type { AccountRecord } from '../../records.ts';
import type { View, Work } from '../disk/work.ts';
import { nameKey } from './counters.ts';

/** Account records, under the name in lower case, and an index of the addresses that prove them. */

/** The first of these that has a record. */
export function accountOf(view: View | Work, users: readonly string[]): AccountRecord | undefined {
  for (const user of users) {
    const record = view.read(view.tables.accounts, [nameKey(user)]);
    if (record !== undefined) return record;
  }
  return undefined;
}

export function accountsFrom(view: View, address: string): string[] {
  const name = address.toLowerCase();
  const { domain = '' } = cutAddress(name);
  const users = [name, `@${domain}`].flatMap((each) =>
    view.tables.accountMail.under([each]).map((key) => key[1]),
  );
  return [...new Set(users)].filter((user) => typeof user === 'string');
}

/** Makes all changes, unless one of them cannot be made: then none, and its index is the answer. */
export function changeAccounts(
  work: Work,
  changes: readonly AccountChange[],
): 'done' | { readonly refused: number } {
  const there = new Map<string, boolean>();
  for (const [index, change] of changes.entries()) {
    if (change.kind === 'usage') continue;
    const name = nameKey(change.kind === 'put' ? change.record.user : change.user);
    const exists = there.get(name) ?? work.tables.accounts.has([name]);
    if (change.kind === 'remove' ? !exists : isRefused(change.when, exists)) return { refused: index };
    there.set(name, change.kind === 'put');
  }
  for (const change of changes) apply(work, change);
  return 'done';
}

export function listAccounts(view: View, { limit, after }: AccountQuery): AccountPage {
  const { accounts } = view.tables;
  const keys = accounts.keysAfter(after === undefined ? [] : [after], limit + 1);
  const page = keys.slice(0, limit);
  const records = page.flatMap((key) => view.read(accounts, key) ?? []);
  const last = page.at(-1)?.[0];
  return { records, ...(keys.length > limit && typeof last === 'string' ? { next: last } : {}) };
}

function apply(work: Work, change: AccountChange): void {
  if (change.kind === 'usage') {
    const { period, sent, lastSent } = change;
    const user = nameKey(change.user);
    const kept = work.usage(user, period)?.lastSent;
    const last = lastSent ?? kept;
    work.setUsage(user, period, { sent, ...(last === undefined ? {} : { lastSent: last }) });
    return;
  }
  const name = nameKey(change.kind === 'put' ? change.record.user : change.user);
  const { accounts, accountMail } = work.tables;
  for (const address of accountOf(work, [name])?.mailFrom ?? [])
    accountMail.drop([address.toLowerCase(), name]);
  if (change.kind === 'remove') {
    accounts.remove([name]);
    return;
  }
  accounts.put([name], change.record);
  for (const address of change.record.mailFrom ?? []) accountMail.add([address.toLowerCase(), name]);
}

function isRefused(when: 'new' | 'existing' | 'any', exists: boolean): boolean {
  return when === 'new' ? exists : when === 'existing' && !exists;
}
