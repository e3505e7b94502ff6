import { NEWSLETTER } from './notices.ts';

/** Addresses of links as a phone should see them: short, unprotected, and not where they say nothing new. */

/** The longest address that is put beside the text of its link: two thirds of a text message. */
export const MAX_URL = 80;

/** `here<https://example.com/>`: how Exchange and Outlook write a link of their HTML into the plain text. */
const GLUED = /(\S)( ?)<((?:https?:\/\/|mailto:|tel:)[^<>\s]{1,4000})>/gi;

/** What to print beside a link's text; undefined where the text says it, or the address is nothing for a phone. */
export function linkAddress(href: string, text: string): string | undefined {
  const address = withoutTracking(unwrap(href.trim()));
  if (text === '' || text === address) return undefined;
  if (/^tel:/i.test(address)) {
    const number = address.slice(4);
    return digits(number) === digits(text) ? undefined : number;
  }
  if (!/^https?:\/\//i.test(address) || address.length > MAX_URL) return undefined;
  // "GET https://example.com" says its address as well.
  return bare(withoutTracking(text))
    .split(/\s+/)
    .some((word) => bare(word) === bare(address))
    ? undefined
    : address;
}

/**
 * A plain text with the links that were glued to their words set off, or left out where they are long. Gmail puts a
 * space between: such a link stays as it is where it is short, or what a colon announces.
 * @param glued `glued`: only links without a space before them, which no person writes.
 */
export function shortenLinks(text: string, glued: 'glued' | 'any' = 'any'): string {
  if (!text.includes('<')) return text;
  return text.replace(GLUED, (whole: string, before: string, space: string, href: string, at: number) => {
    if (space !== '' && glued === 'glued') return whole;
    if (/^tel:/i.test(href) && saysNumber(text.slice(Math.max(0, at - 40), at + 1), href)) return before;
    const word = /\S*$/.exec(text.slice(Math.max(0, at - 100), at + 1))?.[0] ?? '';
    const address = linkAddress(href, word);
    if (space === '') return address === undefined ? before : `${before} (${address})`;
    const stays = address !== undefined || /[:：]/.test(before) || !/^http/i.test(href);
    return stays ? whole : before;
  });
}

/** Does the text end in this number, spaces in it or not? Its last digits are enough: the country code may be left out. */
function saysNumber(text: string, href: string): boolean {
  const number = /\d+/.exec(digits(href))?.[0] ?? '';
  return digits(text).endsWith(number.slice(-7));
}

/** Words of the services below. */
const PROTECTED = /safelinks\.protection|urldefense|linkprotect\.cudasvc/i;

/** A plain text with the addresses behind those that link protection has made. */
export function unwrapLinks(text: string): string {
  if (!PROTECTED.test(text)) return text;
  return text.replace(/https?:\/\/[^\s<>"]{1,4000}/gi, (address) => unwrap(address));
}

/** Addresses so long that only a program reads them, and how many of them make a newsletter. */
const LONG = /[<(]?https?:\/\/[^\s<>"]{120,}[>)]?/gi;
const SOUP = 3;

/** A plain text without its long addresses, where it is full of them: one or two may be what an alert is about. */
export function withoutLinkSoup(text: string): string {
  const found = text.match(LONG)?.length ?? 0;
  const rest = found < SOUP ? '' : text.replace(LONG, '');
  return /[\p{L}\p{N}]/u.test(rest) ? rest : text;
}

/** Addresses set off by brackets or on a line of their own, and how many of them in a newsletter are too many. */
const SET_OFF = / ?[<([] ?https?:\/\/[^\s<>"]{8,}? ?[>)\]]|^https?:\/\/\S{8,}$/gim;
const NEWSLETTER_LINKS = 4;

/** The plain text of a newsletter without the addresses behind its words. */
export function withoutNewsletterLinks(text: string): string {
  if (!text.includes('http') || !NEWSLETTER.test(text)) return text;
  const found = text.match(SET_OFF)?.length ?? 0;
  if (found < NEWSLETTER_LINKS) return text;
  return text.replace(SET_OFF, (whole: string, at: number) =>
    /^[\p{L}\p{N}]/u.test(text.slice(at + whole.length, at + whole.length + 2)) ? ' ' : '',
  );
}

/** Services that put themselves between a reader and a link, and where they keep the address. */
const WRAPPERS: readonly RegExp[] = [
  /^https:\/\/[\w.-]+\.safelinks\.protection\.outlook\.com\/.*?[?&](?:amp;)?url=([^&]+)/i,
  /^https?:\/\/(?:www\.)?google\.[a-z.]{2,6}\/url\?(?:.*?&(?:amp;)?)?(?:q|url)=([^&]+)/i,
  /^https?:\/\/linkprotect\.cudasvc\.com\/url\?(?:.*?&)?a=([^&]+)/i,
  /^https?:\/\/lm?\.facebook\.com\/l\.php\?(?:.*?&)?u=([^&]+)/i,
];
const PROOFPOINT_2 = /^https:\/\/urldefense\.proofpoint\.com\/v2\/url\?u=([^&]+)/i;
const PROOFPOINT_3 = /^https:\/\/urldefense(?:\.proofpoint)?\.com\/v3\/__(.+?)__;/i;

/** The address behind the rewriting of link protection. */
function unwrap(address: string): string {
  const third = PROOFPOINT_3.exec(address)?.[1];
  // `*` stands for a character told elsewhere in the address: such a one is left as it is.
  if (third !== undefined) return third.includes('*') ? address : third;
  const second = PROOFPOINT_2.exec(address)?.[1];
  if (second !== undefined) return decoded(second.replaceAll('-', '%').replaceAll('_', '/')) ?? address;
  for (const wrapper of WRAPPERS) {
    const inner = wrapper.exec(address)?.[1];
    if (inner !== undefined) return decoded(inner) ?? address;
  }
  return address;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Parameters that only tell a sender who clicked. */
const TRACKING =
  /^(?:utm_\w+|fbclid|gclid|dclid|msclkid|mc_[ce]id|_hs(?:enc|mi)|mkt_tok|igshid|vero_id|oly_\w+)=/i;

function withoutTracking(address: string): string {
  const query = address.indexOf('?');
  if (query === -1) return address;
  const hash = address.indexOf('#', query);
  const end = hash === -1 ? address.length : hash;
  const kept = address
    .slice(query + 1, end)
    .split('&')
    .filter((parameter) => !TRACKING.test(parameter));
  return address.slice(0, query) + (kept.length === 0 ? '' : `?${kept.join('&')}`) + address.slice(end);
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
