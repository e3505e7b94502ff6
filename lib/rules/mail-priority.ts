import type { HeaderField } from './message.ts';

/** What programs write into Importance, Priority (RFC 2156) and X-MSMail-Priority. */
const WORDS: Readonly<Record<string, number>> = { high: 5, urgent: 5, low: -5, 'non-urgent': -5 };
/** X-Priority: 1 is the highest. */
const DIGITS: Readonly<Record<string, number>> = { 1: 9, 2: 5, 4: -5, 5: -9 };

const FIELDS = ['x-priority', 'importance', 'priority', 'x-msmail-priority'];

/** How urgent a mail says it is, -9 to 9: by the first of these fields that says so. */
export function priorityOf(headers: readonly HeaderField[]): number {
  for (const name of FIELDS) {
    const field = headers.find((each) => each.name.toLowerCase() === name);
    const word = /^[\w-]+/.exec(field?.value.trim().toLowerCase() ?? '')?.[0] ?? '';
    const table = /^\d/.test(word) ? DIGITS : WORDS;
    const found = Object.hasOwn(table, word) ? table[word] : undefined;
    if (found !== undefined) return found;
  }
  return 0;
}
