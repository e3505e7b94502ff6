import { Fault } from '../../base/errors.ts';
import { chooseText } from './choose.ts';
import { readHeaderBlock } from '../read/headers.ts';
import type { HeaderBlock } from '../read/headers.ts';
import { interpretHeaders } from '../read/mail-headers.ts';
import { multipartLeaves } from '../read/multipart.ts';
import { encrypted, refuseEncrypted } from '../read/protected.ts';
import { readLeaves } from '../read/parts.ts';
import type { PartLimits } from '../read/parts.ts';
import type { MailHeaders } from '../read/mail-headers.ts';
import { isHtml, isMessage, isReadable, leafText, singleLeaf, wholeBody } from '../read/leaf.ts';
import type { Leaf } from '../read/leaf.ts';
import { readSmime, isSmime } from '../read/smime.ts';
import { explainStrip } from './strip.ts';
import type { Dropped, StripOptions } from './strip.ts';
import { isAnswer } from '../read/subject.ts';
import { DEFAULT_TEMPLATE, renderTemplate } from './template.ts';
import { isTnef, readTnef } from '../read/tnef.ts';

/**
 * A mail to the text a phone gets.
 *
 * Promise: for any octets at all there is, in time and memory bounded by the limits and linear to the mail, either
 * an ExtractedMail or a Fault, and never anything else thrown. Text is decoded by what the octets are where the
 * mail says something wrong (charset.ts). Nothing is fetched, no clock is read, nothing is remembered.
 *
 * Two paths lead to the text. A mail that is one text part, or a small multipart that is as it should be, is taken
 * apart right here (leaf.ts, multipart.ts): that is most mails, and decides how many a second can be accepted.
 * Everything else goes through mailparser (parts.ts), which is loaded when the first such mail comes.
 * Headers, charsets and the choice of the text are the same code on both, and a test runs both on the same mails.
 *
 * On failure: `mail.size` for a mail larger than `maxBytes`, `mail.hostile` for one beyond the limits on header,
 * parts and depth, `mail.malformed` for one that
 * cannot be read, an encrypted one among them. What is merely broken (a missing boundary, a
 * wrong charset, base64 that ends too early, no blank line after the header) is read as far as it goes.
 */

export interface ExtractOptions {
  /** Octets of one header block, of the mail or of a part; default 256 KiB. */
  readonly maxHeaderBytes?: number;
  /** Levels of nested multiparts; default 30. */
  readonly maxDepth?: number;
  /** Parts of the mail, multiparts counted too; default 500. */
  readonly maxParts?: number;
  /** Octets of the mail; default 50 MiB. */
  readonly maxBytes?: number;
  /** Layout of the text, see template.ts; default `{text}`, which is the subject where there is no text. */
  readonly template?: string;
  /** Leave out quoted replies, signatures and disclaimers, see strip.ts; default false. */
  readonly strip?: boolean | StripOptions;
}

export interface Attachment {
  readonly name?: string;
  readonly type: string;
  /** Octets, decoded. */
  readonly size: number;
}

export interface ExtractedMail {
  readonly headers: MailHeaders;
  /** The text to send, laid out by the template. Lines end in LF. At most 65,536 characters. */
  readonly text: string;
  /** The mail's own text, before the template and without the subject standing in for it. */
  readonly body: string;
  /** What `strip` left out of the mail's text. */
  readonly dropped: readonly Dropped[];
  /** Where `text` comes from: a plain part, HTML, the subject because there is no text, or nowhere. */
  readonly source: 'plain' | 'html' | 'subject' | 'none';
  readonly attachments: readonly Attachment[];
  /** Its HTML as it was written, made when it is asked for; empty where there is none. At most 262,144 characters. */
  readonly html: () => string;
  /** Octets of the mail. */
  readonly size: number;
  /** The header block as received, for reports; at most 32 KiB. */
  readonly rawHeaders: string;
  readonly path: 'fast' | 'full';
}

