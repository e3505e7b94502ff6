/** A command, a doubled `<` or line ends. */
const TOKEN = /<<|<(\/?)([a-z][a-z0-9-]{0,59})>|\n+|[^<\n]+|</gi;

/** Commands whose content is not shown. */
const HIDDEN = new Set(['param', 'comment']);

/**
 * The words of text/enriched (RFC 1896) or of the text/richtext that came before it (RFC 1341 7.1.3), without their
 * marks. One line end is a blank and of several one is dropped, except within `nofill`.
 * @param richtext by RFC 1341: lines end at `<nl>`, and `<lt>` is a `<`.
 */
export function enrichedToText(source: string, richtext: boolean): string {
  let out = '';
  let hidden = 0;
  let literal = 0;
  for (const [token, slash, name = ''] of source.replace(/\r\n?/g, '\n').matchAll(TOKEN)) {
    const command = name.toLowerCase();
    const change = slash === '/' ? -1 : 1;
    if (HIDDEN.has(command)) hidden = Math.max(0, hidden + change);
    else if (hidden > 0) continue;
    else if (command === 'nofill' || command === 'verbatim') literal = Math.max(0, literal + change);
    else if (richtext && command === 'lt') out += '<';
    else if (richtext && /^(?:nl|np|paragraph)$/.test(command))
      out += slash === '/' && command === 'nl' ? '' : '\n';
    else if (command !== '') continue;
    else if (token === '<<' && !richtext) out += '<';
    else if (!token.startsWith('\n') || literal > 0) out += token;
    else out += token.length === 1 || richtext ? ' ' : token.slice(1);
  }
  return out;
}
