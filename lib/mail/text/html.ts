import type { FormatCallback, HtmlToTextOptions } from 'html-to-text';
import { type Node, quote } from './html-quote.ts';
import { linkAddress } from './links.ts';
import { NEWSLETTER } from './notices.ts';

/**
 * HTML to what a phone shows: text, lines, list marks and the addresses of links, without pictures, styles,
 * hidden elements and tracking. By html-to-text; a page too deep for it only has its tags taken out.
 */

/** Characters of HTML converted, styles and scripts not counted. Mail readers themselves clip at about 100,000. */
const MAX_HTML = 256 * 1024;
/** Elements open at once. Browsers stop at 512; html-to-text recurses and its parser is quadratic in the depth. */
const MAX_DEPTH = 400;

let converter: Promise<(html: string) => string> | undefined;

/** The text of an HTML page or fragment; not yet normalised. Never throws. */
export async function htmlToText(html: string): Promise<string> {
  const page = HIDDEN.reduce((rest, [open, close]) => without(rest, open, close), html).slice(0, MAX_HTML);
  if (depthExceeds(page, MAX_DEPTH)) return withoutTags(page);
  converter ??= load();
  const convert = await converter;
  const textOf = (shown: string): string =>
    withChosenLinks(convert(shown.replace(STYLED, mark).replace(LAST_BREAK, '$1')));
  const classes = hiddenClasses(html);
  const text =
    classes.size === 0
      ? ''
      : textOf(page.replace(CLASSED, (tag, value: string) => markClass(tag, value, classes)));
  if (text.trim() !== '') return text;
  const whole = textOf(page);
  return whole.trim() === '' ? pictureWords(page) : whole;
}

/** What a mail of nothing but pictures says in their place: sentences, not `logo`. */
function pictureWords(page: string): string {
  const words = [...page.matchAll(/\salt\s?=\s?"([^"<>]{8,300})"/gi)].map(([, alt = '']) => unescaped(alt));
  return words.filter((alt) => /\S\s+\S+\s+\S/.test(alt)).join('\n');
}

const STYLED = /<(\w+)\b[^<>]*?\sstyle\s?=\s?(?:"([^"<>]*)"|'([^'<>]*)')/gi;

/** The tag of a hidden element, or of one whose line ends show, so marked that it can be told by that. */
function mark(tag: string, name: string, double?: string, single?: string): string {
  const style = (double ?? single ?? '').toLowerCase().replace(/\s+/g, '');
  if (hides(style) || (/^(?:span|font)$/i.test(name) && NO_SIZE.test(style))) return `${tag} hidden`;
  return /^(?:div|p)$/i.test(name) && KEEPS_LINES.test(style) ? `${tag} data-lines` : tag;
}

const KEEPS_LINES = /(?:^|;)white-space:(?:pre|break-spaces)/;

/** Whether declarations (in lower case, without spaces) hide an element. In time linear to them: a mail may have thousands. */
function hides(style: string): boolean {
  const found = new Set<Clue>();
  for (const declaration of style.split(';')) {
    const clue = CLUES.find(([pattern]) => pattern.test(declaration))?.[1];
    if (clue !== undefined) found.add(clue);
  }
  return (
    found.has('hidden') ||
    (found.has('no extent') && found.has('cut off')) ||
    (found.has('tiny words') && found.has('tiny lines'))
  );
}

type Clue = 'hidden' | 'no extent' | 'cut off' | 'tiny words' | 'tiny lines';
const CLUES: readonly (readonly [RegExp, Clue])[] = [
  [/^(?:display:none|visibility:hidden|mso-hide:all)/, 'hidden'],
  [/^(?:max-height:0(?:px)?|opacity:0)(?:!|$)/, 'hidden'],
  [/^(?:height|width):0(?:px)?(?:!|$)/, 'no extent'],
  [/^overflow:hidden/, 'cut off'],
  [/^font-size:1px/, 'tiny words'],
  [/^line-height:1px/, 'tiny lines'],
];

/** A size of zero hides words, and not the elements within that have one of their own: layouts by MJML have it at each cell. */
const NO_SIZE = /(?:^|;)font-size:0(?:px|pt|em)?(?:[;!]|$)/;

