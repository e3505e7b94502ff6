import { isBlockOnOneLine, isField, isHeaderBlock } from './header-block.ts';
import {
  endsSoon,
  introducesInline,
  introducesMarked,
  introductionLength,
  isQuoted,
  mayScatter,
  nextWritten,
} from './introduction.ts';
import { ANSWER_ABOVE, FORWARDED, ORIGINAL_MESSAGE, isOwnManner, originalAt } from './separators.ts';
import { isForward } from '../read/subject.ts';

/**
 * The mail that is answered, as it stands in the answer: lines that begin with `>`, with the line that introduces them;
 * or everything below an introduction, a rule with "Original Message" in it, or a block of header fields, where a mail
 * program marks nothing. What stands below or between marked lines is the answer, and stays; so does a forwarded mail.
 *
 * A mail that answers none has no quote: what looks like one is what an alarm says.
 */

/** Longer lines are drawn by nobody. */
const MAX_LINE = 500;

/** `lines` without the mail they answer; `drop` is called with each run of lines that is left out. */
export function withoutQuotes(
  lines: readonly string[],
  options: { readonly subject?: string; readonly reply?: boolean },
  drop: (text: string) => void,
): string[] {
  if (options.reply === false) return withoutForwardMarks(lines);
  /** What is quoted is what the mail is about. */
  let forward = isForward(options.subject ?? '');
  /** Below the line that begins a forwarded mail. */
  let forwarded = false;
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
    if (isForwardRule(line)) {
      forward = true;
      forwarded = true;
    }
    if (!forwarded && (ANSWER_ABOVE.test(line) || (!forward && standsAlone(lines, at)))) {
      quote.push(...lines.slice(at));
      break;
    }
    if (forwarded) {
      kept.push(withoutMark(line));
      at += 1;
      continue;
    }
    if (isQuoted(line) || isOverflow(lines, at)) {
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
    const own = forward ? undefined : ownPart(lines, at);
    if (own !== undefined) {
      if (own === '') takeRules(kept);
      else kept.push(own.trimEnd());
      quote.push(line.slice(own.length), ...lines.slice(at + 1));
      break;
    }
    if (line !== '') endQuote();
    kept.push(line);
    at += 1;
  }
  endQuote();
  return kept;
}

/** A mail that answers none keeps all its lines; those of one that it forwards lose their marks. */
function withoutForwardMarks(lines: readonly string[]): string[] {
  const rule = lines.findIndex(isForwardRule);
  return lines.map((line, at) => (rule === -1 || at < rule ? line : withoutMark(line)));
}

function isForwardRule(line: string): boolean {
  return line.length < MAX_LINE && FORWARDED.test(withoutMark(line));
}

/** What stands in front of another mail that begins on this line; undefined where none does. */
function ownPart(lines: readonly string[], at: number): string | undefined {
  const line = lines[at] ?? '';
  if (line.length < MAX_LINE && ORIGINAL_MESSAGE.test(line)) return '';
  if (isHeaderBlock(lines, at) || isBlockOnOneLine(line) || introducesInline(line)) return '';
  const original = originalAt(line);
  return original === -1 ? undefined : line.slice(0, original);
}

/** A drawn line, words in it or not, or nothing at all: what stands above a block of header fields belongs to it. */
const RULE = /^(?:[-_*=~\s\u2010-\u2015\u2500]*|[-_*=]{3,} ?[^-_*=]{1,60} ?[-_*=]{3,})$/;

/** What Orange has above its block. */
const MESSAGE_OF = /^message du :? ?\d[\d/.: à]{5,20}$/iu;

function takeRules(kept: string[]): void {
  while (kept.length > 0 && isRule(kept.at(-1) ?? '')) kept.pop();
}

function isRule(line: string): boolean {
  return line.length < MAX_LINE && (RULE.test(line) || MESSAGE_OF.test(line));
}

/** Takes from what was kept the paragraph of one line that introduces the marked lines below it. */
function takeIntroduction(kept: string[]): string[] {
  let at = kept.length - 1;
  if (kept[at] === '') at--;
  const alone = (kept[at - 1] ?? '') === '';
  return alone && introducesMarked(kept[at] ?? '') ? kept.splice(at) : [];
}

/** Takes from what was kept the fields that Yandex has between a drawn line and the introduction. */
function takeFields(kept: string[]): string[] {
  let at = kept.length;
  while (at > 0 && isField(kept[at - 1] ?? '')) at--;
  return at < kept.length && /^-{8,}$/.test(kept[at - 1] ?? '') ? kept.splice(at - 1) : [];
}

/** One of the lines by which a program is known, broken in two at most, and no marks below it. */
function standsAlone(lines: readonly string[], at: number): boolean {
  const line = lines[at] ?? '';
  if (line.length > MAX_LINE) return false;
  const two = `${line} ${lines[at + 1] ?? ''}`;
  const count = isOwnManner(line) ? 1 : line.startsWith('>>> ') && isOwnManner(two) ? 2 : 0;
  return count > 0 && !isQuoted(lines[nextWritten(lines, at + count)] ?? '');
}

/** Words of "answer above this line" in all its languages. */
const LINE_WORDS = /line|lijn|zeile|ligne|línea/i;

/** Can this line begin a quote, an introduction or a header block, or be within one? False for plain words. */
function mayMean(lines: readonly string[], at: number): boolean {
  const line = lines[at] ?? '';
  if (line === '') return false;
  if (/[:：>＞]|[-_*=~\u2010-\u2015\u2500]{3}|^[-_*=#]| ----$/.test(line)) return true;
  if (line.length < 160 && LINE_WORDS.test(line)) return true;
  return isOverflow(lines, at) || endsSoon(lines, at) || mayScatter(lines, at);
}

function withoutMark(line: string): string {
  return line.replace(/^ {0,3}[>＞] ?/, '');
}

/** The end of a quoted line that a mail program wrapped without marking it: between two quoted lines. */
function isOverflow(lines: readonly string[], at: number): boolean {
  return at > 0 && lines[at] !== '' && isQuoted(lines[at - 1] ?? '') && isQuoted(lines[at + 1] ?? '');
}
