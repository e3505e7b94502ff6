import { decodeCharset } from './charset.ts';

/** A field with parameters (RFC 2045 5.1, RFC 2183): value and parameter names are in lower case. */
export interface Parameters {
  readonly value: string;
  readonly params: Readonly<Record<string, string>>;
}

/** What stands in front of the first parameter, and the parameters where their semicolon is missing. */
const HEAD = /^([^\s,=]*(?:\s*\/\s*[^\s,=]+)?)(?:[\s,]+(\S[^]*))?$/;

/** A parameter that follows another without a semicolon: `charset=utf-8, format=flowed`. */
const NEXT = /[\s,]{1,10}(?=[a-z][\w*-]{0,30}\s{0,10}=)/i;

/** Longest name of a parameter. */
const MAX_NAME = 64;

/** A piece of a parameter that is continued or encoded, RFC 2231. */
interface Piece {
  readonly order: number;
  readonly encoded: boolean;
  readonly text: string;
}

/**
 * A Content-Type or Content-Disposition value taken apart, comments dropped, RFC 2231 continuations joined and
 * encoded values decoded. Of a parameter given twice the first counts. Blanks or commas in place of semicolons and
 * quotes that do not end are read as what was meant.
 */
export function parseParameters(value: string): Parameters {
  if (!/[;(=,]/.test(value)) return { value: value.trim().toLowerCase(), params: {} };
  const [head = '', ...pieces] = splitParameters(value);
  const match = HEAD.exec(head.trim());
  const [, name = '', rest] = match ?? [];
  const first = match === null ? head : (rest ?? '');
  const missing = first.includes('=');
  if (missing) pieces.unshift(first);
  const plain = new Map<string, string>();
  const pieced = new Map<string, Piece[]>();
  for (const piece of pieces) readParameters(piece, plain, pieced);
  for (const [key, list] of pieced) plain.set(key, joinContinuations(list));
  const type = !missing ? head.trim() : match === null ? '' : name;
  return { value: type.toLowerCase(), params: Object.fromEntries(plain) };
}

/** What stands between two semicolons: one parameter, or several where semicolons are missing. */
function readParameters(text: string, plain: Map<string, string>, pieced: Map<string, Piece[]>): void {
  for (let rest = text; rest !== '';) {
    const equals = rest.indexOf('=');
    if (equals === -1) return;
    const before = rest.slice(Math.max(0, equals - MAX_NAME), equals).trimEnd();
    const name = /[^\s,]*$/.exec(before)?.[0].toLowerCase() ?? '';
    const [value, after] = takeValue(rest.slice(equals + 1).trimStart());
    rest = after;
    const parts = /^([^*]+)\*(?:(\d{1,3})(\*?))?$/.exec(name);
    if (parts === null) {
      if (name !== '' && !plain.has(name)) plain.set(name, value);
    } else {
      const list = pieced.get(parts[1] ?? '') ?? [];
      list.push({
        order: Number(parts[2] ?? 0),
        encoded: parts[2] === undefined || parts[3] === '*',
        text: value,
      });
      pieced.set(parts[1] ?? '', list);
    }
  }
}

/** The value that `text` begins with, and what follows it. */
function takeValue(text: string): [value: string, rest: string] {
  if (text.startsWith('"')) {
    let at = 1;
    while (at < text.length && text.charAt(at) !== '"') at += text.charAt(at) === '\\' ? 2 : 1;
    return [text.slice(1, at).replace(/\\(.)/g, '$1'), text.slice(at + 1)];
  }
  const next = NEXT.exec(text);
  return next === null
    ? [withoutTail(text), '']
    : [withoutTail(text.slice(0, next.index)), text.slice(next.index + next[0].length)];
}

/** `text` without the blanks and commas at its end. */
function withoutTail(text: string): string {
  let end = text.length;
  while (end > 0 && (text.charAt(end - 1) === ',' || text.charAt(end - 1).trim() === '')) end--;
  return text.slice(0, end);
}

/** `value` cut at its semicolons outside of quoted strings, comments (RFC 5322 3.2.2) left out. */
function splitParameters(value: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  let depth = 0;
  let quote = -1;
  for (let at = 0; at < value.length; at++) {
    const character = value.charAt(at);
    if (character === '\\' && (quote !== -1 || depth > 0)) {
      if (depth === 0) piece += character + value.charAt(at + 1);
      at += 1;
    } else if (quote !== -1) {
      piece += character;
      if (character === '"') quote = -1;
    } else if (character === '(') {
      depth += 1;
    } else if (depth > 0) {
      if (character === ')') depth -= 1;
    } else if (character === ';') {
      pieces.push(piece);
      piece = '';
    } else {
      piece += character;
      if (character === '"') quote = at;
    }
  }
  pieces.push(piece);
  // A quote that does not end ends with its parameter.
  if (quote !== -1 && value.includes(';', quote)) {
    return splitParameters(value.slice(0, quote) + value.slice(quote + 1).replaceAll('"', ''));
  }
  return pieces;
}

/** RFC 2231 sections 3 and 4: numbered pieces in order, `charset'language'` in front of the first. */
function joinContinuations(list: Piece[]): string {
  const octets: Buffer[] = [];
  let charset: string | undefined;
  list.sort((one, other) => one.order - other.order);
  for (const [index, piece] of list.entries()) {
    let text = piece.text;
    if (piece.encoded && index === 0) {
      const tagged = /^([^']*)'[^']*'/.exec(text);
      if (tagged !== null) {
        charset = tagged[1] === '' ? undefined : tagged[1];
        text = text.slice(tagged[0].length);
      }
    }
    octets.push(
      piece.encoded
        ? Buffer.from(
            text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
            'latin1',
          )
        : Buffer.from(text, 'utf8'),
    );
  }
  return decodeCharset(Buffer.concat(octets), charset);
}
