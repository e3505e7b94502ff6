import { isUtf8 } from 'node:buffer';
import { decodeCharset } from './charset.ts';
import type { Leaf } from './entity.ts';
import { enrichedToText } from './enriched.ts';
import { withoutYenc } from './files-in-text.ts';
import { unfoldFlowed } from './flowed.ts';
import { isSmime } from './smime.ts';
import { isTnef } from './tnef.ts';

/** Octets kept of a text part: a phone message holds under 40,000 characters, an HTML page has much around them. */
const KEPT_TEXT = 2 * 1024 * 1024;
/** Octets kept of an attached message, for where its text is all there is. */
const KEPT_MESSAGE = 256 * 1024;
/** Octets kept of what wraps a whole mail, files and all. */
const KEPT_WRAPPED = 8 * 1024 * 1024;

/** How many octets of a leaf are of use: none of what is no text and holds none. */
export function keptOctets(leaf: Pick<Leaf, 'type' | 'name'>): number {
  if (leaf.type.startsWith('text/')) return KEPT_TEXT;
  if (isMessage(leaf)) return KEPT_MESSAGE;
  return isTnef(leaf) || isSmime(leaf) || RTF.has(leaf.type) ? KEPT_WRAPPED : 0;
}

/** Is it a message attached to this one? RFC 2046 5.2.1, RFC 6532 3.7. */
export function isMessage({ type }: Pick<Leaf, 'type'>): boolean {
  return type === 'message/rfc822' || type === 'message/global' || type === 'message/news';
}

const RTF = new Set(['text/rtf', 'text/richtext', 'application/rtf', 'application/x-rtf']);

/** Is it an RTF document that stands for the text of the mail? text/richtext is one too where it begins as one. */
export function isRtf({
  type,
  disposition,
  content,
}: Pick<Leaf, 'type' | 'disposition' | 'content'>): boolean {
  if (!RTF.has(type) || disposition === 'attachment') return false;
  return type !== 'text/richtext' || content.toString('latin1', 0, 5) === '{\\rtf';
}

/** Octets that tell what a content is. */
const LOOKED_AT = 4096;

/** Is it a page, whatever it calls itself? Some programs send HTML as text/plain, others plain text as HTML. */
export function isHtml({ type, content }: Pick<Leaf, 'type' | 'content'>): boolean {
  if (type === 'text/html') {
    return content.length > LOOKED_AT || /^\s*$|<[a-z!/?]|&#?\w{2,8};/i.test(content.toString('latin1'));
  }
  // The first octet decides for nearly every mail.
  const start = content.toString('latin1', 0, 64).trimStart();
  if (!start.startsWith('<')) return false;
  if (/^<(?:!doctype html|html|head|body)\b/i.test(start)) return true;
  return /^<(p|div|table|font|span|center|h[1-6])[\s>]/i.test(start) && content.includes('</');
}

/** Kinds of text that are made for programs, or say the same as a part beside them. */
const NO_WORDS = new RegExp(
  `^text/(?:${[
    'calendar|x-vcalendar|vcard|x-vcard|directory|css|javascript|ecmascript|rfc822-headers|rtf|x-amp-html|(?:x-)?watch-html',
    'dns|parityfec|red|t140|ulpfec|rtx|raptorfec|1d-interleaved-parityfec',
  ].join('|')})$`,
);

/** Kinds of text that are files beside a text, and the text where there is nothing else. */
const FILES =
  /^text\/(?:csv|tab-separated-values|xml|xml-external-parsed-entity|uri-list|x-(?:patch|diff|log|python|sh|c|java))$/;

export type TextKind = 'plain' | 'html' | 'other';

/**
 * How a leaf can be read as text of the mail: as plain text, as a page, or as text of a kind not known, which reads as
 * plain text does (RFC 2046 4.1.4). Undefined for a file, data, and octets that are no text whatever their label says.
 * @param attached what was attached counts too (RFC 2183 2.10).
 */
export function textKind(leaf: Leaf, attached = false): TextKind | undefined {
  if (!leaf.type.startsWith('text/') || (leaf.disposition === 'attachment' && !attached)) return undefined;
  if (leaf.type === 'text/html') return 'html';
  const isFile = leaf.type !== 'text/plain' && (leaf.name !== undefined || FILES.test(leaf.type));
  if (NO_WORDS.test(leaf.type) || isRtf(leaf) || (isFile && !attached) || isBinary(leaf)) return undefined;
  if (isHtml(leaf)) return 'html';
  return leaf.type === 'text/plain' ? 'plain' : 'other';
}

/** How files begin that are no text: PDF, PNG, GIF, ZIP, JPEG, OLE. */
const FILE = /^(?:%PDF-|\x89PNG|GIF8[79]a|PK\x03\x04|\xff\xd8\xff|\xd0\xcf\x11\xe0)/;

/** Is it no text at all, though its label says so? */
export function isBinary({ content, params }: Leaf): boolean {
  const start = content.subarray(0, LOOKED_AT);
  if (FILE.test(start.toString('latin1', 0, 8))) return true;
  if (!start.includes(0) || /^utf-?(?:16|32)|^ucs/i.test(params['charset'] ?? '')) return false;
  // UTF-16 of Western text has zeros and hardly any other controls.
  const controls = start.toString('latin1').replace(/[^\x01-\x08\x0e-\x1a\x1c-\x1f]+/g, '').length;
  return controls * 50 > start.length;
}

/** `charset=` in a page's own head; looked for where the mail names none. */
const META_CHARSET = /<meta[^>]{1,200}charset\s*=\s*["']?([\w.:-]{1,40})/i;

/** Text of a text leaf, format=flowed unfolded (RFC 3676), marks of text/enriched left out, line ends as they come. */
export function leafText(leaf: Leaf): string {
  const text = decodeCharset(withoutYenc(leaf.content), leaf.params['charset'] ?? ownCharset(leaf));
  if (leaf.type === 'text/enriched' || leaf.type === 'text/richtext') {
    return enrichedToText(text, leaf.type === 'text/richtext');
  }
  if (leaf.type !== 'text/plain' || leaf.params['format']?.toLowerCase() !== 'flowed') return text;
  return unfoldFlowed(text, leaf.params['delsp']?.toLowerCase() === 'yes');
}

function ownCharset(leaf: Leaf): string | undefined {
  if (!isHtml(leaf) || isUtf8(leaf.content)) return undefined;
  return META_CHARSET.exec(leaf.content.toString('latin1', 0, 2048))?.[1];
}
