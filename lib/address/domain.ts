/** The part after the @. */
import { domainToASCII } from 'node:url';
import { AddressError } from './errors.ts';

/** RFC 1035 2.3.4. */
const LONGEST_DOMAIN = 255;

/**
 * The domain in lower case, without a trailing dot. It is not quoted in errors: after `pass=a@b` without a domain it is
 * a part of the password.
 *
 * @throws AddressError
 */
export function domainName(raw: string, position: number): string {
  const refuse = (problem: string): AddressError =>
    new AddressError({
      part: 'domain',
      position,
      problem,
      hint: 'write the address as "sms:+15551234567"@domain',
    });
  if (raw === '') throw refuse('is empty');
  if (raw.length > LONGEST_DOMAIN) throw refuse(`has more than ${LONGEST_DOMAIN} characters`);
  const domain = raw.toLowerCase().replace(/\.$/, '');
  const literal = /^\[[0-9a-z.:]+\]$/.test(domain);
  if (!literal && !/^[a-z0-9_\-.\u0080-\u{10ffff}]+$/u.test(domain)) throw refuse('is not a domain name');
  return domain;
}

/** Internationalised names are compared in their ASCII form (RFC 5891). */
export function sameDomain(ours: string, given: string): boolean {
  return asciiDomain(ours) === asciiDomain(given);
}

function asciiDomain(domain: string): string {
  const plain = domain.toLowerCase().replace(/\.$/, '');
  return /^[\x21-\x7e]*$/.test(plain) ? plain : domainToASCII(plain) || plain;
}
