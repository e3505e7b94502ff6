import type { Amendment } from '../../archive.ts';
import { Fault } from '../../../base/errors.ts';
import { charge } from '../accounts/counters.ts';
import { instant } from '../disk/key.ts';
import type { StoredMessage } from '../disk/layout.ts';
import { giveUp, notHanding, payBack } from '../outgoing/outcome.ts';
import { place } from '../outgoing/place.ts';
import { traced } from '../outgoing/queue.ts';
import type { Work } from '../disk/work.ts';

/** The operator's hand. */

export function amend(work: Work, id: string, change: Amendment): 'done' | 'absent' | 'busy' | 'refused' {
  const found = work.read(work.tables.messages, [id]);
  if (found === undefined) return 'absent';
  if (found.lease !== undefined) return 'busy';
  const { state } = found.message;
  const open = state === 'queued' || state === 'held';
  if (change.kind === 'remove') {
    if (open) payBack(work, found, notHanding(found.message.parts));
    place(work, found, undefined);
    return 'done';
  }
  if (change.kind === 'cancel') {
    if (!open) return 'refused';
    const fault = cancellation();
    const { at, effects, by } = change;
    giveUp(work, found, { state: 'cancelled', fault, at, effects, ...noteBy(by) });
    return 'done';
  }
  if (!open && state !== 'failed' && state !== 'expired') return 'refused';
  retry(work, found, change.at, change.by);
  return 'done';
}

/**
 * Queued anew, to be sent now. What was paid back for it is charged again, to the month it was charged to first and
 * without asking for the limit: the operator has decided. One whose time is over gets the time it had once more.
 */
function retry(work: Work, found: StoredMessage, at: number, by: string | undefined): void {
  const { refunded = 0, chargedDay, ...stored } = found;
  const { settledAt: _, warnAt, ...message } = stored.message;
  if (refunded > 0 && stored.chargedTo !== undefined && message.chargedPeriod !== undefined) {
    const { chargedTo: account } = stored;
    charge(work, { account, parts: refunded, limit: 0, period: message.chargedPeriod, at });
  }
  place(work, found, {
    ...stored,
    // It does not count on a day again, so that nothing is given back to one either.
    ...(refunded > 0 || chargedDay === undefined ? {} : { chargedDay }),
    order: work.nextOrder(),
    message: {
      ...message,
      ...(warnAt === undefined || warnAt <= at ? {} : { warnAt }),
      state: 'queued',
      parts: notHanding(message.parts),
      charged: message.charged + refunded,
      notBefore: instant(at),
      expires: message.expires > at ? message.expires : instant(at + message.expires - message.created),
      trace: traced(message, { at, event: 'retried', ...noteBy(by) }),
    },
  });
}

function noteBy(by: string | undefined): { readonly note?: string } {
  return by === undefined ? {} : { note: `by ${by}` };
}

function cancellation(): { code: string; enhanced: string; told: string } {
  const { code, enhanced, told } = new Fault('message.cancelled');
  return { code, enhanced, told };
}
