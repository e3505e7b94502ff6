import { isAscii, isUtf8 } from 'node:buffer';
import { toUSVString } from 'node:util';
import iconv from 'iconv-lite';
import { guessCharset } from './guess-charset.ts';

/**
 * Octets to text by the charset a mail names, and by what the octets say where it names a wrong one.
 *
 * Wrong labels are common and go one of two ways: UTF-8 text called iso-8859-1, and windows-1252 text called
 * UTF-8, US-ASCII or nothing at all. Valid UTF-8 with at least one multi-octet character is practically never
 * anything else, so it wins over every single-octet Western label. What calls itself UTF-8 and is not is read as
 * windows-1252, unless the octets are plainly of the Far East or Cyrillic (guess-charset.ts). Nothing here throws: an unknown charset is treated like none.
 */

/** Labels under which the octets themselves decide between UTF-8 and windows-1252. */
const WESTERN = new Set([
  '',
  '7bit',
  '8bit',
  'ansi_x3.4-1968',
  'ascii',
  'cp1252',
  'default',
  'iso-8859-1',
  'iso8859-1',
  'iso_8859-1',
  'latin1',
  'none',
  'unknown',
  'unknown-8bit',
  'us-ascii',
  'utf-8',
  'utf8',
  'windows-1252',
  'x-unknown',
  'x-user-defined',
]);

/** 7-bit encodings that iconv-lite lacks: each is an 8-bit one with its top bits taken away and escapes put in. */
const SEVEN_BIT: ReadonlyMap<string, (octets: Buffer) => string> = new Map(
  Object.entries({
    'iso-2022-jp': (octets: Buffer) => decodeIso2022(octets, 'euc-jp'),
    'iso-2022-jp-1': (octets: Buffer) => decodeIso2022(octets, 'euc-jp'),
    'iso-2022-jp-2': (octets: Buffer) => decodeIso2022(octets, 'euc-jp'),
    'iso-2022-jp-3': (octets: Buffer) => decodeIso2022(octets, 'euc-jp'),
    'iso-2022-jp-ms': (octets: Buffer) => decodeIso2022(octets, 'euc-jp'),
    cp50220: (octets: Buffer) => decodeIso2022(octets, 'euc-jp'),
    cp50221: (octets: Buffer) => decodeIso2022(octets, 'euc-jp'),
    'iso-2022-kr': (octets: Buffer) => decodeIso2022(octets, 'euc-kr'),
    'iso-2022-cn': (octets: Buffer) => decodeIso2022(octets, 'gb2312'),
    'hz-gb-2312': decodeHz,
  }),
);

/** Names seen in mails for charsets that iconv-lite knows by another name. */
const ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'iso-8859-6-i': 'iso-8859-6',
    'iso-8859-6-e': 'iso-8859-6',
    'iso-8859-8-i': 'iso-8859-8',
    'iso-8859-8-e': 'iso-8859-8',
    'iso-8859-9': 'windows-1254',
    'unicode-1-1-utf-7': 'utf-7',
    'x-mac-roman': 'macintosh',
    'x-mac-cyrillic': 'maccyrillic',
    'x-sjis': 'cp932',
    shift_jis: 'cp932',
    'shift-jis': 'cp932',
    sjis: 'cp932',
    gb2312: 'gb18030',
    gbk: 'gb18030',
    'gb_2312-80': 'gb18030',
    'ks_c_5601-1987': 'cp949',
    'euc-kr': 'cp949',
  }),
);

/** Encodings of iconv-lite that are not charsets: a label of that name means nothing. */
const NOT_CHARSETS = new Set(['base64', 'hex', 'binary']);

/** Text of `octets` in the charset that `label` names. Never throws. */
export function decodeCharset(octets: Buffer, label: string | undefined): string {
  if (label === undefined || label === 'utf-8' || label === 'us-ascii') return decodeWestern(octets);
  const name = charsetName(label);
  if (WESTERN.has(name)) return decodeWestern(octets);
  const sevenBit = SEVEN_BIT.get(name);
  if (sevenBit !== undefined) return sevenBit(octets);
  const encoding = ALIASES.get(name) ?? name;
  if (NOT_CHARSETS.has(encoding) || !iconv.encodingExists(encoding)) return decodeWestern(octets);
  // UTF-7 and UTF-16 can spell half a surrogate pair.
  return toUSVString(iconv.decode(octets, encoding));
}

