import type { Clock } from '../../base/clock.ts';
import { asFault, messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Service } from '../../base/lifecycle.ts';
import type { Effects as EffectQueue, LeasedEffect } from '../../store/effects.ts';
import type { Agenda } from '../../store/agenda.ts';
import type { Effect, FaultRecord, NewEffect } from '../../store/records.ts';
import { backoff } from './backoff.ts';
import { faultRecord } from './fault-record.ts';
import { Pump } from '../../base/pump.ts';

/**
 * The queue of effects: what is to be done outside once it has been decided, of which mail is the first kind.
 *
 * Promises: an effect that was queued is tried until it took place, failed for good, or expired (its last try is at that
 * time); then it is kept among the failed ones, an error stands in the log, and the operator is told (operator-mail.ts). It may take place twice when the process dies between the
 * act and its note.
 */
export const MAIL_EFFECT = 'mail';

/** The payload of a mail effect. */
export interface MailPayload {
  /** MAIL FROM; empty for the null sender. */
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Uint8Array;
  /** The id of the message that it is about. */
  readonly about: string;
  /** For the log: `answer`, `failed report`, ... */
  readonly what: string;
}

/** The payload where it has the shape of a mail's. */
export function mailPayload(payload: unknown): MailPayload | undefined {
  const mail = payload as Partial<MailPayload> | undefined;
  const { from, to, raw, about = '', what = 'mail' } = mail ?? {};
  if (typeof from !== 'string' || !Array.isArray(to) || !(raw instanceof Uint8Array)) return undefined;
  return { from, to, raw, about, what };
}

/** Does one kind of effect; throws a Fault where it could not. `times` are those of the effect, where it is in the queue. */
export type EffectHandler = (
  payload: unknown,
  id: string,
  times?: Pick<Effect, 'created' | 'expires'>,
) => Promise<void>;

export interface EffectsDeps {
  readonly store: EffectQueue & Agenda;
  readonly clock: Clock;
  readonly log: Log;
  /** What is to be done where an effect is given up: the mail to the operator. */
  readonly givenUp?: (effect: Effect, fault: FaultRecord) => readonly NewEffect[];
}

export interface EffectSettings {
  readonly retryMs: readonly number[];
  /** How many at once. */
  readonly concurrency: number;
}

const LEASE_MS = 600_000;

export class Effects implements Service {
  readonly name = 'effects';
  readonly #settings: EffectSettings;
  readonly #handlers: Readonly<Record<string, EffectHandler>>;
  readonly #store: EffectQueue & Agenda;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #givenUp: NonNullable<EffectsDeps['givenUp']>;
  readonly #pump: Pump;
  readonly #active = new Set<Promise<void>>();
  #unwatch: (() => void) | undefined;

  constructor(
    settings: EffectSettings,
    handlers: Readonly<Record<string, EffectHandler>>,
    deps: EffectsDeps,
  ) {
    this.#settings = settings;
    this.#handlers = handlers;
    this.#store = deps.store;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#givenUp = deps.givenUp ?? (() => []);
    this.#pump = new Pump(() => this.#work(), deps);
  }

  async start(): Promise<void> {
    this.#unwatch = this.#store.watch({ effects: () => this.#pump.wake() });
    this.#pump.start();
  }

  async stop(): Promise<void> {
    this.#unwatch?.();
    await this.#pump.stop();
    await Promise.all(this.#active);
  }

  async #work(): Promise<number | undefined> {
    const places = this.#settings.concurrency - this.#active.size;
    if (places <= 0) return undefined;
    const now = this.#clock.now();
    const kinds = Object.keys(this.#handlers);
    const taken = await this.#store.takeEffects({ now, until: now + LEASE_MS, limit: places, kinds });
    for (const leased of taken) {
      const act = this.#act(leased)
        .catch((error: unknown) => {
          // Its lease ends by itself, and then it is taken again.
          this.#log.error(
            { effect: leased.effect.id, error: messageOf(error) },
            'the outcome of an effect was not kept',
          );
        })
        .finally(() => {
          this.#active.delete(act);
          this.#pump.wake();
        });
      this.#active.add(act);
    }
    return this.#store.nextDue(this.#clock.now());
  }

  async #act({ lease, effect }: LeasedEffect): Promise<void> {
    const log = this.#log.child({ effect: effect.id, kind: effect.kind });
    try {
      const handler = this.#handlers[effect.kind];
      if (handler === undefined) throw new Error(`no handler for effects of kind "${effect.kind}"`);
      await handler(effect.payload, effect.id, effect);
      await this.#store.effectDone(lease);
    } catch (error) {
      const fault = asFault(error);
      const now = this.#clock.now();
      const fields = { error: fault.message, attempts: effect.attempts + 1 };
      if (fault.temporary && now < effect.expires) {
        const wait = Math.max(backoff(this.#settings.retryMs, effect.attempts), fault.afterMs);
        const until = Math.min(now + wait, effect.expires);
        log.warn(fields, 'effect is tried again later');
        await this.#store.effectDeferred(lease, until, faultRecord(fault));
      } else {
        log.error(
          fields,
          fault.temporary ? 'effect expired and was set aside' : 'effect failed for good and was set aside',
        );
        const record = faultRecord(fault);
        await this.#store.effectFailed(lease, record, this.#givenUp(effect, record));
      }
    }
  }
}
