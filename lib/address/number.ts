/**
 * Phone numbers as people type them, made E.164.
 *
 * A number with a plus is taken at its word: its separators go, its digits stay, whether or not the numbering plan
 * knows it (a number from the network must come back to the network unchanged). A number without one is national,
 * and libphonenumber knows the plan of the country; three to six digits are a short code and stay as they are.
 * Nothing else is guessed: what has no clear reading is refused, since a wrong guess reaches a stranger's phone.
 */
import {
  getCountryCallingCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
  type CountryCode,
} from 'libphonenumber-js/min';
import { digitsIn, digitsOf, type Origin } from './digits.ts';
import { AddressError, quoted } from './errors.ts';

/** E.164 6: at most 15 digits. The shortest numbers with a country code have 7 (Niue, Tokelau). */
const LONGEST = 15;
const SHORTEST = 7;

/** Where mobile numbers are so short that they look like short codes (libphonenumber's example numbers). */
const SHORT_PLANS = new Set('AC AD CK FK FO GL NC NF PM SH TA TK TV WF'.split(' '));

/**
 * `raw` as E.164 (`+15551234567`), or a short code as its digits.
 *
 * @param country ISO 3166 two-letter code of the country national numbers belong to
 * @param origin where the characters of `raw` stood, for the position in the error
 * @throws AddressError
 */
export function normaliseNumber(raw: string, country?: string, origin: Origin = (index) => index): string {
  const { digits, plus } = digitsOf(raw, origin, trunkZero(raw));
  const refuse = (problem: string, hint: string): AddressError =>
    new AddressError({ part: `number ${quoted(raw)}`, position: origin(0), problem, hint });

  if (digits === '') {
    throw new AddressError({
      part: raw === '' ? 'number' : `number ${quoted(raw)}`,
      position: origin(0),
      problem: `is missing at position ${origin(0)}`,
      hint: 'write it as sms:+15551234567',
    });
  }
  if (plus) return international(digits, refuse);
  if (digits.length > LONGEST + 5) throw refuse('is too long', `E.164 allows ${LONGEST} digits`);
  if (country === undefined) {
    if (isShortCode(digits)) return digits;
    // Without a country there are no national numbers: what has the length of a whole one is a whole one.
    const whole = `+${digits}`;
    if (digits.length > 10 && !digits.startsWith('0') && isPossible(whole)) return whole;
    throw refuse('is a national number and no country is configured', 'write it with + and the country code');
  }
  const code = country.toUpperCase();
  if (!isCountry(code)) {
    throw refuse(
      `is a national number and ${quoted(country)} is not a country code`,
      'write the number with +',
    );
  }
  const number = national(digits, code);
  if (number === undefined) {
    throw refuse(`is not a possible number in ${code}`, 'write it with + and the country code');
  }
  return number;
}

/** Is this an ISO 3166 code of a country whose numbering plan is known? */
export function isCountry(code: string): code is CountryCode {
  return isSupportedCountry(code);
}

/**
 * The index of the zero in `+49 (0) 171 ...`, which is dialled only inside the country; -1 where there is none, or
 * where the number needs it (Italy).
 */
function trunkZero(raw: string): number {
  const trunk = /\(\s?0\s?\)/.exec(raw);
  if (trunk === null) return -1;
  const before = raw.slice(0, trunk.index);
  const code = digitsIn(before).replace(/^00/, '');
  if (!/^\s*(?:[+\uff0b]|00)/.test(before) || code.length < 1 || code.length > 3) return -1;
  const after = digitsIn(raw.slice(trunk.index + trunk[0].length));
  const needed = after.length <= LONGEST && !isValid(`+${code}${after}`) && isValid(`+${code}0${after}`);
  return needed ? -1 : trunk.index + trunk[0].indexOf('0');
}

type Refuse = (problem: string, hint: string) => AddressError;

function international(digits: string, refuse: Refuse): string {
  if (digits.length > LONGEST) throw refuse(`has ${digits.length} digits`, `E.164 allows ${LONGEST}`);
  if (digits.startsWith('0'))
    throw refuse('has no country code', 'after the + comes a country code, not a 0');
  if (digits.length < SHORTEST) {
    throw refuse(
      `has only ${digits.length} digits`,
      `a number with + has at least ${SHORTEST}, a short code has no +`,
    );
  }
  return `+${digits}`;
}

function national(digits: string, country: CountryCode): string | undefined {
  if (isShortCode(digits) && !(SHORT_PLANS.has(country) && isValid(digits, country))) return digits;
  // The whole number, only without its plus. In Germany and Indonesia it would pass for a national one as well, but
  // those are written there with a 0 in front.
  const whole = `+${digits}`;
  if (digits.startsWith(getCountryCallingCode(country)) && isValid(whole)) return whole;
  // 00 is understood everywhere (ITU-T E.123) and wins where it leads to a number in use: some plans have prefixes
  // (005 in Colombia) that would make another country's number of it. Then comes the country's own, 011 or 0011.
  const dialled = /^00([1-9]\d{6,14})$/.exec(digits)?.[1];
  if (dialled !== undefined && isValid(`+${dialled}`)) return `+${dialled}`;
  const parsed = parsePhoneNumberFromString(digits, plan(country));
  const length = (parsed?.number.length ?? 1) - 1;
  const fits = parsed !== undefined && length >= SHORTEST && length <= LONGEST;
  if (dialled !== undefined && !(fits && parsed.isValid())) return `+${dialled}`;
  return fits && parsed.isPossible() ? parsed.number : undefined;
}

function isShortCode(digits: string): boolean {
  return /^[1-9]\d{2,5}$/.test(digits);
}

function isValid(number: string, country?: CountryCode): boolean {
  return parsePhoneNumberFromString(number, plan(country))?.isValid() === true;
}

function isPossible(number: string): boolean {
  return parsePhoneNumberFromString(number, plan())?.isPossible() === true;
}

function plan(country?: CountryCode): { defaultCountry?: CountryCode; extract: false } {
  return country === undefined ? { extract: false } : { defaultCountry: country, extract: false };
}