const MAX_HEADER_BYTES = 256 * 1024;
const MAX_DEPTH = 30;
const MAX_PARTS = 500;
const MAX_BYTES = 50 * 1024 * 1024;
/** 255 parts (3GPP TS 23.040 9.2.3.24.1) of 153 characters are 39,015: no phone message holds more. */
const MAX_TEXT = 65_536;
const MAX_HTML = 262_144;
const MAX_RAW_HEADERS = 32 * 1024;
/** How many messages attached to each other are opened. */
const MAX_FORWARDED = 3;

/**
 * What a mail says: its text for a phone, and the headers that decide what becomes of it.
 * @param raw the mail as received, dot-stuffing undone.
 * @throws {Fault} mail.size, mail.hostile or mail.malformed.
 */
export async function extractText(raw: Uint8Array, options: ExtractOptions = {}): Promise<ExtractedMail> {
  const maxBytes = options.maxBytes ?? MAX_BYTES;
  if (raw.length > maxBytes) {
    throw new Fault('mail.size', { detail: `${raw.length} octets, ${maxBytes} allowed` });
  }
  const octets = withLineFeeds(Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength));
  const read = await readMail(octets, options, 0);
  const { header, headers, leaves } = read;
  const { subject } = headers;
  const { strip = false } = options;
  const { text: body, dropped } =
    strip === false
      ? { text: read.body, dropped: [] }
      : explainStrip(read.body, { subject, reply: isReply(headers), ...(strip === true ? {} : strip) });
  const attachments = leaves.filter((leaf) => !isReadable(leaf) && !leaf.related).flatMap(attachmentsOf);
  const text = renderTemplate(options.template ?? DEFAULT_TEMPLATE, {
    subject,
    from: headers.from ?? '',
    text: body,
    size: raw.length,
    attachments: attachments.map(({ name, type }) => name ?? type),
  });
  return {
    headers,
    text: cutText(text),
    body,
    dropped,
    source: read.source === 'none' && subject !== '' ? 'subject' : read.source,
    attachments,
    html: () =>
      leaves
        .filter((leaf) => isReadable(leaf) && isHtml(leaf))
        .map(leafText)
        .join('\n')
        .slice(0, MAX_HTML),
    size: raw.length,
    rawHeaders: header.text.slice(0, MAX_RAW_HEADERS),
    path: read.fast ? 'fast' : 'full',
  };
}

/** A mail, or a message attached to one, as far as it is text. */
interface ReadMail {
  readonly header: HeaderBlock;
  readonly headers: MailHeaders;
  readonly leaves: readonly Leaf[];
  readonly body: string;
  readonly source: 'plain' | 'html' | 'none';
  readonly fast: boolean;
}

/** A mail that has no text but attached messages is read as the first of them: it was forwarded. */
async function readMail(octets: Buffer, options: ExtractOptions, level: number): Promise<ReadMail> {
  const header = readHeaderBlock(octets, options.maxHeaderBytes ?? MAX_HEADER_BYTES);
  const headers = interpretHeaders(header.fields);
  const fast = fastLeaves(octets, header, options);
  const outer = fast ?? (await fullLeaves(octets, header, options));
  refuseEncrypted(headers.contentType, outer);
  const { leaves, contentType } = await opened(outer, headers.contentType, options, 0);
  const { text, source } = await chooseText(leaves, contentType === 'multipart/alternative');
  const mail = { header, headers, leaves, body: cutText(text), source, fast: fast !== undefined };
  const forwarded = source === 'none' ? leaves.find(isMessage) : undefined;
  if (forwarded === undefined || level >= MAX_FORWARDED) return mail;
  const inner = await readMail(forwarded.content, options, level + 1);
  return { ...mail, body: inner.body, source: inner.source };
}

