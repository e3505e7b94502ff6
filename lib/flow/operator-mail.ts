import type { Clock } from '../base/clock.ts';
import { redact } from '../base/secret.ts';
import { composeNote } from '../mail/compose-note.ts';
import type { Effect, FaultRecord, NewEffect } from '../store/records.ts';
import { MAIL_EFFECT, type MailPayload, mailPayload } from './effects.ts';

/**
 * What the operator is told of an effect that was given up: a mail with the cause and, where it was a mail, that mail
 * attached. A mail to the operator that is given up itself is only logged: there is no second one about the first.
 */
export interface OperatorMailSettings {
  /** The name in the Message-ID and in the loop header. */
  readonly hostname: string;
  /** Header From. */
  readonly from: string;
  /** An addr-spec. */
  readonly operator: string;
  /** How long it is tried for. */
  readonly expireMs: number;
}

const TO_OPERATOR = 'mail to the operator';

/** For `EffectsDeps.givenUp`. */
export function operatorMail(
  { hostname, from, operator, expireMs }: OperatorMailSettings,
  clock: Clock,
): (effect: Effect, fault: FaultRecord) => readonly NewEffect[] {
  return (effect, fault) => {
    const mail = mailPayload(effect.payload);
    if (mail?.what === TO_OPERATOR) return [];
    const now = clock.now();
    const id = `operator.${effect.id}.${effect.attempts}`;
    const raw = composeNote({
      from,
      to: operator,
      subject: mail === undefined ? `Given up: ${effect.kind}` : `Mail given up: ${mail.what}`,
      text: textOf(effect, mail, fault),
      date: now,
      messageId: `<${id.replace(/[^\w.-]/g, '-')}@${hostname}>`,
      loop: hostname,
      fields: [],
      ...(mail === undefined ? {} : { attached: mail.raw }),
    });
    const payload: MailPayload = { from: '', to: [operator], raw, about: effect.id, what: TO_OPERATOR };
    return [{ id, kind: MAIL_EFFECT, payload, created: now, expires: now + expireMs }];
  };
}

function textOf(effect: Effect, mail: MailPayload | undefined, fault: FaultRecord): string {
  const { id, attempts, created } = effect;
  const facts: [name: string, value: string | undefined][] = [
    ['Reason', `${fault.told} (${fault.enhanced})`],
    ['Detail', fault.detail],
    ['Kind', mail?.what ?? effect.kind],
    ['From', mail === undefined ? undefined : mail.from || '<>'],
    ['To', mail?.to.join(', ')],
    ['Attempts', String(attempts + 1)],
    ['Queued', new Date(created).toISOString()],
    ['In the queue as', id],
  ];
  const lines = facts.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${redact(value)}`]));
  const what = mail === undefined ? 'Something that a rule wants done' : 'A mail';
  return [
    `${what} could not be ${mail === undefined ? 'carried out' : 'delivered'} and is not tried any more.`,
    lines.join('\n'),
    `It is kept for a while. When the cause is mended:\n\n    mailsms mailqueue retry ${id}`,
    ...(mail === undefined ? [] : ['The mail is attached.']),
  ].join('\n\n');
}
