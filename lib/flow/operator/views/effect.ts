import { z } from 'zod';
import { given } from '../../../base/given.ts';
import { redact } from '../../../base/secret.ts';
import { interpretHeaders } from '../../../mail/read/mail-headers.ts';
import { readHeaderBlock } from '../../../mail/read/headers.ts';
import type { ListedEffect } from '../../../store/effects.ts';
import { mailPayload } from '../../effects/effects.ts';
import { describeRuleEffect } from '../../effects/rule-effects.ts';
import { count, faultView, instant, isoTime, next, viewFault } from './fields.ts';

/** What waits to be done outside: a mail of ours, or what a rule wants. */
export const effectView = z
  .strictObject({
    id: z.string(),
    kind: z.string().meta({ description: '`mail`, or what a rule wants done: `rule.program`, ...' }),
    state: z.enum(['waiting', 'busy', 'failed']),
    what: z.string().exactOptional().meta({ description: '`answer`, `failed report`, ...' }),
    from: z.string().exactOptional().meta({ description: 'MAIL FROM; empty for the null sender.' }),
    to: z.array(z.string()).readonly().exactOptional(),
    subject: z.string().exactOptional(),
    size: count.exactOptional().meta({ description: 'Octets of the mail.' }),
    about: z.string().exactOptional().meta({ description: 'The message that it is about.' }),
    attempts: count,
    created: instant,
    due: instant.exactOptional(),
    expires: instant,
    failed: instant.exactOptional(),
    fault: faultView.exactOptional(),
  })
  .readonly();

export type EffectView = z.output<typeof effectView>;

/** Those that wait, by kind and in the order they fall due; then failed ones, the last one first. */
export const effectPage = z.strictObject({ entries: z.array(effectView).readonly(), next }).readonly();

export type EffectViewPage = z.output<typeof effectPage>;

/** A mail itself, as it is handed to the relay. */
export const rawMailView = z.strictObject({ base64: z.string() }).readonly();

/** As much of a header as is read for its subject. */
const LONGEST_HEADER = 262_144;

export function viewEffect({ effect, state, failedAt }: ListedEffect): EffectView {
  const { id, kind, attempts, created, due, expires, fault } = effect;
  const mail = mailPayload(effect.payload);
  const what =
    mail === undefined
      ? describeRuleEffect(kind, effect.payload)
      : {
          what: mail.what,
          from: redact(mail.from),
          to: mail.to.map((each) => redact(each)),
          subject: redact(subjectOf(mail.raw)),
          size: mail.raw.length,
          about: mail.about,
        };
  return given({
    id,
    kind,
    state,
    ...what,
    attempts,
    created: isoTime(created),
    due: failedAt === undefined ? isoTime(due) : undefined,
    expires: isoTime(expires),
    failed: failedAt === undefined ? undefined : isoTime(failedAt),
    fault: fault === undefined ? undefined : viewFault(fault),
  });
}

function subjectOf(raw: Uint8Array): string {
  try {
    return interpretHeaders(readHeaderBlock(Buffer.from(raw), LONGEST_HEADER).fields).subject;
  } catch {
    // A mail that somebody else has made: there is none to be read.
    return '';
  }
}
