import { decodeText } from '../mail/read/headers.ts';
import type { HeaderField } from './message.ts';

/** As much as the header of a mail may have where rules look at it. */
const MOST = 1000;

/** The fields of a header block as rules see them: names as written, values unfolded and decoded, in their order. */
export function headerFields(block: string): HeaderField[] {
  const fields: HeaderField[] = [];
  for (const unfolded of block.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const match = /^([!-9;-~]+)[ \t]*:(.*)$/.exec(unfolded);
    if (match === null) continue;
    fields.push({ name: match[1] ?? '', value: decodeText(match[2] ?? '') });
    if (fields.length >= MOST) break;
  }
  return fields;
}
