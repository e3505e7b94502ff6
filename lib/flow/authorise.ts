import type { Account, Accounts } from '../accounts/accounts.ts';
import type { Parameters } from '../address/parameters.ts';
import { Fault, asFault } from '../base/errors.ts';
import type { Session } from './submission.ts';

/**
 * The account that pays, by the first proof that holds: SMTP AUTH; user and pass in the address (where they match
 * nobody the next is tried); a trusted relay's word for the sender. A trusted relay's sender without an account sends unaccounted.
 */
export function authorise(
  accounts: Accounts,
  session: Session,
  sender: string | undefined,
  parameters: Parameters,
): Account | undefined {
  if (session.user !== undefined) {
    const account = accounts.find(session.user);
    if (account !== undefined) return accounts.admit(account);
  }
  let refused: Fault | undefined;
  if (parameters.user !== undefined) {
    try {
      return accounts.verify(parameters.user, parameters.pass?.open() ?? '');
    } catch (error) {
      refused = asFault(error);
      if (refused.code !== 'auth.credentials') throw refused;
    }
  }
  if (session.trusted) {
    const account = sender === undefined ? undefined : accounts.find(sender);
    return account === undefined ? undefined : accounts.admit(account);
  }
  throw refused ?? new Fault('auth.required');
}
