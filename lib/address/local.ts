/** The local part: prefix, numbers and parameters, in all their spellings. */
import { isDigit, looksLikeNumber } from './digits.ts';
import { AddressError, controlCharacter, forbiddenAt, quoted } from './errors.ts';
import { decode, slice, type Span } from './escapes.ts';
import { normaliseNumber } from './number.ts';
import { parseParameters, type Parameters } from './parameters.ts';
import { type AddressSettings, SEPARATORS } from './settings.ts';

/** What is absent is as in an empty section `addresses`. */
export interface LocalPartOptions extends Partial<AddressSettings> {
  /** The country national numbers belong to, ISO 3166. */
  readonly country?: string;
  /** The most numbers one address may hold; default 100. */
  readonly maxNumbers?: number;
}

/** Numbers and parameters of a local part. */
export interface SmsTarget {
  readonly numbers: string[];
  readonly parameters: Parameters;
}

const MAX_NUMBERS = 100;

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

interface Prefix {
  readonly kind: 'colon' | 'separator' | 'none';
  readonly length: number;
}

function prefixOf(local: string, separators: string): Prefix {
  const colon = /^sms(?::|%3a)/i.exec(local);
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
    const mark = end < 0 ? rest.text.search(/%3f/i) : end;
    if (other >= 0 && (mark < 0 || other < mark)) {
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
  const qualifier = /\/type=/i.exec(head);
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
