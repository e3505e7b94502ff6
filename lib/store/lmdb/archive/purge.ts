import type { Work } from '../disk/work.ts';
import { placeEffect } from '../effects/queue.ts';
import { placeIncoming } from '../incoming/reassembly.ts';
import { place } from '../outgoing/place.ts';

/** Forgets what is older than `before`, up to `limit` entries of all kinds together. */
export function purge(work: Work, before: number, limit: number): number {
  const { settled, messages, incomingSettled, incoming, effectsFailed, effects, expiries } = work.tables;
  if (before <= 0) return 0;
  const last = before - 1;
  let left = limit;
  for (const key of settled.upTo([], last, left)) {
    const found = work.read(messages, [key[1] ?? '']);
    if (found === undefined) settled.drop(key);
    else place(work, found, undefined);
    left--;
  }
  for (const key of incomingSettled.upTo([], last, left)) {
    const found = work.read(incoming, [key[1] ?? '']);
    if (found === undefined) incomingSettled.drop(key);
    else placeIncoming(work, found, undefined);
    left--;
  }
  for (const key of effectsFailed.upTo([], last, left)) {
    const found = work.read(effects, [key[1] ?? '']);
    if (found === undefined) {
      effectsFailed.drop(key);
      work.count('failedEffects', -1);
    } else placeEffect(work, found, undefined);
    left--;
  }
  for (const key of expiries.upTo([], last, left)) {
    const [, kind, ...rest] = key;
    expiries.drop(key);
    if (kind === 'dedupe') work.tables.dedupe.remove(rest);
    else if (kind === 'link') work.tables.links.remove(rest);
    else if (kind === 'question') work.tables.questions.remove(rest);
    else if (kind === 'storm') work.tables.storms.remove(rest);
    else work.tables.fingerprints.drop(rest);
    left--;
  }
  return limit - left;
}
