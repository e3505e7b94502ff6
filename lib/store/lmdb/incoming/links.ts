import type { ReplyLink } from '../../records.ts';
import { keyString } from '../disk/key.ts';
import type { View, Work } from '../disk/work.ts';

/**
 * The reply log. Of each sender to a number one link is kept, about the newest message, so that a number which gets an
 * alert a minute has few links all the same. It lives as long as the longest of those it stands for, and
 * remembers all their gateways.
 */
export function addLink(work: Work, link: ReplyLink): void {
  const { links, expiries } = work.tables;
  const key = [link.number, link.sender];
  const kept = work.read(links, key);
  if (kept !== undefined) expiries.drop([kept.expires, 'link', ...key]);
  const older = kept === undefined || kept.expires <= work.now ? undefined : kept;
  const merged: ReplyLink = {
    ...(older !== undefined && older.at > link.at ? older : link),
    expires: Math.max(link.expires, older?.expires ?? 0),
    gateways: withoutRepeats([...(older?.gateways ?? []), ...link.gateways]),
  };
  links.put(key, merged);
  expiries.add([merged.expires, 'link', ...key]);
}

/** Notes that a message between these two went out through `gateway`. */
export function noteGateway(work: Work, number: string, sender: string, gateway: string): void {
  const key = [number, sender];
  const kept = work.read(work.tables.links, key);
  if (kept === undefined || kept.gateways.at(-1) === gateway) return;
  work.tables.links.put(key, { ...kept, gateways: withoutRepeats([...kept.gateways, gateway]) });
}

export function linksOf(view: View, number: string, now: number): ReplyLink[] {
  const found: ReplyLink[] = [];
  for (const key of view.tables.links.keys([number])) {
    const link = view.read(view.tables.links, key);
    if (link !== undefined && link.expires > now) found.push(link);
  }
  return found.sort((a, b) => b.at - a.at || keyString(a.sender).localeCompare(keyString(b.sender)));
}

/** Each once, where it was named last. */
function withoutRepeats(names: readonly string[]): string[] {
  return names.filter((name, index) => names.lastIndexOf(name) === index);
}
