/**
 * The line that introduces a quoted mail: "On Tue, 3 Jun 2025 at 09:28, Ann Lee <ann@example.com> wrote:". Mail programs
 * write it in the language of their user, break it anywhere, and may put the quote right behind it.
 */

/** The verb in it, matched without regard to case. Languages that put it first are matched by the same words. */
const WROTE = [
  ...[
    'wrote',
    'writes',
    'said',
    'schrieb',
    'schreibt',
    'geschrieben',
    'a écrit',
    'écrit',
    'escribió',
    'escribe',
  ],
  ...[
    'va escriure',
    'ha escrit',
    'ha scritto',
    'scrive',
    'escreveu',
    'schreef',
    'schrijft',
    'geschreven',
    'skrev',
  ],
  ...[
    'skriver',
    'skrifaði',
    'kirjoitti',
    'kirjoittaa',
    'napisał',
    'napisała',
    'napisał\\(a\\)',
    'napisana przez',
    'pisze',
  ],
  ...[
    'píše',
    'napsal',
    'napsala',
    'napsal\\(a\\)',
    'napísal',
    'napísala',
    'napísal\\(a\\)',
    'je napisao',
    'napisao je',
  ],
  ...[
    'je napisala?',
    'napisala?(?: je)?',
    'је написао\\/ла',
    'је написао',
    'написа',
    'írta',
    'ír',
    'a scris',
    'kirjutas',
  ],
  ...[
    'rašė',
    'parašė',
    'rakstīja',
    'написал',
    'вы писали',
    'вы написали',
    'ви писали',
    'написала',
    'написал\\(а\\)',
  ],
  ...[
    'пишет',
    'писал',
    'писал\\(а\\)',
    'пише',
    'написав',
    'написав\\(ла\\)',
    'писав',
    'напісаў',
    'έγραψε',
    'yazdı',
    'yazmış',
  ],
  ...[
    'şunları yazdı',
    'viết',
    'menulis',
    'เขียนว่า',
    'כתב',
    'כתבה',
    'כתב\\/ה',
    'كتب',
    '写道',
    '寫道',
    'のメール',
  ],
  ...[
    'さんが書きました',
    'さんは書きました',
    'のメッセージ',
    '님이 작성',
    '작성',
    '쓴 글',
    'escribiu',
    'idatzi du',
    'shkroi',
    'scríobh',
  ],
];
export const VERB = `(?:${WROTE.join('|')})`;

/**
 * The line (unfolded, trimmed). A date or an address has to be in it beside the verb, so that "as he wrote:" in a
 * sentence does not cut a text. Chinese and Japanese full-width colons are colons, and Zoho has dashes for them.
 */
const INTRODUCTION = new RegExp(
  `^(?=.*(?:\\d|@)).{0,400}(?:^|[\\s\\d>)\\]])${VERB}(?:[^\\n]{0,120}[:：]| ----)$`,
  'iu',
);

/** The same without a verb we know, in whatever language: a date, a time and an address. */
const BY_ADDRESS =
  /^(?=.{0,300}(?:\d{4}|\d[./-]\d))(?=.{0,300}\d{1,2}[:.]\d\d).{0,300}[<(][^<>()\s]{1,200}@[^<>()\s]{1,200}[>)].{0,40}[:：]$/u;

const QUOTING =
  'quoting|zitat von|citando a?|citation de|citat(?:ie)? (?:van|från)|citování|cytowanie|citerer|citat fra';

/** And without a date: "Quoting Ann <ann@example.com>:". */
const BY_WORD = new RegExp(`^(?:${QUOTING}) .{0,200}@.{0,100}[:：]$`, 'iu');

/** The date and address of Tuta, without a time zone or a verb: "Jun 3, 2025, 09:28 by ann@example.com:". */
const BY_DATE =
  /^(?=.{0,12}\d)[\p{L}\d][^<>@]{5,30}\d{4}, \d{1,2}[:.]\d\d(?: [AP]M)? \p{L}{1,5} [^\s@]+@[^\s@]+:$/iu;

