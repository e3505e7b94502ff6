/**
 * XML as a tree of elements, for files that come from elsewhere.
 *
 * Refused: a document type (and with it every entity of its own), nesting, elements and text beyond what a file of rules
 * can need. Time and memory are linear in the file. Names are in lower case, since nothing here minds.
 */
import { SaxesParser } from 'saxes';

export interface XmlElement {
  readonly name: string;
  /** Attributes and the text of child elements without children: what either way of writing calls a field. */
  readonly fields: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

/** The file cannot be read: where, and why. */
export class BadXml extends Error {
  readonly line: number;
  readonly column: number;

  constructor(message: string, line: number, column: number) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

const LONGEST_FILE = 5 * 1024 * 1024;
const DEEPEST = 40;
const MOST_ELEMENTS = 200_000;
const MOST_ATTRIBUTES = 100;

interface Open {
  readonly name: string;
  readonly fields: Map<string, string>;
  readonly children: XmlElement[];
  text: string;
  readonly line: number;
}

/** Throws BadXml. */
export function readXml(source: string): XmlElement {
  if (source.length > LONGEST_FILE) throw new BadXml('the file is too large', 1, 1);
  const parser = new SaxesParser({ position: true });
  const open: Open[] = [];
  let root: XmlElement | undefined;
  let elements = 0;
  let attributes = 0;
  const refuse = (message: string): never => {
    throw new BadXml(message, parser.line, parser.column + 1);
  };
  parser.on('error', (error) =>
    refuse(error.message.replace(/^(?:[^:]*:)?\d+:\d+: /, '').replace(/\.$/, '')),
  );
  parser.on('doctype', () => refuse('a document type is not read'));
  parser.on('opentagstart', () => {
    elements += 1;
    attributes = 0;
    if (elements > MOST_ELEMENTS) refuse('the file has too many elements');
    if (open.length >= DEEPEST) refuse('the file is nested too deeply');
  });
  parser.on('attribute', () => {
    attributes += 1;
    if (attributes > MOST_ATTRIBUTES) refuse('an element has too many attributes');
  });
  parser.on('opentag', ({ name, attributes: given }) => {
    const fields = new Map(
      Object.entries(given as Record<string, string>).map(([key, value]) => [localName(key), value]),
    );
    open.push({ name: localName(name), fields, children: [], text: '', line: parser.line });
  });
  const add = (text: string): void => {
    const here = open.at(-1);
    if (here !== undefined) here.text += text;
  };
  parser.on('text', add);
  parser.on('cdata', add);
  parser.on('closetag', () => {
    const element = open.pop();
    if (element === undefined) return;
    const parent = open.at(-1);
    parent?.children.push(element);
    if (element.children.length === 0 && parent !== undefined && !parent.fields.has(element.name)) {
      parent.fields.set(element.name, element.text);
    }
    if (parent === undefined) root = element;
  });
  parser.write(source.replace(/^\ufeff/, '')).close();
  return root ?? refuse('the file is empty');
}

/** Without its prefix, in lower case. */
function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1).toLowerCase();
}

/** A text of an element or attribute, escaped. */
export function escapeXml(text: string): string {
  return (
    text
      // What XML 1.0 cannot hold at all (2.2).
      .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Cs}/gu, '\ufffd')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('\r', '&#13;')
  );
}
