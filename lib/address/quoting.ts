/** Quoted local parts, RFC 5321 4.1.2, and addresses with their passwords left out. */
import { redact } from '../base/secret.ts';
import { AddressError, forbiddenAt, quoted } from './errors.ts';

/**
 * A local part without its quotes. Quotes inside one that does not begin with a quote are part of it (list managers
 * put whole addresses into bounce addresses, quotes and all).
 *
 * @throws AddressError where a quoted local part does not end where its quotes do
 */
export function unquoteLocal(local: string): string {
  if (!local.startsWith('"')) return local;
  const characters: string[] = [];
  for (let index = 1; index < local.length; index++) {
    const character = local.charAt(index);
    if (character === '"') {
      if (index === local.length - 1) return characters.join('');
      throw new AddressError({
        part: 'local part',
        position: characters.length,
        problem: `goes on after its closing quote at position ${characters.length}`,
        hint: 'put all of it into the quotes, as in "sms:+15551234567"@domain',
      });
    }
    if (character === '\\' && index + 1 < local.length) index += 1;
    characters.push(local.charAt(index));
  }
  throw new AddressError({
    part: 'local part',
    position: characters.length,
    problem: 'has no closing quote',
    hint: 'write it as "sms:+15551234567"@domain',
  });
}

/**
 * Any address, readable or not, with what follows `pass=` left out up to the domain: for the log, where an address
 * could not be parsed. (A password with a bare & in it does not end there, so nothing after it is safe to show.)
 * Control characters are written as escapes.
 */
export function redactAddress(address: string): string {
  const start = /pass(?:word)?(?:=|%(?:25)*3d)/i.exec(address);
  const end = address.lastIndexOf('@');
  const shown =
    start === null
      ? address
      : `${address.slice(0, start.index + start[0].length)}***${address.startsWith('"') ? '"' : ''}${
          end > start.index ? address.slice(end) : ''
        }`;
  const masked = redact(shown);
  return forbiddenAt(masked) < 0 ? masked : quoted(masked);
}
