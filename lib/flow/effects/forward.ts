import type { NewEffect } from '../../store/records.ts';
import { MAIL_EFFECT, type MailPayload } from './effects.ts';

/**
 * A mail handed on as it came, to a mail address that is a member of a list. It bears our loop header, so that it becomes no
 * message when it comes back; its envelope sender stays, so that bounces reach who wrote it.
 */
export function forwardMail(
  mail: {
    readonly sender?: string;
    readonly to: string;
    readonly raw: Uint8Array;
    readonly hostname: string;
  },
  effect: { readonly id: string; readonly created: number; readonly expireMs: number },
): NewEffect {
  const { sender, to, raw, hostname } = mail;
  const { id, created, expireMs } = effect;
  const head = Buffer.from(`X-Mailsms-Loop: ${hostname}\r\n`);
  const payload: MailPayload = {
    from: sender ?? '',
    to: [to],
    raw: Buffer.concat([head, raw]),
    about: id,
    what: 'mail of a list',
  };
  return { id: `mail.${id}`, kind: MAIL_EFFECT, payload, created, expires: created + expireMs };
}
