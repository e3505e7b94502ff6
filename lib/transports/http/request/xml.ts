import { SaxesParser } from 'saxes';
import { xmlEscaped } from '../template/places.ts';

/** A tree as XML: a field is an element, `@name` an attribute, `#text` the text itself, a list the same element again. */
export type XmlTree = string | readonly XmlTree[] | { readonly [name: string]: XmlTree };

/** Throws nothing: names were checked when the tree was read (`isXmlName`). */
export function writeXml(root: { readonly [name: string]: XmlTree }): string {
  const elements = Object.entries(root).map(([name, content]) => element(name, content));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${elements.join('')}`;
}

export function isXmlName(name: string): boolean {
  return /^(?:#text|@?[A-Za-z_][A-Za-z0-9_.:-]*)$/.test(name);
}

function element(name: string, content: XmlTree): string {
  if (Array.isArray(content))
    return (content as readonly XmlTree[]).map((each) => element(name, each)).join('');
  if (typeof content === 'string') return `<${name}>${xmlEscaped(content)}</${name}>`;
  const fields = Object.entries(content);
  const attributes = fields
    .filter(([key]) => key.startsWith('@'))
    .map(([key, value]) => ` ${key.slice(1)}="${xmlEscaped(typeof value === 'string' ? value : '')}"`);
  const inner = fields
    .filter(([key]) => !key.startsWith('@'))
    .map(([key, value]) =>
      key !== '#text' ? element(key, value) : typeof value === 'string' ? xmlEscaped(value) : '',
    );
  return `<${name}${attributes.join('')}>${inner.join('')}</${name}>`;
}

/** How deep an answer may be nested. */
const DEEPEST = 50;

/**
 * XML in the shape that paths look into: fields by element name without prefix, attributes as `@name`, an element that comes
 * again as a list, one that holds only text as that text. Undefined where it is no XML. Entities of a document type are not
 * expanded: saxes knows none but XML's own five.
 */
export function readXml(text: string): unknown {
  const root: Record<string, unknown> = {};
  const open: { fields: Record<string, unknown>; text: string }[] = [{ fields: root, text: '' }];
  const parser = new SaxesParser();
  let bad = false;
  parser.on('error', () => {
    bad = true;
  });
  parser.on('opentag', ({ attributes }) => {
    const fields: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(attributes)) add(fields, `@${localName(name)}`, value);
    if (open.length > DEEPEST) bad = true;
    else open.push({ fields, text: '' });
  });
  const take = (text: string): void => {
    const top = open.at(-1);
    if (top !== undefined) top.text += text;
  };
  parser.on('text', take);
  parser.on('cdata', take);
  parser.on('closetag', ({ name }) => {
    const closed = open.pop();
    const parent = open.at(-1);
    if (closed === undefined || parent === undefined) return;
    const isLeaf = Object.keys(closed.fields).length === 0;
    if (!isLeaf && closed.text.trim() !== '') closed.fields['#text'] = closed.text.trim();
    add(parent.fields, localName(name), isLeaf ? closed.text.trim() : closed.fields);
  });
  parser.write(text).close();
  return bad || Object.keys(root).length === 0 ? undefined : root;
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function add(fields: Record<string, unknown>, name: string, value: unknown): void {
  const before = Object.hasOwn(fields, name) ? fields[name] : undefined;
  const next =
    before === undefined
      ? value
      : Array.isArray(before)
        ? [...(before as unknown[]), value]
        : [before, value];
  // `__proto__` is a name like any other.
  Object.defineProperty(fields, name, { value: next, enumerable: true, configurable: true, writable: true });
}
