/**
 * The mail inside an opaque S/MIME signature (RFC 8551 3.5.2): a CMS ContentInfo (RFC 5652 3) that holds SignedData
 * (5.1), which holds the MIME entity as octets. The signature is not checked: a phone could not show the verdict, and
 * the text is the same.
 *
 * Exchange and old programs write BER with indefinite lengths and the octets in pieces (X.690 8.1.3.6, 8.7.3), so
 * both are read. Nothing here throws; depth and pieces are bounded.
 */
export type SmimeContent =
  | { readonly kind: 'signed'; readonly entity: Buffer }
  | { readonly kind: 'encrypted' | 'compressed' | 'certificates' | 'unreadable' };

const MAX_DEPTH = 12;
const MAX_PIECES = 100_000;

/** Content types, as the octets of their object identifiers. */
const OID = {
  signed: '2a864886f70d010702',
  enveloped: '2a864886f70d010703',
  encrypted: '2a864886f70d010706',
  authEnveloped: '2a864886f70d0109100117',
  compressed: '2a864886f70d0109100109',
} as const;

const TAG = { octets: 0x04, oid: 0x06, sequence: 0x30, content: 0xa0, pieces: 0x24 } as const;

/** What a part says it is. */
export interface LabelledPart {
  /** `type/subtype` in lower case. */
  readonly type: string;
  readonly name: string | undefined;
}

/** Is this part an S/MIME message as a whole? Signatures of multipart/signed are none. */
export function isSmime({ type, name }: LabelledPart): boolean {
  if (/^application\/(?:x-)?pkcs7-mime$/.test(type)) return true;
  return type === 'application/octet-stream' && /\.p7m$/i.test(name ?? '');
}

/** What such a part holds. */
export function readSmime(octets: Buffer): SmimeContent {
  const info = first(octets, TAG.sequence);
  const [type, wrapped] = info === undefined ? [] : elements(info);
  if (type?.tag !== TAG.oid || wrapped?.tag !== TAG.content) return { kind: 'unreadable' };
  const oid = type.content.toString('hex');
  if (oid === OID.enveloped || oid === OID.encrypted || oid === OID.authEnveloped)
    return { kind: 'encrypted' };
  if (oid === OID.compressed) return { kind: 'compressed' };
  if (oid !== OID.signed) return { kind: 'unreadable' };
  const signed = first(wrapped.content, TAG.sequence);
  // Version, digest algorithms, then the content: the only SEQUENCE there.
  const inner =
    signed === undefined ? undefined : elements(signed, 3).find(({ tag }) => tag === TAG.sequence);
  const body =
    inner === undefined ? undefined : elements(inner.content, 2).find(({ tag }) => tag === TAG.content);
  if (body === undefined) return { kind: 'certificates' };
  const pieces: Buffer[] = [];
  collectOctets(body.content, pieces, 0);
  return { kind: 'signed', entity: Buffer.concat(pieces) };
}

interface Element {
  readonly tag: number;
  /** Cut short where the octets end before its length says. */
  readonly content: Buffer;
  /** Offset of the next element. */
  readonly end: number;
}

function first(octets: Buffer, tag: number): Buffer | undefined {
  const element = readElement(octets, 0, 0);
  return element?.tag === tag ? element.content : undefined;
}

function elements(octets: Buffer, limit = 8): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < octets.length && found.length < limit;) {
    const element = readElement(octets, at, 0);
    if (element === undefined) break;
    found.push(element);
    at = element.end;
  }
  return found;
}

/** One element, X.690 8.1. Tags above 30 stand in no CMS message. */
function readElement(octets: Buffer, at: number, depth: number): Element | undefined {
  const tag = octets[at];
  const size = octets[at + 1];
  if (tag === undefined || size === undefined || (tag & 0x1f) === 0x1f || depth > MAX_DEPTH) return undefined;
  if (size === 0x80) {
    const end = indefiniteEnd(octets, at + 2, depth + 1);
    if (end === undefined) return { tag, content: octets.subarray(at + 2), end: octets.length };
    return { tag, content: octets.subarray(at + 2, end), end: end + 2 };
  }
  let start = at + 2;
  let length = size;
  if (size > 0x80) {
    const count = size & 0x7f;
    if (count > 4 || start + count > octets.length) return undefined;
    length = octets.readUIntBE(start, count);
    start += count;
  }
  return {
    tag,
    content: octets.subarray(start, start + length),
    end: Math.min(start + length, octets.length),
  };
}

/** Offset of the two zero octets that end an element of indefinite length. */
function indefiniteEnd(octets: Buffer, from: number, depth: number): number | undefined {
  let at = from;
  while (at + 1 < octets.length) {
    if (octets[at] === 0 && octets[at + 1] === 0) return at;
    const element = readElement(octets, at, depth);
    if (element === undefined || element.end <= at) return undefined;
    at = element.end;
  }
  return undefined;
}

/** The octets of an OCTET STRING, whole or in pieces that may be in pieces themselves. */
function collectOctets(octets: Buffer, pieces: Buffer[], depth: number): void {
  for (let at = 0; at < octets.length && pieces.length < MAX_PIECES && depth <= MAX_DEPTH;) {
    const element = readElement(octets, at, depth);
    if (element === undefined) return;
    if (element.tag === TAG.octets) pieces.push(element.content);
    else if (element.tag === TAG.pieces) collectOctets(element.content, pieces, depth + 1);
    at = Math.max(element.end, at + 1);
  }
}
