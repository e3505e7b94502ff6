import { Fault } from '../../base/errors.ts';
import { type ChosenText, chooseText } from './choose.ts';
import { readHeaderBlock } from '../read/headers.ts';
import type { HeaderBlock } from '../read/headers.ts';
import { interpretHeaders } from '../read/mail-headers.ts';
import { type Entity, type Leaf, isMultipart, leavesOf } from '../read/entity.ts';
import { isMessage, leafText, textKind } from '../read/leaf.ts';
import { type PartLimits, readEntity } from '../read/multipart.ts';
import { encrypted, refuseEncrypted } from '../read/protected.ts';
import type { MailHeaders } from '../read/mail-headers.ts';
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
 * The mail is taken apart right here (multipart.ts), for what most mails need is little, and what is damaged needs an opinion.
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
  const { header, headers } = read;
  const leaves = leavesOf(read.entity);
  const { subject } = headers;
  const { strip = false } = options;
  const { text: body, dropped } =
    strip === false
      ? { text: read.body, dropped: [] }
      : explainStrip(read.body, { subject, reply: isReply(headers), ...(strip === true ? {} : strip) });
  const attachments = leaves
    .filter((leaf) => !read.leaves.includes(leaf) && textKind(leaf) === undefined && !leaf.related)
    .flatMap(attachmentsOf);
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
    source: body === '' && subject !== '' ? 'subject' : read.source,
    attachments,
    html: () =>
      leaves
        .filter((leaf) => textKind(leaf) === 'html')
        .map(leafText)
        .join('\n')
        .slice(0, MAX_HTML),
    size: raw.length,
    rawHeaders: header.text.slice(0, MAX_RAW_HEADERS),
  };
}

/** A mail, or a message attached to one, as far as it is text. */
interface ReadMail {
  readonly header: HeaderBlock;
  readonly headers: MailHeaders;
  readonly entity: Entity;
  readonly body: string;
  readonly source: 'plain' | 'html' | 'none';
  /** What the text was made of. */
  readonly leaves: readonly Leaf[];
}

/** A mail that has no text but attached messages is read as the first of them: it was forwarded. */
async function readMail(octets: Buffer, options: ExtractOptions, level: number): Promise<ReadMail> {
  const header = readHeaderBlock(octets, options.maxHeaderBytes ?? MAX_HEADER_BYTES);
  const headers = interpretHeaders(header.fields);
  const entity = opened(readEntity(octets, header, partLimits(options)), options, 0);
  const readMessage = async ({ content }: Leaf): Promise<ChosenText> => {
    if (level >= MAX_FORWARDED) return { text: '', source: 'none', leaves: [] };
    const { body, source, leaves } = await readMail(content, options, level + 1);
    return { text: body, source, leaves };
  };
  const { text, source, leaves } = await chooseText(entity, readMessage);
  const mail = { header, headers, entity, body: cutText(text), source, leaves };
  const forwarded = source === 'none' ? leavesOf(entity).find(isMessage) : undefined;
  if (forwarded === undefined) return mail;
  const inner = await readMessage(forwarded);
  return { ...mail, body: inner.text, source: inner.source };
}

/**
 * The entity with what is inside of opaque S/MIME signatures in their place.
 * @throws {Fault} mail.malformed where it is encrypted.
 */
function opened(outer: Entity, options: ExtractOptions, level: number): Entity {
  refuseEncrypted(outer);
  const leaves = leavesOf(outer);
  if (!leaves.some(isSmime)) return outer;
  const entity = within(outer, (leaf) => openedLeaf(leaf, options, level));
  const { maxParts } = partLimits(options);
  if (leavesOf(entity).length > maxParts) {
    throw new Fault('mail.hostile', { detail: `more than ${maxParts} parts` });
  }
  return entity;
}

function within(entity: Entity, open: (leaf: Leaf) => Entity): Entity {
  return isMultipart(entity)
    ? { ...entity, parts: entity.parts.map((part) => within(part, open)) }
    : open(entity);
}

function openedLeaf(leaf: Leaf, options: ExtractOptions, level: number): Entity {
  const smime = isSmime(leaf) ? readSmime(leaf.content) : undefined;
  if (smime?.kind === 'encrypted') throw encrypted('S/MIME');
  if (smime?.kind === 'compressed') {
    throw new Fault('mail.malformed', { told: 'the mail is compressed (S/MIME) and cannot be read here' });
  }
  if (smime?.kind !== 'signed' || level >= MAX_FORWARDED) return leaf;
  const header = readHeaderBlock(smime.entity, options.maxHeaderBytes ?? MAX_HEADER_BYTES);
  return opened(readEntity(smime.entity, header, partLimits(options)), options, level + 1);
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
