import { type Clock, sleep } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Outgoing, PartReport } from '../../store/outgoing.ts';
import type { FaultRecord, OutgoingMessage } from '../../store/records.ts';
import type { Reports } from '../effects/reports.ts';

/** How long after a part was sent its status report may come: networks give up after a week at the latest. */
const WINDOW_MS = 8 * 86_400_000;

/** How long a part may take to be noted as sent after it was. */
const GRACE_MS = 1000;

/** A status report as a gateway gives it, whatever the gateway's kind. */
export type Receipt = Omit<PartReport, 'at' | 'windowMs'>;

/**
 * Receipt: status reports find their part, and the message gets its verdict when all its parts have theirs.
 * A report that fits nothing is logged and forgotten: late and repeated ones do no harm.
 */
export class Receipts {
  readonly #store: Outgoing;
  readonly #reports: Reports;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor(deps: { store: Outgoing; reports: Reports; clock: Clock; log: Log }) {
    this.#store = deps.store;
    this.#reports = deps.reports;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  /** Resolves when the report is kept. */
  async take(receipt: Receipt): Promise<void> {
    const report: PartReport = { ...receipt, at: this.#clock.now(), windowMs: WINDOW_MS };
    const look = () => this.#store.report(report, (message) => this.#verdict(message, receipt));
    let found = await look();
    if (found === undefined) {
      // It may be faster than the note of what was sent.
      await sleep(this.#clock, GRACE_MS);
      found = await look();
    }
    const { gateway, number, reference, outcome, status, note } = receipt;
    const said = { ...(status === undefined ? {} : { status }), ...(note === undefined ? {} : { note }) };
    const fields = { gateway, number, reference, outcome, ...said };
    if (found === undefined) {
      this.#log.warn(fields, 'status report for no part that we know');
    } else {
      const text = found.verdict ? found.message.state : 'status report';
      this.#log.info({ message: found.message.id, ...fields }, text);
    }
  }

  #verdict(message: OutgoingMessage, receipt: Receipt) {
    if (message.state === 'delivered') return this.#reports.make(message, 'delivered', undefined);
    const { status, note } = receipt;
    const [enhanced, told] = (status === undefined ? undefined : VERDICTS[status]) ?? [
      '5.4.1',
      'the mobile network could not deliver the message',
    ];
    const detail = note ?? (status === undefined ? undefined : `status ${status}`);
    const fault: FaultRecord = {
      code: 'gateway.refused',
      enhanced,
      told,
      ...(detail === undefined ? {} : { detail }),
    };
    return this.#reports.make(message, 'failed', fault);
  }
}

/** What the sender is told of a TP-Status (TS 23.040 9.2.3.15) that says more than that it was in vain. */
const VERDICTS: Readonly<Record<number, readonly [enhanced: string, told: string]>> = {
  0x41: ['5.6.1', 'the phone cannot take this kind of message'],
  0x42: ['5.4.1', 'the phone refused the message'],
  0x43: ['5.4.1', 'the phone could not be reached'],
  0x46: ['5.4.7', 'the phone could not be reached before the message expired'],
  0x47: ['5.7.0', 'the message was deleted in the mobile network'],
  0x48: ['5.7.0', 'the mobile operator deleted the message'],
  0x60: ['5.4.5', 'the mobile network was congested'],
  0x61: ['5.4.1', 'the phone was busy'],
  0x62: ['5.4.1', 'the phone did not answer'],
};
