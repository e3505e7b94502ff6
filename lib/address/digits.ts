/** The digits of a phone number, in whatever script and between whatever separators they were typed. */
import { AddressError, quoted } from './errors.ts';

/** Where a character of a part stood in the local part. */
export type Origin = (index: number) => number;

/**
 * What may stand between digits: RFC 3966 5.1.1 (`-` `.` `(` `)`), spaces, `/` as Germans write it, and what comes
 * along with a pasted number: other spaces and dashes, full-width forms, and the invisible marks of text direction.
 */
const SEPARATOR =
  /[-.()/ \u00a0\u00ad\u2000-\u200f\u2010-\u2015\u202a-\u202f\u2060-\u2069\u2212\u3000\uff08\uff09\uff0d\uff0e\ufeff]/;

/** Full-width, Arabic-Indic and Persian digits: the code point of each zero. */
const ZEROS = [0x30, 0xff10, 0x660, 0x6f0];

/** Could `text` be meant as a number: nothing but digits, plus signs and separators, and one digit at least? */
export function looksLikeNumber(text: string): boolean {
  let found = false;
  for (const character of text) {
    if (digitOf(character) !== undefined) found = true;
    else if (!isPlus(character) && !SEPARATOR.test(character)) return false;
  }
  return found;
}

/** Is this a digit of one of the scripts understood here? */
export function isDigit(character: string): boolean {
  return digitOf(character) !== undefined;
}

/**
 * The digits of `raw` without the one at index `skip`, and whether a plus stands before them.
 *
 * @throws AddressError at the first character that is neither digit nor separator
 */
export function digitsOf(raw: string, origin: Origin, skip = -1): { digits: string; plus: boolean } {
  let digits = '';
  let plus = false;
  let index = 0;
  for (const character of raw) {
    const digit = digitOf(character);
    if (digit !== undefined) digits += index === skip ? '' : digit;
    else if (isPlus(character) && digits === '' && !plus) plus = true;
    else if (!SEPARATOR.test(character)) throw notANumber(raw, index, character, origin);
    index += character.length;
  }
  return { digits, plus };
}

/** The digits of `text`, whatever else is in it. */
export function digitsIn(text: string): string {
  return [...text].map((character) => digitOf(character) ?? '').join('');
}

function notANumber(raw: string, index: number, character: string, origin: Origin): AddressError {
  const shown = index + character.length < raw.length ? `${raw.slice(0, index + character.length)}...` : raw;
  const good = digitsIn(raw.slice(0, index));
  const parameters = '&;=?:'.includes(character) && good !== '';
  const letter = /\p{L}/u.test(character) && good === '';
  return new AddressError({
    part: `number ${quoted(shown)}`,
    position: origin(index),
    problem: `is not a phone number: ${quoted(character)} at position ${origin(index)} is neither digit nor separator`,
    hint: parameters
      ? 'parameters follow the number after a ?, as in sms:+15551234567?maxmsgs=3'
      : letter
        ? 'a name cannot be texted to, write a number such as +15551234567'
        : 'write it as +15551234567',
  });
}

function isPlus(character: string): boolean {
  return character === '+' || character === '\uff0b';
}

function digitOf(character: string): string | undefined {
  const code = character.codePointAt(0) ?? -1;
  const zero = ZEROS.find((each) => code >= each && code <= each + 9);
  return zero === undefined ? undefined : String(code - zero);
}
