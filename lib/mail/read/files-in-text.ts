/**
 * Files that a text carries within itself, from the time before MIME or from programs that know none of it: uuencode
 * (POSIX), its base64 form, BinHex 4.0 (RFC 1741), btoa, yEnc, armour (RFC 7468, RFC 9580 6) and bare base64. A phone
 * has no use for them, and each of their lines would be paid for.
 *
 * What only looks like one stays. In time linear to the text.
 */

/** A way to write a file into a text: the line that begins it, and the number of lines from there on; 0 for none. */
interface Form {
  readonly begins: RegExp;
  readonly length: (lines: readonly string[], at: number) => number;
}

/** How the usual files begin in base64: PDF, PNG, JPEG, GIF, ZIP, OLE, programs, TIFF. */
const KNOWN_FILE =
  /^(?:JVBERi0|iVBORw0KGgo|\/9j\/4|R0lGOD|UEsDB|0M8R4KGx|TVqQAA|SUkqA|TU0AK)[A-Za-z0-9+/]*={0,2}$/;

const FORMS: readonly Form[] = [
  { begins: /^begin [0-7]{3,4} \S/, length: uuencoded },
  { begins: /^begin-base64 [0-7]{3,4} \S/, length: (lines, at) => upTo(lines, at, isBase64, /^=+$/) },
  { begins: /^\(This file must be converted with BinHex/i, length: binHex },
  { begins: /^xbtoa\d? Begin$/i, length: (lines, at) => upTo(lines, at, isAscii85, /^xbtoa\d? End\b/i) },
  { begins: /^<~/, length: ascii85 },
  { begins: /^-----BEGIN [A-Z0-9][A-Z0-9 ]{1,40}-----$/, length: armoured },
  { begins: /^[A-Za-z0-9+/]{60,}={0,2}$/, length: base64Run },
  { begins: KNOWN_FILE, length: base64Run },
];

/** A line that may begin one. */
const MAY_BEGIN =
  /^(?:begin[ -]|\(This file must|xbtoa|<~|-----BEGIN |[A-Za-z0-9+/]{60}|JVBERi0|iVBORw0|\/9j\/4|R0lGOD|UEsDB|0M8R4|TVqQ|SUkqA|TU0AK)/im;

/** `data:` addresses with their file in them (RFC 2397). */
const DATA_URL = /data:[\w/+.-]{1,80}(?:;[\w=.-]{1,80}){0,3};base64,[A-Za-z0-9+/=]{40,}/g;

/** `text` without the files in it. */
export function withoutFiles(text: string): string {
  const shown = text.includes(';base64,') ? text.replace(DATA_URL, '') : text;
  if (!MAY_BEGIN.test(shown)) return shown;
  const lines = shown.split(/\r?\n/);
  const kept: string[] = [];
  for (let at = 0; at < lines.length;) {
    const line = lines[at] ?? '';
    const form = FORMS.find(({ begins }) => begins.test(line));
    const length = form?.length(lines, at) ?? 0;
    if (length === 0) kept.push(line);
    at += Math.max(1, length);
  }
  return kept.join('\n');
}

/** Lines of data from `at + 1` on that end in `end`; 0 where there is other text before it. */
function upTo(lines: readonly string[], at: number, isData: (line: string) => boolean, end: RegExp): number {
  let next = at + 1;
  while (next < lines.length && !end.test(lines[next] ?? '') && isData(lines[next] ?? '')) next++;
  if (end.test(lines[next] ?? '')) next++;
  return next > at + 1 ? next - at : 0;
}

function isBase64(line: string): boolean {
  return /^[A-Za-z0-9+/]*={0,2}$/.test(line);
}

function isAscii85(line: string): boolean {
  return /^[!-uxyz]+$/.test(line);
}

/** From `<~` to `~>`, as PostScript has it. */
function ascii85(lines: readonly string[], at: number): number {
  for (let next = at; next < lines.length; next++) {
    const line = (lines[next] ?? '').slice(next === at ? 2 : 0);
    if (line.endsWith('~>') && (line === '~>' || isAscii85(line.slice(0, -2)))) return next + 1 - at;
    if (!isAscii85(line)) return 0;
  }
  return 0;
}

/** `begin`, lines that begin with their length, `end`, which may be missing. */
function uuencoded(lines: readonly string[], at: number): number {
  let next = at + 1;
  while (next < lines.length && isUuencoded(lines[next] ?? '')) next++;
  if (next === at + 1) return 0;
  // The empty line of data may have lost its back quote.
  if (/^[` +]?$/.test(lines[next] ?? '') && lines[next + 1] === 'end') next += 1;
  return (lines[next] === 'end' ? next + 1 : next) - at;
}

/** Three octets are four characters; spaces at a line's end get lost on the way. xxencode has another alphabet. */
function isUuencoded(line: string): boolean {
  const octets = (line.charCodeAt(0) - 0x20) & 0x3f;
  const fits = (count: number): boolean => {
    const expected = 1 + Math.ceil(count / 3) * 4;
    return count > 0 && count <= 45 && line.length <= expected + 1 && line.length >= expected - 8;
  };
  if (line.length < 2) return false;
  return (
    (/^[ -`]+$/.test(line) && fits(octets)) ||
    (/^[+\-0-9A-Za-z]+$/.test(line) && fits(XX.indexOf(line.charAt(0))))
  );
}

const XX = '+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Everything from the notice to the second colon, RFC 1741 appendix A. */
function binHex(lines: readonly string[], at: number): number {
  let next = at + 1;
  while (lines[next] === '') next++;
  if (!/^:[!-r]+$/.test(lines[next] ?? '')) return 1;
  while (next < lines.length && /^[!-r]+$/.test(lines[next] ?? '')) {
    if ((lines[next] ?? '').endsWith(':') && (lines[next] ?? '').length > 1) return next + 1 - at;
    next++;
  }
  return next - at;
}

/** Keys, certificates and signatures. What is signed is text (protected.ts). */
function armoured(lines: readonly string[], at: number): number {
  const label = /^-----BEGIN (.+)-----$/.exec(lines[at] ?? '')?.[1] ?? '';
  if (label.endsWith('SIGNED MESSAGE')) return 0;
  const isData = (line: string): boolean =>
    /^[A-Za-z0-9+/]*={0,2}$/.test(line) ||
    /^=[A-Za-z0-9+/]{4}$/.test(line) ||
    /^[A-Z][\w-]{1,30}: /.test(line);
  return upTo(lines, at, isData, /^-----END /);
}

/** Lines of one length, three or more, the last of which may be shorter; or one line as no word is. */
function base64Run(lines: readonly string[], at: number): number {
  const first = lines[at] ?? '';
  if (!isMixed(first) && !KNOWN_FILE.test(first)) return 0;
  const width = first.length;
  let next = at + 1;
  while ((lines[next] ?? '').length === width && isBase64(lines[next] ?? '')) next++;
  const last = lines[next] ?? '';
  const ends = last !== '' && last.length < width && last.length % 4 === 0 && isBase64(last) && isMixed(last);
  const count = next - at + (ends ? 1 : 0);
  return count >= 3 || width >= LONGEST_WORD || KNOWN_FILE.test(first) ? count : 0;
}

/** More than any word has. */
const LONGEST_WORD = 400;

/** Capitals, small letters and digits, as base64 has them. */
function isMixed(line: string): boolean {
  return line.endsWith('=') || [/[A-Z]/, /[a-z]/, /[0-9+/]/].every((kind) => kind.test(line));
}

const YENC = '=ybegin ';
const YENC_BEGIN = /^=ybegin (?=.*\bline=(\d{1,4})\b)(?=.*\bsize=(\d{1,12})\b).*\bname=/;

/**
 * `octets` without what yEnc has put into them: octets of any value, which would spoil the charset of the rest. Where
 * the line that ends it is missing, its size tells how many lines it has.
 */
export function withoutYenc(octets: Buffer): Buffer {
  if (!octets.includes(YENC)) return octets;
  const kept: Buffer[] = [];
  let from = 0;
  let end = 0;
  for (let at = octets.indexOf(YENC); at !== -1; at = octets.indexOf(YENC, at + 1)) {
    if (at < from || (at > 0 && octets[at - 1] !== 0x0a)) continue;
    const begin = YENC_BEGIN.exec(octets.toString('latin1', at, at + 512).split('\n', 1)[0] ?? '');
    if (begin === null) continue;
    kept.push(octets.subarray(from, at));
    if (end !== -1 && end < at) end = octets.indexOf('\n=yend', at);
    from = end === -1 ? afterLines(octets, at, linesOf(octets, at, begin)) : afterLines(octets, end + 1, 1);
  }
  kept.push(octets.subarray(Math.min(from, octets.length)));
  return Buffer.concat(kept);
}

/** The lines of a file that does not say where it ends: those that tell its size, and its data. */
function linesOf(octets: Buffer, at: number, [, width, size]: RegExpExecArray): number {
  const second = octets.toString('latin1', afterLines(octets, at, 1), afterLines(octets, at, 1) + 80);
  const part = /^=ypart begin=(\d{1,12}) end=(\d{1,12})/.exec(second);
  const data = part === null ? Number(size) : Number(part[2]) - Number(part[1]) + 1;
  return (part === null ? 1 : 2) + Math.ceil(Math.max(0, data) / Math.max(1, Number(width)));
}

function afterLines(octets: Buffer, from: number, count: number): number {
  let at = from;
  for (let line = 0; line < count; line++) {
    const end = octets.indexOf(0x0a, at);
    if (end === -1) return octets.length;
    at = end + 1;
  }
  return at;
}
