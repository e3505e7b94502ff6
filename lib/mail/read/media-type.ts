import type { Field } from './headers.ts';
import { type Parameters, parseParameters } from './parameters.ts';

/** The type of a part that names none, RFC 2045 5.2. */
export const NO_TYPE: Parameters = { value: 'text/plain', params: {} };

/** `type/subtype` wherever it stands in the value: brackets, quotes or a second slash are passed over. */
const TYPE = /([a-z0-9][\w.+-]{0,126})\s{0,10}[/\\]\s{0,10}([a-z0-9*][\w.+*-]{0,126})/;

/** What plainly says that it is a page, in whatever order. */
const PAGE =
  /^(?:html?\b|x?html?\/|text[ -]?x?html?\b|(?:text|application)\/x?html?(?!\w)(?!-))|^application\/xhtml\+xml$/;

/** Words that stand for what is no text. */
const NO_TEXT = /^(?:application|audio|font|image|model|video|binary|octet-stream|pdf|jpe?g|png|gif|zip|x)\b/;

/**
 * The types that a header gives, in the order of its fields, those that say nothing left out; NO_TYPE alone where it
 * gives none. What cannot be read is text/plain (RFC 2045 5.2), and what plainly says html is html.
 */
export function contentTypes(fields: readonly Field[]): readonly [Parameters, ...Parameters[]] {
  const [first, ...more] = fields
    .filter(({ name, value }) => name === 'content-type' && value !== '')
    .map(({ value }) => readType(value));
  return first === undefined ? [NO_TYPE] : [first, ...more];
}

function readType(value: string): Parameters {
  const { value: said, params } = parseParameters(value);
  return { value: typeName(said, params['boundary'] !== undefined), params };
}

/** What a type is meant to be, from how it is written (in lower case). */
function typeName(said: string, hasBoundary: boolean): string {
  if (said === 'text/plain' || said === 'text/html') return said;
  const [, type = '', subtype = ''] = TYPE.exec(said) ?? [];
  const name = type === '' ? said.replace(/^[^a-z0-9]+/, '') : `${type}/${subtype}`;
  if (PAGE.test(name)) return 'text/html';
  if (/^multi-?part\b/.test(name)) return `multipart/${subtype === '' ? 'mixed' : subtype}`;
  if (type === '' && hasBoundary) {
    return `multipart/${/^(?:alternative|digest|related)\b/.exec(name)?.[0] ?? 'mixed'}`;
  }
  if (type !== '') return name === 'plain/text' || name === 'text/*' ? 'text/plain' : name;
  return NO_TEXT.test(name) ? 'application/octet-stream' : 'text/plain';
}
