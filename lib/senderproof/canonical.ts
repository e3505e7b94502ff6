import type { Field } from './mail-header.ts';

/** Canonical forms of RFC 6376 3.4: what is hashed in place of what is sent. */
export type Canonical = 'simple' | 'relaxed';

const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;

/** A body, RFC 6376 3.4.3 and 3.4.4. In one pass: a body is whatever a stranger sends. */
export function canonicalBody(body: Buffer, form: Canonical): Buffer {
  const written = form === 'simple' ? body : squeezed(body);
  let end = written.length;
  while (end >= 2 && written[end - 2] === CR && written[end - 1] === LF) end -= 2;
  const text = written.subarray(0, end);
  // An empty body is an empty line in the simple form and nothing in the relaxed one.
  return text.length === 0 && form === 'relaxed' ? text : Buffer.concat([text, CRLF]);
}

const CRLF = Buffer.from('\r\n');

/** White space within a line as one space, none at its end. */
function squeezed(body: Buffer): Buffer {
  const written = Buffer.allocUnsafe(body.length);
  let length = 0;
  let space = false;
  for (let i = 0; i < body.length; i++) {
    const octet = body[i] ?? 0;
    if (octet === SPACE || octet === TAB) {
      space = true;
      continue;
    }
    if (space && !(octet === CR && body[i + 1] === LF)) written[length++] = SPACE;
    space = false;
    written[length++] = octet;
  }
  return written.subarray(0, length);
}

/** A header field without the line end after it, RFC 6376 3.4.1 and 3.4.2, as latin1. */
export function canonicalField({ name, raw }: Field, form: Canonical): string {
  if (form === 'simple') return raw;
  const value = raw.slice(raw.indexOf(':') + 1).replaceAll('\r\n', '');
  return `${name}:${value.replace(/[ \t]+/g, ' ').trim()}`;
}
