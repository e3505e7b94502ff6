import { normaliseText } from './normalise.ts';
import { NOTICE_WORDS, isClick, isNewsletterLine, isNotice, isScannerLine } from './notices.ts';
import { withoutQuotes } from './quotes.ts';
import { isSignatureBelow, signatureStart } from './signature.ts';
import { DISCLAIMERS, DISCLAIMER_WORDS, LIST_FOOTER } from './disclaimers.ts';
import { SENT_FROM, SENT_FROM_EXCUSE, SENT_FROM_WORDS } from './program-lines.ts';
import { ANSWER_ABOVE } from './separators.ts';

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
  const own = withoutQuotes(tagged.split('\n'), options, (text) => dropped.push({ why: 'quote', text }));
  const quoted = dropped.length;
  const reply = options.reply ?? true;
  const subject = (options.subject ?? '').trim();
  const steps = [
    withoutListFooter,
    (text: string, dropped: Dropped[]) => withoutSignature(text, subject !== '', dropped),
    reply ? withoutSentFrom : withoutLastSentFrom,
    (text: string, dropped: Dropped[]) => withoutSignature(text, subject !== '', dropped),
    (text: string, dropped: Dropped[]) => withoutContacts(text, reply, dropped),
  ];
  const hasNotices = NOTICE_WORDS.test(tagged);
  const patterns = [...(DISCLAIMER_WORDS.test(tagged) ? DISCLAIMERS : []), ...(options.disclaimers ?? [])];
  const isDisclaimer = (paragraph: string): boolean =>
    patterns.some((pattern) => pattern.test(paragraph)) || (hasNotices && isNotice(paragraph, reply));
  const withoutFurniture = (text: string): string => {
    const left = hasNotices || patterns.length > 0 ? withoutDisclaimers(text, isDisclaimer, dropped) : text;
    return hasNotices ? withoutNoticeLines(left, reply, dropped) : left;
  };
  let result = withoutFurniture(own.join('\n'));
  for (const step of steps) {
    const shorter = step(result, dropped);
    if (shorter !== result) result = withoutFurniture(shorter);
  }
  // Most alerts: nothing to leave out, and normalised already.
  if (result === text) return { text, dropped };
  const left = normaliseText(result.length < tagged.length ? withoutLastRule(result) : result);
  if (left !== '') return { text: left.replace(/^ (?=\S)/, ''), dropped };
  const after = dropped.slice(quoted);
  const isAutograph = after.some(({ why }) => why === 'signature' || why === 'program line');
  // Nothing but what the program puts under every mail: the subject is what was written.
  if (subject !== '' && quoted === certain && isAutograph) return { text: '', dropped };
  // A mail that is nothing but a disclaimer is about that; where nothing but "Sent from my phone" stands above a
  // quote, the quote is what was sent.
  const unquoted = normaliseText(own.join('\n'));
  if (unquoted !== '' && after.some(({ why }) => why === 'disclaimer')) {
    return { text: unquoted, dropped: dropped.slice(0, quoted) };
  }
  return { text: normaliseText(tagged), dropped: dropped.slice(0, certain) };
}

/** At the top "answer above this line" is an invitation of a ticket system; further down it ends an answer. */
function withoutInvitation(text: string, dropped: Dropped[]): string {
  const [first = ''] = text.split('\n', 1);
  if (!ANSWER_ABOVE.test(first)) return text;
  dropped.push({ why: 'program line', text: first });
  return text.slice(first.length + 1);
}

