import { Fault, type FaultCode } from '../../../base/errors.ts';
import type { MessageHead, StoredMessage } from '../disk/layout.ts';
import { giveUp } from './outcome.ts';
import { isWaiting } from './place.ts';
import type { Work } from '../disk/work.ts';

/** Alarms: messages that bear a key, so that a later one can take their place while they wait. */

/**
 * What waits under this key: queued, held by nobody, and no part of it sent, not even perhaps: whoever may have read the
 * alarm is to hear of its end.
 */
export function waitingAlarms(work: Work, key: string): StoredMessage[] {
  return work.tables.alarms.under([key]).flatMap(([, id]) => {
    const found = work.read(work.tables.messages, [id ?? '']);
    return found !== undefined && isWaiting(found) && isUnseen(found.message) ? [found] : [];
  });
}

function isUnseen({ parts, trace }: MessageHead): boolean {
  const unknown = 'gateway.unknown' satisfies FaultCode;
  return (
    parts.every((part) => part.state === 'waiting') &&
    !trace.some(({ event, note }) => event === 'deferred' && note === unknown)
  );
}

/** Cancels it and pays it back. Its sender is not told: it was the sender's own wish. */
export function endAlarm(work: Work, alarm: StoredMessage, note: string): void {
  const { code, enhanced } = new Fault('message.cancelled');
  giveUp(work, alarm, {
    state: 'cancelled',
    fault: { code, enhanced, told: note },
    at: work.now,
    effects: [],
  });
}
