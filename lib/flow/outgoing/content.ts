import type { Parameters } from '../../address/parameters.ts';
import { Fault } from '../../base/errors.ts';
import { DecodeError, EncodeError } from '../../sms/errors.ts';
import { fromHex } from '../../sms/hex.ts';
import { segmentBinary } from '../../sms/binary.ts';
import { type Segment, type Segmentation, segment } from '../../sms/segment.ts';
import type { Content, OutgoingMessage, Part, SendOptions } from '../../store/records.ts';
import { withCount } from './repeats.ts';

/** What is to be sent, from a text and its address's parameters. Throws `mail.empty`, `message.content`. */
export function contentOf(text: string, parameters: Parameters): Content {
  const udh = parameters.udh === undefined ? undefined : octets('udh', parameters.udh);
  if (parameters.binary === true) {
    return { kind: 'binary', data: octets('data', text), ...(udh === undefined ? {} : { udh }) };
  }
  const words = parameters.reply === undefined ? text : `#${parameters.reply}# ${text}`;
  if (words.trim() === '') throw new Fault('mail.empty');
  return { kind: 'text', text: words };
}

/** A content divided into parts. */
export interface Cut {
  readonly encoding: 'gsm7' | 'ucs2' | '8bit';
  /** What is sent of it. */
  readonly content: Content;
  readonly segments: readonly Segment[];
  /** It was longer than the limit. */
  readonly truncated: boolean;
  /** The division of a text, which knows why it is Unicode and what was replaced in it. */
  readonly text?: Segmentation;
}

/**
 * The content cut to `maxmsgs` parts. Throws `message.content`: binary data is never cut, so too much of it is refused.
 *
 * @param reference the concatenation reference: it changes no lengths, so that it matters only where parts are sent
 */
export function cut(content: Content, options: SendOptions, maxmsgs: number, reference = 0): Cut {
  const how = { maxParts: maxmsgs, reference, referenceBits: options.referenceBits ?? 8 };
  try {
    return cutAs(content, options, how);
  } catch (error) {
    if (error instanceof EncodeError || error instanceof DecodeError) {
      throw new Fault('message.content', { told: error.message, cause: error });
    }
    throw error;
  }
}

/** A record for each part, and a note that says how they are coded. */
export function plannedParts({ segments, encoding, truncated }: Cut): { parts: Part[]; note: string } {
  const parts = segments.map((each): Part => ({ sequence: each.sequence, state: 'waiting' }));
  const noun = parts.length === 1 ? 'part' : 'parts';
  const note = `${parts.length} ${noun}, ${encoding}${truncated ? ', cut at the limit' : ''}`;
  return { parts, note };
}

/** The segments of a message that are not sent yet, in order. */
export function waitingSegments(message: OutgoingMessage): Segment[] {
  const { options, parts, concatReference } = message;
  const { segments } = cut(contentNow(message), options, parts.length, concatReference);
  const waiting = new Set(parts.filter(isWaiting).map(({ sequence }) => sequence));
  return segments.filter((each) => waiting.has(each.sequence));
}

/** What is sent, which says for how many others it stands. */
export function contentNow({ content, repeats }: OutgoingMessage): Content {
  if (repeats === undefined || content.kind !== 'text') return content;
  return { kind: 'text', text: withCount(content.text, repeats) };
}

function cutAs(
  content: Content,
  options: SendOptions,
  how: { maxParts: number; reference: number; referenceBits: 8 | 16 },
): Cut {
  if (content.kind === 'binary') {
    const { parts, truncated } = segmentBinary(content.data, {
      ...how,
      ...(content.udh === undefined ? {} : { udh: content.udh }),
    });
    return { encoding: '8bit', content, segments: parts, truncated };
  }
  const text = segment(content.text, { ...how, smart: options.smart ?? false });
  const { encoding, parts, truncated } = text;
  return { encoding, content: { kind: 'text', text: text.text }, segments: parts, truncated, text };
}

/** `udh=` and binary data: hexadecimal, or base64 as the reference has it. */
function octets(what: string, given: string): Uint8Array {
  const text = given.replace(/\s/g, '');
  if (/^(?:[0-9a-f]{2})*$/i.test(text)) return fromHex(text);
  if (/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return new Uint8Array(Buffer.from(text, 'base64'));
  throw new Fault('message.content', { told: `the ${what} is neither hexadecimal nor base64` });
}

/** How many SMS of a message are still to be sent. */
export function waitingParts(parts: readonly Part[]): number {
  return parts.filter(isWaiting).length;
}

/** Whether a part is still to be sent. */
export function isWaiting({ state }: Part): boolean {
  return state === 'waiting' || state === 'handing';
}
