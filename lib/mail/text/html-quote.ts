import type { FormatCallback } from 'html-to-text';
import { introducesMarked } from './introduction.ts';

/** Of an element what is looked at here. */
export interface Node {
  readonly name?: string;
  readonly data?: string;
  readonly attribs?: Readonly<Record<string, string | undefined>>;
  readonly children?: readonly Node[];
  readonly parent?: Node | null;
  readonly prev?: Node | null;
  readonly next?: Node | null;
}

/** Indented words are a quote where their element says so, is drawn as one, or stands below an introduction. */
export const quote: FormatCallback = (element, walk, builder) => {
  const node = element as Node;
  const isQuote = isMarkedQuote(node.attribs ?? {}) || introducesMarked(textBefore(node));
  builder.openBlock({ leadingLineBreaks: 1, ...(isQuote ? { reservedLineLength: 2 } : {}) });
  walk(element.children, builder);
  builder.closeBlock({
    trailingLineBreaks: 1,
    ...(isQuote ? { blockTransform: marked } : {}),
  });
};

/** Each line with the mark of a quote. */
function marked(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && text.charAt(from) === '\n') from++;
  while (to > from && text.charAt(to - 1) === '\n') to--;
  return `> ${text.slice(from, to).replaceAll('\n', '\n> ')}`;
}

/** `type="cite"`, classes such as gmail_quote, and the line that Outlook and Zimbra draw at its left. */
function isMarkedQuote({
  type,
  cite,
  class: classes = '',
  id = '',
  style = '',
}: Readonly<Record<string, string | undefined>>): boolean {
  if (type?.toLowerCase() === 'cite' || cite !== undefined) return true;
  if (/quot|cite|reply|original/i.test(`${classes} ${id}`)) return true;
  const line = /border-(?:left|inline-start)(?:-width|-style)?\s*:\s*([^;]{1,60})/i.exec(style)?.[1] ?? '';
  return line !== '' && !/\bnone\b|^0(?:px|pt)?(?:\s|$)/i.test(line.trim());
}

/** Elements between which a line ends. */
const LINE_ENDS = new Set([
  'br',
  'div',
  'p',
  'blockquote',
  'hr',
  'table',
  'ul',
  'ol',
  'li',
  'tr',
  'td',
  'body',
  'pre',
]);
const MAX_BEFORE = 500;
const MAX_SIBLINGS = 30;
const MAX_PARENTS = 4;

/** The line of text in front of an element. */
function textBefore(node: Node): string {
  let text = '';
  let within: Node | null | undefined = node;
  for (let level = 0; within && level < MAX_PARENTS; level++, within = within.parent) {
    let before = within.prev;
    for (let count = 0; before && count < MAX_SIBLINGS; count++, before = before.prev) {
      const ends = LINE_ENDS.has(before.name ?? '');
      if (ends && text.trim() !== '') return text;
      text = lastText(before, MAX_BEFORE) + text;
      if (text.length > MAX_BEFORE || (ends && text.trim() !== '')) return text;
    }
    if (text.trim() !== '') return text;
  }
  return text;
}

/** What an element says at its end, up to so many characters. */
function lastText({ data = '', children = [] }: Node, limit: number): string {
  let text = data.slice(-limit);
  for (let at = children.length - 1; at >= 0 && text.length < limit; at--) {
    const child = children[at];
    if (child === undefined) continue;
    text = (LINE_ENDS.has(child.name ?? '') && text.trim() !== '' ? '\n' : '') + text;
    text = lastText(child, limit - text.length) + text;
  }
  return text;
}
