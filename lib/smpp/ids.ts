/**
 * Message ids in receipts: not always spelt as in the submit_sm_resp. SMS centres answer in hex and report in decimal or the
 * other way round, pad with zeros or strip them, and change the case.
 */

/** How the id of a receipt was made from that of the response. */
export type IdSpelling = 'same' | 'case' | 'zeros' | 'decimal-of-hex' | 'hex-of-decimal';

export interface IdCandidate {
  readonly spelling: IdSpelling;
  readonly id: string;
}

/** Widths that hex ids are padded to. */
const WIDTHS = [8, 10, 16, 20] as const;
/** More digits than any counter has; a longer number is not one. */
const LONGEST_NUMBER = 40;

/**
 * The ids that a response may have had where a receipt says `id`, likeliest first: the same; in lower and upper case;
 * without leading zeros and padded; a decimal receipt for a hex response, and a hex receipt for a decimal one. Each
 * id stands once.
 */
export function idCandidates(id: string): readonly IdCandidate[] {
  if (id === '') return [];
  const found: IdCandidate[] = [];
  const seen = new Set<string>();
  const add = (spelling: IdSpelling, each: string): void => {
    if (seen.has(each)) return;
    seen.add(each);
    found.push({ spelling, id: each });
  };
  add('same', id);
  add('case', id.toLowerCase());
  add('case', id.toUpperCase());
  const bare = id.replace(/^0+(?=.)/, '');
  for (const each of spellings(bare)) add('zeros', each);
  if (id.length > LONGEST_NUMBER) return found;
  if (/^\d+$/.test(id)) {
    for (const each of spellings(BigInt(id).toString(16))) add('decimal-of-hex', each);
  }
  if (/^[\da-f]+$/i.test(id)) {
    for (const each of padded(BigInt(`0x${id}`).toString(10))) add('hex-of-decimal', each);
  }
  return found;
}

function spellings(id: string): string[] {
  return [id.toLowerCase(), id.toUpperCase()].flatMap(padded);
}

function padded(id: string): string[] {
  return [id, ...WIDTHS.filter((width) => width > id.length).map((width) => id.padStart(width, '0'))];
}
