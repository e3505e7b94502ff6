/**
 * Signatures that nothing marks: what Outlook and phones put below "Kind regards, Ann", with numbers and addresses. The closing and
 * the name below it stay; the block below them goes where it is plainly one: short lines, two of them at least with a
 * number, a mail address, a page or columns (three in a mail that answers none: an alarm says whom to call), and no sentence
 * among them. In doubt it stays.
 */

/** How people end a mail, in lower case; what may follow is a comma or a name on the same line. */
const CLOSINGS = [
  '(?:with |my )?(?:kind(?:est)?|best|warm(?:est)?|many) (?:regards|wishes)|regards|sincerely|yours (?:truly|sincerely|faithfully)',
  'cheers|best|all the best|br|many thanks|thanks|thank you|thanks and (?:kind |best )?regards',
  'mit (?:freundlichen|freundlichem|besten|lieben|herzlichen|vielen) (?:grüßen|grüssen|gruß|gruss)|mfg|vg|lg',
  '(?:viele|liebe|beste|freundliche|schöne|herzliche) (?:grüße|grüsse)',
  '(?:bien )?cordialement|bien à vous|(?:sincères |meilleures )?salutations|bonne (?:journée|réception)|amicalement',
  '(?:cordiali |distinti )?saluti|cordialmente|un saluto|(?:un |cordial(?:es)? )?saludos?|(?:muy )?atentamente|un cordial saludo',
  'atenciosamente|(?:com os melhores )?cumprimentos|att|abraços?|salutacions|atentament',
  '(?:met )?(?:vriendelijke|hartelijke) groet(?:en)?|groet(?:en|jes)?|mvg',
  'z poważaniem|pozdrawiam|z wyrazami szacunku|s (?:pozdravem|pozdravom|úctou)|lep pozdrav|lp|(?:srdačan|lijep) pozdrav|s poštovanjem',
  '(?:med )?(?:vänliga?|bästa) hälsning(?:ar)?|(?:med )?(?:venlig|vennlig|beste) hilsen|hilsen|mvh|vh|(?:ystävällisin )?terveisin',
  'üdvözlettel|tisztelettel|cu (?:stimă|respect|drag)|lugupidamisega|pagarbiai|ar cieņu',
  'с уважением|з повагою|с уважение|с поштовањем|με εκτίμηση|φιλικά|saygılarım(?:la|ızla)|iyi çalışmalar',
  'salam|hormat (?:kami|saya)|trân trọng|ขอแสดงความนับถือ|בברכה|تحياتي|مع (?:خالص )?(?:التحية|التحيات)|此致|祝好|敬具|감사합니다',
].join('|');
const CLOSING = new RegExp(`^(?:${CLOSINGS})(?:[\\s,.!;:،，、]*$|, ?(\\p{L}[\\p{L}.' -]{0,40})$)`, 'iu');

const PHONE = /\+\d[\d\s()./-]{6,20}\d|(?:^|[\s|])\p{L}{1,12}\s?[.:]\s?\(?[\d+][\d\s()./-]{5,20}\d/u;
const MAIL = /[^\s@<>|]+@[^\s@<>|]+\.\p{L}{2,}/u;
const PAGE = /(?:https?:\/\/|\bwww\.)[^\s|]+/iu;
const COLUMNS = /\S \| \S/u;

/** Lines that belong to such a block at most. */
const MAX_LINES = 20;
const MAX_LINE = 160;

/**
 * Where such a block begins: the index of the first line to leave out; undefined where there is none.
 * @param reply the mail answers one: then a drawn line may stand above the block in place of a closing.
 */
export function signatureStart(lines: readonly string[], reply: boolean): number | undefined {
  const first = Math.max(1, lines.length - MAX_LINES - 4);
  for (let at = lines.length - 1; at >= first; at--) {
    const line = (lines[at] ?? '').trim();
    const closing = line.length <= 80 ? CLOSING.exec(line) : null;
    if (closing !== null) {
      const name = closing[1] === undefined ? nextWritten(lines, at + 1) : at;
      return isBlock(lines.slice(name + 1), reply ? 2 : 3) ? name + 1 : undefined;
    }
    if (reply && /^[-_=*]{20,}$/.test(line)) {
      return isHeading(lines[at - 1] ?? '', line) || !isBlock(lines.slice(at + 1), 1) ? undefined : at;
    }
  }
  return undefined;
}

/**
 * Is there a signature from line `at` on, which begins with two dashes? Behind them on their line stands a name, and below
 * it what a signature has.
 */
export function isSignatureBelow(lines: readonly string[], at: number): boolean {
  const [, dashes = '', name = ''] = /^(--|—|–) ?([^\s–—-].*)?$/.exec((lines[at] ?? '').trim()) ?? [];
  if (dashes === '' || (at > 0 && name === '')) return false;
  const named = [name, ...lines.slice(at + 1)].filter((line) => line !== '');
  const isName = NAME.test(name) || (dashes === '--' && isContact(name) && !/[:：]$/.test(name));
  if (named.length === 0 || (name !== '' && !isName)) return false;
  return (named.length <= 2 && named.every((line) => NAME.test(line))) || isBlock(named, 1);
}

/** "Robin", "Dr. Robin Miller": capitals and no number. */
const NAME =
  /^(?:\p{L}{1,5}\. )?\p{Lu}[\p{L}.'’-]{0,30}(?: (?:\p{Lu}|d[aei]s? |v[ao]n |de[rn]? )[\p{L}.'’-]{0,30}){0,3}$/u;

/** "Numbers:", or words underlined: what follows is what the mail is about. */
function isHeading(above: string, rule: string): boolean {
  return above.endsWith(':') || Math.abs(above.length - rule.length) <= 3;
}

function isBlock(lines: readonly string[], contacts: number): boolean {
  const written = lines.filter((line) => line !== '');
  if (written.length > MAX_LINES || written.some((line) => line.length > MAX_LINE || isSentence(line))) {
    return false;
  }
  return written.filter(isContact).length >= contacts;
}

function isContact(line: string): boolean {
  return PHONE.test(line) || MAIL.test(line) || PAGE.test(line) || COLUMNS.test(line);
}

/** What was written for the reader: a postscript, a question, or words that end in a full stop. */
function isSentence(line: string): boolean {
  if (/^p\.?\s?s\b|\?$/i.test(line)) return true;
  return /[.!]$/.test(line) && line.split(' ').length >= 6 && !isContact(line);
}

function nextWritten(lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length && lines[at] === '') at++;
  return at;
}