const CLASSED = /<\w+\b[^<>]*?\sclass\s?=\s?["']?([^"'<>]*)/gi;
const MAX_CLASSES = 100;

/** The tag of an element that the page's own style hides. */
function markClass(tag: string, value: string, classes: ReadonlySet<string>): string {
  if (!value.split(/\s+/).some((name) => classes.has(name))) return tag;
  return tag.replace(/^<\w+/, '$& hidden');
}

/**
 * Classes that the page's styles hide wherever they stand: `.preheader { display: none }`. What is only hidden on some screens
 * (`@media`) is not looked at.
 */
function hiddenClasses(html: string): ReadonlySet<string> {
  const classes = new Set<string>();
  if (!/<style\b/i.test(html)) return classes;
  for (const style of html
    .slice(0, MAX_HTML)
    .split(/<style\b[^>]{0,200}>/i)
    .slice(1)) {
    let depth = 0;
    const css = style.slice(0, style.search(/<\/style/i)).replace(/\/\*[^*]*\*\//g, '');
    for (const rule of css.split('}')) {
      const [declarations = '', selectors, ...around] = rule.split('{').reverse();
      const nested = depth + around.length > 0;
      if (selectors !== undefined) depth += 1 + around.length;
      depth = Math.max(0, depth - 1);
      if (selectors === undefined || nested || !hides(declarations.toLowerCase().replace(/\s+/g, '')))
        continue;
      for (const [, name = ''] of selectors.matchAll(
        /(?:^|,)\s{0,20}(?:\w{1,20})?\.([\w-]{1,80})\s{0,20}(?=,|$)/g,
      )) {
        if (classes.size < MAX_CLASSES) classes.add(name);
      }
    }
  }
  return classes;
}

/** What never shows: dropped before anything else, because there is often more of it than of text. */
const HIDDEN: readonly (readonly [RegExp, RegExp])[] = [
  [/<!--/g, /-->/g],
  [/<style\b/gi, /<\/style\s*>/gi],
  [/<script\b/gi, /<\/script\s*>/gi],
];

/** `html` without what stands from each `open` to the next `close`; one that is not closed takes the rest. */
function without(html: string, open: RegExp, close: RegExp): string {
  let out = '';
  let at = 0;
  for (;;) {
    open.lastIndex = at;
    const start = open.exec(html);
    if (start === null) return out + html.slice(at);
    out += html.slice(at, start.index);
    close.lastIndex = start.index;
    if (close.exec(html) === null) return out;
    at = close.lastIndex;
  }
}

/** A line break that ends a block shows nothing, unless it is all there is in it. */
const LAST_BREAK = /([^>\s]|<\/\w{1,10}>)\s*<br\s{0,4}\/?>\s*(?=<\/(?:td|th|div|p|li|h\d)>)/gi;

async function load(): Promise<(html: string) => string> {
  const { compile } = await import('html-to-text');
  return compile(options);
}

const link: FormatCallback = (element, walk, builder) => {
  const attributes = element.attribs as Record<string, string | undefined>;
  let text = '';
  builder.pushWordTransform((word) => {
    text += text === '' ? word : ` ${word}`;
    return word;
  });
  walk(element.children, builder);
  builder.popWordTransform();
  const address = linkAddress(attributes['href'] ?? '', text);
  if (address !== undefined) {
    builder.addInline(` (${LINK_BEGIN}${address}${LINK_END})`, { noWordTransform: true });
  }
};

/** Controls around an address that was put behind its words: no page shows any. */
const LINK_BEGIN = '\x01';
const LINK_END = '\x02';
const LINKED = / \(\x01([^\x02]*)\x02\)/g;

/** So many addresses are nothing for a phone; in a newsletter fewer are. */
const MANY_LINKS = 8;
const NEWSLETTER_LINKS = 4;

/** `text` with the addresses of its links, or without them where it is a newsletter's. */
function withChosenLinks(text: string): string {
  if (!text.includes(LINK_BEGIN)) return text;
  const count = text.match(LINKED)?.length ?? 0;
  const isSoup = count >= MANY_LINKS || (count >= NEWSLETTER_LINKS && NEWSLETTER.test(text));
  return text.replace(LINKED, isSoup ? '' : ' ($1)');
}

/** Smileys are pictures in Gmail and Outlook. */
const picture: FormatCallback = (element, _walk, builder) => {
  const { alt = '' } = element.attribs as Record<string, string | undefined>;
  if (
    alt.length <= 20 &&
    /^[\p{Extended_Pictographic}\p{Emoji_Component}]+$/u.test(alt) &&
    !/^[\d#*]+$/.test(alt)
  ) {
    builder.addInline(alt);
  }
};

/** In a table of data an empty cell keeps its place, or those right of it would stand below the wrong heading. */
const cell: FormatCallback = (element, walk, builder) => {
  const node = element as Node;
  if (isBlank(node) && isData(node) && hasMore(node)) builder.addInline('-');
  else walk(element.children, builder);
  builder.addInline(' ');
};

function isBlank({ data = '', children = [] }: Node): boolean {
  return !/[^\s\xa0]/.test(data) && children.every(isBlank);
}

/** Layout is made of tables too, but without borders and headings. */
function isData(node: Node): boolean {
  const within = node.parent?.parent;
  const table = within?.name === 'table' ? within : within?.parent;
  if (Number(table?.attribs?.['border'] ?? 0) > 0) return true;
  const head = table?.children?.find(({ name }) => name === 'thead' || name === 'tbody' || name === 'tr');
  const row = head?.name === 'tr' ? head : head?.children?.find(({ name }) => name === 'tr');
  return row?.children?.find(({ name }) => name === 'th' || name === 'td')?.name === 'th';
}

/** Cells looked at for one that is not empty. */
const MAX_CELLS = 30;

function hasMore(node: Node): boolean {
  let next = node.next;
  for (let count = 0; next && count < MAX_CELLS; count++, next = next.next) {
    if (next.name !== undefined && !isBlank(next)) return true;
  }
  return false;
}

const block = (leading: number, trailing = leading): object => ({
  format: 'block',
  options: { leadingLineBreaks: leading, trailingLineBreaks: trailing },
});

const options: HtmlToTextOptions = {
  wordwrap: false,
  limits: { maxInputLength: MAX_HTML, maxDepth: MAX_DEPTH + 10 },
  formatters: { phoneLink: link, phoneCell: cell, phonePicture: picture, phoneQuote: quote },
  selectors: [
    { selector: 'a', format: 'phoneLink' },
    { selector: 'img', format: 'phonePicture' },
    { selector: 'head', format: 'skip' },
    { selector: 'title', format: 'skip' },
    { selector: 'style', format: 'skip' },
    { selector: 'script', format: 'skip' },
    { selector: 'noscript', format: 'skip' },
    { selector: 'select', format: 'skip' },
    { selector: 'textarea', format: 'skip' },
    { selector: 'dt', ...block(1) },
    { selector: 'dd', ...block(1) },
    { selector: 'hr', ...block(1) },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, ...block(2, 1) })),
    { selector: 'p', ...block(1, 2) },
    // Outlook makes each line a paragraph without margins, and an empty one where a gap is meant.
    { selector: 'p.MsoNormal', ...block(1) },
    { selector: 'p.MsoPlainText', ...block(1) },
    { selector: 'p[style*="margin:0"]', ...block(1) },
    { selector: 'p[style*="margin: 0"]', ...block(1) },
    { selector: 'table', ...block(1) },
    { selector: 'tr', ...block(1) },
    { selector: 'td', format: 'phoneCell' },
    { selector: 'th', format: 'phoneCell' },
    {
      selector: 'ul',
      format: 'unorderedList',
      options: { itemPrefix: '- ', leadingLineBreaks: 1, trailingLineBreaks: 1 },
    },
    { selector: 'ol', format: 'orderedList', options: { leadingLineBreaks: 1, trailingLineBreaks: 1 } },
    {
      selector: 'blockquote',
      format: 'phoneQuote',
    },
    // Struck out, it is still to be told from what holds.
    ...['s', 'del', 'strike'].map((selector) => ({
      selector,
      format: 'inlineSurround',
      options: { prefix: '~', suffix: '~' },
    })),
    { selector: '[hidden]', format: 'skip' },
    {
      selector: '[data-lines]',
      format: 'pre',
      options: { leadingLineBreaks: 1, trailingLineBreaks: 1 },
    },
  ],
};

