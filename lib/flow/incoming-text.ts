import { DecodeError } from '../sms/errors.ts';
import { toHex } from '../sms/hex.ts';
import { type DeliverPart, assemble } from '../sms/reassembly.ts';
import { decodeTpdu } from '../sms/tpdu.ts';
import type { IncomingMessage, IncomingPart } from '../store/records.ts';

/** A message from a phone as a text for a mail. */
export interface IncomingText {
  readonly text: string;
  readonly encoding: 'gsm7' | 'ucs2' | '8bit';
  /** The sequence numbers of parts that did not come. */
  readonly missing: readonly number[];
}

/**
 * All parts in order, with a mark where some are missing. Octets that are no text are shown in hexadecimal.
 *
 * Parts are read again from their PDUs where those are kept: a character may stand half in one part and half in the
 * next, which the text of a single part cannot hold.
 */
export function incomingText(message: IncomingMessage): IncomingText {
  const [first] = message.parts;
  if (first?.body.kind === 'undecoded') {
    const { data, reason } = first.body;
    return {
      text: `An SMS that could not be decoded: ${reason}\n\n${toHex(data)}`,
      encoding: '8bit',
      missing: [],
    };
  }
  const { text, data, encoding, missing } = assemble(message.parts.map(deliverPart));
  if (data !== undefined)
    return { text: `Binary data, ${data.length} octets:\n\n${toHex(data)}`, encoding, missing };
  return { text: text ?? '', encoding, missing };
}

function deliverPart(part: IncomingPart): DeliverPart {
  if (part.pdu !== undefined) {
    try {
      const tpdu = decodeTpdu(part.pdu, { lenient: true });
      if (tpdu.type === 'deliver') return tpdu;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
    }
  }
  const { number, body, concat } = part;
  const base = {
    originator: { number, ton: 1 },
    ...(concat === undefined
      ? {}
      : { concat: { ref: 0, bits: 8 as const, total: concat.total, seq: concat.sequence } }),
  };
  if (body.kind === 'text') return { ...base, encoding: 'gsm7', text: body.text };
  return { ...base, encoding: '8bit', data: body.data };
}
