/** Addresses of links as a phone should see them: short, unprotected, and not where they say nothing new. */

/** The longest address that is put beside the text of its link: two thirds of a text message. */
export const MAX_URL = 80;

/** `here<https://example.com/>`: how Exchange and Outlook write a link of their HTML into the plain text. */
const GLUED = /(\S)<((?:https?:\/\/|mailto:|tel:)[^<>\s]{1,4000})>/gi;

/** What to print beside a link's text; undefined where the text says it, or the address is nothing for a phone. */
export function linkAddress(href: string, text: string): string | undefined {
  const address = unwrap(href.trim());
  if (text === '' || text === address) return undefined;
  if (/^tel:/i.test(address)) {
    const number = address.slice(4);
    return digits(number) === digits(text) ? undefined : number;
  }
  if (!/^https?:\/\//i.test(address) || address.length > MAX_URL) return undefined;
  return bare(address) === bare(text) ? undefined : address;
}

/** A plain text with the links that were glued to their words set off, or left out where they are long. */
export function shortenLinks(text: string): string {
  if (!text.includes('<')) return text;
  return text.replace(GLUED, (_: string, before: string, href: string, at: number) => {
    const word = /\S*$/.exec(text.slice(Math.max(0, at - 100), at + 1))?.[0] ?? '';
    const address = linkAddress(href, word);
    return address === undefined ? before : `${before} (${address})`;
  });
}

/** The address behind the rewriting of Outlook's link protection. */
function unwrap(address: string): string {
  const wrapped =
    /^https:\/\/[\w.-]+\.safelinks\.protection\.outlook\.com\/.*?[?&](?:amp;)?url=([^&]+)/i.exec(address);
  if (wrapped === null) return address;
  try {
    return decodeURIComponent(wrapped[1] ?? '');
  } catch {
    return address;
  }
}

function bare(address: string): string {
  return address
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/^www\./, '')
    .replace(/\/$/, '');
}

function digits(text: string): string {
  return text.replace(/[^\d+]/g, '');
}
