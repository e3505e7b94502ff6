import { toUSVString } from 'node:util';
import { decodeCharset } from './charset.ts';
import { decompressRtf } from './compressed-rtf.ts';
import { rtfToText } from './rtf.ts';
import type { LabelledPart } from './smime.ts';

/**
 * TNEF (winmail.dat, MS-OXTNEF): what Outlook and Exchange send where they take the reader for one of their own. The
 * text of the mail may stand in it alone, as plain text, as HTML or as compressed RTF, and the attachments with it.
 *
 * Read are the attributes that a phone can use: subject, text and the names of attachments. Nothing here throws; an
 * attribute that runs over the end ends the reading, and what was read before it counts.
 */
export interface Tnef {
  readonly subject: string;
  /** Plain text; empty where there is none. */
  readonly text: string;
  readonly html: string;
  /** The text of the RTF body. */
  readonly rtf: string;
  readonly attachments: readonly TnefFile[];
}

export interface TnefFile {
  readonly name: string;
  readonly type: string;
  /** Octets. */
  readonly size: number;
}

const SIGNATURE = 0x223e9f78;
const MAX_ATTRIBUTES = 5000;
const MAX_PROPERTIES = 2000;
const MAX_FILES = 100;
const MAX_BODY = 1024 * 1024;

/** Attributes by id and type, MS-OXTNEF 2.1.3.3 and 2.1.3.4. */
const ATTRIBUTE = {
  subject: 0x00018004,
  body: 0x0002800c,
  codepage: 0x00069007,
  properties: 0x00069003,
  file: 0x00069002,
  fileTitle: 0x00018010,
  fileData: 0x0006800f,
  fileProperties: 0x00069005,
} as const;

/** Properties by id, MS-OXPROPS. */
const PROPERTY = {
  subject: 0x0037,
  body: 0x1000,
  rtf: 0x1009,
  html: 0x1013,
  internetCodepage: 0x3fde,
  displayName: 0x3001,
  fileName: 0x3704,
  longFileName: 0x3707,
  mimeType: 0x370e,
} as const;

/** Is this part a TNEF stream? By its type, or by the name that all of them have. */
export function isTnef({ type, name }: LabelledPart): boolean {
  return /^application\/(?:vnd\.)?ms-tnef$/.test(type) || /^winmail\.dat$/i.test(name ?? '');
}

/** What a TNEF stream says; undefined where `octets` are none. */
export function readTnef(octets: Buffer): Tnef | undefined {
  if (octets.length < 6 || octets.readUInt32LE(0) !== SIGNATURE) return undefined;
  const message: Draft = { codepage: 'windows-1252', subject: '', text: '', html: '', rtf: '' };
  const files: { name: string; type: string; size: number }[] = [];
  for (const { id, data } of attributes(octets)) {
    const file = files.at(-1);
    switch (id) {
      case ATTRIBUTE.codepage:
        if (data.length >= 4) message.codepage = charsetOf(data.readUInt32LE(0));
        break;
      case ATTRIBUTE.subject:
        message.subject ||= zeroEnded(data, message.codepage);
        break;
      case ATTRIBUTE.body:
        message.text ||= zeroEnded(data.subarray(0, MAX_BODY), message.codepage);
        break;
      case ATTRIBUTE.properties:
        readBody(data, message);
        break;
      case ATTRIBUTE.file:
        if (files.length < MAX_FILES) files.push({ name: '', type: 'application/octet-stream', size: 0 });
        break;
      case ATTRIBUTE.fileTitle:
        if (file !== undefined) file.name ||= zeroEnded(data, message.codepage);
        break;
      case ATTRIBUTE.fileData:
        if (file !== undefined) file.size = data.length;
        break;
      case ATTRIBUTE.fileProperties:
        if (file !== undefined) readFile(data, file, message.codepage);
        break;
    }
  }
  const { subject, text, html, rtf } = message;
  return { subject, text, html, rtf, attachments: files };
}

interface Draft {
  codepage: string;
  subject: string;
  text: string;
  html: string;
  rtf: string;
}

interface Attribute {
  readonly id: number;
  readonly data: Buffer;
}

/** Level, id, length, data, checksum: MS-OXTNEF 2.1.3.1. */
function* attributes(octets: Buffer): Generator<Attribute> {
  let at = 6;
  for (let count = 0; count < MAX_ATTRIBUTES && at + 9 <= octets.length; count++) {
    const id = octets.readUInt32LE(at + 1);
    const length = octets.readUInt32LE(at + 5);
    const data = octets.subarray(at + 9, at + 9 + length);
    yield { id, data };
    at += 9 + length + 2;
  }
}

