import type { Effects } from '../effects.ts';
import type { Access } from './access.ts';
import { amendEffect, findEffect, listEffects } from './effects/listing.ts';
import { effectDeferred, effectDone, effectFailed, enqueue, takeEffects } from './effects/queue.ts';
import { mayTakeEffects } from './peek.ts';

/** What is still to be done outside, in LMDB. */
export function effectsIn(access: Access): Effects {
  return {
    enqueue: (effects) => access.run((work) => enqueue(work, effects)),
    takeEffects: (request) =>
      access.take(
        (view) => mayTakeEffects(view, request),
        (work) => takeEffects(work, request),
      ),
    effectDone: (lease) => access.run((work) => effectDone(work, lease)),
    effectDeferred: (lease, until, fault) => access.run((work) => effectDeferred(work, lease, until, fault)),
    effectFailed: (lease, fault, follow) => access.run((work) => effectFailed(work, lease, fault, follow)),
    findEffect: (id) => access.look((view) => findEffect(view, id)),
    listEffects: (query) => access.look((view) => listEffects(view, query)),
    amendEffect: (id, change) => access.run((work) => amendEffect(work, id, change)),
  };
}
