import { segmentBinary } from '../../../sms/binary.ts';
import { EncodeError } from '../../../sms/errors.ts';
import { segment } from '../../../sms/segment.ts';

/** What a template is filled with: one request's message, and what is known of gateway and payer. */
export interface TemplateMessage {
  /** E.164 with `+`, or a short code. */
  readonly number: string;
  readonly content: RequestContent;
  /** Header elements without their length octet; empty where there are none. */
  readonly udh: Uint8Array;
  /** The text has characters beyond ASCII, or is sent as UCS-2 by us. False for binary content. */
  readonly unicode: boolean;
  /** How many SMS the whole message makes. */
  readonly parts: number;
  readonly pid?: number;
  readonly dcs?: number;
  /** Message class (3GPP TS 23.038 4); 0 is a flash message. */
  readonly messageClass?: number;
  readonly validityMinutes?: number;
  /** A status report is wanted. */
  readonly report: boolean;
  /** `sender=` of the message, else the gateway's own, else empty. */
  readonly sender: string;
  /** Phone alias of the paying account. */
  readonly alias: string;
  /** The id that the sender gave, else ours. */
  readonly msgid: string;
  /** Ours alone, another one for each request of a message: what a provider may recognise a repetition by. */
  readonly key: string;
  /** `value=` parameters of the message. */
  readonly values: readonly string[];
  /** The paying account. */
  readonly user: string;
  /** The gateway's id, its password, and where its provider reports to; empty where there is none. */
  readonly gateway: string;
  readonly password: string;
  readonly callback: string;
  /** Settings of a preset by their names. */
  readonly settings: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export type RequestContent = { readonly text: string } | { readonly data: Uint8Array };

/** A message that has no form in this template or place. `message` says why in one sentence. */
export class TemplateError extends Error {
  override readonly name: string = 'TemplateError';
}

/** Whether a text is told to providers as Unicode: one that is told nothing may read UTF-8 as Latin-1. */
export function isUnicode(text: string): boolean {
  return /[^\0-\x7f]/.test(text);
}

/**
 * How many SMS a provider makes of a message: ASCII as GSM 7-bit where all of it is in that alphabet, other text as UCS-2,
 * binary content in 140 octets less the header.
 */
export function partsOf(content: RequestContent, udh: Uint8Array): number {
  try {
    if ('data' in content) return segmentBinary(content.data, { udh }).parts.length;
    const { text } = content;
    return segment(text, isUnicode(text) ? { encoding: 'ucs2' } : {}).parts.length;
  } catch (error) {
    if (error instanceof EncodeError) throw new TemplateError(error.message);
    throw error;
  }
}
