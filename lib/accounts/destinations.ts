import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

/**
 * Where an account may send. An entry is a prefix (`+1`, `+4917`; `112` for short codes that begin so) or the ISO 3166
 * code of a country (`US`); several countries share +1 and +7, so a prefix is not a country.
 */
export interface Destinations {
  readonly allowed: readonly string[];
  readonly denied: readonly string[];
}

/** Why not, for people; undefined where it may send to this number. What is denied is denied, even where it is allowed. */
export function notPermitted(number: string, { allowed, denied }: Destinations): string | undefined {
  if (allowed.length === 0 && denied.length === 0) return undefined;
  const country = countryOf(number);
  const meets = (entry: string): boolean =>
    isPrefix(entry) ? number.startsWith(entry) : entry.toUpperCase() === country;
  const against = denied.find(meets);
  if (against !== undefined) return `this account may not send to ${against}`;
  if (allowed.length === 0 || allowed.some(meets)) return undefined;
  return `this account may send to ${allowed.join(', ')} only`;
}

/** Whether it is written as a prefix: everything else is the code of a country. */
export function isPrefix(entry: string): boolean {
  return /^\+?\d+$/.test(entry);
}

function countryOf(number: string): string | undefined {
  return number.startsWith('+') ? parsePhoneNumberFromString(number)?.country : undefined;
}
