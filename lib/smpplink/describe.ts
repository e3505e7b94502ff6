import type { Command } from '../smpp/commands.ts';
import { TLVS, tlvName } from '../smpp/tlv.ts';
import type { PduFields } from '../smpp/pdu.ts';
import { describeStatus } from '../smpp/status.ts';
import { toHex } from '../sms/hex.ts';

/** Fields that are never written down: the password, and what people write unless `texts` is on. */
const SECRET = new Set(['password']);
const TEXTS = new Set(['short_message', 'message_payload']);

/**
 * A PDU in a line of words for a trace: `-> submit_sm #7 destination_addr=15551234567 data_coding=8 short_message=(14 octets)`.
 * Empty and zero fields are left out; a password shows as `***`.
 */
export function describePdu(direction: 'in' | 'out', pdu: PduFields<Command>, texts = false): string {
  const { command, sequence, status = 0, body = {}, tlvs = [] } = pdu;
  const words = [direction === 'in' ? '<-' : '->', command, `#${sequence}`];
  if (status !== 0) words.push(describeStatus(status));
  for (const [name, value] of Object.entries(body)) {
    const shown = show(name, value, texts);
    if (shown !== undefined) words.push(`${name}=${shown}`);
  }
  for (const { tag, value } of tlvs) {
    const name = tlvName(tag);
    const isText = name !== undefined && TLVS[name][1] === 'cstring';
    const written = isText ? Buffer.from(value).toString('latin1').replace(/\0$/, '') : value;
    words.push(
      `${name ?? `0x${tag.toString(16).padStart(4, '0')}`}=${show(name ?? '', written, texts) ?? ''}`,
    );
  }
  return words.join(' ');
}

function show(name: string, value: unknown, texts: boolean): string | undefined {
  if (SECRET.has(name)) return value === '' ? undefined : '***';
  if (value instanceof Uint8Array) {
    if (value.length === 0) return undefined;
    return TEXTS.has(name) && !texts ? `(${value.length} octets)` : toHex(value);
  }
  if (value === 0 || value === '' || value === undefined) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
