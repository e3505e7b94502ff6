import { decodeCharset } from './charset.ts';

/**
 * The text of an RTF document (Microsoft's RTF 1.9.1): words, line ends, and characters in the code page of their
 * font or as `\uN`. No styles, pictures or fields' instructions. HTML that Exchange has wrapped in RTF (MS-OXRTFEX)
 * gives its text too, since the wrapping keeps the text outside of the groups that hold the tags.
 *
 * Time is linear to the document. Nothing here throws: unclosed groups end with the document.
 */

/** Characters of text made. */
const MAX_TEXT = 256 * 1024;
/** Groups open at once; deeper ones are read as if they were not groups. */
const MAX_DEPTH = 500;

/** Groups that show nothing. Those that begin with `\*` are left out as well. */
const HIDDEN = new Set([
  ...['colortbl', 'datastore', 'fldinst', 'footer', 'footerf', 'footerl', 'footerr', 'footnote', 'generator'],
  ...[
    'header',
    'headerf',
    'headerl',
    'headerr',
    'info',
    'listtable',
    'objdata',
    'pict',
    'rsidtbl',
    'stylesheet',
  ],
  ...['themedata', 'xmlnstbl', 'listoverridetable', 'latentstyles', 'bkmkstart', 'bkmkend', 'htmltag'],
]);

const WORDS: Readonly<Record<string, string>> = {
  par: '\n',
  line: '\n',
  sect: '\n',
  page: '\n',
  row: '\n',
  tab: '\t',
  cell: ' ',
  nestcell: ' ',
  nestrow: '\n',
  emdash: '\u2014',
  endash: '\u2013',
  emspace: ' ',
  enspace: ' ',
  bullet: '\u2022',
  lquote: '\u2018',
  rquote: '\u2019',
  ldblquote: '\u201c',
  rdblquote: '\u201d',
};

/** Code pages by `\fcharset`. */
const CHARSETS: Readonly<Record<string, string>> = {
  0: 'windows-1252',
  77: 'macintosh',
  128: 'cp932',
  129: 'cp949',
  134: 'cp936',
  136: 'cp950',
  161: 'windows-1253',
  162: 'windows-1254',
  163: 'windows-1258',
  177: 'windows-1255',
  178: 'windows-1256',
  186: 'windows-1257',
  204: 'windows-1251',
  222: 'windows-874',
  238: 'windows-1250',
};

/** What a group has of its own and gives back at its end. */
interface Group {
  readonly hidden: boolean;
  readonly fonts: boolean;
  readonly charset: string;
  readonly skip: number;
}

const TOKEN =
  /\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+|[^\\{}\r\n]+/y;

/** The text of `octets`; empty where they are no RTF document. */
export function rtfToText(octets: Buffer): string {
  const source = octets.toString('latin1');
  if (!source.startsWith('{\\rtf')) return '';
  const out: string[] = [];
  const stack: Group[] = [];
  const fontCharsets = new Map<number, string>();
  let group: Group = { hidden: false, fonts: false, charset: 'windows-1252', skip: 1 };
  let documentCharset = 'windows-1252';
  let font = 0;
  let pending: number[] = [];
  let toSkip = 0;
  let fresh = false;
  let length = 0;
  const flush = (): void => {
    if (pending.length === 0) return;
    const text = decodeCharset(Buffer.from(pending), group.charset);
    pending = [];
    out.push(text);
    length += text.length;
  };
  const put = (text: string): void => {
    if (group.hidden || group.fonts) return;
    flush();
    out.push(text);
    length += text.length;
  };
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(source); match !== null && length < MAX_TEXT; match = TOKEN.exec(source)) {
    const [whole, word, number, hex, symbol, brace] = match;
    const first = fresh;
    fresh = false;
    if (brace === '{') {
      flush();
      if (stack.length < MAX_DEPTH) stack.push(group);
      fresh = true;
    } else if (brace === '}') {
      flush();
      group = stack.pop() ?? group;
      toSkip = 0;
      if (stack.length === 0) break;
    } else if (word !== undefined) {
      const value = number === undefined ? undefined : Number(number);
      if (word === 'bin') TOKEN.lastIndex += Math.max(0, value ?? 0);
      else if (word === 'u' && value !== undefined) {
        put(String.fromCharCode(value & 0xffff));
        toSkip = group.skip;
        continue;
      } else if (word === 'uc') group = { ...group, skip: value ?? 1 };
      else if (word === 'ansicpg' && value !== undefined) {
        // Code page 0 and UTF-8 stand there in documents that write everything as \u.
        documentCharset = value === 65001 ? 'utf-8' : value === 0 ? documentCharset : `cp${value}`;
        group = { ...group, charset: documentCharset };
      } else if (word === 'fonttbl') group = { ...group, fonts: true };
      else if (word === 'f' && value !== undefined) {
        font = value;
        flush();
        if (!group.fonts) group = { ...group, charset: fontCharsets.get(font) ?? documentCharset };
      } else if (word === 'fcharset' && group.fonts) {
        // 0 is "ANSI": the document's own code page.
        const charset = value === 0 || value === 1 ? undefined : CHARSETS[String(value)];
        if (charset !== undefined) fontCharsets.set(font, charset);
      } else if (word === 'plain') {
        flush();
        if (!group.fonts) group = { ...group, charset: documentCharset };
      } else if (HIDDEN.has(word)) {
        if (first || word !== 'footnote') group = { ...group, hidden: true };
      } else {
        const text = WORDS[word];
        if (text !== undefined) put(text);
      }
      toSkip = 0;
    } else if (symbol === '*') {
      if (first) group = { ...group, hidden: true };
    } else if (symbol !== undefined) {
      if (symbol === '~') put('\u00a0');
      else if (symbol === '_') put('-');
      else if (symbol === '\n' || symbol === '\r') put('\n');
      else if (symbol === '\\' || symbol === '{' || symbol === '}') put(symbol);
    } else if (hex !== undefined) {
      if (toSkip > 0) toSkip -= 1;
      else if (!group.hidden && !group.fonts) pending.push(parseInt(hex, 16));
    } else if (!/^[\r\n]/.test(whole)) {
      const text = whole.slice(Math.min(toSkip, whole.length));
      toSkip = Math.max(0, toSkip - whole.length);
      if (!group.hidden && !group.fonts)
        for (let at = 0; at < text.length; at++) pending.push(text.charCodeAt(at));
    }
  }
  flush();
  return out.join('');
}
