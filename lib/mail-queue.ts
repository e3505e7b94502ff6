import { redact } from './base/secret.ts';
import { mailPayload } from './flow/effects/effects.ts';
import { describeRuleEffect } from './flow/effects/rule-effects.ts';
import type { Operate } from './flow/operator/operate.ts';
import { interpretHeaders } from './mail/read/mail-headers.ts';
import { readHeaderBlock } from './mail/read/headers.ts';
import type { MailQueueOperations, QueuedMail } from './servers/http/mail-queue.ts';
import type { ListedEffect } from './store/effects.ts';

/** As much of a header as is read for its subject. */
const LONGEST_HEADER = 262_144;

/** The queue of effects, as the API shows it. */
export function mailQueueOperations(operate: Operate): MailQueueOperations {
  return {
    list: async (query) => {
      const { effects, next } = await operate.listEffects(query);
      return { entries: effects.map(shown), ...(next === undefined ? {} : { next }) };
    },
    find: async (id) => {
      const found = await operate.findEffect(id);
      return found === undefined ? undefined : shown(found);
    },
    raw: async (id) => mailPayload((await operate.findEffect(id))?.effect.payload)?.raw,
    amend: (id, kind) => operate.amendEffect(id, kind),
  };
}

function shown({ effect, state, failedAt }: ListedEffect): QueuedMail {
  const { id, kind, attempts, created, due, expires, fault } = effect;
  const mail = mailPayload(effect.payload);
  const time = (at: number): string => new Date(at).toISOString();
  return {
    id,
    kind,
    state,
    ...(mail === undefined
      ? describeRuleEffect(kind, effect.payload)
      : {
          what: mail.what,
          from: redact(mail.from),
          to: mail.to.map((each) => redact(each)),
          subject: redact(subjectOf(mail.raw)),
          size: mail.raw.length,
          about: mail.about,
        }),
    attempts,
    created: time(created),
    ...(failedAt === undefined ? { due: time(due) } : { failed: time(failedAt) }),
    expires: time(expires),
    ...(fault === undefined ? {} : { fault }),
  };
}

function subjectOf(raw: Uint8Array): string {
  try {
    return interpretHeaders(readHeaderBlock(Buffer.from(raw), LONGEST_HEADER).fields).subject;
  } catch {
    // A mail that somebody else has made: there is none to be read.
    return '';
  }
}