function charsetName(label: string): string {
  return label
    .toLowerCase()
    .replace(/["'\s]/g, '')
    .replace(/^(?:x-)?(?:win|windows|cp|cp-)-?(125\d)$/, 'windows-$1')
    .replace(/^latin-?(\d+)$/, (whole, digits: string) =>
      digits === '1' ? 'latin1' : whole.replace('-', ''),
    );
}

/** UTF-8 where the octets are UTF-8, else windows-1252 (iso-8859-1 never means its C1 controls in a mail), if it can be. */
function decodeWestern(octets: Buffer): string {
  if (isAscii(octets)) return octets.toString('latin1');
  if (isUtf8(octets)) return withoutBom(octets.toString('utf8'));
  if (isMostlyUtf8(octets)) return withoutBom(octets.toString('utf8'));
  return iconv.decode(octets, guessCharset(octets) ?? 'windows-1252');
}

function withoutBom(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/**
 * UTF-8 with a little damage (a character cut in two where a program cut its text by octets, one stray octet)?
 * Then the damage shows as U+FFFD and the rest stays readable.
 */
function isMostlyUtf8(octets: Buffer): boolean {
  let good = 0;
  let bad = 0;
  for (let at = 0; at < octets.length;) {
    const octet = octets[at] ?? 0;
    if (octet < 0x80) {
      at += 1;
      continue;
    }
    const length = octet >= 0xf0 && octet < 0xf5 ? 4 : octet >= 0xe0 ? 3 : octet >= 0xc2 ? 2 : 1;
    const valid = length > 1 && octet < 0xf5 && isUtf8(octets.subarray(at, at + length));
    if (valid && at + length <= octets.length) {
      good += 1;
      at += length;
    } else {
      bad += 1;
      at += 1;
    }
  }
  return good > 2 * bad;
}

/**
 * ISO-2022-JP (RFC 1468, with the JIS X 0201 and JIS X 0212 of its later forms), ISO-2022-KR (RFC 1557) and the
 * GB 2312 part of ISO-2022-CN (RFC 1922), by putting the top bits back and decoding the EUC form of the same sets.
 * EUC-JP as iconv-lite has it includes the NEC and IBM rows, which Japanese phones and Outlook use in mails.
 */
function decodeIso2022(octets: Buffer, euc: 'euc-jp' | 'euc-kr' | 'gb2312'): string {
  const out = Buffer.alloc(octets.length * 2);
  let length = 0;
  let set: 'ascii' | 'double' | 'kana' | 'supplement' = 'ascii';
  let shifted = false;
  for (let at = 0; at < octets.length; at++) {
    const octet = octets[at] ?? 0;
    if (octet === 0x1b) {
      const escape = octets.toString('latin1', at + 1, at + 4);
      if (escape.startsWith('$(D')) set = 'supplement';
      else if (escape.startsWith('$(') || escape.startsWith('$)'))
        set = euc === 'euc-jp' ? 'double' : 'ascii';
      else if (escape.startsWith('$')) set = 'double';
      else if (escape.startsWith('(I')) set = 'kana';
      else set = 'ascii';
      at += escape.startsWith('$(') || escape.startsWith('$)') ? 3 : 2;
    } else if (octet === 0x0e || octet === 0x0f) {
      shifted = octet === 0x0e;
    } else if (octet === 0x0a || octet === 0x0d) {
      // Every line starts in ASCII; a line that forgot its escape back does not spoil the rest.
      set = 'ascii';
      shifted = false;
      out[length++] = octet;
    } else if (octet < 0x21 || octet > 0x7e) {
      out[length++] = octet;
    } else if (set === 'kana' || (shifted && euc === 'euc-jp')) {
      out[length++] = 0x8e;
      out[length++] = octet | 0x80;
    } else if (set === 'ascii' && !shifted) {
      out[length++] = octet;
    } else if (at + 1 < octets.length) {
      if (set === 'supplement') out[length++] = 0x8f;
      out[length++] = octet | 0x80;
      out[length++] = (octets[++at] ?? 0) | 0x80;
    }
  }
  return iconv.decode(out.subarray(0, length), euc);
}

/** HZ (RFC 1843): `~{` and `~}` around GB 2312 without its top bits, `~~` for a tilde. */
function decodeHz(octets: Buffer): string {
  const out = Buffer.alloc(octets.length);
  let length = 0;
  let chinese = false;
  for (let at = 0; at < octets.length; at++) {
    const octet = octets[at] ?? 0;
    const next = octets[at + 1];
    if (
      octet === 0x7e &&
      next !== undefined &&
      (next === 0x7b || next === 0x7d || next === 0x7e || next === 0x0a)
    ) {
      if (next === 0x7b) chinese = true;
      else if (next === 0x7d) chinese = false;
      else if (next === 0x7e) out[length++] = 0x7e;
      at += 1;
    } else if (chinese && octet >= 0x21 && octet <= 0x7e && next !== undefined) {
      out[length++] = octet | 0x80;
      out[length++] = next | 0x80;
      at += 1;
    } else {
      if (octet === 0x0a) chinese = false;
      out[length++] = octet;
    }
  }
  return iconv.decode(out.subarray(0, length), 'gb2312');
}
