import { toUSVString } from 'node:util';
import { type Entity, type Leaf, type Multipart, isMultipart, leavesOf } from '../read/entity.ts';
import { withoutFiles } from '../read/files-in-text.ts';
import { type TextKind, isHtml, isMessage, isRtf, leafText, textKind } from '../read/leaf.ts';
import { calendarLine } from './calendar.ts';
import { htmlToText } from './html.ts';
import { shortenLinks, unwrapLinks, withoutLinkSoup, withoutNewsletterLinks } from './links.ts';
import { normaliseText } from './normalise.ts';
import { refuseEncryptedText, withoutPgp } from '../read/protected.ts';
import { rtfToText } from '../read/rtf.ts';
import { isTnef, readTnef } from '../read/tnef.ts';

/**
 * Which parts of a mail are its text.
 *
 * Of a multipart/alternative one part (RFC 2046 5.1.4): the plain text, of several the last; HTML where there is none or
 * where it only says that there is HTML. Of a multipart/related its root. Of a multipart/digest the texts of its
 * messages. Of any other all texts in their order; a plain text with a page beside it that says the same counts once,
 * for some programs call an alternative something else.
 */

export interface ChosenText {
  readonly text: string;
  readonly source: 'plain' | 'html' | 'none';
  /** The leaves that the text was made of. */
  readonly leaves: readonly Leaf[];
}

/** A text of the mail. */
interface Piece {
  readonly kind: 'plain' | 'html';
  readonly text: string;
  readonly leaf: Leaf;
}

/** The text of a message attached to the mail. */
export type MessageReader = (message: Leaf) => Promise<ChosenText>;

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
 * The text of a mail, normalised; where there is none, its calendar entries on a line each.
 * @param readMessage for the messages of a digest.
 * @throws {Fault} mail.malformed where the text is encrypted.
 */
export async function chooseText(entity: Entity, readMessage: MessageReader): Promise<ChosenText> {
  const pieces = await new Chooser(readMessage, false).pieces(entity);
  if (pieces.length > 0) return chosen(pieces);
  const leaves = leavesOf(entity);
  const wrapped = await wrappedText(leaves);
  if (wrapped !== '') return { text: wrapped, source: 'plain', leaves: [] };
  // The only text is the body, whatever its disposition says (RFC 2183 2.10).
  if (leaves.every((leaf) => textKind(leaf) === undefined)) {
    const attached = await new Chooser(readMessage, true).pieces(entity);
    if (attached.length === 1) return chosen(attached);
  }
  const line = normaliseText(leaves.filter(isCalendar).map(leafText).map(calendarLine).join('\n'));
  return { text: line, source: line === '' ? 'none' : 'plain', leaves: [] };
}

function chosen(pieces: readonly Piece[]): ChosenText {
  return {
    text: pieces.map(({ text }) => text).join('\n'),
    source: pieces.some(({ kind }) => kind === 'plain') ? 'plain' : 'html',
    leaves: pieces.map(({ leaf }) => leaf),
  };
}

class Chooser {
  readonly #readMessage: MessageReader;
  /** What was attached counts as well. */
  readonly #attached: boolean;

  constructor(readMessage: MessageReader, attached: boolean) {
    this.#readMessage = readMessage;
    this.#attached = attached;
  }

  /**
   * The texts of an entity, none of them empty.
   * @param besidePage its words stand in a page as well, which shows what in the plain text stands for a picture.
   */
  async pieces(entity: Entity, besidePage = false): Promise<Piece[]> {
    if (!isMultipart(entity)) return this.#ofLeaf(entity, besidePage);
    if (entity.type === 'multipart/alternative') return this.#ofAlternative(entity);
    if (entity.type === 'multipart/digest') return this.#ofDigest(entity);
    return this.#ofMixed(entity.type === 'multipart/related' ? this.#rootOf(entity) : entity.parts);
  }

  async #ofLeaf(leaf: Leaf, besidePage: boolean): Promise<Piece[]> {
    const kind = textKind(leaf, this.#attached);
    if (kind === undefined) return [];
    const raw = isHtml(leaf) ? await htmlToText(leafText(leaf)) : plainText(leaf, besidePage);
    const text = normaliseText(withoutFiles(raw));
    return text === '' ? [] : [{ kind: kind === 'html' ? 'html' : 'plain', text, leaf }];
  }

  /** The best part that says anything; a plain one that is an excuse for HTML only where the HTML says nothing. */
  async #ofAlternative({ parts }: Multipart): Promise<Piece[]> {
    const kinds = parts.map((part) => this.#kindOf(part));
    const hasPage = kinds.includes('html');
    let excuse: Piece[] = [];
    for (const part of byPreference(parts, kinds)) {
      const kind = kinds[parts.indexOf(part)];
      const pieces = await this.pieces(part, hasPage && kind === 'plain');
      if (pieces.length === 0) continue;
      if (!hasPage || kind !== 'plain' || !pieces.every(({ text }) => isExcuse(text))) return pieces;
      excuse = pieces;
    }
    return excuse;
  }

