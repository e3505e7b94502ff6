/** The octet esm_class: SMPP 3.4 5.2.12. */

/** What a message is, bits 5 to 2. */
export type MessageType = 'message' | 'receipt' | 'delivery-ack' | 'manual-ack' | 'abort' | 'intermediate';

export interface EsmClass {
  /** Bits 1 and 0: 0 the SMSC's default, 1 datagram, 2 forward (transaction), 3 store and forward. */
  readonly mode: 0 | 1 | 2 | 3;
  /** undefined: a value that the standard reserves. */
  readonly type: MessageType | undefined;
  /** The message begins with a user data header. */
  readonly udhi: boolean;
  readonly replyPath: boolean;
}

const TYPES: ReadonlyMap<number, MessageType> = new Map([
  [0x00, 'message'],
  [0x04, 'receipt'],
  [0x08, 'delivery-ack'],
  [0x10, 'manual-ack'],
  [0x18, 'abort'],
  [0x20, 'intermediate'],
]);

export const UDHI = 0x40;
export const REPLY_PATH = 0x80;
export const RECEIPT = 0x04;

export function decodeEsmClass(octet: number): EsmClass {
  return {
    mode: (octet & 0x03) as EsmClass['mode'],
    type: TYPES.get(octet & 0x3c),
    udhi: (octet & UDHI) !== 0,
    replyPath: (octet & REPLY_PATH) !== 0,
  };
}
