import type { Clock } from '../../base/clock.ts';
import { redact } from '../../base/secret.ts';
import { printDuration } from '../../base/units.ts';
import { composeNote } from '../../mail/write/compose-note.ts';
import type { Effect, FaultRecord, NewEffect } from '../../store/records.ts';
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
      from: `Mail Delivery System <${from}>`,
      to: operator,
      subject: `Given up: ${mail === undefined ? effect.kind : `${mail.what} to ${shortList(mail.to)}`}`,
      text: textOf(effect, mail, fault, now),
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

function textOf(effect: Effect, mail: MailPayload | undefined, fault: FaultRecord, now: number): string {
  const { id, attempts, created } = effect;
  const facts: [name: string, value: string | undefined][] = [
    ['Reason', `${fault.told} (${fault.enhanced})`],
    ['Detail', fault.detail],
    ['Kind', mail?.what ?? effect.kind],
    ['From', mail === undefined ? undefined : mail.from || '<> (the null sender)'],
    ['To', mail?.to.join(', ')],
    ['Tried', attempts === 0 ? 'once' : `${attempts + 1} times within ${printDuration(now - created)}`],
  ];
  const lines = facts.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${redact(value)}`]));
  return [
    mail === undefined
      ? 'Something that a rule wants done could not be carried out and is not tried any more.'
      : 'The attached mail could not be delivered and is not tried any more.',
    lines.join('\n'),
    `It is kept for the time of queue.keep. When the cause is mended, try it again:\n\n    mailsms mailqueue retry ${id}`,
    `To give it up now:\n\n    mailsms mailqueue rm ${id}`,
  ].join('\n\n');
}

/** For a subject: a mail to many is named by the first. */
function shortList([first = '', ...others]: readonly string[]): string {
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}
