import type {
  AttachmentStream,
  HeaderValue,
  MailParserOptions,
  MessageText,
  StructuredHeader,
} from 'mailparser';
import { Readable } from 'node:stream';
import { Fault, messageOf } from '../../base/errors.ts';
import type { HeaderBlock } from './headers.ts';
import { keptOctets } from './leaf.ts';
import type { Leaf } from './leaf.ts';

/**
 * The full path: every mail that is not a single text part goes through mailparser.
 *
 * mailparser finds the parts and undoes their transfer encodings. It would decode the text as well, but without
 * the rules of charset.ts: by the time it hands out text, octets under a wrong label are lost. So it is told that
 * it knows no text types, and every leaf comes as octets. A mailparser that no longer heeds that gives its own
 * text, which is then taken as it is. test/mail/extract.test.ts holds that it does heed it.
 *
 * Parts, depth and header sizes are bounded; mailparser works in time linear to the mail within such bounds.
 */

export interface PartLimits {
  /** Octets of one part's header. */
  readonly maxHeaderBytes: number;
  readonly maxParts: number;
  /** How deep multiparts may be nested. */
  readonly maxDepth: number;
}

/** Octets handed to mailparser at once. */
const CHUNK = 64 * 1024;

/**
 * The leaves of a mail in the order they stand in it. Attached messages (message/rfc822) are leaves.
 * @throws {Fault} mail.hostile beyond a limit, mail.malformed where mailparser gives up.
 */
export async function readLeaves(raw: Buffer, header: HeaderBlock, limits: PartLimits): Promise<Leaf[]> {
  const { MailParser } = await import('mailparser');
  const options: MailParserOptions = {
    skipHtmlToText: true,
    skipTextToHtml: true,
    skipTextLinks: true,
    skipImageLinks: true,
    keepDeliveryStatus: true,
    checksumAlgo: false,
    ignoreEmbedded: true,
    maxHeadSize: limits.maxHeaderBytes + 2,
    maxChildNodes: limits.maxParts,
  };
  const parser = Object.assign(new MailParser(options), { textTypes: [] });
  const leaves: Leaf[] = [];
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      reject(asMailFault(error, limits));
      parser.removeAllListeners('data').destroy();
    };
    parser.on('data', (data: AttachmentStream | MessageText) => {
      if (data.type === 'text') {
        leaves.push(...ownText(data));
        return;
      }
      const path = partPath(data.partId);
      if (path.length > limits.maxDepth) {
        fail(new Fault('mail.hostile', { detail: `parts nested deeper than ${limits.maxDepth}` }));
        return;
      }
      const kept: Buffer[] = [];
      const keep = keptOctets({ type: typeOf(data), name: data.filename });
      let size = 0;
      data.content.on('data', (chunk: Buffer) => {
        if (size < keep) kept.push(chunk.subarray(0, keep - size));
        size += chunk.length;
      });
      data.content.on('end', () => {
        leaves.push(leafOf(data, path, Buffer.concat(kept), size));
        data.release?.();
      });
      data.content.on('error', fail);
    });
    parser.on('error', fail);
    parser.on('end', () => resolve(leaves));
    Readable.from(chunksOf(raw, header), { objectMode: false }).pipe(parser);
  });
}

/** The mail in pieces, so that no copy of all of it is made on the way. */
function* chunksOf(raw: Buffer, header: HeaderBlock): Generator<Buffer> {
  if (header.bodyAt > header.headerAt) yield raw.subarray(header.headerAt, header.bodyAt);
  // Where the blank line after the header is missing: both paths see the body begin in the same place.
  if (!header.closed && header.bodyAt < raw.length) yield Buffer.from('\r\n');
  for (let at = header.bodyAt; at < raw.length; at += CHUNK) yield raw.subarray(at, at + CHUNK);
}

function typeOf({ contentType }: AttachmentStream): string {
  const type = contentType?.toLowerCase() ?? '';
  return type === '' || type === 'text' ? 'text/plain' : type;
}

function leafOf(data: AttachmentStream, path: readonly number[], content: Buffer, size: number): Leaf {
  const field: HeaderValue | undefined = data.headers.get('content-type');
  const params = isStructured(field) ? field.params : {};
  const disposition = data.contentDisposition?.toLowerCase();
  return {
    type: typeOf(data),
    params,
    disposition,
    name: data.filename,
    path,
    content,
    size,
    related: data.related === true || (data.cid !== undefined && disposition !== 'attachment'),
  };
}

function isStructured(field: HeaderValue | undefined): field is StructuredHeader {
  return typeof field === 'object' && 'params' in field && typeof field.params === 'object';
}

function partPath(partId: string | null | undefined): number[] {
  return partId ? partId.split('.').map(Number) : [];
}

function ownText(data: MessageText): Leaf[] {
  const leaf = (type: string, text: string): Leaf => {
    const content = Buffer.from(text, 'utf8');
    const params = { charset: 'utf-8' };
    return {
      type,
      params,
      disposition: undefined,
      name: undefined,
      path: [0],
      content,
      size: content.length,
      related: false,
    };
  };
  const leaves: Leaf[] = [];
  if (data.text) leaves.push(leaf('text/plain', data.text));
  if (data.html) leaves.push(leaf('text/html', data.html));
  return leaves;
}

/** mailparser marks what goes beyond a size limit with the code EMAXLEN. */
function asMailFault(error: unknown, limits: PartLimits): Fault {
  if (error instanceof Fault) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EMAXLEN') {
    const bounds = `${limits.maxParts} parts, ${limits.maxHeaderBytes} octets of header`;
    return new Fault('mail.hostile', { detail: `${messageOf(error)}; limits: ${bounds}`, cause: error });
  }
  return new Fault('mail.malformed', { detail: messageOf(error), cause: error });
}
