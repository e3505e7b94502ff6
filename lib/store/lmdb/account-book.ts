import type { AccountBook } from '../account-book.ts';
import type { Access } from './access.ts';
import { charge, refund, usage, wouldExceed } from './accounts/counters.ts';
import { accountOf, accountsFrom, changeAccounts, listAccounts } from './accounts/records.ts';

/** Accounts and what they have used, in LMDB. */
export function accountBookIn(access: Access): AccountBook {
  return {
    charge: (given) => access.run((work) => charge(work, given)),
    refund: (account, parts, period, day) => access.run((work) => refund(work, account, parts, period, day)),
    usage: (account, period) => access.look((view) => usage(view, account, period)),
    wouldExceed: (given) => access.look((view) => wouldExceed(view, given)),
    account: (...users) => access.look((view) => accountOf(view, users)),
    accountsFrom: (address) => access.look((view) => accountsFrom(view, address)),
    changeAccounts: (changes) => access.run((work) => changeAccounts(work, changes)),
    listAccounts: (query) => access.look((view) => listAccounts(view, query)),
  };
}
