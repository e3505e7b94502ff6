import { createHash } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { type Random, newId } from '../../base/random.ts';
import type { ReceivedSms } from '../../routing/transport.ts';
import { DecodeError } from '../../sms/errors.ts';
import type { Deliver } from '../../sms/deliver.ts';
import { concatKey } from '../../sms/reassembly.ts';
import type { StatusReport } from '../../sms/status-report.ts';
import { decodeTpdu } from '../../sms/tpdu.ts';
import type { Incoming } from '../../store/incoming.ts';
import type { IncomingBody, IncomingPart } from '../../store/records.ts';
import type { Receipt, Receipts } from '../dispatch/receipt.ts';

/**
 * Receive: the first station of what comes from a phone.
 *
 * Promises: when `take` resolves, the SMS is on disk and may be deleted at the gateway; the same SMS read twice is
 * kept once. Texts that end early are read as far as they go. Octets that cannot be decoded are kept and delivered as such: what came in is never thrown away because we did not
 * understand it.
 */
export class Receive {
  readonly #reassemblyMs: number;
  readonly #store: Incoming;
  readonly #receipts: Receipts;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #log: Log;

  constructor(
    settings: ReceiveSettings,
    deps: { store: Incoming; receipts: Receipts; clock: Clock; random: Random; log: Log },
  ) {
    this.#reassemblyMs = settings.reassemblyMs;
    this.#store = deps.store;
    this.#receipts = deps.receipts;
    this.#clock = deps.clock;
    this.#random = deps.random;
    this.#log = deps.log;
  }

  async take(gateway: string, sms: ReceivedSms): Promise<void> {
    if (sms.kind === 'report') {
      const { kind: _, ...receipt } = sms;
      return this.#receipts.take({ gateway, ...receipt });
    }
    if (sms.kind === 'text') {
      const { number, text, at, reference } = sms;
      const stamp = at === undefined ? {} : { stamp: { at, offsetMinutes: 0 } };
      const fingerprint =
        reference === undefined ? newId(this.#clock, this.#random) : digest(gateway, reference);
      return this.#keep({ ...this.#part(gateway, fingerprint, number, { kind: 'text', text }), ...stamp });
    }
    const { pdu } = sms;
    const fingerprint = digest(gateway, pdu);
    try {
      const tpdu = decodeTpdu(pdu, { smsc: sms.smsc, direction: 'to-mobile', lenient: true });
      if (tpdu.type === 'status-report') return await this.#receipts.take(receiptOf(gateway, tpdu));
      if (tpdu.type !== 'deliver')
        throw new DecodeError('TP-MTI', 0, `a ${tpdu.type} does not come from a network`);
      const part = this.#part(gateway, fingerprint, tpdu.originator.number, bodyOf(tpdu));
      return await this.#keep({ ...part, ...(sms.smsc ? { pdu } : {}), ...fieldsOf(tpdu) });
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#log.warn({ gateway, error: error.message }, 'an SMS that cannot be decoded is kept as it is');
      return this.#keep(
        this.#part(gateway, fingerprint, '', { kind: 'undecoded', data: pdu, reason: error.message }),
      );
    }
  }

  async #keep(part: IncomingPart): Promise<void> {
    const outcome = await this.#store.receive(part, part.received + this.#reassemblyMs);
    const { id, gateway, number, concat } = part;
    const of = concat === undefined ? {} : { part: `${concat.sequence}/${concat.total}` };
    this.#log.info(
      { incoming: id, gateway, number, ...of },
      outcome === 'stored' ? 'received' : 'received before: not kept again',
    );
  }

  #part(gateway: string, fingerprint: string, number: string, body: IncomingBody): IncomingPart {
    const received = this.#clock.now();
    return { id: newId(this.#clock, this.#random), gateway, fingerprint, number, received, body };
  }
}

export interface ReceiveSettings {
  /** How long the missing parts of a message are waited for. */
  readonly reassemblyMs: number;
}

function digest(gateway: string, octets: Uint8Array | string): string {
  return createHash('sha256').update(`${gateway}\0`).update(octets).digest('base64url');
}

function bodyOf(tpdu: Deliver): IncomingBody {
  const { text, data, udh, dcs } = tpdu;
  const more = {
    ...(dcs.class === undefined ? {} : { class: dcs.class }),
    ...(udh === undefined ? {} : { udh }),
  };
  return text === undefined
    ? { kind: 'binary', data: data ?? new Uint8Array(), ...more }
    : { kind: 'text', text, ...more };
}

function fieldsOf(tpdu: Deliver): Pick<IncomingPart, 'stamp' | 'smsc' | 'concat'> {
  const { timestamp, smsc, concat } = tpdu;
  const key = concatKey(tpdu);
  return {
    ...(timestamp.epochMs === undefined
      ? {}
      : { stamp: { at: timestamp.epochMs, offsetMinutes: timestamp.offsetMinutes } }),
    ...(smsc === undefined ? {} : { smsc: smsc.number }),
    ...(concat === undefined || key === undefined
      ? {}
      : { concat: { key, total: concat.total, sequence: concat.seq } }),
  };
}

function receiptOf(gateway: string, tpdu: StatusReport): Receipt {
  const { recipient, reference, status, statusClass, statusName } = tpdu;
  const outcome =
    statusClass === 'delivered' || statusClass === 'temporary' ? statusClass : ('undelivered' as const);
  return {
    gateway,
    number: recipient.number,
    reference: String(reference),
    outcome,
    status,
    note: statusName,
  };
}