/** The tag in a run of more of its kind (a heading, a rule) is none; nor is a heading of Markdown in a text that begins with one. */
function cutAtTag(text: string, tag: string, dropped: Dropped[]): string {
  if (tag === '') return text;
  const first = tag.charAt(0);
  const last = tag.charAt(tag.length - 1);
  const headings = /^#{1,6} \S/.test(text);
  for (let at = text.indexOf(tag); at !== -1; at = text.indexOf(tag, at + tag.length)) {
    const alone = text.charAt(at - 1) !== first && text.charAt(at + tag.length) !== last;
    if (headings && text.charAt(at - 1) === '\n' && text.charAt(at + tag.length) === ' ') continue;
    // "Ticket ##42".
    if (tag.endsWith('#') && /[\s([]\d/.test(`${text.charAt(at - 1)}${text.charAt(at + tag.length)}`))
      continue;
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

function withoutListFooter(text: string, dropped: Dropped[]): string {
  for (const rule of text.matchAll(/^(?:_{20,}|-{2,3}|~{3,})$/gm)) {
    if (LIST_FOOTER.test(text.slice(rule.index, rule.index + 600))) {
      return cut(text, rule.index, 'list footer', dropped);
    }
  }
  return text;
}

/**
 * From the last `-- ` on (trailing space gone by now), where what follows is short enough to be a signature. Where it is all
 * there is it has to look like one, and there is a subject to stand in for the text.
 */
function withoutSignature(text: string, hasSubject: boolean, dropped: Dropped[]): string {
  const lines = text.split('\n');
  for (let at = Math.max(0, lines.length - MAX_SIGNATURE - 1); at < lines.length; at++) {
    const line = (lines[at] ?? '').trim();
    const marked = /^(?:--|—|__)$/.test(line);
    if (
      at === 0 ? hasSubject && marked && isSignatureBelow(lines, 0) : marked || isSignatureBelow(lines, at)
    ) {
      return cutAtLine(text, lines, at, 'signature', dropped);
    }
  }
  return text;
}

function cutAtLine(
  text: string,
  lines: readonly string[],
  at: number,
  why: Dropped['why'],
  dropped: Dropped[],
): string {
  return cut(text, lines.slice(0, at).join('\n').length, why, dropped);
}

/** A signature that no line marks: signature.ts. */
function withoutContacts(text: string, reply: boolean, dropped: Dropped[]): string {
  const lines = text.trimEnd().split('\n');
  const at = signatureStart(lines, reply);
  return at === undefined ? text : cutAtLine(text, lines, at, 'signature', dropped);
}

/** Among the last lines, or as a paragraph of its own: then a quote without marks follows it. */
function withoutSentFrom(text: string, dropped: Dropped[]): string {
  if (!SENT_FROM_WORDS.test(text)) return text;
  const lines = text.trimEnd().split('\n');
  for (const [at, line] of lines.entries()) {
    const alone = at > 0 && lines[at - 1] === '' && lines[at + 1] === '';
    if ((alone || at >= lines.length - 3) && isSentFrom(line)) {
      return cutAtLine(text, lines, at, 'program line', dropped);
    }
  }
  return text;
}

/** The same for a mail that answers none, which has no quote below it: such lines at its end, and nothing else. */
function withoutLastSentFrom(text: string, dropped: Dropped[]): string {
  if (!SENT_FROM_WORDS.test(text)) return text;
  const lines = text.trimEnd().split('\n');
  let first = lines.length;
  for (let at = lines.length - 1; at >= 0; at--) {
    const line = lines[at] ?? '';
    if (isSentFrom(line)) first = at;
    else if (line.length > MAX_RULE || !/^[-_*=\s]*$/.test(line)) break;
  }
  return first === lines.length ? text : cutAtLine(text, lines, first, 'program line', dropped);
}

/** "Sent from my desk, it was easier." is a sentence. */
function isSentFrom(line: string): boolean {
  if (line.length > 160 || !SENT_FROM.test(line)) return false;
  return !(line.includes(',') && line.endsWith('.')) || SENT_FROM_EXCUSE.test(line);
}

/** Paragraphs at the beginning and the end that match; those between own words stay. */
function withoutDisclaimers(
  text: string,
  isDisclaimer: (paragraph: string) => boolean,
  dropped: Dropped[],
): string {
  const paragraphs = text.split(/\n(?:[-_*=]{3,}\n|\n)/);
  const matches = (paragraph = ''): boolean => paragraph !== '' && isDisclaimer(paragraph);
  const isEmpty = (paragraph = ''): boolean => paragraph.length < MAX_RULE && /^[-_*=\s]*$/.test(paragraph);
  let from = 0;
  let to = paragraphs.length;
  while (to > from && (isEmpty(paragraphs[to - 1]) || matches(paragraphs[to - 1]))) to--;
  while (from < to && matches(paragraphs[from])) from++;
  if (from === 0 && paragraphs.slice(to).every(isEmpty)) return text;
  const [above, below] = to < paragraphs.length ? ownLinesAbove(paragraphs[to] ?? '') : ['', ''];
  if (above !== '') paragraphs.splice(to++, 1, above, below);
  for (const paragraph of [...paragraphs.slice(0, from), ...paragraphs.slice(to)]) {
    if (!isEmpty(paragraph)) dropped.push({ why: 'disclaimer', text: paragraph.trim() });
  }
  return paragraphs.slice(from, to).join('\n\n');
}

/** Characters of a drawn line. */
const MAX_RULE = 500;

/** Lines at the top and at the bottom that newsletters have for themselves. */
const TOP_LINES = 8;
const BOTTOM_LINES = 15;

/**
 * Lines of their own within the first and last paragraph: a scanner's, which comes as a part of its own, and those by
 * which a newsletter is read elsewhere or ended.
 */
function withoutNoticeLines(text: string, reply: boolean, dropped: Dropped[]): string {
  const lines = text.split('\n');
  let from = 0;
  let to = lines.length;
  while (from < to && (lines[from] === '' || isScannerLine(lines[from] ?? ''))) from++;
  while (to > from && (lines[to - 1] === '' || isScannerLine(lines[to - 1] ?? ''))) to--;
  const isOurs = (line: string, at: number): boolean => {
    if (at < from || at >= to) return false;
    if (reply || (at - from >= TOP_LINES && to - at > BOTTOM_LINES)) return true;
    return !isNewsletterLine(line) && !(isClick(line) && isNewsletterLine(lines[at - 1] ?? ''));
  };
  const kept = lines.filter(isOurs);
  if (kept.length === lines.length) return text;
  const left = lines
    .filter((line, at) => !isOurs(line, at))
    .join('\n')
    .trim();
  if (left !== '') dropped.push({ why: 'disclaimer', text: left });
  return kept.join('\n');
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

/** Without the line drawn above what was cut. */
function withoutLastRule(text: string): string {
  const end = text.trimEnd();
  const at = end.lastIndexOf('\n');
  return at !== -1 && /^\s*[-_*=~]{3,}$/.test(end.slice(at + 1, at + MAX_RULE)) ? end.slice(0, at) : text;
}
