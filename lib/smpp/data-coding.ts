/**
 * data_coding and the texts under it: SMPP 3.4 5.2.19, 3GPP TS 23.038 4 for the values that are taken over from it.
 *
 * 0 is "the SMSC's default", which every operator reads in its own way: it is a setting of the connection.
 */
import { DEFAULT_LOOKUP, decodeSeptets, encodeSeptets } from '../sms/alphabet.ts';
import { type MessageClass, decodeDcs } from '../sms/dcs.ts';
import { EncodeError } from '../sms/errors.ts';
import { packSeptets, unpackSeptets } from '../sms/septets.ts';
import { decodeUcs2, encodeUcs2 } from '../sms/ucs2.ts';

/** What the octets of a text are where data_coding is 0. `gsm7`: one septet an octet; `gsm7-packed`: as on the air. */
export type DefaultAlphabet = 'gsm7' | 'gsm7-packed' | 'latin1' | 'ascii' | 'utf8';

export type TextCoding = DefaultAlphabet | 'ucs2';

export interface Coding {
  /** undefined: octets that are no text. */
  readonly text: TextCoding | undefined;
  readonly messageClass?: MessageClass;
}

/** What a data_coding says; undefined for one that is not supported (JIS, Cyrillic, Hebrew ...). */
export function decodeDataCoding(octet: number, byDefault: DefaultAlphabet): Coding | undefined {
  switch (octet) {
    case 0x00:
      return { text: byDefault };
    case 0x01:
      return { text: 'ascii' };
    case 0x02:
    case 0x04:
      return { text: undefined };
    case 0x03:
      return { text: 'latin1' };
    case 0x08:
      return { text: 'ucs2' };
    default:
      return octet === 0x10 || octet === 0x18 || octet >= 0xf0 ? byGsm(octet, byDefault) : undefined;
  }
}

function byGsm(octet: number, byDefault: DefaultAlphabet): Coding {
  const { alphabet, class: messageClass } = decodeDcs(octet);
  const text = alphabet === 'ucs2' ? 'ucs2' : alphabet === '8bit' ? undefined : byDefault;
  return { text, ...(messageClass === undefined ? {} : { messageClass }) };
}

/** Octets as text. */
export function decodeText(octets: Uint8Array, coding: TextCoding): string {
  switch (coding) {
    case 'gsm7':
      return decodeSeptets(octets.map((octet) => octet & 0x7f));
    case 'gsm7-packed':
      return decodeSeptets(unpackSeptets(octets));
    case 'latin1':
      return Buffer.from(octets).toString('latin1');
    case 'ascii':
      return Buffer.from(octets.map((octet) => octet & 0x7f)).toString('latin1');
    case 'utf8':
      return Buffer.from(octets).toString('utf8');
    case 'ucs2':
      return decodeUcs2(octets);
  }
}

/** Text as octets. Throws EncodeError with the first character that the alphabet lacks. */
export function encodeText(text: string, coding: TextCoding): Uint8Array {
  switch (coding) {
    case 'gsm7':
      return septets(text);
    case 'gsm7-packed':
      return packSeptets(septets(text));
    case 'latin1':
      return narrow(text, 0xff, 'Latin 1');
    case 'ascii':
      return narrow(text, 0x7f, 'ASCII');
    case 'utf8':
      return Buffer.from(text, 'utf8');
    case 'ucs2':
      return encodeUcs2(text);
  }
}

function septets(text: string): Uint8Array {
  const found = encodeSeptets(text, DEFAULT_LOOKUP);
  if (typeof found === 'number') throw lacks(text, found, 'the GSM 7 bit default alphabet');
  return found;
}

function narrow(text: string, most: number, name: string): Uint8Array {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) > most) throw lacks(text, at, name);
  }
  return Buffer.from(text, 'latin1');
}

function lacks(text: string, at: number, name: string): EncodeError {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  return new EncodeError('short_message', `${name} has no "${character}" (character ${at + 1})`);
}