  async #ofDigest({ parts }: Multipart): Promise<Piece[]> {
    const pieces: Piece[] = [];
    for (const part of parts) {
      if (isMultipart(part) || !isMessage(part)) {
        pieces.push(...(await this.pieces(part)));
        continue;
      }
      const { text, source } = await this.#readMessage(part);
      if (text !== '') pieces.push({ kind: source === 'html' ? 'html' : 'plain', text, leaf: part });
      if (pieces.length >= MAX_MESSAGES) break;
    }
    return pieces;
  }

  async #ofMixed(parts: readonly Entity[]): Promise<Piece[]> {
    const kinds = parts.map((part) => this.#kindOf(part));
    const pieces: Piece[] = [];
    for (const [at, part] of parts.entries()) {
      const besidePage = kinds[at] === 'plain' && (kinds[at + 1] === 'html' || kinds[at - 1] === 'html');
      for (const piece of await this.pieces(part, besidePage)) add(pieces, piece);
    }
    return pieces;
  }

  /** The first text of a multipart/related and what else of it is no file of that page (RFC 2387 3.2). */
  #rootOf({ parts }: Multipart): readonly Entity[] {
    const root = parts.findIndex((part) => this.#kindOf(part) !== undefined);
    return parts.filter(
      (part, at) =>
        at === root ||
        isMultipart(part) ||
        textKind(part) === 'html' ||
        (!part.related && part.name === undefined),
    );
  }

  /** What an entity is beside others: its own kind, or that of the first text in it. */
  #kindOf(entity: Entity): TextKind | undefined {
    if (!isMultipart(entity)) return textKind(entity, this.#attached);
    if (entity.type === 'multipart/digest') return 'plain';
    const kinds = entity.parts.map((part) => this.#kindOf(part));
    const isAlternative = entity.type === 'multipart/alternative';
    return isAlternative && kinds.includes('plain') ? 'plain' : kinds.find((kind) => kind !== undefined);
  }
}

/** Messages of a digest that are read: more than a phone is sent. */
const MAX_MESSAGES = 50;

/**
 * The parts of a multipart/alternative, best first for a phone: plain text, HTML, other text; of several the last, which
 * RFC 2046 5.1.4 has richest. What a server has put below the HTML is no other version of it.
 */
function byPreference(parts: readonly Entity[], kinds: readonly (TextKind | undefined)[]): Entity[] {
  const of = (kind: TextKind): Entity[] => parts.filter((_, at) => kinds[at] === kind).reverse();
  const first = kinds.indexOf('plain');
  let end = first;
  while (end !== -1 && kinds[end] === 'plain') end++;
  const run = parts.slice(Math.max(0, first), Math.max(0, end)).reverse();
  return [...run, ...of('plain').filter((part) => !run.includes(part)), ...of('html'), ...of('other')];
}

/** Puts a text behind those before it, unless it is the same once more. */
function add(pieces: Piece[], piece: Piece): void {
  const last = pieces.at(-1);
  if (last === undefined || last.kind === piece.kind) {
    pieces.push(piece);
    return;
  }
  const [plain, page] = last.kind === 'plain' ? [last, piece] : [piece, last];
  const choice = isExcuse(plain.text) ? page : sameWords(plain, page);
  if (choice === undefined) pieces.push(piece);
  else pieces[pieces.length - 1] = choice;
}

/** Characters of a text that are compared. */
const COMPARED = 20_000;

/** Of a plain text and a page that say the same the plain one, or the page where it says much more; undefined for others. */
function sameWords(plain: Piece, page: Piece): Piece | undefined {
  const ours = wordsOf(plain.text);
  const theirs = wordsOf(page.text);
  const shared = [...ours].filter((word) => theirs.has(word)).length;
  if (shared * 4 < ours.size * 3 && shared * 4 < theirs.size * 3) return undefined;
  return theirs.size > 2 * ours.size && ours.size > 0 ? page : plain;
}

function wordsOf(text: string): ReadonlySet<string> {
  const words = text
    .slice(0, COMPARED)
    .replace(/https?:\/\/\S+/g, '')
    .toLowerCase();
  return new Set(words.match(/[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]|[\p{L}\p{N}]+/gu) ?? []);
}

function plainText(leaf: Leaf, besidePage: boolean): string {
  const text = withoutPgp(leafText(leaf));
  refuseEncryptedText(text);
  const shown = besidePage
    ? shortenLinks(withoutPictures(text))
    : shortenLinks(text.replace(INLINE, ''), 'glued');
  return withoutNewsletterLinks(withoutLinkSoup(unwrapLinks(shown)));
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

function isCalendar(leaf: Leaf): boolean {
  return leaf.type === 'text/calendar';
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
