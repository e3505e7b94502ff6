import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';

/**
 * The text of a file of IceWarp. Newer versions write UTF-8, with a byte order mark or without; older ones windows-1252,
 * and what is no valid UTF-8 is that. An editor may have left UTF-16 with its mark.
 *
 * @returns undefined where it is no text at all
 */
export function decodeFile(octets: Uint8Array): string | undefined {
  const bytes = Buffer.from(octets);
  const text =
    marked(bytes) ?? (isUtf8(bytes) ? bytes.toString('utf8') : iconv.decode(bytes, 'windows-1252'));
  return text.includes('\0') ? undefined : text;
}

function marked(bytes: Buffer): string | undefined {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return iconv.decode(bytes, 'utf-16le');
  if (first === 0xfe && second === 0xff) return iconv.decode(bytes, 'utf-16be');
  return isUtf8(bytes) && bytes.toString('utf8', 0, 3) === '\ufeff' ? bytes.toString('utf8', 3) : undefined;
}

/** The lines that hold something, with their numbers from 1. */
export function linesOf(text: string): { readonly number: number; readonly text: string }[] {
  return text
    .split(/\r\n|\n|\r/)
    .map((line, index) => ({ number: index + 1, text: line }))
    .filter((line) => line.text.trim() !== '');
}