const VOID = new Set([
  'area',
  'base',
  'br',
  'col',
  'embed',
  'hr',
  'img',
  'input',
  'link',
  'meta',
  'source',
  'track',
  'wbr',
  'p',
  'li',
  'td',
  'tr',
  'th',
  'option',
  'dt',
  'dd',
]);

/** A rough upper bound: elements opened and not closed so far, those that close by themselves left out. */
function depthExceeds(html: string, limit: number): boolean {
  let depth = 0;
  for (const tag of html.matchAll(/<(\/?)([a-zA-Z][\w:-]{0,40})/g)) {
    if (VOID.has((tag[2] ?? '').toLowerCase())) continue;
    depth += tag[1] === '/' ? -1 : 1;
    if (depth < 0) depth = 0;
    if (depth > limit) return true;
  }
  return false;
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

/** Text between tags, for pages nobody made by hand. Linear: an open `<` without its end takes the rest. */
function withoutTags(html: string): string {
  let out = '';
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    if (open === -1) {
      out += html.slice(at);
      break;
    }
    out += html.slice(at, open);
    const close = html.indexOf('>', open);
    if (close === -1) break;
    if (/^<(?:\/?(?:div|p|tr|table|li|ul)|br)\b/i.test(html.slice(open, open + 8))) out += '\n';
    at = close + 1;
  }
  return unescaped(out);
}

function unescaped(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|apos|nbsp);/g, (_, name: string) => ENTITIES[name] ?? '');
}
