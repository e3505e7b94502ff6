import { normaliseText } from './normalise.ts';
import {
  ANSWER_ABOVE,
  DISCLAIMERS,
  DISCLAIMER_WORDS,
  FORWARDED,
  HEADER_ANY,
  HEADER_DATE,
  HEADER_REST,
  HEADER_SENDER,
  HEADER_SENT,
  HEADER_SUBJECT,
  INTRODUCTION,
  INTRODUCTION_BY_ADDRESS,
  INTRODUCTION_BY_WORD,
  INTRODUCTION_CERTAIN,
  INTRODUCTION_OF_MARKED,
  INTRODUCTION_START,
  LIST_FOOTER,
  ORIGINAL_MESSAGE,
  SENT_FROM,
  SENT_FROM_WORDS,
} from './strip-patterns.ts';

/**
 * The part of a mail's text that its sender wrote for this reader: without the mail it answers, the signature,
 * disclaimers and what programs add.
 *
 * Promises: what comes out is made of lines that went in, in their order; a text that would lose everything is given
 * back whole, for then the quote is what the mail is about; time is linear to the text. A pure function on
 * normalised text (normalise.ts): LF, no trailing spaces.
 *
 * Where a rule is in doubt it leaves the text: a phone user can skip a line too many, and cannot guess one missing.
 */

export interface StripOptions {
  /** Everything from this on is cut, where something stands before it; empty: no end tag. Default `##`. */
  readonly endTag?: string;
  /** Subject of the mail: a forwarded mail keeps what it forwards. */
  readonly subject?: string;
  /** Further paragraphs to drop at the end: one that matches goes. */
  readonly disclaimers?: readonly RegExp[];
  /** False: the mail answers none, so a line that begins with `>` is no quote unless it is introduced as one. */
  readonly reply?: boolean;
}

/** Something that was left out, and what it was taken for. */
export interface Dropped {
  readonly why: 'quote' | 'signature' | 'program line' | 'disclaimer' | 'list footer' | 'after the end tag';
  readonly text: string;
}

/** Lines of a signature after `--`. RFC 3676 4.3 names no limit, netiquette four; companies go to five times that. */
const MAX_SIGNATURE = 20;
/** Lines looked at for the rest of a header block. */
const LOOK_AHEAD = 7;
/** Lines an introduction may be broken over. */
const MAX_INTRODUCTION = 4;
/** Longer lines are no introduction of anything. */
const MAX_LINE = 500;
const INTRODUCTION_END = /(?:[:：][\s\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]*| ----)$/;
/** Marks of writing direction, which Gmail and Apple Mail put around names and addresses. */
const DIRECTION = /[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g;

/** `text` without quotes, signature, disclaimers and program lines; `text` itself where nothing would be left. */
export function stripText(text: string, options: StripOptions = {}): string {
  return explainStrip(text, options).text;
}

/** The same, with what was left out, in the order in which it was found. */
export function explainStrip(
  text: string,
  options: StripOptions = {},
): { text: string; dropped: readonly Dropped[] } {
  const dropped: Dropped[] = [];
  const invited = withoutInvitation(text, dropped);
  const tagged = cutAtTag(invited, options.endTag ?? '##', dropped);
  const certain = dropped.length;
  const own = withoutQuotes(tagged.split('\n'), options, dropped);
  const quoted = dropped.length;
  const steps = [withoutListFooter, withoutSignature, withoutSentFrom, withoutSignature];
  const disclaimers = DISCLAIMER_WORDS.test(tagged)
    ? [...DISCLAIMERS, ...(options.disclaimers ?? [])]
    : (options.disclaimers ?? []);
  let result = withoutDisclaimers(own.join('\n'), disclaimers, dropped);
  for (const step of steps) {
    const shorter = step(result, dropped);
    if (shorter !== result) result = withoutDisclaimers(shorter, disclaimers, dropped);
  }
  // Most alerts: nothing to leave out, and normalised already.
  if (result === text) return { text, dropped };
  const left = normaliseText(result.length < tagged.length ? withoutLastRule(result) : result);
  if (left !== '') return { text: left.replace(/^ (?=\S)/, ''), dropped };
  // A mail that is nothing but a disclaimer is about that; where nothing but "Sent from my phone" stands above a
  // quote, the quote is what was sent.
  const unquoted = normaliseText(own.join('\n'));
  if (unquoted !== '' && dropped.slice(quoted).some(({ why }) => why === 'disclaimer')) {
    return { text: unquoted, dropped: dropped.slice(0, quoted) };
  }
  return { text: normaliseText(tagged), dropped: dropped.slice(0, certain) };
}

/** Does the subject say that the mail forwards another? */
export function isForward(subject: string): boolean {
  return /^(?:\[[^\]]{1,40}\]\s*)?(?:fwd?|fw|wg|tr|rv|i|enc|doorst|vs|vb|pd|转发|轉寄|転送)\s?[:：]/iu.test(
    subject,
  );
}

