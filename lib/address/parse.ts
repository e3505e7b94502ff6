/**
 * The addresses mailsms answers to.
 *
 * `parseRecipient` takes what stood between the angle brackets of RCPT TO and says what it is: phone numbers with
 * parameters, another name on one of our domains (a list, a helper account, a mailbox: not decided here), or an
 * address on a domain that is not ours, which the caller refuses to relay. Mail programs drop the `sms:`, drop or add
 * quotes and escape what they please, so several spellings mean the same; docs/addresses.md lists them.
 *
 * What fails, fails with an AddressError that names the part and its position, never with anything else, in time
 * linear in the length of the address. No error and no `redacted` address shows a password.
 */
import { cutAddress } from '../base/mail-address.ts';
import { domainName, sameDomain } from './domain.ts';
import { AddressError, controlCharacter, forbiddenAt, quoted } from './errors.ts';
import { parseLocalPart, type LocalPartOptions } from './local.ts';
import type { Parameters } from './parameters.ts';
import { printAddress, quoteLocal } from './print.ts';
import { redactAddress, unquoteLocal } from './quoting.ts';
import type { Domain } from './settings.ts';

export interface AddressOptions extends LocalPartOptions {
  readonly domains: readonly Domain[];
}

/** What a recipient address is. `redacted` is the address as it may be logged and stored. */
export type Recipient =
  | {
      readonly kind: 'sms';
      readonly domain: string;
      readonly numbers: string[];
      readonly parameters: Parameters;
      readonly redacted: string;
    }
  /** Something else on our domain; `local` without its quotes. */
  | { readonly kind: 'name'; readonly domain: string; readonly local: string; readonly redacted: string }
  /** An address elsewhere. */
  | { readonly kind: 'foreign'; readonly domain: string; readonly local: string; readonly redacted: string };

/**
 * What the address in RCPT TO is.
 *
 * @param address what stood between `<` and `>`, quotes included
 * @throws AddressError (553 5.1.3)
 */
export function parseRecipient(address: string, options: AddressOptions): Recipient {
  const bad = forbiddenAt(address);
  if (bad >= 0) throw controlCharacter('address', bad);
  const { rawLocal, rawDomain } = split(withoutRoute(address), options);
  const domain = domainName(rawDomain, address.length - rawDomain.length);
  const local = unquoteLocal(rawLocal);
  if (local === '') throw emptyLocal(rawDomain);
  const ours = options.domains.find((each) => sameDomain(each.name, domain));
  if (ours === undefined) return other('foreign', domain, local);

  const country = ours.carrier ?? ours.country ?? options.country;
  const target = parseLocalPart(local, country === undefined ? options : { ...options, country });
  if (target === undefined) return other('name', ours.name, local);
  const redacted = printAddress(target.numbers, target.parameters, ours.name);
  return { kind: 'sms', domain: ours.name, numbers: target.numbers, parameters: target.parameters, redacted };
}

/** RFC 5321 appendix C: a source route is accepted and ignored. */
function withoutRoute(address: string): string {
  const colon = address.indexOf(':');
  if (!address.startsWith('@') || colon < 0) return address;
  const hops = address.slice(0, colon).split(',');
  return hops.every((hop) => /^@[^@\s"]+$/.test(hop)) ? address.slice(colon + 1) : address;
}

function split(address: string, options: AddressOptions): { rawLocal: string; rawDomain: string } {
  const { local, domain } = cutAddress(address);
  if (domain !== undefined) return { rawLocal: local, rawDomain: domain };
  const first = options.domains[0];
  // RFC 5321 4.5.1: postmaster without a domain is always understood.
  if (address.toLowerCase() === 'postmaster' && first !== undefined)
    return { rawLocal: address, rawDomain: first.name };
  throw new AddressError({
    part: 'domain',
    position: address.length,
    problem: 'is missing',
    hint: 'write the address as "sms:+15551234567"@domain',
  });
}

function emptyLocal(domain: string): AddressError {
  return new AddressError({
    part: 'local part',
    position: 0,
    problem: `before @${quoted(domain).slice(1, -1)} is empty, as left over by mail programs (msmtp) that cannot read quotes`,
    hint: 'write it without quotes and without sms:, as in +15551234567@domain',
  });
}

function other<K extends 'name' | 'foreign'>(
  kind: K,
  domain: string,
  local: string,
): { kind: K; domain: string; local: string; redacted: string } {
  return { kind, domain, local, redacted: redactAddress(`${quoteLocal(local)}@${domain}`) };
}
