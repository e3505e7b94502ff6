import { decodeCharset } from '../read/charset.ts';
import { decodeQuotedPrintable } from '../read/transfer.ts';

/**
 * A contact card (vCard 2.1, RFC 2426, RFC 6350) on one line: `Contact: Ann Lee, +15550100, ann@example.com`. Phones
 * send version 2.1, with quoted-printable values and a charset for each.
 */

/** Characters looked at. */
const MAX_CARD = 64 * 1024;
/** Values shown of one card. */
const MAX_VALUES = 8;

/** Is this text a contact card? */
export function isVcard(text: string): boolean {
  return /^\s*BEGIN:VCARD\s*$/im.test(text.slice(0, 200)) && /^\s*BEGIN:VCARD/i.test(text);
}

/** The first card of a text as one line; empty where there is no name, number or address in it. Never throws. */
export function vcardLine(text: string): string {
  const values = new Map<string, string[]>();
  for (const line of unfold(text.slice(0, MAX_CARD))) {
    const property = readProperty(line);
    if (property === undefined) continue;
    const { name, value } = property;
    if (name === 'END') break;
    if (value !== '') values.set(name, [...(values.get(name) ?? []), value]);
  }
  const [formatted] = values.get('FN') ?? [];
  const [structured = ''] = values.get('N') ?? [];
  const pieces = [
    formatted ?? nameOf(structured),
    ...(values.get('ORG') ?? []).slice(0, 1).map((org) => org.replaceAll(';', ', ')),
    ...(values.get('TEL') ?? []).map((number) => number.replace(/^tel:/i, '')),
    ...(values.get('EMAIL') ?? []),
  ].map((piece) => piece.replace(/[\0-\x1f\x7f]+/g, ' ').trim());
  const line = [...new Set(pieces)].filter((piece) => piece !== '').slice(0, MAX_VALUES);
  return line.length === 0 ? '' : `Contact: ${line.join(', ')}`;
}

/** Lines with their continuations: by white space (RFC 6350 3.2), or by the soft break of quoted-printable. */
function unfold(text: string): string[] {
  const lines: string[] = [];
  let soft = false;
  for (const raw of text.split(/\r\n|\n|\r/)) {
    const last = lines.at(-1);
    if (last !== undefined && soft) lines[lines.length - 1] = last.slice(0, -1) + raw;
    else if (last !== undefined && /^[ \t]/.test(raw)) lines[lines.length - 1] = last + raw.slice(1);
    else lines.push(raw);
    const line = lines.at(-1) ?? '';
    soft = line.endsWith('=') && /^[^:]*ENCODING=QUOTED-PRINTABLE|^[^:]*;QUOTED-PRINTABLE/i.test(line);
  }
  return lines;
}

function readProperty(line: string): { name: string; value: string } | undefined {
  const match = /^(?:[\w-]{1,40}\.)?([\w-]{1,40})((?:;(?:"[^"]*"|[^:"])*)?):(.*)$/.exec(line);
  if (match === null) return undefined;
  const [, name = '', parameters = '', raw = ''] = match;
  const charset = /;CHARSET=([\w.:-]{1,40})/i.exec(parameters)?.[1];
  let value = raw;
  if (/;(?:ENCODING=)?QUOTED-PRINTABLE/i.test(parameters)) {
    value = decodeCharset(decodeQuotedPrintable(Buffer.from(raw, 'utf8')), charset);
  }
  return { name: name.toUpperCase(), value: unescapeValue(value).trim() };
}

/** RFC 6350 3.4. */
function unescapeValue(value: string): string {
  return value.replace(/\\([nN,;:\\])/g, (_, escaped: string) => (/n/i.test(escaped) ? ' ' : escaped));
}

/** Family; given; more; before; after: as people are called. */
function nameOf(value: string): string {
  const [family = '', given = '', more = '', before = '', after = ''] = value
    .split(';')
    .map((part) => part.trim());
  return [before, given, more, family, after].filter((part) => part !== '').join(' ');
}
