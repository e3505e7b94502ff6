/**
 * User names inside LDAP's own spellings. Everything but letters and digits is escaped: nothing that a user types can
 * change what a filter or a distinguished name asks for.
 */
import { cutAddress } from '../base/mail-address.ts';

/** A value in a search filter, RFC 4515 3: `*` as `\2a`. */
export function filterValue(value: string): string {
  return octets(value, (octet) => `\\${octet}`);
}

/** A value in a distinguished name, RFC 4514 2.4: `,` as `\2C`. */
export function nameValue(value: string): string {
  return octets(value, (octet) => `\\${octet}`);
}

/** Puts a user into a template: `%u` the whole name, `%n` what is before the last `@`, `%d` what is after it. */
export function fill(template: string, user: string, escape: (value: string) => string): string {
  const { local, domain = '' } = cutAddress(user);
  const parts: Readonly<Record<string, string>> = {
    '%u': user,
    '%n': local,
    '%d': domain,
    '%%': '%',
  };
  return template.replace(/%[und%]/g, (each) => (each === '%%' ? '%' : escape(parts[each] ?? '')));
}

function octets(value: string, escape: (hex: string) => string): string {
  let written = '';
  for (const octet of Buffer.from(value, 'utf8')) {
    const character = String.fromCharCode(octet);
    written += /[A-Za-z0-9]/.test(character) ? character : escape(octet.toString(16).padStart(2, '0'));
  }
  return written;
}
