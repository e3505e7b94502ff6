import { Fault } from '../base/errors.ts';

/** What an AddressError is made of. Neither field may hold a secret: all but `detail` is told to the peer. */
export interface AddressProblem {
  /** Which part is wrong, with the article left out: `number "+1555x"`, `parameter maxmsgs`, `domain`. */
  readonly part: string;
  /** Where: 0-based index into the local part without its quotes (for `domain` and `address`: into the address). */
  readonly position: number;
  /** What is wrong with it, as the sentence goes on: `is not a phone number: ...`. */
  readonly problem: string;
  /** How to write it right, after a semicolon. */
  readonly hint: string;
  /** What only the log is told. */
  readonly detail?: string;
}

/** An address, a number or a parameter that cannot be read: 553 5.1.3 and one sentence about the part that is wrong. */
export class AddressError extends Fault {
  override readonly name = 'AddressError';
  readonly part: string;
  readonly position: number;
  readonly problem: string;
  readonly hint: string;

  constructor({ part, position, problem, hint, detail }: AddressProblem) {
    const told = `the ${part} ${problem}; ${hint}`;
    super('address.syntax', detail === undefined ? { told } : { told, detail });
    this.part = part;
    this.position = position;
    this.problem = problem;
    this.hint = hint;
  }
}

/** How much of a wrong part is repeated in an error. */
const LONGEST_QUOTE = 40;

/**
 * A text between quotation marks as it may stand in an SMTP reply: cut to 40 characters, and everything that is
 * not printable ASCII written as `\u{...}` (a reply may be UTF-8 only where the client asked for SMTPUTF8, RFC 6531).
 */
export function quoted(text: string): string {
  const shown = [...text.slice(0, LONGEST_QUOTE)].map((character) =>
    character >= ' ' && character <= '~' ? character : `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`,
  );
  return `"${shown.join('')}${text.length > LONGEST_QUOTE ? '...' : ''}"`;
}

/** Control characters, line and paragraph separators, and surrogates without their other half. */
const FORBIDDEN = /[\p{Cc}\p{Cs}\u2028\u2029]/u;

/** The index of the first character that may stand in no address and in no value; -1 where there is none. */
export function forbiddenAt(text: string): number {
  return text.search(FORBIDDEN);
}

/** An error for the character at `position` of `part`. */
export function controlCharacter(part: string, position: number): AddressError {
  return new AddressError({
    part,
    position,
    problem: `has a control character at position ${position}`,
    hint: 'leave it out',
  });
}