/** Leaves with those inside of opaque S/MIME signatures in their place, and the type that the mail as a whole has then. */
async function opened(
  outer: readonly Leaf[],
  contentType: string,
  options: ExtractOptions,
  level: number,
): Promise<{ leaves: readonly Leaf[]; contentType: string }> {
  if (!outer.some(isSmime)) return { leaves: outer, contentType };
  const leaves: Leaf[] = [];
  let type = contentType;
  for (const leaf of outer) {
    const smime = isSmime(leaf) ? readSmime(leaf.content) : undefined;
    if (smime?.kind === 'encrypted') throw encrypted('S/MIME');
    if (smime?.kind === 'compressed') {
      throw new Fault('mail.malformed', { told: 'the mail is compressed (S/MIME) and cannot be read here' });
    }
    if (smime?.kind !== 'signed' || level >= MAX_FORWARDED) {
      leaves.push(leaf);
      continue;
    }
    const header = readHeaderBlock(smime.entity, options.maxHeaderBytes ?? MAX_HEADER_BYTES);
    const headers = interpretHeaders(header.fields);
    const within =
      fastLeaves(smime.entity, header, options) ?? (await fullLeaves(smime.entity, header, options));
    refuseEncrypted(headers.contentType, within);
    const inner = await opened(within, headers.contentType, options, level + 1);
    if (leaf.path.length === 0) type = inner.contentType;
    leaves.push(...inner.leaves.map((each) => ({ ...each, path: [...leaf.path, ...each.path] })));
  }
  const { maxParts } = partLimits(options);
  if (leaves.length > maxParts) {
    throw new Fault('mail.hostile', { detail: `more than ${maxParts} parts` });
  }
  return { leaves, contentType: type };
}

/** The fast path; undefined for a mail that it leaves to the full one. Exported for the test that compares them. */
export function fastLeaves(
  octets: Buffer,
  header: HeaderBlock,
  options: ExtractOptions,
): readonly Leaf[] | undefined {
  const single = singleLeaf(octets, header);
  return single === undefined ? multipartLeaves(octets, header, partLimits(options)) : [single];
}

/** The full path. */
export async function fullLeaves(
  octets: Buffer,
  header: HeaderBlock,
  options: ExtractOptions,
): Promise<readonly Leaf[]> {
  const leaves = await readLeaves(octets, header, partLimits(options));
  return leaves.length === 0 ? [wholeBody(octets, header)] : leaves;
}

function partLimits(options: ExtractOptions): PartLimits {
  return {
    maxHeaderBytes: options.maxHeaderBytes ?? MAX_HEADER_BYTES,
    maxDepth: options.maxDepth ?? MAX_DEPTH,
    maxParts: options.maxParts ?? MAX_PARTS,
  };
}

/** Old programs end lines in a bare CR. In a mail without any LF each CR is a line end. */
function withLineFeeds(octets: Buffer): Buffer {
  if (octets.includes(0x0a) || !octets.includes(0x0d)) return octets;
  return Buffer.from(octets.toString('latin1').replaceAll('\r', '\n'), 'latin1');
}

/** A file; of a winmail.dat those in it. */
function attachmentsOf(leaf: Leaf): Attachment[] {
  const { type, size, name } = leaf;
  const tnef = isTnef(leaf) ? readTnef(leaf.content) : undefined;
  const files: readonly { name: string | undefined; type: string; size: number }[] =
    tnef === undefined ? [{ name, type, size }] : tnef.attachments;
  return files.map((file) =>
    file.name === undefined || file.name === ''
      ? { type: file.type, size: file.size }
      : { name: file.name, type: file.type, size: file.size },
  );
}

function isReply({ inReplyTo, references, subject }: MailHeaders): boolean {
  return inReplyTo !== undefined || (references?.length ?? 0) > 0 || isAnswer(subject);
}

/** Not inside a surrogate pair. */
function cutText(text: string): string {
  if (text.length <= MAX_TEXT) return text;
  const last = text.charCodeAt(MAX_TEXT - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? MAX_TEXT - 1 : MAX_TEXT);
}
