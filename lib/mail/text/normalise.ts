/** Text as a mail carries it to text as a phone shows it. Pure string work in time linear to the text. */

const UNUSUAL =
  /[\0-\x09\x0b-\x1f\x7f-\xa0\xad\u034f\u061c\u180e\u2000-\u200c\u2028\u2029\u202f\u205f\u2060\u3164\ufeff]/;

/** Controls, and characters that take room without showing: mails are padded with them for their previews. */
const INVISIBLE = /[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u180e\u200b\u2060\u3164\ufeff]+/g;

/** Spaces of all widths, tabs among them: GSM 7-bit knows only one. U+3000 stays, it belongs to CJK text. */
const SPACES = /[\t\xa0\u2000-\u200a\u202f\u205f]/g;

/** Non-joiners. Those that stand between no letters are more padding. */
const NON_JOINERS = /\u200c+/g;

/** A line on which nothing shows, though there may be joiners or direction marks on it. */
const BLANK = /^[\s\u061c\u200c-\u200f\u202a-\u202e\u2066-\u2069]*$/;

/**
 * `text` with line ends as LF, white space at line ends and invisible characters gone, one blank line where there
 * were several, none at the beginning and the end.
 */
export function normaliseText(text: string): string {
  let clean = text;
  if (UNUSUAL.test(clean)) {
    clean = clean
      .replace(/\r\n?|[\x0b\x0c\x85\u2028\u2029]/g, '\n')
      .replace(INVISIBLE, '')
      .replace(SPACES, ' ')
      .replace(NON_JOINERS, withoutLoose);
  }
  let out = '';
  let blank = false;
  let at = 0;
  while (at <= clean.length) {
    let end = clean.indexOf('\n', at);
    if (end === -1) end = clean.length;
    const line = clean.slice(at, end).trimEnd();
    if (line === '' || BLANK.test(line)) {
      blank = out !== '';
    } else {
      if (out !== '') out += blank ? '\n\n' : '\n';
      out += line;
      blank = false;
    }
    at = end + 1;
  }
  return out;
}

function withoutLoose(run: string, at: number, text: string): string {
  const around = [text.charAt(at - 1), text.charAt(at + run.length)];
  return around.every((character) => character.trim() !== '') ? run : '';
}
