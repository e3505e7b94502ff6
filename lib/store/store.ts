import type { AccountBook } from './account-book.ts';
import type { Agenda } from './agenda.ts';
import type { Archive } from './archive.ts';
import type { Effects } from './effects.ts';
import type { Incoming } from './incoming.ts';
import type { Outgoing } from './outgoing.ts';

/**
 * The store: what mailsms must not lose. It is told by role; each user takes the roles that it needs.
 *
 * Each call is atomic: all of it is kept or nothing. A call that changes something resolves only when the change is
 * synced to disk, so that an answer given after it (a 250, a deletion from the modem) is a promise that outlives a
 * power cut. No call's cost grows with the queue.
 *
 * No call may assume that it is alone: other nodes may work on the same store. Whoever takes work takes a lease on
 * it, which carries an owner and ends at a time; every later call on that work shows the lease and is refused
 * (`false`) when somebody else holds it by now.
 *
 * Failure: a call that cannot be done rejects with a Fault (`store.full`, `store.down`), both temporary. A record that
 * cannot be decoded is set aside (`quarantined`) and the call goes on with the next.
 */
export interface Store extends Outgoing, Incoming, Effects, AccountBook, Archive, Agenda {
  /** Waits for what is under way, then closes. */
  close(): Promise<void>;
}
