import { calendarLine } from '../../mail/text/calendar.ts';
import type { MailAttachment } from '../../mail/write/compose.ts';
import { decodeCharset } from '../../mail/read/charset.ts';
import { isVcard, vcardLine } from '../../mail/text/vcard.ts';
import { DecodeError } from '../../sms/errors.ts';
import { toHex } from '../../sms/hex.ts';
import { type DeliverPart, assemble } from '../../sms/reassembly.ts';
import type { Deliver } from '../../sms/deliver.ts';
import { decodeTpdu } from '../../sms/tpdu.ts';
import { type Ports, decodeUdh, portsOf } from '../../sms/udh.ts';
import type { IncomingMessage, IncomingPart } from '../../store/records.ts';
import { type IncomingKind, kindOf } from './kinds.ts';

/**
 * A message from a phone as a text for a mail.
 *
 * Promise: nothing that came is lost. A text stands in the mail; octets are attached whole, under the name of what
 * they are, and the text says so; what cannot be decoded is attached as it came, with the reason.
 */
export interface IncomingText {
  /** Empty for a message without a body. */
  readonly text: string;
  readonly encoding: 'gsm7' | 'ucs2' | '8bit';
  /** The sequence numbers of parts that did not come. */
  readonly missing: readonly number[];
  readonly attachments: readonly MailAttachment[];
  /** The application port that it was sent to. */
  readonly port?: number;
  /** A network or a service made it, no person (RFC 3834). */
  readonly automatic?: true;
}

/** Octets of a short message that are shown as hexadecimal too: those of one SMS that nobody can decode. */
const MAX_HEX = 180;

/**
 * All parts in order, with a mark where some are missing. Contact cards and calendar entries are told on a line and
 * attached.
 *
 * Parts are read again from their PDUs where those are kept: a character may stand half in one part and half in the
 * next, which the text of a single part cannot hold.
 */
export function incomingText(message: IncomingMessage): IncomingText {
  const [first] = message.parts;
  if (first?.body.kind === 'undecoded') return undecoded(first.body.data, first.body.reason);
  const parts = message.parts.map(deliverPart);
  const { text = '', data, encoding, missing } = assemble(parts);
  const { ports, pid } = parts[0] ?? {};
  const port = ports === undefined ? {} : { port: ports.destination };
  if (data !== undefined) {
    const kind = kindOf(data, ports, pid);
    const attachments = [{ name: kind.file, type: kind.type, content: data }];
    const more = kind.automatic === undefined ? {} : { automatic: kind.automatic };
    return { text: describe(kind, data, missing), encoding, missing, attachments, ...port, ...more };
  }
  const card = isVcard(text) ? vcardLine(text) : '';
  const entry = card === '' && /^\s*BEGIN:VCALENDAR/i.test(text) ? calendarLine(text) : '';
  if (card === '' && entry === '') return { text, encoding, missing, attachments: [], ...port };
  const content = Buffer.from(text, 'utf8');
  const attachment =
    card === ''
      ? { name: 'calendar.ics', type: 'text/calendar; charset=utf-8', content }
      : { name: 'contact.vcf', type: 'text/vcard; charset=utf-8', content };
  return { text: card || `Calendar entry: ${entry}`, encoding, missing, attachments: [attachment], ...port };
}

function undecoded(data: Uint8Array, reason: string): IncomingText {
  const shown = data.length > MAX_HEX ? '' : `\n\n${toHex(data)}`;
  return {
    text: `An SMS that could not be decoded: ${reason}. It is attached as it came.${shown}`,
    encoding: '8bit',
    missing: [],
    attachments: [{ name: 'sms.pdu', type: 'application/octet-stream', content: data }],
  };
}

/** What a person reads of octets. */
function describe(kind: IncomingKind, data: Uint8Array, missing: readonly number[]): string {
  const octets = Buffer.from(data);
  const lines: string[] = [];
  if (kind.type === 'text/vcard') lines.push(vcardLine(decodeCharset(octets, undefined)));
  if (kind.type === 'text/calendar') {
    const line = calendarLine(decodeCharset(octets, undefined));
    lines.push(line === '' ? '' : `Calendar entry: ${line}`);
  }
  lines.push(`${kind.name}, ${data.length} octets, attached as ${kind.file}.`);
  if (missing.length > 0) {
    const which = missing.length === 1 ? `Part ${missing.join()}` : `Parts ${missing.join(', ')}`;
    lines.push(`${which} of it did not come.`);
  }
  return lines.filter((line) => line !== '').join('\n');
}

type Part = DeliverPart & Partial<Pick<Deliver, 'ports' | 'pid'>>;

function deliverPart(part: IncomingPart): Part {
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
  const ports = body.kind === 'undecoded' ? undefined : portsIn(body.udh);
  const more = ports === undefined ? {} : { ports };
  if (body.kind === 'text') return { ...base, ...more, encoding: 'gsm7', text: body.text };
  return { ...base, ...more, encoding: '8bit', data: body.data };
}

function portsIn(udh: Uint8Array | undefined): Ports | undefined {
  if (udh === undefined) return undefined;
  try {
    return portsOf(decodeUdh(udh));
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}