/** Does the subject say that the mail answers another? */
export function isAnswer(subject: string): boolean {
  return /^(?:\[[^\]]{1,40}\]\s*)?(?:re|aw|antw|antwort|sv|vs|r|rif|ref|res|odp|ynt|απ|回复|回覆|答复|返信|답장)\s?(?:\[\d+\])?\s?[:：]/iu.test(
    subject,
  );
}

/** At the top "answer above this line" is an invitation of a ticket system; further down it ends an answer. */
function withoutInvitation(text: string, dropped: Dropped[]): string {
  const [first = ''] = text.split('\n', 1);
  if (!ANSWER_ABOVE.test(first)) return text;
  dropped.push({ why: 'program line', text: first });
  return text.slice(first.length + 1);
}

/** The tag in a run of more of its kind (a heading, a rule) is none. */
function cutAtTag(text: string, tag: string, dropped: Dropped[]): string {
  if (tag === '') return text;
  const first = tag.charAt(0);
  const last = tag.charAt(tag.length - 1);
  for (let at = text.indexOf(tag); at !== -1; at = text.indexOf(tag, at + tag.length)) {
    const alone = text.charAt(at - 1) !== first && text.charAt(at + tag.length) !== last;
    if (alone && text.slice(0, at).trim() !== '') return cut(text, at, 'after the end tag', dropped);
  }
  return text;
}

/** `text` up to `at`; what follows is noted. */
function cut(text: string, at: number, why: Dropped['why'], dropped: Dropped[]): string {
  const rest = text.slice(at).trim();
  if (rest !== '') dropped.push({ why, text: rest });
  return text.slice(0, at).trimEnd();
}

function withoutQuotes(lines: readonly string[], options: StripOptions, dropped: Dropped[]): string[] {
  let forward = isForward(options.subject ?? '');
  /** Below the line that begins a forwarded mail. */
  let forwarded = false;
  const marked = hasQuotes(lines, options.reply);
  const kept: string[] = [];
  let quote: string[] = [];
  const endQuote = (): void => {
    const text = quote.join('\n').trim();
    if (text !== '') dropped.push({ why: 'quote', text });
    quote = [];
  };
  for (let at = 0; at < lines.length;) {
    const line = lines[at] ?? '';
    // Nearly every line is plain words: without a colon, a mark or a rule there is nothing to look for.
    if (!mayMean(lines, at)) {
      if (line !== '') endQuote();
      kept.push(line);
      at += 1;
      continue;
    }
    if (FORWARDED.test(withoutMark(line))) {
      forward = true;
      forwarded = true;
    }
    if (!forwarded && ANSWER_ABOVE.test(line)) {
      quote.push(...lines.slice(at));
      break;
    }
    if (isQuoted(line) && forwarded) {
      kept.push(withoutMark(line));
      at += 1;
      continue;
    }
    if (marked && (isQuoted(line) || isOverflow(lines, at))) {
      quote.push(line);
      at += 1;
      continue;
    }
    const count = introductionLength(lines, at);
    if (count > 0) {
      const next = nextWritten(lines, at + count);
      if (isQuoted(lines[next] ?? '')) {
        quote.push(...lines.slice(at, next));
        at = next;
        continue;
      }
      // Quoted without marks: the rest is the other mail.
      if (!forward) {
        quote.push(...lines.slice(at));
        break;
      }
    }
    if (!forward && (ORIGINAL_MESSAGE.test(line) || isHeaderBlock(lines, at))) {
      while (kept.length > 0 && /^[-_*=\s]*$/.test(kept.at(-1) ?? '')) kept.pop();
      quote.push(...lines.slice(at));
      break;
    }
    if (line !== '') endQuote();
    kept.push(line);
    at += 1;
  }
  endQuote();
  return kept;
}

/** Words of "answer above this line" in all its languages. */
const LINE_WORDS = /line|lijn|zeile|ligne|línea/i;

