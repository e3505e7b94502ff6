import type { EffectAmendment, EffectPage, EffectQuery, ListedEffect } from '../../effects.ts';
import { kindsOf, placeEffect } from './queue.ts';
import { instant, type KeyPart } from '../disk/key.ts';
import type { StoredEffect } from '../disk/layout.ts';
import type { View, Work } from '../disk/work.ts';

/** Effects as the operator sees them, and what he does with them. */

export function findEffect(view: View, id: string): ListedEffect | undefined {
  const found = view.read(view.tables.effects, [id]);
  return found === undefined ? undefined : listed(found);
}

/** Keys of the index are the cursor: a page goes on behind the last one, whatever has happened since. */
export function listEffects(view: View, { state, limit, after }: EffectQuery): EffectPage {
  const effects: ListedEffect[] = [];
  const start = after === undefined ? undefined : readCursor(after);
  const take = (keys: readonly (readonly KeyPart[])[], column: number): void => {
    for (const key of keys) {
      const found = view.read(view.tables.effects, [key[column] ?? '']);
      if (found !== undefined) effects.push(listed(found));
    }
  };
  const { effectsDue, effectsFailed } = view.tables;
  if (state !== 'failed' && start?.state !== 'failed') {
    const kinds = kindsOf(effectsDue);
    const from = start === undefined ? 0 : kinds.findIndex((kind) => kind >= String(start.key[0]));
    for (const kind of from < 0 ? [] : kinds.slice(from)) {
      let last = start !== undefined && start.key[0] === kind ? start.key : undefined;
      while (effects.length < limit) {
        const keys = effectsDue.following([kind], last, limit - effects.length);
        last = keys.at(-1);
        if (last === undefined) break;
        take(keys, 3);
      }
      if (effects.length >= limit) return { effects, next: writeCursor('waiting', last ?? [kind]) };
    }
  }
  if (state !== 'waiting') {
    let last = start?.state === 'failed' ? start.key : undefined;
    while (effects.length < limit) {
      const keys = effectsFailed.descending([], last, limit - effects.length);
      last = keys.at(-1);
      if (last === undefined) break;
      take(keys, 1);
    }
    if (effects.length >= limit) return { effects, next: writeCursor('failed', last ?? []) };
  }
  return { effects };
}

export function amendEffect(work: Work, id: string, change: EffectAmendment): 'done' | 'absent' | 'busy' {
  const found = work.read(work.tables.effects, [id]);
  if (found === undefined) return 'absent';
  if (found.lease !== undefined) return 'busy';
  if (change.kind === 'remove') {
    placeEffect(work, found, undefined);
    return 'done';
  }
  const due = instant(change.at);
  const { effect } = found;
  const expires =
    effect.expires > change.at ? effect.expires : instant(change.at + effect.expires - effect.created);
  placeEffect(work, found, { effect: { ...effect, due, expires }, order: work.nextOrder(), due });
  return 'done';
}

function listed({ effect, lease, failedAt }: StoredEffect): ListedEffect {
  if (failedAt !== undefined) return { effect, state: 'failed', failedAt };
  return { effect, state: lease === undefined ? 'waiting' : 'busy' };
}

function writeCursor(state: 'waiting' | 'failed', key: readonly KeyPart[]): string {
  return Buffer.from(JSON.stringify([state, ...key])).toString('base64url');
}

function readCursor(cursor: string): { state: string; key: KeyPart[] } {
  try {
    const [state, ...key] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as KeyPart[];
    return { state: String(state), key };
  } catch {
    // Not one of ours: from the beginning.
    return { state: '', key: [''] };
  }
}
