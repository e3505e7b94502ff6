import { Fault, messageOf } from '../../base/errors.ts';
import { encodeSmsc } from '../../sms/address.ts';
import { toHex } from '../../sms/hex.ts';
import type { Segment } from '../../sms/segment.ts';
import { encodeSubmit } from '../../sms/submit.ts';
import type { Job } from '../../routing/transport.ts';
import { readReference } from './at/answers.ts';
import { sendFault } from './at/causes.ts';
import type { Channel } from './at/channel.ts';
import { ChannelError } from './at/result.ts';

/** A PDU as AT+CMGS wants it: service centre and TPDU in hex, and the TPDU's octets alone (TS 27.005 3.5.1). */
export interface WrittenPdu {
  readonly hex: string;
  readonly length: number;
}

/** The SMS-SUBMIT of one part. Throws Fault `message.content` for what cannot be encoded. */
export function writePdu(job: Job, segment: Segment, smsc?: string): WrittenPdu {
  const { options } = job;
  try {
    const tpdu = encodeSubmit({
      destination: job.number,
      segment,
      statusReport: options.statusReport,
      validity: options.validityMinutes,
      class: options.class,
      pid: options.pid,
      dcs: options.dcs,
    });
    return { hex: toHex(encodeSmsc(smsc)) + toHex(tpdu), length: tpdu.length };
  } catch (error) {
    throw new Fault('message.content', { detail: messageOf(error), cause: error });
  }
}

/**
 * Hands one PDU to the modem and resolves with the reference that the network knows it by, where the modem says it.
 * Rejects with ChannelError.
 */
export async function handOver(
  channel: Channel,
  pdu: WrittenPdu,
  timeoutMs: number,
  cleared?: Promise<void>,
): Promise<string | undefined> {
  const answer = await channel.command(`AT+CMGS=${pdu.length}`, {
    pdu: pdu.hex,
    answer: '+CMGS:',
    pduTimeoutMs: timeoutMs,
    ...(cleared !== undefined && { cleared }),
  });
  return readReference(answer);
}

/** Hands parts to a modem in the mode that it speaks. */
export interface Sender {
  /** Resolves with the network's reference, where the modem says it. Rejects with ChannelError, or Fault `message.content`. */
  send(job: Job, segment: Segment, timeoutMs: number, cleared?: Promise<void>): Promise<string | undefined>;
}

export class PduSender implements Sender {
  readonly #channel: Channel;
  readonly #smsc: string | undefined;

  constructor(channel: Channel, smsc: string | undefined) {
    this.#channel = channel;
    this.#smsc = smsc;
  }

  async send(
    job: Job,
    segment: Segment,
    timeoutMs: number,
    cleared?: Promise<void>,
  ): Promise<string | undefined> {
    return handOver(this.#channel, writePdu(job, segment, this.#smsc), timeoutMs, cleared);
  }
}

/** Any error of a hand-over as the Fault that the queue acts on. */
export function asSendFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  if (error instanceof ChannelError) return sendFault(error);
  return new Fault('internal', { detail: messageOf(error), cause: error });
}

/**
 * Keeps the radio link up while a queue is there (AT+CMMS, TS 27.005 3.5.6), which saves a second or more an SMS in
 * GSM networks. Mode 2 stays until it is taken back; a modem that refuses is not asked again.
 */
export class KeptLink {
  readonly #channel: Channel;
  #supported = true;
  #kept = false;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  async set(kept: boolean): Promise<void> {
    if (kept === this.#kept || !this.#supported) return;
    try {
      await this.#channel.command(`AT+CMMS=${kept ? 2 : 0}`);
      this.#kept = kept;
    } catch (error) {
      if (!(error instanceof ChannelError) || error.kind !== 'refused') throw error;
      this.#supported = false;
    }
  }
}
