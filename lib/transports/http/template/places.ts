import { type TemplateMessage, TemplateError } from './message.ts';
import { fillEach, fillText } from './evaluate.ts';
import type { Template } from './token.ts';
import { type Value, pairsOf } from './variables.ts';

/** How what a template gives is escaped, by the place it stands in. Nothing of a message can leave its place. */

/** All octets but unreserved ones (RFC 3986 2.3) as `%XX`; a space too. */
export function percentEncoded(value: Value): string {
  if (typeof value !== 'string') {
    let text = '';
    for (const octet of value) text += isUnreserved(octet) ? String.fromCharCode(octet) : escaped(octet);
    return text;
  }
  const whole = value.replace(/\p{Surrogate}/gu, '\ufffd');
  return encodeURIComponent(whole).replace(/[!'()*]/g, (each) => escaped(each.charCodeAt(0)));
}

/** A URL, or a part of one: literals stay, but for what no URL may hold; all else is escaped. */
export function fillUrl(template: Template, message: TemplateMessage): string {
  checkValues(template, message);
  return fillEach(template, message)
    .map(({ value, literal }) => {
      if (literal && typeof value === 'string') return fitForUrl(value);
      return percentEncoded(value);
    })
    .join('');
}

/** A field of a header (RFC 9110 5.5). Text beyond ASCII goes as UTF-8, which Node wants as Latin-1 characters. */
export function fillHeader(template: Template, message: TemplateMessage): string {
  const text = fillText(template, message);
  if (/[\0-\x08\x0a-\x1f\x7f]/.test(text))
    throw new TemplateError('a header field cannot hold a control character');
  return Buffer.from(text).toString('latin1');
}

/** Character data and attribute values of XML 1.0: markup escaped, characters that XML cannot hold left out. */
export function xmlEscaped(text: string): string {
  return text
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/gu, '')
    .replace(/[&<>"']/g, (each) => XML_ENTITIES[each] ?? each);
}

const XML_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * `value=` parameters add to the query, and never take the place of what is there: a message could name another account, or
 * another sender, that way.
 */
function checkValues(template: Template, { values }: TemplateMessage): void {
  const literal = template.map((piece) => (typeof piece === 'string' ? piece : (piece.value ?? ''))).join('');
  const names = [...literal.matchAll(/[?&]([^=&#%]+)=/g)].map(([, name = '']) => name.toLowerCase());
  const taken = new Set(names);
  if (!template.some((piece) => typeof piece !== 'string' && piece.name === 'value')) return;
  for (const { name: given } of values.flatMap(pairsOf)) {
    const name = given.toLowerCase();
    if (taken.has(name)) throw new TemplateError(`value= may not set ${name} again`);
    taken.add(name);
  }
}

function fitForUrl(literal: string): string {
  return literal.replace(/[^!#-;=?-Z[\]_a-z~%]+/gu, (each) => percentEncoded(each));
}

function isUnreserved(octet: number): boolean {
  return /[A-Za-z0-9._~-]/.test(String.fromCharCode(octet)) && octet < 0x80;
}

function escaped(octet: number): string {
  return `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
}
