import { Fault } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { EffectHandler, MailPayload } from '../flow/effects.ts';
import type { Mailer } from './mailer.ts';

/** Does mail effects: hands the payload to the mailer. Throws what the mailer throws. */
export function mailHandler(mailer: Mailer, log: Log): EffectHandler {
  return async (payload, id) => {
    const { from, to, raw, about, what } = mailOf(payload);
    await mailer.send({ from, to, raw });
    log.info({ effect: id, message: about, to: to.join(', ') }, `mailed: ${what}`);
  };
}

function mailOf(payload: unknown): MailPayload {
  const mail = payload as Partial<MailPayload> | undefined;
  const { from, to, raw, about = '', what = 'mail' } = mail ?? {};
  if (typeof from !== 'string' || !Array.isArray(to) || !(raw instanceof Uint8Array)) {
    throw new Fault('mail.malformed', { detail: 'the queued mail has not the shape of one' });
  }
  return { from, to, raw, about, what };
}
