import iconv from 'iconv-lite';
import { toHex } from '../../../sms/hex.ts';
import { encodeUcs2 } from '../../../sms/ucs2.ts';
import { type TemplateMessage, TemplateError } from './message.ts';
import type { Condition, Template, Token } from './token.ts';
import { type Value, valueOf } from './variables.ts';

/**
 * Filling a template. The attributes of a token have one meaning in whatever order they are written: conditions first, then
 * the value, its prefix, its octets, the length octet in front of them, and last how they are shown. `len` always counts and
 * prefixes the octets themselves, so `;hex;len` is `;len;hex`. How the result is escaped is for the place it stands in.
 */
export function fillEach(
  template: Template,
  message: TemplateMessage,
): { readonly value: Value; readonly literal: boolean }[] {
  return template.flatMap((piece) => {
    if (typeof piece === 'string') return [{ value: piece, literal: true }];
    if (!piece.conditions.every((condition) => holds(condition, message))) return [];
    // What `value=` parameters add has been escaped pair by pair.
    const filled = { value: fillToken(piece, message), literal: piece.name === 'value' };
    return piece.value === undefined ? [filled] : [filled, { value: piece.value, literal: true }];
  });
}

/** The template as text. Throws TemplateError where a token gives octets that are not UTF-8. */
export function fillText(template: Template, message: TemplateMessage): string {
  const [only] = template;
  if (template.length === 1 && typeof only === 'string') return only;
  return fillEach(template, message)
    .map(({ value }) => (typeof value === 'string' ? value : textOf(value)))
    .join('');
}

/** The template as text where all of it is text, otherwise as octets. */
export function fillValue(template: Template, message: TemplateMessage): Value {
  const values = fillEach(template, message).map(({ value }) => value);
  if (values.every((value) => typeof value === 'string')) return values.join('');
  return Buffer.concat(values.map((value) => (typeof value === 'string' ? Buffer.from(value) : value)));
}

function holds(condition: Condition, { content, unicode, messageClass }: TemplateMessage): boolean {
  switch (condition) {
    case 'isascii':
      return !unicode;
    case 'isunicode':
      return unicode;
    case 'isbinary':
      return 'data' in content;
    case 'istext':
      return 'text' in content;
    case 'isflash':
      return messageClass === 0;
  }
}

function fillToken(token: Token, message: TemplateMessage): Value {
  const given = valueOf(token.name, message);
  const value = typeof given === 'string' ? withPrefix(given, token.interprefix) : given;
  const { show, len, unicode, charset } = token;
  const isText = typeof value === 'string';
  if (isText && show === undefined && !len && !unicode && charset === undefined) return value;
  const octets = withLength(isText ? octetsOf(value, token) : value, token);
  switch (show ?? (isText ? (unicode ? 'hex' : 'raw') : 'b64')) {
    case 'raw':
      return octets;
    case 'b64':
      return Buffer.from(octets).toString('base64');
    case 'hex':
      return toHex(octets);
  }
}

function withPrefix(text: string, prefix: string | undefined): string {
  return prefix !== undefined && text.startsWith('+') ? prefix + text.slice(1) : text;
}

function octetsOf(text: string, { unicode, charset }: Token): Uint8Array {
  if (unicode) return encodeUcs2(text);
  return charset === undefined ? Buffer.from(text) : iconv.encode(text, charset);
}

function withLength(octets: Uint8Array, { len, source }: Token): Uint8Array {
  if (!len || octets.length === 0) return octets;
  if (octets.length > 255)
    throw new TemplateError(`${source} has ${octets.length} octets, more than a length octet can count`);
  return Buffer.concat([Uint8Array.of(octets.length), octets]);
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(octets: Uint8Array): string {
  try {
    return UTF8.decode(octets);
  } catch {
    throw new TemplateError('octets that are no text can only stand in a URL or a form');
  }
}