function readBody(octets: Buffer, message: Draft): void {
  let internetCodepage: string | undefined;
  let html: Buffer | undefined;
  for (const { id, type, data } of properties(octets)) {
    if (id === PROPERTY.subject) message.subject ||= textOf(type, data, message.codepage);
    else if (id === PROPERTY.body) message.text ||= textOf(type, data, message.codepage);
    else if (id === PROPERTY.html) html = data.subarray(0, MAX_BODY);
    else if (id === PROPERTY.internetCodepage && data.length >= 4) {
      internetCodepage = charsetOf(data.readUInt32LE(0));
    } else if (id === PROPERTY.rtf) {
      message.rtf ||= toUSVString(rtfToText(decompressRtf(data, MAX_BODY) ?? Buffer.alloc(0)));
    }
  }
  if (html !== undefined) message.html ||= decodeCharset(html, internetCodepage);
}

function readFile(
  octets: Buffer,
  file: { name: string; type: string; size: number },
  codepage: string,
): void {
  for (const { id, type, data } of properties(octets)) {
    const text = (): string => oneLine(textOf(type, data, codepage));
    if (id === PROPERTY.longFileName) file.name = text() || file.name;
    else if (id === PROPERTY.fileName || id === PROPERTY.displayName) file.name ||= text();
    else if (id === PROPERTY.mimeType) file.type = text().toLowerCase() || file.type;
  }
}

interface Property {
  readonly id: number;
  readonly type: number;
  /** Of several values the first. */
  readonly data: Buffer;
}

/** Octets of the types that have a fixed length, with what fills them up to four. */
const FIXED: Readonly<Record<number, number>> = {
  0x02: 4,
  0x03: 4,
  0x04: 4,
  0x05: 8,
  0x06: 8,
  0x07: 8,
  0x0a: 4,
  0x0b: 4,
  0x14: 8,
  0x40: 8,
  0x48: 16,
};
const MULTIPLE = 0x1000;
const NAMED = 0x8000;
const UNICODE = 0x1f;

/** MS-OXTNEF 2.1.3.5: type and id, a name where the id is a named one, then one value or several. */
function* properties(octets: Buffer): Generator<Property> {
  if (octets.length < 4) return;
  const total = Math.min(octets.readUInt32LE(0), MAX_PROPERTIES);
  let at = 4;
  const word = (): number | undefined => {
    if (at + 4 > octets.length) return undefined;
    at += 4;
    return octets.readUInt32LE(at - 4);
  };
  for (let count = 0; count < total; count++) {
    const head = word();
    if (head === undefined) return;
    const type = head & 0xffff;
    const id = head >>> 16;
    if (id >= NAMED) {
      at += 16;
      const kind = word();
      const length = word();
      if (kind === undefined || length === undefined) return;
      if (kind !== 0) at += padded(length);
    }
    const fixed = FIXED[type & ~MULTIPLE];
    const several = (type & MULTIPLE) !== 0 || fixed === undefined;
    const values = several ? word() : 1;
    if (values === undefined) return;
    let data: Buffer | undefined;
    for (let value = 0; value < values; value++) {
      const length = fixed ?? word();
      if (length === undefined || at >= octets.length) return;
      data ??= octets.subarray(at, at + length);
      at += padded(length);
    }
    yield { id, type: type & ~MULTIPLE, data: data ?? octets.subarray(0, 0) };
  }
}

function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}

function textOf(type: number, data: Buffer, codepage: string): string {
  const octets = data.subarray(0, MAX_BODY);
  if (type !== UNICODE) return zeroEnded(octets, codepage);
  return toUSVString(octets.toString('utf16le')).replace(/\0[^]*$/, '');
}

function zeroEnded(octets: Buffer, codepage: string): string {
  const end = octets.indexOf(0);
  return decodeCharset(end === -1 ? octets : octets.subarray(0, end), codepage);
}

function oneLine(text: string): string {
  return text.replace(/[\0-\x1f\x7f]+/g, ' ').trim();
}

/** A Windows code page as a charset. */
function charsetOf(codepage: number): string {
  const known: Readonly<Record<number, string>> = { 20127: 'us-ascii', 65001: 'utf-8', 50220: 'iso-2022-jp' };
  if (codepage >= 28591 && codepage <= 28605) return `iso-8859-${codepage - 28590}`;
  return known[codepage] ?? `cp${codepage}`;
}
