import { Fault } from '../../base/errors.ts';
import type { StoredMessage } from './layout.ts';
import { giveUp } from './outcome.ts';
import type { Work } from './work.ts';

/** Alarms: messages that bear a key, so that a later one can take their place while they wait. */

/** What waits under this key: queued, held by nobody, and no part of it sent. */
export function waitingAlarms(work: Work, key: string): StoredMessage[] {
  return work.tables.alarms.under([key]).flatMap(([, id]) => {
    const found = work.read(work.tables.messages, [id ?? '']);
    const waits = found !== undefined && found.message.state === 'queued' && found.lease === undefined;
    return waits && found.message.parts.every((part) => part.state === 'waiting') ? [found] : [];
  });
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