/** With nothing but the marks below it to tell: "Ann Lee wrote:", "Quoting Ann (ann@example.com)", a date and "wrote". */
const ABOVE_MARKS = new RegExp(
  `^(?:(?:${QUOTING}) .{2,120}|(?:[*#] )?.{1,40} ${VERB}(?: .{1,30})? ?[:：]|(?=.*(?:\\d|@)).{1,200}[\\s>)]${VERB})$`,
  'iu',
);

/** What may introduce a quote that is marked: with the marks below it, a date or an address is enough. */
const OF_MARKED = /^(?=.*(?:\d[./:]\d\d|\d{4}|\w@\w)).{0,400}(?:[:：]| ----)$/u;

/** How such a line may begin where it is broken over several: what is looked at when a line ends in no colon. */
const START =
  /^(?:(?:on|am|le|el|il|em|op|den|dne|dnia|w dniu|za|на|ke|pe|în|în|vào|tarihinde|στις)\s|.{0,200}(?:\d{4}|\d{1,2}[:.]\d\d|\d年|<))/iu;

/** A line that begins an introduction for certain: the one above it is no part of it. */
const CERTAIN = /^(?:on|am|le|el|il|em|op|den|dne|dňa|dnia|w dniu|на|pe|în|vào|στις|在)\s.{0,80}\d/iu;

/** A piece of an introduction that a program has put on a line of its own: a bracket, an address, a name, the verb. */
const PIECE =
  /^(?:[<([]|[<([]?(?:mailto:)?[^\s@]+@[^\s@]+[>)\]]?,?|[>)\]].{0,80}|[^\s.!?:][^.!?:]{0,60}|.{0,40}[:：])$/iu;

