import {
  ANSWER_ABOVE,
  FORWARDED,
  HEADER_ANY,
  HEADER_DATE,
  HEADER_REST,
  HEADER_SENDER,
  HEADER_SENT,
  HEADER_SUBJECT,
  INTRODUCTION,
  INTRODUCTION_ABOVE_MARKS,
  INTRODUCTION_BY_ADDRESS,
  INTRODUCTION_BY_WORD,
  INTRODUCTION_CERTAIN,
  INTRODUCTION_OF_MARKED,
  INTRODUCTION_START,
  ORIGINAL_MESSAGE,
  OWN_MANNER,
} from './strip-patterns.ts';
import { isForward } from '../read/subject.ts';

/**
 * The mail that is answered, as it stands in the answer: lines that begin with `>`, with the line that introduces them;
 * or everything below an introduction, a rule with "Original Message" in it, or a block of header fields, where a mail
 * program marks nothing. What stands below or between marked lines is the answer, and stays; so does a forwarded mail.
 */

/** Lines looked at for the rest of a header block. */
const LOOK_AHEAD = 7;
/** Lines an introduction may be broken over. */
const MAX_INTRODUCTION = 4;
/** Longer lines are no introduction of anything. */
const MAX_LINE = 500;
const INTRODUCTION_END = /(?:[:：][\s\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]*| ----)$/;
/** Marks of writing direction, which Gmail and Apple Mail put around names and addresses. */
const DIRECTION = /[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g;

/** `lines` without the mail they answer; `drop` is called with each run of lines that is left out. */
export function withoutQuotes(
  lines: readonly string[],
  options: { readonly subject?: string; readonly reply?: boolean },
  drop: (text: string) => void,
): string[] {
  let forward = isForward(options.subject ?? '');
  /** Below the line that begins a forwarded mail. */
  let forwarded = false;
  const marked = hasQuotes(lines, options.reply);
  const kept: string[] = [];
  let quote: string[] = [];
  const endQuote = (): void => {
    const text = quote.join('\n').trim();
    if (text !== '') drop(text);
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
    if (!forwarded && (ANSWER_ABOVE.test(line) || (!forward && isOwnManner(lines, at)))) {
      quote.push(...lines.slice(at));
      break;
    }
    if (isQuoted(line) && forwarded) {
      kept.push(withoutMark(line));
      at += 1;
      continue;
    }
    if (marked && (isQuoted(line) || isOverflow(lines, at))) {
      if (quote.length === 0) quote.push(...takeIntroduction(kept));
      quote.push(line);
      at += 1;
      continue;
    }
    const count = introductionLength(lines, at);
    if (count > 0) {
      const next = nextWritten(lines, at + count);
      if (isQuoted(lines[next] ?? '')) {
        quote.push(...takeFields(kept));
        quote.push(...lines.slice(at, next));
        at = next;
        continue;
      }
      // Quoted without marks: the rest is the other mail.
      if (!forward) {
        quote.push(...takeFields(kept), ...lines.slice(at));
        break;
      }
    }
    if (!forward && (ORIGINAL_MESSAGE.test(line) || isHeaderBlock(lines, at))) {
      while (kept.length > 0 && (RULE.test(kept.at(-1) ?? '') || MESSAGE_OF.test(kept.at(-1) ?? '')))
        kept.pop();
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

/** A drawn line, words in it or not, or nothing at all: what stands above a block of header fields belongs to it. */
const RULE = /^(?:[-_*=\s]*|[-_*=]{3,} ?[^-_*=]{1,60} ?[-_*=]{3,})$/;

/** What Orange has above its block. */
const MESSAGE_OF = /^message du :? ?\d[\d/.: à]{5,20}$/iu;

/** Takes from what was kept the paragraph of one line that introduces the marked lines below it. */
function takeIntroduction(kept: string[]): string[] {
  let at = kept.length - 1;
  if (kept[at] === '') at--;
  const line = (kept[at] ?? '').replace(DIRECTION, '').trim();
  const alone = (kept[at - 1] ?? '') === '';
  return line.length < MAX_LINE && alone && INTRODUCTION_ABOVE_MARKS.test(line) ? kept.splice(at) : [];
}

/** Takes from what was kept the fields that Yandex has between a drawn line and the introduction. */
function takeFields(kept: string[]): string[] {
  let at = kept.length;
  while (at > 0 && isField(kept[at - 1] ?? '')) at--;
  return at < kept.length && /^-{8,}$/.test(kept[at - 1] ?? '') ? kept.splice(at - 1) : [];
}

function isField(line: string): boolean {
  const name = fieldName(line);
  return name !== undefined && HEADER.some((names) => names.has(name));
}

/** One of the lines by which a program is known, broken in two at most, and no marks below it. */
function isOwnManner(lines: readonly string[], at: number): boolean {
  const line = lines[at] ?? '';
  if (line.length > MAX_LINE) return false;
  const two = `${line} ${lines[at + 1] ?? ''}`;
  const count = OWN_MANNER.some((pattern) => pattern.test(line))
    ? 1
    : line.startsWith('>>> ') && OWN_MANNER.some((pattern) => pattern.test(two))
      ? 2
      : 0;
  return count > 0 && !isQuoted(lines[nextWritten(lines, at + count)] ?? '');
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
  if (!fromSender && !HEADER_SENT.has(first)) return false;
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
