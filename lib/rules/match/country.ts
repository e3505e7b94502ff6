import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

/**
 * ISO 3166 code of the country of an E.164 number; undefined for short codes. Where several countries share a code and the
 * number does not tell which, the one that the code mainly stands for (+1: US).
 */
export function countryOf(number: string): string | undefined {
  if (!number.startsWith('+')) return undefined;
  const parsed = parsePhoneNumberFromString(number, { extract: false });
  return parsed?.country ?? parsed?.getPossibleCountries()[0];
}
