/** From the text of a query to pairs of name and value, decoded, each with where it stood. */
import { decode, escapeLength, slice, type Span } from './escapes.ts';

/** One name and value, decoded. `value` is undefined where there was a name only (`?flash`). */
export interface Pair {
  readonly name: string;
  readonly value: string | undefined;
  /** Where the name stands, for errors; default: the place of the pair in its list. */
  readonly position?: number;
  /** Where each character of the value stands; default: where the name does. */
  readonly valuePosition?: (index: number) => number;
}

/**
 * `name=value` pairs between `&`. In the spelling `sms=15551234567=maxmsgs=3=flash=1`, `equals` says that names and
 * values alternate, with `=` as well as `&` between them.
 *
 * @throws AddressError where an escape is not UTF-8
 */
export function* pairsOf(query: Span, userAt: boolean, style: '&' | 'equals' = '&'): Generator<Pair> {
  const { text } = query;
  let start = 0;
  while (start < text.length) {
    const equals = firstOf(text, '=&', start);
    const named = text.charAt(equals) === '=';
    const end = named ? firstOf(text, style === 'equals' ? '=&' : '&', equals + 1) : equals;
    if (end > start) yield pairOf(slice(query, start, end), named ? equals - start : -1, userAt);
    start = end + 1;
  }
}

function pairOf(span: Span, equals: number, userAt: boolean): Pair {
  const position = span.origin(0);
  const name = decode(equals < 0 ? span : slice(span, 0, equals), { odd: 'keep', part: 'parameter' }).text;
  if (equals < 0) return { name, value: undefined, position };
  const raw = slice(span, equals + 1);
  const value =
    userAt && name.toLowerCase() === 'user'
      ? userName(raw)
      : decode(raw, { odd: 'refuse', part: partOf(name) });
  return { name, value: value.text, position, valuePosition: value.origin };
}

/** What errors call it; a name that is no name (`pass:secret`) is not repeated. */
function partOf(name: string): string {
  return /^[a-z]{1,20}$/i.test(name) ? `parameter ${name}` : 'parameter';
}

/**
 * A user name in which the last `%` or `/` may stand for the at sign (`john%icewarp.com`), which mail programs do not
 * let through. An escaped one (`%25`, `%2F`) is meant as what it is, and a name that has an at sign keeps it.
 */
function userName(raw: Span): Span {
  const whole = decode(raw, { odd: 'userName', part: 'parameter user' });
  if (whole.text.includes('@')) return whole;
  const at = lastBare(raw.text);
  if (at < 0) return whole;
  const before = decode(slice(raw, 0, at), { odd: 'userName', part: 'parameter user' });
  const after = decode(slice(raw, at + 1), { odd: 'userName', part: 'parameter user' });
  const length = before.text.length;
  return {
    text: `${before.text}@${after.text}`,
    origin: (index) =>
      index < length
        ? before.origin(index)
        : index === length
          ? raw.origin(at)
          : after.origin(index - length - 1),
  };
}

/** The index of the last `/` or `%` that is no part of an escape; -1 where there is none. */
function lastBare(text: string): number {
  let last = -1;
  let index = 0;
  while (index < text.length) {
    const escape = escapeLength(text, index, true);
    if (escape === 0 && '/%'.includes(text.charAt(index))) last = index;
    index += escape || 1;
  }
  return last;
}

/** The index of the first of `characters` from `start` on; the end of the text where there is none. */
function firstOf(text: string, characters: string, start: number): number {
  let index = start;
  while (index < text.length && !characters.includes(text.charAt(index))) index += 1;
  return index;
}
