import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/errors.ts';
import { given } from '../../base/given.ts';
import type { Log } from '../../base/log.ts';
import type { Effects } from '../../store/effects.ts';
import { mailPayload } from '../effects/effects.ts';
import { type Actor, by, requireRole } from './actor.ts';
import { cursorOf, type EffectQuery } from './queries.ts';
import { type EffectView, type EffectViewPage, viewEffect } from './views/effect.ts';

/** Our own mail, and what rules want done outside, at the operator's desk: look, try again, remove. */
export class MailQueue {
  readonly #deps: MailQueueDeps;

  constructor(deps: MailQueueDeps) {
    this.#deps = deps;
  }

  async list(actor: Actor, query: EffectQuery): Promise<EffectViewPage> {
    requireRole(actor, 'operator');
    const { effects, next } = await this.#deps.store.listEffects(query);
    return given({
      entries: effects.map(viewEffect),
      next: next === undefined ? undefined : cursorOf(next),
    });
  }

  /** Throws `request.absent`. */
  async find(actor: Actor, id: string): Promise<EffectView> {
    requireRole(actor, 'operator');
    const found = await this.#deps.store.findEffect(id);
    if (found === undefined) throw absent(id);
    return viewEffect(found);
  }

  /** The mail itself. Throws `request.absent` where there is none, or the entry is no mail. */
  async raw(actor: Actor, id: string): Promise<Uint8Array> {
    requireRole(actor, 'operator');
    const found = await this.#deps.store.findEffect(id);
    const mail = mailPayload(found?.effect.payload);
    if (mail === undefined) throw absent(id);
    return mail.raw;
  }

  /** Throws `request.absent`, or `request.conflict` where it is being carried out. */
  async amend(actor: Actor, id: string, kind: 'retry' | 'remove'): Promise<void> {
    requireRole(actor, 'operator');
    const { store, clock, log } = this.#deps;
    const outcome = await store.amendEffect(id, kind === 'retry' ? { kind, at: clock.now() } : { kind });
    if (outcome === 'absent') throw absent(id);
    if (outcome === 'busy') {
      throw new Fault('request.conflict', { told: `${id} is being handed over right now` });
    }
    log.info({ effect: id, ...by(actor) }, `${kind} by ${actor.name}`);
  }
}

function absent(id: string): Fault {
  return new Fault('request.absent', { told: `there is no mail ${id} in the queue` });
}

export interface MailQueueDeps {
  readonly store: Pick<Effects, 'findEffect' | 'listEffects' | 'amendEffect'>;
  readonly clock: Clock;
  readonly log: Log;
}
