import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/errors.ts';
import type {
  Job,
  PartSent,
  Phones,
  Transport,
  TransportEvents,
  TransportStatus,
} from '../../routing/transport.ts';
import { encodeSmsc } from '../../sms/address.ts';
import { encodeDeliver } from '../../sms/deliver.ts';
import { segment } from '../../sms/segment.ts';
import { encodeStatusReport } from '../../sms/status-report.ts';
import { encodeSubmit } from '../../sms/submit.ts';
import { Handset } from './handset.ts';

/**
 * The virtual gateway: a mobile network with simulated handsets inside the process, so that everything can be tried
 * without hardware.
 *
 * It is a network as far as octets go: each part is encoded as a SMS-SUBMIT and read again by the handset, which puts the
 * parts together; an answer comes back as SMS-DELIVERs, a status report as a SMS-STATUS-REPORT. Only radio is missing.
 * Handsets forget everything when the process ends, and the oldest messages before.
 */
export class VirtualTransport implements Transport {
  readonly id: string;
  readonly capacity = 32;
  readonly #clock: Clock;
  readonly #handsets = new Map<string, Handset>();
  readonly phones: Phones = {
    list: () =>
      [...this.#handsets.values()]
        .map((handset) => ({ number: handset.number, messages: handset.messages() }))
        .reverse(),
    knows: (number) => this.#handsets.has(number),
    reply: (number, text) => this.#reply(number, text),
  };
  #events: TransportEvents | undefined;
  #reference = 0;

  constructor(settings: { readonly id: string }, deps: { clock: Clock }) {
    this.id = settings.id;
    this.#clock = deps.clock;
  }

  async start(events: TransportEvents): Promise<void> {
    this.#events = events;
    events.health(this.status());
  }

  async stop(): Promise<void> {
    this.#events = undefined;
  }

  status(): TransportStatus {
    const state = this.#events === undefined ? 'down' : 'up';
    return { state, facts: { phones: this.#handsets.size } };
  }

  async send(job: Job, sent: PartSent): Promise<void> {
    const handset = this.#handset(job.number);
    const { options } = job;
    for (const each of job.segments) {
      const reference = (this.#reference = (this.#reference + 1) % 256);
      const pdu = encodeSubmit({
        destination: job.number,
        segment: each,
        messageReference: reference,
        ...(options.statusReport === true ? { statusReport: true } : {}),
        ...(options.class === undefined ? {} : { class: options.class }),
        ...(options.pid === undefined ? {} : { pid: options.pid }),
        ...(options.dcs === undefined ? {} : { dcs: options.dcs }),
        ...(options.validityMinutes === undefined ? {} : { validity: options.validityMinutes }),
      });
      handset.take(pdu, this.#clock.now());
      await sent({ sequence: each.sequence, reference: String(reference) });
      if (options.statusReport === true) this.#acknowledge(job.number, reference);
    }
  }

  /** The network tells, a moment later, that the phone has it (TP-ST 0). */
  #acknowledge(number: string, reference: number): void {
    this.#clock.after(1, () => {
      const now = `${new Date(this.#clock.now()).toISOString().slice(0, 19)}Z`;
      const tpdu = encodeStatusReport({
        reference,
        recipient: number,
        timestamp: now,
        discharge: now,
        status: 0,
      });
      // Nobody waits for it: where it cannot be kept, there is no report, as in any network.
      this.#events?.received({ kind: 'pdu', pdu: tpdu, smsc: false }).catch(() => undefined);
    });
  }

  async #reply(number: string, text: string): Promise<void> {
    const events = this.#events;
    if (events === undefined)
      throw new Fault('gateway.down', { told: `the gateway "${this.id}" is not running` });
    const reference = (this.#reference = (this.#reference + 1) % 256);
    const { parts, encoding } = segment(text, { reference });
    const now = this.#clock.now();
    const timestamp = `${new Date(now).toISOString().slice(0, 19)}Z`;
    for (const each of parts) {
      const tpdu = encodeDeliver({ originator: number, timestamp, segment: each });
      await events.received({ kind: 'pdu', pdu: Buffer.concat([encodeSmsc(), tpdu]), smsc: true });
    }
    this.#handset(number).note({ at: now, direction: 'out', text, parts: parts.length, encoding });
  }

  #handset(number: string): Handset {
    let handset = this.#handsets.get(number);
    if (handset === undefined) {
      handset = new Handset(number);
      const oldest = this.#handsets.keys().next();
      if (this.#handsets.size >= MOST_HANDSETS && oldest.done !== true) this.#handsets.delete(oldest.value);
    } else {
      this.#handsets.delete(number);
    }
    this.#handsets.set(number, handset);
    return handset;
  }
}

const MOST_HANDSETS = 1000;