/** Lines an introduction may be broken over. */
const MAX_LINES = 4;
/** Lines of one that is broken by blank lines as well. */
const MAX_SCATTERED = 12;
/** Longer lines are no introduction of anything. */
const MAX_LINE = 500;
const END = /(?:[:：][\s*_\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]*| ----)$/;
/** Marks of writing direction, which Gmail and Apple Mail put around names and addresses. */
const DIRECTION = /[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g;

/** How many lines from `at` on are the introduction of a quote; 0 where they are none. */
export function introductionLength(lines: readonly string[], at: number): number {
  const begins = at === 0 || lines[at - 1] === '';
  let joined = '';
  let first = '';
  for (let count = 1; count <= MAX_LINES; count++) {
    const raw = lines[at + count - 1] ?? '';
    // An address that is broken before its bracket: what looks like a mark is the bracket.
    const closes = count > 1 && raw.startsWith('>') && isOpen(joined);
    if (raw === '' || raw.length > MAX_LINE || (isQuoted(raw) && !closes)) break;
    if (count === 1 && !END.test(raw) && !endsSoon(lines, at)) break;
    const line = bare(raw);
    if (count > 1 && CERTAIN.test(line) && !CERTAIN.test(joined) && !HAS_VERB.test(joined)) break;
    joined = joined === '' ? line : join(joined, line);
    if (count === 1) first = line;
    if (/(?:[:：]| ----)$/.test(joined)) {
      const next = at + count;
      if (!introduces(joined, lines, next)) return 0;
      // What begins like any sentence has to be a paragraph and to tell more.
      if (count === 1 || START.test(first)) return count;
      const alone = (lines[next] ?? '') === '' || isQuoted(lines[next] ?? '');
      return alone && TELLS_MUCH.test(joined) && !isIntroduction(joined.slice(first.length).trim())
        ? count
        : 0;
    }
    if (count === 1 && !START.test(line) && !begins) break;
  }
  return scatteredLength(lines, at);
}

/** An address, or a date and a time. */
const TELLS_MUCH = /\S@\S|(?=.*(?:\d{4}|\d[./-]\d)).*\d{1,2}[:.]\d\d/;
const HAS_VERB = new RegExp(`(?:^|\\s)${VERB}(?:\\s|$)`, 'iu');

/**
 * The same for one that blank lines are in: HTML made plain by a program that takes each tag for a paragraph. It begins
 * as introductions do, or has a bracket on a line of its own below it, and what follows is the pieces of an address.
 */
function scatteredLength(lines: readonly string[], at: number): number {
  const first = bare(lines[at] ?? '');
  if (!mayScatter(lines, at) || first.length > MAX_LINE) return 0;
  let joined = first;
  for (let next = at + 1; next < at + MAX_SCATTERED; next++) {
    const line = bare(lines[next] ?? '');
    if (line === '') continue;
    if (!PIECE.test(line)) return 0;
    joined = join(joined, line);
    if (END.test(line)) return joined.includes('@') && isIntroduction(joined) ? next + 1 - at : 0;
  }
  return 0;
}

/** Can an introduction with blank lines in it begin here? */
export function mayScatter(lines: readonly string[], at: number): boolean {
  const line = lines[at] ?? '';
  if (line.endsWith('<')) return true;
  if (lines[at + 1] !== '') return false;
  return (CERTAIN.test(line) && /\d{1,2}[:.]\d\d/.test(line)) || /^[<([]$/.test(lines[at + 2] ?? '');
}

/** Two lines put together as they were, brackets without blanks. */
function join(one: string, other: string): string {
  return /[<([]$/.test(one) || /^[>)\]]/.test(other) ? `${one}${other}` : `${one} ${other}`;
}

/** Is this line an introduction with the mail that it introduces behind it, as Yahoo's program for phones writes it? */
export function introducesInline(line: string): boolean {
  const text = withoutDirection(line.slice(0, MAX_LINE));
  const address = text.indexOf('@');
  if (address === -1 || !CERTAIN.test(text)) return false;
  const colon = /[:：]\s*\S/.exec(text.slice(address));
  const introduction = text.slice(0, address + (colon?.index ?? 0) + 1);
  return colon !== null && /\d{1,2}[:.]\d\d/.test(introduction) && INTRODUCTION.test(introduction);
}

/** Does the text, the last of a paragraph, introduce what is marked as a quote below it? */
export function introducesMarked(line: string): boolean {
  const text = bare(line);
  return text.length < MAX_LINE && (ABOVE_MARKS.test(text) || isIntroduction(text));
}

/** Is this line an introduction, whatever follows? */
export function isIntroduction(line: string): boolean {
  return [INTRODUCTION, BY_ADDRESS, BY_WORD, BY_DATE].some((pattern) => pattern.test(line));
}

/** Does one of the next lines of this paragraph end as an introduction does? */
export function endsSoon(lines: readonly string[], at: number): boolean {
  for (let next = at + 1; next < at + MAX_LINES; next++) {
    const line = lines[next] ?? '';
    if (line === '') return false;
    if (END.test(line)) return true;
  }
  return false;
}

function introduces(line: string, lines: readonly string[], next: number): boolean {
  return isIntroduction(line) || (OF_MARKED.test(line) && isQuoted(lines[nextWritten(lines, next)] ?? ''));
}

/** Is there a bracket without its end? */
function isOpen(text: string): boolean {
  return text.lastIndexOf('<') > text.lastIndexOf('>');
}

/** A line as it was written, before a program marked it as bold or as running from the right. */
function bare(line: string): string {
  return withoutDirection(line).replace(/^[*_]{1,2}(?=[^*_])|(?<=[^*_])[*_]{1,2}$/g, '');
}

export function withoutDirection(line: string): string {
  return line.replace(DIRECTION, '').trim();
}

export function isQuoted(line: string): boolean {
  return /^ {0,3}[>＞]/.test(line);
}

/** Blank lines that are passed over: where there are more, nothing is below them. */
const MAX_BLANK = 20;

export function nextWritten(lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length && at < from + MAX_BLANK && lines[at] === '') at++;
  return at;
}
