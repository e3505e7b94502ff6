/** Addresses written, so that they parse to the same again and pass through mail servers. */
import { toUSVString } from 'node:util';
import { cutAddress } from '../base/mail-address.ts';
import { encode } from './escapes.ts';
import { printedPairs, type Parameters } from './parameters.ts';
import { controlCharacter, forbiddenAt } from './errors.ts';
import { unquoteLocal } from './quoting.ts';

/**
 * How an address is spelt:
 * `quoted` is the canonical form, `"sms:+15551234567?maxmsgs=3"@domain`;
 * `bare` needs no quotes, `+15551234567?maxmsgs=3@domain`;
 * `encoded` needs none either and keeps the prefix, `sms%3A+15551234567%3Fmaxmsgs%3D3@domain`;
 * `equals` is for systems that refuse `?` and `%` as well, `sms=+15551234567=maxmsgs=3@domain`.
 */
export type AddressStyle = 'quoted' | 'bare' | 'encoded' | 'equals';

/**
 * The address of `numbers` (as normaliseNumber gives them) on `domain`. It parses to the same numbers and parameters;
 * the password, though, is printed as `***` unless `secrets` is `open`.
 *
 * @throws AddressError where a value has half a surrogate pair
 */
export function printAddress(
  numbers: readonly string[],
  parameters: Parameters,
  domain: string,
  style: AddressStyle = 'quoted',
  secrets: 'hidden' | 'open' = 'hidden',
): string {
  const number = numbers.join(',');
  const pairs = printedPairs(parameters, secrets).map((pair) => pair.join('='));
  const query = pairs.length === 0 ? '' : `?${pairs.join('&')}`;
  switch (style) {
    case 'quoted':
      return `${quoteLocal(`sms:${number}${query}`)}@${domain}`;
    case 'bare':
      return `${quoteLocal(`${number}${query}`)}@${domain}`;
    case 'encoded':
      return `${quoteLocal(encode(`sms:${number}${query}`))}@${domain}`;
    case 'equals':
      return `${quoteLocal([`sms=${number}`, ...pairs].join('='))}@${domain}`;
  }
}

/**
 * A gateway's From template with the sender's number put in for `%s`: `sms:%s@domain` gives
 * `"sms:+15551234567"@domain`, `%s` alone gives the number. Senders can be names (`AT&T?`) and come from strangers, so
 * what could mean something in an address is escaped; numbers stay as they are.
 *
 * @throws AddressError where the template's quotes are not closed
 */
export function fromTemplate(template: string, number: string): string {
  const { local, domain } = cutAddress(template);
  const sender = encode(toUSVString(number));
  const written = quoteLocal(unquoteLocal(local).split('%s').join(sender));
  return domain === undefined ? written : `${written}@${domain}`;
}

/** What may stand outside quotes: atoms and dots (RFC 5322 3.2.3), and what RFC 6531 adds. */
const ATOMS = /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~.\u0080-\u{10ffff}]+$/u;

/**
 * A local part as it has to stand before the @: as it is where that is allowed, else in quotes.
 *
 * @throws AddressError on control characters, which cannot be quoted
 */
export function quoteLocal(local: string): string {
  const bad = forbiddenAt(local);
  if (bad >= 0) throw controlCharacter('local part', bad);
  return isDotAtom(local) ? local : `"${local.replace(/["\\]/g, '\\$&')}"`;
}

function isDotAtom(local: string): boolean {
  return ATOMS.test(local) && !local.startsWith('.') && !local.endsWith('.') && !local.includes('..');
}
