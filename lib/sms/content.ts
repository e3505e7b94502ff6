/** What an encoder puts into TP-DCS, TP-UDL and TP-UD. */
import { encodingOf } from './alphabet.ts';
import { decodeDcs, encodeDcs } from './dcs.ts';
import { integer } from './errors.ts';
import type { Segment } from './segment.ts';
import { encodeUserData, type EncodedUserData, type UserDataInput } from './user-data.ts';

/** A text, octets or a segment, and how they are coded. */
export interface ContentInput extends UserDataInput {
  /** One part of a segmented message, instead of text or data. */
  readonly segment?: Segment | undefined;
  /** TP-DCS; by default made of what the text needs. */
  readonly dcs?: number | undefined;
}

export type EncodedContent = EncodedUserData & { readonly dcs: number; readonly hasUdh: boolean };

/** TP-DCS, TP-UDL and TP-UD of a text, octets or a segment. */
export function encodeContent(input: ContentInput): EncodedContent {
  const { segment, udh } = input;
  if (segment !== undefined) {
    const dcs = input.dcs ?? encodeDcs({ alphabet: segment.encoding });
    const { userData, userDataLength } = segment;
    return { dcs: integer('dcs', dcs, 0, 255), userData, userDataLength, hasUdh: segment.udh !== undefined };
  }
  const alphabet = input.data === undefined ? encodingOf(input.text ?? '') : '8bit';
  const dcs = integer('dcs', input.dcs ?? encodeDcs({ alphabet }), 0, 255);
  return { dcs, ...encodeUserData(input, decodeDcs(dcs)), hasUdh: udh !== undefined };
}
