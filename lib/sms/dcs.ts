import { EncodeError, integer } from './errors.ts';

/** How user data is written. */
export type Encoding = 'gsm7' | 'ucs2' | '8bit';

/** 0: shown at once and not kept ("flash"); 1: kept in the phone; 2: on the SIM; 3: for the terminal equipment. */
export type MessageClass = 0 | 1 | 2 | 3;

export interface WaitingIndication {
  /** Set (true) or clear (false) the indication. */
  readonly active: boolean;
  readonly kind: 'voicemail' | 'fax' | 'email' | 'other';
  /** Is the message to be kept, or may it be discarded once the indication is updated? */
  readonly store: boolean;
}

/** TP-DCS, 3GPP TS 23.040 9.2.3.10 and TS 23.038 4. */
export interface DataCoding {
  readonly raw: number;
  readonly group: 'general' | 'marked-for-deletion' | 'reserved' | 'message-waiting' | 'data-coding-class';
  readonly alphabet: Encoding;
  /** Compressed as TS 23.042 describes; such user data is handed over as it came. */
  readonly compressed: boolean;
  readonly class?: MessageClass;
  readonly waiting?: WaitingIndication;
}

const WAITING_KINDS = ['voicemail', 'fax', 'email', 'other'] as const;
const ALPHABETS: readonly Encoding[] = ['gsm7', '8bit', 'ucs2', 'gsm7'];

/** Reads a TP-DCS octet. Never fails: reserved codings are taken as the default alphabet, as TS 23.038 4 says. */
export function decodeDcs(raw: number): DataCoding {
  return CODINGS[raw & 0xff] as DataCoding;
}

const CODINGS: readonly DataCoding[] = Array.from({ length: 256 }, (_, raw) => Object.freeze(read(raw)));

function read(raw: number): DataCoding {
  const group = raw >> 4;
  if (group < 8) {
    const alphabet = ALPHABETS[(raw >> 2) & 3] as Encoding;
    const coding: DataCoding = {
      raw,
      group: group < 4 ? 'general' : 'marked-for-deletion',
      alphabet,
      compressed: (raw & 0x20) !== 0,
    };
    return raw & 0x10 ? { ...coding, class: (raw & 3) as MessageClass } : coding;
  }
  if (group < 12) return { raw, group: 'reserved', alphabet: 'gsm7', compressed: false };
  if (group < 15) {
    const waiting: WaitingIndication = {
      active: (raw & 8) !== 0,
      kind: WAITING_KINDS[raw & 3] as WaitingIndication['kind'],
      store: group !== 12,
    };
    const alphabet = group === 14 ? 'ucs2' : 'gsm7';
    return { raw, group: 'message-waiting', alphabet, compressed: false, waiting };
  }
  const alphabet = raw & 4 ? '8bit' : 'gsm7';
  return { raw, group: 'data-coding-class', alphabet, compressed: false, class: (raw & 3) as MessageClass };
}

export interface DataCodingChoice {
  readonly alphabet: Encoding;
  readonly class?: MessageClass | undefined;
  readonly markedForDeletion?: boolean | undefined;
  readonly compressed?: boolean | undefined;
  readonly waiting?: WaitingIndication | undefined;
}

/**
 * The TP-DCS octet for a choice. Throws EncodeError (field 'dcs') where no octet says it: message waiting goes
 * with no class, 8-bit data or compression, and UCS-2 waiting messages are always stored.
 */
export function encodeDcs(choice: DataCodingChoice): number {
  const { alphabet, waiting } = choice;
  if (waiting !== undefined) {
    if (choice.class !== undefined || choice.compressed || choice.markedForDeletion || alphabet === '8bit') {
      throw new EncodeError('dcs', 'a message waiting indication has no class, deletion mark or 8-bit data');
    }
    if (alphabet === 'ucs2' && !waiting.store) {
      throw new EncodeError('dcs', 'a UCS-2 message waiting indication is always stored');
    }
    const group = alphabet === 'ucs2' ? 0xe0 : waiting.store ? 0xd0 : 0xc0;
    return group | (waiting.active ? 8 : 0) | WAITING_KINDS.indexOf(waiting.kind);
  }
  const coding = alphabet === 'gsm7' ? 0 : alphabet === '8bit' ? 4 : 8;
  const marks = (choice.markedForDeletion ? 0x40 : 0) | (choice.compressed ? 0x20 : 0);
  if (choice.class === undefined) return coding | marks;
  return coding | marks | 0x10 | integer('dcs', choice.class, 0, 3);
}
