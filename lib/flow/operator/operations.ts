import type { ManageAccounts } from './accounts.ts';
import type { ManageGateways } from './gateways.ts';
import type { Inbox } from './inbox.ts';
import type { MailQueue } from './mail-queue.ts';
import type { Messages } from './messages.ts';
import type { Overview } from './overview.ts';

/**
 * The operator's desk: all that may be asked of a gateway from outside, by a door that knows who asks (`Actor`).
 *
 * What is handed out are views, never the store's records. What cannot be done is thrown as a Fault.
 */
export interface Operations {
  /** Whether all gateways and listeners have been started, and the stop has not begun. */
  ready(): boolean;
  readonly messages: Messages;
  readonly inbox: Inbox;
  readonly mailQueue: MailQueue;
  readonly accounts: ManageAccounts;
  readonly gateways: ManageGateways;
  readonly overview: Overview;
}
