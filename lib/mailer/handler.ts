import { Fault } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { type EffectHandler, MAIL_EFFECT, type MailPayload, mailPayload } from '../flow/effects/effects.ts';
import type { NewEffect } from '../store/records.ts';
import type { Mailer } from './mailer.ts';

/**
 * Does mail effects: hands the payload to the mailer. Throws what the mailer throws. Where the relay took the mail for some
 * recipients and not for others, those others become effects of their own: nobody gets the mail twice.
 */
export function mailHandler(
  mailer: Mailer,
  deps: { readonly log: Log; readonly enqueue: (effects: readonly NewEffect[]) => Promise<void> },
): EffectHandler {
  return async (payload, id, times) => {
    const mail = mailPayload(payload);
    if (mail === undefined) {
      throw new Fault('mail.malformed', { detail: 'the queued mail has not the shape of one' });
    }
    const { from, to, raw, about, what } = mail;
    const refusals = await mailer.send({ from, to, raw });
    const [refused] = refusals;
    if (refused !== undefined) {
      if (times === undefined) throw refused.fault;
      const { created, expires } = times;
      await deps.enqueue(
        refusals.map((refusal): NewEffect => {
          const again: MailPayload = { ...mail, to: [refusal.to] };
          return { id: `${id}.${refusal.to}`, kind: MAIL_EFFECT, payload: again, created, expires };
        }),
      );
    }
    const left = new Set(refusals.map((refusal) => refusal.to));
    const took = to.filter((each) => !left.has(each));
    deps.log.info({ effect: id, message: about, to: took.join(', ') }, `mailed: ${what}`);
    for (const { to: recipient, fault } of refusals) {
      deps.log.warn(
        { effect: id, message: about, to: recipient, error: fault.message },
        'the relay took the mail for others only',
      );
    }
  };
}