/** Can this line begin a quote, an introduction or a header block, or be within one? False for plain words. */
function mayMean(lines: readonly string[], at: number): boolean {
  const line = lines[at] ?? '';
  if (line === '') return false;
  if (/[:：>＞]|^[-_*=#]| ----$/.test(line) || (line.length < 160 && LINE_WORDS.test(line))) return true;
  return isOverflow(lines, at) || endsSoon(lines, at);
}

/** Are lines that begin with `>` quotes here? */
function hasQuotes(lines: readonly string[], reply: boolean | undefined): boolean {
  if (reply !== false) return true;
  return lines.some(
    (line, at) =>
      isQuoted(line) && at > 0 && !isQuoted(lines[at - 1] ?? '') && introductionEndsAt(lines, at - 1),
  );
}

/** Does an introduction end on this line, or above the blank lines that end here? */
function introductionEndsAt(lines: readonly string[], at: number): boolean {
  let last = at;
  while (last > 0 && lines[last] === '') last--;
  for (let start = last; start >= 0 && start > last - MAX_INTRODUCTION; start--) {
    const count = introductionLength(lines, start);
    if (count > 0 && start + count - 1 === last) return true;
  }
  return false;
}

function isQuoted(line: string): boolean {
  return /^ {0,3}[>＞]/.test(line);
}

function withoutMark(line: string): string {
  return line.replace(/^ {0,3}[>＞] ?/, '');
}

/** The end of a quoted line that a mail program wrapped without marking it: between two quoted lines. */
function isOverflow(lines: readonly string[], at: number): boolean {
  return at > 0 && lines[at] !== '' && isQuoted(lines[at - 1] ?? '') && isQuoted(lines[at + 1] ?? '');
}

/** How many lines from `at` on are the introduction of a quote ("On ..., Ann wrote:"); 0 where they are none. */
function introductionLength(lines: readonly string[], at: number): number {
  let joined = '';
  for (let count = 1; count <= MAX_INTRODUCTION; count++) {
    const raw = lines[at + count - 1] ?? '';
    if (raw === '' || raw.length > MAX_LINE || isQuoted(raw)) return 0;
    if (count === 1 && !INTRODUCTION_END.test(raw) && !endsSoon(lines, at)) return 0;
    const line = raw.replace(DIRECTION, '').trim();
    if (count > 1 && INTRODUCTION_CERTAIN.test(line)) return 0;
    joined = joined === '' ? line : `${joined} ${line}`;
    if (/(?:[:：]| ----)$/.test(line)) return introduces(joined, lines, at + count) ? count : 0;
    if (count === 1 && !INTRODUCTION_START.test(line)) return 0;
  }
  return 0;
}

/** Does one of the next lines of this paragraph end as an introduction does? */
function endsSoon(lines: readonly string[], at: number): boolean {
  for (let next = at + 1; next < at + MAX_INTRODUCTION; next++) {
    const line = lines[next] ?? '';
    if (line === '') return false;
    if (INTRODUCTION_END.test(line)) return true;
  }
  return false;
}

function introduces(line: string, lines: readonly string[], next: number): boolean {
  if (INTRODUCTION.test(line) || INTRODUCTION_BY_ADDRESS.test(line) || INTRODUCTION_BY_WORD.test(line)) {
    return true;
  }
  return INTRODUCTION_OF_MARKED.test(line) && isQuoted(lines[nextWritten(lines, next)] ?? '');
}

function nextWritten(lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length && lines[at] === '') at++;
  return at;
}

/**
 * From: with at least two of Sent:, To:, Subject: close below, in whatever language; in one we do not know, three
 * fields right below the rule that Outlook draws there.
 */
function isHeaderBlock(lines: readonly string[], at: number): boolean {
  const first = fieldName(lines[at] ?? '');
  if (first === undefined) return false;
  const block = lines.slice(at, at + LOOK_AHEAD);
  const ruled = /^_{20,}$/.test(lines[at - 1] ?? '');
  if (ruled && block.filter((line) => HEADER_ANY.test(line.replace(DIRECTION, ''))).length >= 4) return true;
  const fromSender = HEADER_SENDER.has(first);
  if (!fromSender && first !== 'sent' && first !== 'gesendet') return false;
  const more = block.slice(1).flatMap((line) => fieldName(line) ?? []);
  if (more.filter((name) => HEADER.some((names) => names.has(name))).length < 2) return false;
  if (!fromSender) return more.some((name) => HEADER_SENDER.has(name));
  // A journey has From: and To: and Date: as well. A mail has an address, a subject, or a date called "Sent".
  return (
    more.some((name) => HEADER_SENT.has(name) || HEADER_SUBJECT.has(name)) ||
    block.some((line) => /\S@\S/.test(line))
  );
}

const HEADER = [HEADER_SENT, HEADER_DATE, HEADER_SUBJECT, HEADER_REST, HEADER_SENDER];

/** The name in "*From:* Ann", in lower case; undefined where the line is no field with a value. */
function fieldName(line: string): string | undefined {
  if (line.length > MAX_LINE * 4) return undefined;
  const match = /^[>*\s]{0,4}(\p{L}[^:：*]{0,30}?)\s?\*?\s?[:：]\*?\s{0,12}\S/u.exec(
    line.replace(DIRECTION, ''),
  );
  return match?.[1]?.toLowerCase();
}

function withoutListFooter(text: string, dropped: Dropped[]): string {
  for (const rule of text.matchAll(/^(?:_{20,}|-{2,3}|~{3,})$/gm)) {
    if (LIST_FOOTER.test(text.slice(rule.index, rule.index + 600))) {
      return cut(text, rule.index, 'list footer', dropped);
    }
  }
  return text;
}

/** From the last `-- ` on (trailing space gone by now), where what follows is short enough to be a signature. */
function withoutSignature(text: string, dropped: Dropped[]): string {
  const lines = text.split('\n');
  for (let at = Math.max(1, lines.length - MAX_SIGNATURE - 1); at < lines.length; at++) {
    if (/^(?:--|—|__)$/.test((lines[at] ?? '').trim())) {
      return cut(text, lines.slice(0, at).join('\n').length, 'signature', dropped);
    }
  }
  return text;
}

/** Among the last lines, or as a paragraph of its own: then a quote without marks follows it. */
function withoutSentFrom(text: string, dropped: Dropped[]): string {
  if (!SENT_FROM_WORDS.test(text)) return text;
  const lines = text.trimEnd().split('\n');
  for (const [at, line] of lines.entries()) {
    const alone = at > 0 && lines[at - 1] === '' && lines[at + 1] === '';
    if ((alone || at >= lines.length - 3) && isSentFrom(line)) {
      return cut(text, lines.slice(0, at).join('\n').length, 'program line', dropped);
    }
  }
  return text;
}

/** "Sent from my desk, it was easier." is a sentence. */
function isSentFrom(line: string): boolean {
  return line.length <= 160 && !(line.includes(',') && line.endsWith('.')) && SENT_FROM.test(line);
}

/** Paragraphs at the beginning and the end that match; those between own words stay. */
function withoutDisclaimers(text: string, patterns: readonly RegExp[], dropped: Dropped[]): string {
  if (patterns.length === 0) return text;
  const paragraphs = text.split(/\n(?:[-_*=]{3,}\n|\n)/);
  const matches = (paragraph: string | undefined): boolean =>
    paragraph !== undefined && paragraph !== '' && patterns.some((pattern) => pattern.test(paragraph));
  let from = 0;
  let to = paragraphs.length;
  while (to > from && (matches(paragraphs[to - 1]) || paragraphs[to - 1]?.trim() === '')) to--;
  while (from < to && matches(paragraphs[from])) from++;
  if (from === 0 && to === paragraphs.length) return text;
  const [above, below] = to < paragraphs.length ? ownLinesAbove(paragraphs[to] ?? '') : ['', ''];
  if (above !== '') paragraphs.splice(to++, 1, above, below);
  for (const paragraph of [...paragraphs.slice(0, from), ...paragraphs.slice(to)]) {
    if (paragraph.trim() !== '') dropped.push({ why: 'disclaimer', text: paragraph.trim() });
  }
  return paragraphs.slice(from, to).join('\n\n');
}

/**
 * Short lines right above a disclaimer, which Outlook's HTML sets without a gap: [what is theirs, the disclaimer]. The
 * disclaimer is one long line then.
 */
function ownLinesAbove(paragraph: string): [string, string] {
  const lines = paragraph.split('\n');
  const long = lines.findIndex((line) => line.length > 100);
  const above = lines.slice(0, Math.max(0, long));
  return above.every((line) => line.length < 60)
    ? [above.join('\n'), lines.slice(above.length).join('\n')]
    : ['', paragraph];
}

/** A line drawn above what was cut. */
function withoutLastRule(text: string): string {
  return text.replace(/\n\s*[-_*=~]{3,}\s*$/, '');
}
