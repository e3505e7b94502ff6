import { toUSVString } from 'node:util';
import { isHtml, isReadable, isRtf, leafText } from '../read/leaf.ts';
import type { Leaf } from '../read/leaf.ts';
import { calendarLine } from './calendar.ts';
import { htmlToText } from './html.ts';
import { shortenLinks, unwrapLinks, withoutLinkSoup } from './links.ts';
import { normaliseText } from './normalise.ts';
import { refuseEncryptedText, withoutPgp } from '../read/protected.ts';
import { rtfToText } from '../read/rtf.ts';
import { isTnef, readTnef } from '../read/tnef.ts';
import { withoutUuencoded } from '../read/uuencode.ts';

/**
 * Which parts of a mail are its text: text/plain, else HTML, and what follows it in a mixed mail too.
 *
 * A plain part with an HTML part right after it on the same level is the same text twice
 * (multipart/alternative), also where a program calls the multipart something else.
 */

export interface ChosenText {
  readonly text: string;
  readonly source: 'plain' | 'html' | 'none';
}

/** The same words as plain text, as HTML, or as both. */
interface Piece {
  readonly plain: readonly Leaf[];
  readonly html: readonly Leaf[];
}

/** What Outlook and Gmail write into the plain text for a picture, and what may be one. */
const BRACKETED = /\[(?:cid:|image: |https?:\/\/)[^[\]\n]{1,2000}\]|<https?:\/\/[^<>\s]{1,2000}>/gi;

/** What is no text for certain: a picture by its Content-ID. */
const INLINE = /\[cid:[^[\]\s]{1,200}\]/gi;

function withoutPictures(text: string): string {
  return text.replace(BRACKETED, (whole) =>
    /^\[[ci]/i.test(whole) || /\.(?:png|gif|jpe?g)(?:[?#]|.$)/i.test(whole) ? '' : whole,
  );
}

/**
 * The text of a mail's leaves, normalised; where there is none, its calendar entries on a line each.
 * @param alternative the mail as a whole is a multipart/alternative.
 * @throws {Fault} mail.malformed where the text is encrypted.
 */
export async function chooseText(leaves: readonly Leaf[], alternative = false): Promise<ChosenText> {
  const texts: string[] = [];
  let source: ChosenText['source'] = 'none';
  for (const piece of piecesOf(leaves.filter(isReadable), 0, alternative)) {
    const plain = normaliseText(withoutUuencoded(plainText(piece)));
    if (plain !== '' && !(piece.html.length > 0 && isExcuse(plain))) {
      texts.push(plain);
      source = 'plain';
      continue;
    }
    const html = await Promise.all(piece.html.map((leaf) => htmlToText(leafText(leaf))));
    const text = normaliseText(html.join('\n'));
    if (text === '' && plain === '') continue;
    texts.push(text === '' ? plain : text);
    if (source === 'none') source = text === '' ? 'plain' : 'html';
  }
  if (texts.length > 0) return { text: texts.join('\n'), source };
  const wrapped = await wrappedText(leaves);
  if (wrapped !== '') return { text: wrapped, source: 'plain' };
  const other = normaliseText(leaves.filter(isOtherText).map(leafText).join('\n'));
  if (other !== '') return { text: other, source: 'plain' };
  const line = normaliseText(leaves.filter(isCalendar).map(leafText).map(calendarLine).join('\n'));
  return { text: line, source: line === '' ? 'none' : 'plain' };
}

function plainText({ plain, html }: Piece): string {
  const text = withoutPgp(plain.map(leafText).join('\n'));
  refuseEncryptedText(text);
  const shown =
    html.length === 0 ? shortenLinks(text.replace(INLINE, ''), 'glued') : shortenLinks(withoutPictures(text));
  return withoutLinkSoup(unwrapLinks(shown));
}

/** The text inside of a winmail.dat or an RTF document, for a mail that has no other. */
async function wrappedText(leaves: readonly Leaf[]): Promise<string> {
  for (const leaf of leaves) {
    const tnef = isTnef(leaf) ? readTnef(leaf.content) : undefined;
    const text =
      tnef === undefined
        ? isRtf(leaf) && normaliseText(toUSVString(rtfToText(leaf.content)))
        : normaliseText(tnef.text) || normaliseText(await htmlToText(tnef.html)) || normaliseText(tnef.rtf);
    if (text) return text;
  }
  return '';
}

/** Text that reads like plain text (RFC 7763); not a file. */
function isOtherText({ type, disposition }: Leaf): boolean {
  return (type === 'text/markdown' || type === 'text/x-markdown') && disposition !== 'attachment';
}

function isCalendar(leaf: Leaf): boolean {
  return leaf.type === 'text/calendar';
}

/** Leaves below one multipart, in order, those that say the same put together. */
function piecesOf(leaves: readonly Leaf[], level: number, alternative: boolean): Piece[] {
  const pieces: Piece[] = [];
  for (const unit of unitsOf(leaves, level)) {
    const inner = unit.length === 1 ? unit.map(pieceOf) : piecesOf(unit, level + 1, false);
    const last = pieces.at(-1);
    const htmlOnly = inner.every((piece) => piece.plain.length === 0);
    const plainOnly = inner.every((piece) => piece.html.length === 0);
    if (last !== undefined && htmlOnly && last.html.length === 0) {
      pieces[pieces.length - 1] = { plain: last.plain, html: inner.flatMap((piece) => piece.html) };
    } else if (last !== undefined && alternative && plainOnly && last.plain.length === 0) {
      pieces[pieces.length - 1] = { plain: inner.flatMap((piece) => piece.plain), html: last.html };
    } else {
      pieces.push(...inner);
    }
  }
  return pieces;
}

function pieceOf(leaf: Leaf): Piece {
  return isHtml(leaf) ? { plain: [], html: [leaf] } : { plain: [leaf], html: [] };
}

/** Runs of leaves with the same part number on `level`. */
function unitsOf(leaves: readonly Leaf[], level: number): Leaf[][] {
  const units: Leaf[][] = [];
  let number: number | undefined;
  for (const leaf of leaves) {
    const last = units.at(-1);
    if (last !== undefined && leaf.path.length > level + 1 && leaf.path[level] === number) last.push(leaf);
    else units.push([leaf]);
    number = leaf.path[level];
  }
  return units;
}

/** A plain part that only says that there is HTML, or where to read it. */
function isExcuse(plain: string): boolean {
  if (plain.length > 400) return false;
  const words = plain.replace(/https?:\/\/\S+/g, '');
  if (words !== plain && !/[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(words)) return true;
  return EXCUSE_ABOUT.test(words) && EXCUSE.test(words);
}

const EXCUSE_ABOUT =
  /\b(?:html|browser|navigateur|navegador|webversion|web version|online version|version en ligne)\b/i;
const EXCUSE = new RegExp(
  `\\b(?:${[
    "not support|cannot display|can't display|unable to|doesn't support|does not support|can not be displayed",
    'cannot be displayed|view (?:this|the|it|online)|enable|(?:requires?|needs?) (?:an? )?html|html[- ](?:capable|compatible|enabled)',
    'html (?:viewer|format|client)|to view|unterstützt|anzeigen|angezeigt|darstellen|ne (?:supporte|prend)|afficher|visualiser',
    'no (?:soporta|admite)|visualizar|ver este|non supporta|visualizzare|weergeven|bekijk|wyświetl|não suporta',
  ].join('|')})`,
  'i',
);
