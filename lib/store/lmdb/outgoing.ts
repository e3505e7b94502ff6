import type { AcceptItem, Accepted, Outgoing } from '../outgoing.ts';
import type { Access } from './access.ts';
import { lanes } from './archive/listing.ts';
import type { Work } from './disk/work.ts';
import { accept } from './outgoing/accept.ts';
import { defer, fail, hold, progress, settle, warn } from './outgoing/outcome.ts';
import { leaseReady, overdue, peekReady, recover, renew } from './outgoing/queue.ts';
import { report, unconfirmed } from './outgoing/report.ts';
import { mayBeOverdue, mayLease, mayRecover } from './peek.ts';

/** Messages on their way to phones, in LMDB. */
export function outgoingIn(access: Access): Outgoing {
  const acceptAll =
    (items: readonly AcceptItem[]) =>
    (work: Work): Accepted[] => {
      work.requireRoom();
      return items.map((item) => accept(work, item));
    };
  return {
    accept: (items) => access.run(acceptAll(items)),
    foresee: (items) => access.foresee(acceptAll(items)),
    lease: (request) => {
      // Whoever names the message has just seen it: not looked for again, it shares the transaction of what was called before.
      if (request.only !== undefined) return access.run((work) => leaseReady(work, request));
      return access.take(
        (view) => mayLease(view, request),
        (work) => leaseReady(work, request),
      );
    },
    peek: (request) => access.look((view) => peekReady(view, request)),
    lanes: () => access.look(lanes),
    progress: (lease, sent) => access.run((work) => progress(work, lease, sent)),
    settle: (lease, sent) => access.run((work) => settle(work, lease, sent)),
    defer: (lease, deferral) => access.run((work) => defer(work, lease, deferral)),
    fail: (lease, failure) => access.run((work) => fail(work, lease, failure)),
    hold: (lease, fault) => access.run((work) => hold(work, lease, fault)),
    warn: (lease, effects) => access.run((work) => warn(work, lease, effects)),
    renew: (lease, until) => access.run((work) => renew(work, lease, until)),
    recover: (request) =>
      access.take(
        (view) => mayRecover(view, request, access.identity),
        (work) => recover(work, request),
      ),
    overdue: (request) =>
      access.take(
        (view) => mayBeOverdue(view, request),
        (work) => overdue(work, request),
      ),
    report: (given, onVerdict) => access.run((work) => report(work, given, onVerdict)),
    unconfirmed: async (before, limit, onEnd) => {
      const any = await access.look(({ tables }) => tables.unconfirmed.upTo([], before - 1, 1).length > 0);
      return any ? access.run((work) => unconfirmed(work, before, limit, onEnd)) : 0;
    },
  };
}
