import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Reply addresses that nobody can guess: `sms+<token>@domain`.
 *
 * A token names a number, a gateway and a day, and is signed together with the mail address that it was made for. It
 * is written in Crockford's base 32, so that no mail system can spoil it by changing the case of letters. Whoever holds it
 * may answer that phone until that day, from that address; it says nothing to others.
 */
export interface ReplyTarget {
  /** E.164 or a short code. */
  readonly number: string;
  /** Empty: any. */
  readonly gateway: string;
  /** Days since 1970 until the end of which it holds. */
  readonly lastDay: number;
}

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const MARK = 'r1';
const MAC_OCTETS = 10;
const DAY_MS = 86_400_000;
/** A local part has 64 octets (RFC 5321 4.5.3.1.1), `sms+` among them, and there are servers that count. */
const MAX_TOKEN = 60;

/** The day until whose end a token made now holds. */
export function lastDayOf(now: number, days: number): number {
  return Math.floor(now / DAY_MS) + days;
}

/**
 * The token for `target`, to be used by `holder` (an addr-spec) alone. A gateway whose id is too long for an address (15
 * characters always have room) is left out: the answer goes by any that may take it.
 */
export function makeToken(target: ReplyTarget, holder: string, key: Uint8Array): string {
  const token = written(encodeBody(target), holder, key);
  return token.length <= MAX_TOKEN ? token : written(encodeBody({ ...target, gateway: '' }), holder, key);
}

function written(body: Buffer, holder: string, key: Uint8Array): string {
  return MARK + base32(Buffer.concat([mac(body, holder, key), body]));
}

/**
 * What a token means, where `holder` may use it at `now`; `foreign`: it is no token at all; `refused`: it is none of
 * ours, or not the holder's, or its time is over.
 */
export function readToken(
  text: string,
  holder: string,
  now: number,
  key: Uint8Array,
): ReplyTarget | 'foreign' | 'refused' {
  const token = text.toLowerCase();
  if (!token.startsWith(MARK) || token.length < 24) return 'foreign';
  const octets = unbase32(token.slice(MARK.length));
  if (octets === undefined) return 'foreign';
  const [given, body] = [octets.subarray(0, MAC_OCTETS), octets.subarray(MAC_OCTETS)];
  if (!timingSafeEqual(given, mac(body, holder, key))) return 'refused';
  const target = decodeBody(body);
  return target === undefined || Math.floor(now / DAY_MS) > target.lastDay ? 'refused' : target;
}

/** Whether a local part (without its quotes) is written as a token, whatever it is worth. */
export function tokenIn(local: string): string | undefined {
  return /^sms[+.=](r1[0-9a-hjkmnp-tv-z]{22,})$/i.exec(local)?.[1];
}

/** Day, number, gateway. Digits and `+` take half an octet each, so that the gateway's id has room. */
function encodeBody({ number, gateway, lastDay }: ReplyTarget): Buffer {
  const packed = /^[\d+]+$/.test(number);
  return Buffer.concat([
    Buffer.from([(lastDay >> 8) & 0xff, lastDay & 0xff]),
    Buffer.from([number.length | (packed ? PACKED : 0)]),
    packed
      ? Buffer.from(number.replaceAll('+', 'a').padEnd(evenly(number.length), 'f'), 'hex')
      : Buffer.from(number, 'latin1'),
    Buffer.from(gateway, 'utf8'),
  ]);
}

const PACKED = 0x80;

function evenly(length: number): number {
  return length + (length % 2);
}

function decodeBody(body: Buffer): ReplyTarget | undefined {
  const head = body[2];
  if (head === undefined) return undefined;
  const length = head & ~PACKED;
  const end = 3 + (head & PACKED ? evenly(length) / 2 : length);
  if (body.length < end) return undefined;
  const number =
    head & PACKED
      ? body.toString('hex', 3, end).slice(0, length).replaceAll('a', '+')
      : body.toString('latin1', 3, end);
  return { lastDay: body.readUInt16BE(0), number, gateway: body.toString('utf8', end) };
}

function mac(body: Uint8Array, holder: string, key: Uint8Array): Buffer {
  const text = createHmac('sha256', key).update('reply\0').update(holder.toLowerCase()).update('\0');
  return text.update(body).digest().subarray(0, MAC_OCTETS);
}

function base32(octets: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const octet of octets) {
    held = (held << 8) | octet;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET.charAt((held >> bits) & 31);
      held &= (1 << bits) - 1;
    }
  }
  return bits === 0 ? text : text + ALPHABET.charAt((held << (5 - bits)) & 31);
}

function unbase32(text: string): Buffer | undefined {
  const octets: number[] = [];
  let bits = 0;
  let held = 0;
  for (const character of text) {
    const value = ALPHABET.indexOf(character);
    if (value < 0) return undefined;
    held = (held << 5) | value;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    octets.push((held >> bits) & 0xff);
    held &= (1 << bits) - 1;
  }
  // The octets that were written end here: what is left over must be nothing.
  return held === 0 && bits < 5 && octets.length > MAC_OCTETS ? Buffer.from(octets) : undefined;
}
