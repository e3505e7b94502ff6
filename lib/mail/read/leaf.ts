import { isUtf8 } from 'node:buffer';
import { decodeCharset } from './charset.ts';
import { firstValue, parseParameters } from './headers.ts';
import type { Field, HeaderBlock, Parameters } from './headers.ts';
import { decodeTransfer } from './transfer.ts';
import { unfoldFlowed } from './flowed.ts';
import { isSmime } from './smime.ts';
import { isTnef } from './tnef.ts';

/** A part of a mail that has no parts of its own, its transfer encoding undone. */
export interface Leaf {
  /** `type/subtype` in lower case; text/plain where the mail says nothing (RFC 2045 5.2). */
  readonly type: string;
  readonly params: Readonly<Record<string, string>>;
  readonly disposition: string | undefined;
  readonly name: string | undefined;
  /** Where it stands: part numbers from the root, `[]` for a mail that is one part, `[2, 1]` for part 2.1. */
  readonly path: readonly number[];
  /** Octets after the transfer encoding is undone. Of what is no text only as many as `keep` says, often none. */
  readonly content: Buffer;
  /** Octets of the whole content. */
  readonly size: number;
  /** Belongs to a multipart/related, or has a Content-ID: an image of a page rather than a file somebody attached. */
  readonly related: boolean;
}

const READABLE = new Set(['text/plain', 'text/html']);
const TRANSFER = new Set(['', '7bit', '8bit', 'binary', 'base64', 'quoted-printable']);
/** The type of a part that names none, RFC 2045 5.2. */
export const NO_TYPE: Parameters = { value: 'text/plain', params: {} };

/** Can this leaf's text be read as the mail's text? */
export function isReadable(leaf: Leaf): boolean {
  return READABLE.has(leaf.type) && leaf.disposition !== 'attachment';
}

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

/** Is it an RTF document that stands for the text of the mail? */
export function isRtf({ type, disposition }: Pick<Leaf, 'type' | 'disposition'>): boolean {
  return RTF.has(type) && disposition !== 'attachment';
}

/** A page, whatever it calls itself: some programs send HTML as text/plain. */
export function isHtml({ type, content }: Pick<Leaf, 'type' | 'content'>): boolean {
  if (type === 'text/html') return true;
  // The first octet decides for nearly every mail.
  const start = content.subarray(0, 64).toString('latin1').trimStart();
  if (!start.startsWith('<')) return false;
  if (/^<(?:!doctype html|html|head|body)\b/i.test(start)) return true;
  return /^<(p|div|table|font|span|center|h[1-6])[\s>]/i.test(start) && content.includes('</');
}

/** `charset=` in a page's own head; looked for where the mail names none. */
const META_CHARSET = /<meta[^>]{1,200}charset\s*=\s*["']?([\w.:-]{1,40})/i;

/** Text of a text leaf, format=flowed unfolded (RFC 3676), line ends as they come. */
export function leafText(leaf: Leaf): string {
  const text = decodeCharset(leaf.content, leaf.params['charset'] ?? ownCharset(leaf));
  if (leaf.type !== 'text/plain' || leaf.params['format']?.toLowerCase() !== 'flowed') return text;
  return unfoldFlowed(text, leaf.params['delsp']?.toLowerCase() === 'yes');
}

function ownCharset(leaf: Leaf): string | undefined {
  if (!isHtml(leaf) || isUtf8(leaf.content)) return undefined;
  return META_CHARSET.exec(leaf.content.toString('latin1', 0, 2048))?.[1];
}

/** Everything after the header as plain text: a multipart in which no part can be found. */
export function wholeBody(raw: Buffer, header: HeaderBlock): Leaf {
  const content = decodeTransfer(raw.subarray(header.bodyAt), transferEncoding(header.fields));
  return { ...PLAIN, content, size: content.length };
}

const PLAIN: Leaf = {
  type: 'text/plain',
  params: {},
  disposition: undefined,
  name: undefined,
  path: [],
  content: Buffer.alloc(0),
  size: 0,
  related: false,
};

/**
 * The fast path: the one leaf of a mail that is a single text part in a standard transfer encoding.
 * Undefined for any other mail.
 */
export function singleLeaf(raw: Buffer, header: HeaderBlock): Leaf | undefined {
  const type = contentType(header.fields);
  if (!READABLE.has(type.value) || type.params['boundary'] !== undefined) return undefined;
  const disposition = firstValue(header.fields, 'content-disposition');
  if (disposition !== undefined && parseParameters(disposition).value !== 'inline') return undefined;
  const encoding = transferEncoding(header.fields);
  if (!TRANSFER.has(encoding)) return undefined;
  const content = decodeTransfer(raw.subarray(header.bodyAt), encoding);
  return { ...PLAIN, type: type.value, params: type.params, content, size: content.length };
}

/** Content-Type of a header; NO_TYPE where there is none. */
export function contentType(fields: readonly Field[]): Parameters {
  const value = firstValue(fields, 'content-type');
  if (value === undefined) return NO_TYPE;
  // RFC 2045 5.2 lets a reader take what it cannot parse as text/plain; old programs send "Content-Type: text".
  const type = parseParameters(value);
  return type.value === 'text' || type.value === '' ? { value: 'text/plain', params: type.params } : type;
}

/** Content-Transfer-Encoding of a header in lower case, empty where there is none. */
export function transferEncoding(fields: readonly Field[]): string {
  const value = firstValue(fields, 'content-transfer-encoding');
  if (value === undefined) return '';
  return parseParameters(value).value;
}
