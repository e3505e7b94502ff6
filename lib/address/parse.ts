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
import { domainToASCII } from 'node:url';
import { AddressError, forbiddenAt, quoted } from './errors.ts';
import { decode, slice, type Span } from './escapes.ts';
import { isDigit, looksLikeNumber, normaliseNumber } from './number.ts';
import { parseParameters, type Parameters } from './parameters.ts';
import { printAddress } from './print.ts';
import { controlCharacter, quoteLocal, redactAddress, unquoteLocal } from './quoting.ts';

/** A domain whose mail is ours. */
export interface Domain {
  readonly name: string;
  /** Where its national numbers belong, ISO 3166; default: that of AddressOptions. */
  readonly country?: string;
  /** For a closed carrier domain (vtext.com): the carrier's country. */
  readonly carrier?: string;
}

export interface LocalPartOptions {
  /** The country national numbers belong to, ISO 3166. */
  readonly country?: string;
  /** What may stand after `sms` instead of the colon; default `.+=`. */
  readonly separators?: string;
  /** Read the last `%` or `/` of a user name as the at sign; default no. */
  readonly userAt?: boolean;
  /** The most numbers one address may hold; default 100. */
  readonly maxNumbers?: number;
}

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

/** Numbers and parameters of a local part. */
export interface SmsTarget {
  readonly numbers: string[];
  readonly parameters: Parameters;
}

const SEPARATORS = '.+=';
const MAX_NUMBERS = 100;

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

/**
 * Numbers and parameters of a local part without its quotes, also of `sms:+15551234567?user=john` as it stands
 * without a domain in lists and forwards. Undefined where it is no sms address: a name without `sms:`.
 *
 * @throws AddressError
 */
export function parseLocalPart(local: string, options: LocalPartOptions = {}): SmsTarget | undefined {
  const bad = forbiddenAt(local);
  if (bad >= 0) throw controlCharacter('local part', bad);
  const separators = options.separators ?? SEPARATORS;
  const prefix = prefixOf(local, separators);
  const { head, query, style } = cut(local, prefix, separators);
  if (prefix.kind === 'none' && !isNumberHead(head.text)) return undefined;
  const numbers = numbersOf(withoutQualifiers(head), options);
  return { numbers, parameters: parseParameters(query, { userAt: options.userAt === true, style }) };
}

