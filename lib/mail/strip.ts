import { normaliseText } from './normalise.ts';
import {
  ANSWER_ABOVE,
  DISCLAIMERS,
  HEADER_FROM,
  HEADER_MORE,
  INTRODUCTION,
  INTRODUCTION_BY_ADDRESS,
  INTRODUCTION_START,
  LIST_FOOTER,
  ORIGINAL_MESSAGE,
  SENT_FROM,
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
}

/** Lines of a signature after `--`. RFC 3676 4.3 names no limit, netiquette four; companies go to five times that. */
const MAX_SIGNATURE = 20;
/** Lines looked at for the rest of an introduction or of a header block. */
const LOOK_AHEAD = 7;
/** Longer lines are no introduction of anything. */
const MAX_LINE = 500;

/** `text` without quotes, signature, disclaimers and program lines; `text` itself where nothing would be left. */
export function stripText(text: string, options: StripOptions = {}): string {
  const tagged = cutAtTag(withoutInvitation(text), options.endTag ?? '##');
  const own = withoutQuotes(tagged.split('\n'), isForward(options.subject ?? ''));
  const steps = [withoutListFooter, withoutSignature, withoutSentFrom, withoutSignature];
  const disclaimers = [...DISCLAIMERS, ...(options.disclaimers ?? [])];
  let result = withoutDisclaimers(own.join('\n'), disclaimers);
  for (const step of steps) {
    const shorter = step(result);
    if (shorter !== result) result = withoutDisclaimers(shorter, disclaimers);
  }
  // Most alerts: nothing to leave out, and normalised already.
  if (result === text) return text;
  return normaliseText(result) || normaliseText(tagged);
}

/** Does the subject say that the mail forwards another? */
export function isForward(subject: string): boolean {
  return /^(?:\[[^\]]{1,40}\]\s*)?(?:fwd?|fw|wg|tr|rv|i|enc|doorst|vs|vb|pd|转发|轉寄|転送)\s?[:：]/iu.test(
    subject,
  );
}

/** At the top "answer above this line" is an invitation of a ticket system; further down it ends an answer. */
function withoutInvitation(text: string): string {
  const [first = '', ...rest] = text.split('\n');
  return ANSWER_ABOVE.test(first) ? rest.join('\n') : text;
}

/** The tag in a run of more of its kind (a heading, a rule) is none. */
function cutAtTag(text: string, tag: string): string {
  if (tag === '') return text;
  const first = tag.charAt(0);
  const last = tag.charAt(tag.length - 1);
  for (let at = text.indexOf(tag); at !== -1; at = text.indexOf(tag, at + tag.length)) {
    const alone = text.charAt(at - 1) !== first && text.charAt(at + tag.length) !== last;
    if (alone && text.slice(0, at).trim() !== '') return text.slice(0, at).trimEnd();
  }
  return text;
}

function withoutQuotes(lines: readonly string[], forward: boolean): string[] {
  const kept: string[] = [];
  for (let at = 0; at < lines.length;) {
    const line = lines[at] ?? '';
    if (ANSWER_ABOVE.test(line)) break;
    if (isQuoted(line) || isOverflow(lines, at)) {
      at += 1;
      continue;
    }
    const introduction = introductionLength(lines, at);
    if (introduction > 0) {
      const next = nextWritten(lines, at + introduction);
      if (!isQuoted(lines[next] ?? '')) {
        // Quoted without marks: the rest is the other mail.
        if (!forward) break;
      } else {
        at = next;
        continue;
      }
    }
    if (!forward && (ORIGINAL_MESSAGE.test(line) || isHeaderBlock(lines, at))) {
      while (/^[-_*=\s]*$/.test(kept.at(-1) ?? 'x')) kept.pop();
      break;
    }
    kept.push(line);
    at += 1;
  }
  return kept;
}

function isQuoted(line: string): boolean {
  return /^ {0,3}>/.test(line);
}

/** The end of a quoted line that a mail program wrapped without marking it: between two quoted lines. */
function isOverflow(lines: readonly string[], at: number): boolean {
  return at > 0 && lines[at] !== '' && isQuoted(lines[at - 1] ?? '') && isQuoted(lines[at + 1] ?? '');
}

/** How many lines from `at` on are the introduction of a quote ("On ..., Ann wrote:"); 0 where they are none. */
function introductionLength(lines: readonly string[], at: number): number {
  let joined = '';
  for (let count = 1; count <= 4; count++) {
    const line = (lines[at + count - 1] ?? '').trim();
    if (line === '' || line.length > MAX_LINE) return 0;
    joined = joined === '' ? line : `${joined} ${line}`;
    if (/[:：]$/.test(line)) {
      return INTRODUCTION.test(joined) || INTRODUCTION_BY_ADDRESS.test(joined) ? count : 0;
    }
    if (count === 1 && !INTRODUCTION_START.test(line)) return 0;
  }
  return 0;
}

function nextWritten(lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length && lines[at] === '') at++;
  return at;
}

/** From: with at least two of Sent:, To:, Subject: close below, in whatever language. */
function isHeaderBlock(lines: readonly string[], at: number): boolean {
  const first = lines[at] ?? '';
  if (first.length > MAX_LINE || !HEADER_FROM.test(first)) return false;
  let found = 0;
  for (const line of lines.slice(at + 1, at + LOOK_AHEAD)) {
    if (line.length <= MAX_LINE * 4 && HEADER_MORE.test(line)) found += 1;
  }
  return found >= 2;
}

function withoutListFooter(text: string): string {
  for (const rule of text.matchAll(/^(?:_{20,}|-{2,3}|~{3,})$/gm)) {
    if (LIST_FOOTER.test(text.slice(rule.index, rule.index + 600)))
      return text.slice(0, rule.index).trimEnd();
  }
  return text;
}

/** From the last `-- ` on (trailing space gone by now), where what follows is short enough to be a signature. */
function withoutSignature(text: string): string {
  const lines = text.split('\n');
  for (let at = Math.max(1, lines.length - MAX_SIGNATURE - 1); at < lines.length; at++) {
    if (/^(?:--|—|__)$/.test((lines[at] ?? '').trim())) return lines.slice(0, at).join('\n').trimEnd();
  }
  return text;
}

/** Among the last lines, or as a paragraph of its own: then a quote without marks follows it. */
function withoutSentFrom(text: string): string {
  const lines = text.trimEnd().split('\n');
  for (const [at, line] of lines.entries()) {
    const alone = at > 0 && lines[at - 1] === '' && lines[at + 1] === '';
    if ((alone || at >= lines.length - 3) && isSentFrom(line)) return lines.slice(0, at).join('\n').trimEnd();
  }
  return text;
}

/** "Sent from my desk, it was easier." is a sentence. */
function isSentFrom(line: string): boolean {
  return line.length <= 160 && !(line.includes(',') && line.endsWith('.')) && SENT_FROM.test(line);
}

/** Paragraphs at the beginning and the end that match; those between own words stay. */
function withoutDisclaimers(text: string, patterns: readonly RegExp[]): string {
  const paragraphs = text.split(/\n(?:[-_*=]{3,}\n|\n)/);
  const matches = (paragraph: string | undefined): boolean =>
    paragraph !== undefined && paragraph !== '' && patterns.some((pattern) => pattern.test(paragraph));
  let from = 0;
  let to = paragraphs.length;
  while (to > from && (matches(paragraphs[to - 1]) || paragraphs[to - 1]?.trim() === '')) to--;
  while (from < to && matches(paragraphs[from])) from++;
  if (from === 0 && to === paragraphs.length) return text;
  return paragraphs.slice(from, to).join('\n\n');
}
