import { decodeCharset } from './charset.ts';
import { decodeBase64 } from './base64.ts';

const WORD = /=\?([^?*\s]{1,80})(?:\*[^?]{0,80})?\?([bBqQ])\?([^?]*)\?=/g;

/**
 * A header value with its encoded words (RFC 2047, RFC 2231 section 5) decoded. White space between two of them
 * is dropped (RFC 2047 6.2), and neighbours in one charset are decoded together, because many programs cut a
 * character in two between them. What is not a well-formed encoded word stays as it is. Never throws.
 */
export function decodeWords(value: string): string {
  if (!value.includes('=?')) return value;
  let out = '';
  let end = 0;
  let charset: string | undefined;
  let pending: Word[] = [];
  const flush = (): void => {
    if (pending.length > 0) out += decodeCharset(Buffer.concat(pending.map(wordOctets)), charset);
    pending = [];
  };
  for (const match of value.matchAll(WORD)) {
    const [whole, label = '', encoding = '', payload = ''] = match;
    const between = value.slice(end, match.index);
    const name = label.toLowerCase();
    if (pending.length > 0 && between.trim() === '') {
      if (name !== charset) flush();
    } else {
      flush();
      out += between;
    }
    charset = name;
    const base64 = encoding === 'B' || encoding === 'b';
    const last = pending.at(-1);
    if (last !== undefined && last.base64 && base64 && last.payload.length % 4 !== 0) last.payload += payload;
    else pending.push({ base64, payload });
    end = match.index + whole.length;
  }
  flush();
  return out + value.slice(end);
}

/** A word, or several whose base64 was cut at an odd place and makes sense only in one piece. */
interface Word {
  readonly base64: boolean;
  payload: string;
}

function wordOctets({ base64, payload }: Word): Buffer {
  return base64 ? decodeBase64(Buffer.from(payload, 'latin1')) : decodeQ(payload);
}

/** The Q encoding, RFC 2047 4.2. */
function decodeQ(payload: string): Buffer {
  const text = payload
    .replace(/_/g, ' ')
    .replace(/=([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return /^[\0-\xff]*$/.test(text) ? Buffer.from(text, 'latin1') : Buffer.from(text, 'utf8');
}
