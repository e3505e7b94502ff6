import { normaliseText } from './normalise.ts';
import { NOTICES, NOTICE_WORDS, NO_ANSWER_NOTICES } from './notices.ts';
import { withoutQuotes } from './quotes.ts';
import { signatureStart } from './signature.ts';
import {
  ANSWER_ABOVE,
  DISCLAIMERS,
  DISCLAIMER_WORDS,
  LIST_FOOTER,
  SENT_FROM,
  SENT_FROM_EXCUSE,
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
  const steps = [
    withoutListFooter,
    withoutSignature,
    withoutSentFrom,
    withoutSignature,
    (text: string, dropped: Dropped[]) => withoutContacts(text, reply, dropped),
  ];
  const disclaimers = [
    ...(DISCLAIMER_WORDS.test(tagged) ? DISCLAIMERS : []),
    ...(NOTICE_WORDS.test(tagged) ? (reply ? NOTICES : [...NOTICES, ...NO_ANSWER_NOTICES]) : []),
    ...(options.disclaimers ?? []),
  ];
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

/** A signature that no line marks: signature.ts. */
function withoutContacts(text: string, reply: boolean, dropped: Dropped[]): string {
  const lines = text.trimEnd().split('\n');
  const at = signatureStart(lines, reply);
  return at === undefined ? text : cut(text, lines.slice(0, at).join('\n').length, 'signature', dropped);
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
  if (line.length > 160 || !SENT_FROM.test(line)) return false;
  return !(line.includes(',') && line.endsWith('.')) || SENT_FROM_EXCUSE.test(line);
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