/** RFC 5321 appendix C: a source route is accepted and ignored. */
function withoutRoute(address: string): string {
  const colon = address.indexOf(':');
  if (!address.startsWith('@') || colon < 0) return address;
  const hops = address.slice(0, colon).split(',');
  return hops.every((hop) => /^@[^@\s"]+$/.test(hop)) ? address.slice(colon + 1) : address;
}

function split(address: string, options: AddressOptions): { rawLocal: string; rawDomain: string } {
  const at = address.lastIndexOf('@');
  if (at >= 0) return { rawLocal: address.slice(0, at), rawDomain: address.slice(at + 1) };
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

/** RFC 1035 2.3.4. */
const LONGEST_DOMAIN = 255;

/** The domain in lower case, without a trailing dot. */
function domainName(raw: string, position: number): string {
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
  if (!literal && !/^[a-z0-9_\-.\u0080-\u{10ffff}]+$/u.test(domain))
    throw refuse(`${quoted(raw)} is not a domain`);
  return domain;
}

/** Internationalised names are compared in their ASCII form (RFC 5891). */
function sameDomain(ours: string, given: string): boolean {
  return asciiDomain(ours) === asciiDomain(given);
}

function asciiDomain(domain: string): string {
  const plain = domain.toLowerCase().replace(/\.$/, '');
  return /^[\x21-\x7e]*$/.test(plain) ? plain : domainToASCII(plain) || plain;
}

function other<K extends 'name' | 'foreign'>(
  kind: K,
  domain: string,
  local: string,
): { kind: K; domain: string; local: string; redacted: string } {
  return { kind, domain, local, redacted: redactAddress(`${quoteLocal(local)}@${domain}`) };
}

interface Prefix {
  readonly kind: 'colon' | 'separator' | 'none';
  readonly length: number;
}

function prefixOf(local: string, separators: string): Prefix {
  const colon = /^sms(?::|%3a)(?:\/\/)?/i.exec(local);
  if (colon !== null) return { kind: 'colon', length: colon[0].length };
  // RFC 3191 3: the whole may stand between slashes, as X.400 gateways leave it.
  const selector = /^\/?sms=(?=\+)/i.exec(local);
  if (selector !== null) return { kind: 'separator', length: selector[0].length };
  const separator = local.charAt(3);
  if (/^sms[^a-z0-9]/i.test(local) && separators.includes(separator) && beginsNumber(local.slice(4, 44))) {
    return { kind: 'separator', length: plusIsPartOfNumber(local) ? 3 : 4 };
  }
  return { kind: 'none', length: 0 };
}

function beginsNumber(text: string): boolean {
  const first = /^[\s(]*(?:\+|%2b)?(.)/iu.exec(text)?.[1];
  return first !== undefined && isDigit(first);
}

/** `sms+15551234567` is +15551234567; but no country code begins with 0, and a short code has no plus. */
function plusIsPartOfNumber(local: string): boolean {
  return /^sms\+[1-9](?:[-. ]?\d){6}/i.test(local);
}

interface Cut {
  readonly head: Span;
  readonly query: Span;
  readonly style: '&' | 'equals';
}

/** Number part and parameter part; what stands before the parameters is decoded. */
function cut(local: string, prefix: Prefix, separators: string): Cut {
  const origin = (index: number): number => prefix.length + index;
  let rest: Span = { text: local.slice(prefix.length), origin };
  let end = rest.text.indexOf('?');
  if (prefix.kind === 'separator') {
    const other = separatorBeforeName(rest.text, `${separators}=`);
    if (other >= 0 && (end < 0 || other < end)) {
      return {
        head: decodeHead(slice(rest, 0, other)),
        query: slice(rest, other + 1),
        style: rest.text.charAt(other) === '=' ? 'equals' : '&',
      };
    }
  }
  // An escaped question mark: the whole was escaped once, so it is decoded once before it is read.
  if (end < 0 && /%3f/i.test(rest.text)) {
    rest = decodeHead(rest);
    end = rest.text.indexOf('?');
    if (end >= 0) return { head: slice(rest, 0, end), query: slice(rest, end + 1), style: '&' };
  }
  if (end < 0) return { head: decodeHead(rest), query: slice(rest, rest.text.length), style: '&' };
  return { head: decodeHead(slice(rest, 0, end)), query: slice(rest, end + 1), style: '&' };
}

function decodeHead(span: Span): Span {
  return decode(span, { odd: 'keep', part: 'local part' });
}

/** Where a separator is followed by a letter: there the parameters begin in `sms=15551234567=maxmsgs=3`. */
function separatorBeforeName(text: string, separators: string): number {
  for (let index = 0; index + 1 < text.length; index++) {
    // Not within `/TYPE=PLMN`.
    if (/^\/[a-z]/i.test(text.slice(index, index + 2))) {
      const equals = text.indexOf('=', index);
      if (equals < 0) return -1;
      index = equals + 1;
    }
    if (separators.includes(text.charAt(index)) && /[a-z]/i.test(text.charAt(index + 1))) return index;
  }
  return -1;
}

/** Without `sms:` only what can be nothing else is a number; names may begin with digits. */
function isNumberHead(head: string): boolean {
  if (/^\s*[+\uff0b]/.test(head)) return true;
  const qualifier = /\/[a-z]/i.exec(head);
  const numbers = qualifier === null ? head : head.slice(0, qualifier.index);
  return looksLikeNumber(numbers.replaceAll(',', ' '));
}

/**
 * RFC 3191 2 and RFC 4356 2.1: `/TYPE=PLMN` and the like may follow the number. PLMN (a mobile network) is what we are;
 * anything else asks for something that is not done here.
 */
function withoutQualifiers(head: Span): Span {
  const start = head.text.search(/\/(?:[a-z]|$)/i);
  if (start < 0) return head;
  let position = start;
  for (const qualifier of head.text.slice(start + 1).split('/')) {
    position += 1;
    if (qualifier !== '' && qualifier.toUpperCase() !== 'TYPE=PLMN') {
      throw new AddressError({
        part: `qualifier ${quoted(qualifier.replace(/=.*/s, ''))}`,
        position: head.origin(position),
        problem: `at position ${head.origin(position)} is not understood`,
        hint: 'the only one is /TYPE=PLMN, and parameters follow the number after a ?',
      });
    }
    position += qualifier.length;
  }
  return slice(head, 0, start);
}

/** RFC 5724 2.2: numbers separated by commas. One that is given twice counts once. */
function numbersOf(head: Span, options: LocalPartOptions): string[] {
  const numbers = new Set<string>();
  const most = options.maxNumbers ?? MAX_NUMBERS;
  let start = 0;
  let nth = 0;
  for (const raw of head.text.split(',')) {
    nth += 1;
    if (nth > most) {
      throw new AddressError({
        part: 'address',
        position: head.origin(start),
        problem: `has more than ${most} numbers`,
        hint: 'send to them in several recipients',
      });
    }
    const { origin } = slice(head, start);
    numbers.add(normaliseNumber(raw, options.country, origin));
    start += raw.length + 1;
  }
  return [...numbers];
}
