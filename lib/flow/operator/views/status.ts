import { z } from 'zod';
import type { StoreStats } from '../../../store/archive.ts';
import { MESSAGE_STATES } from '../../../store/records.ts';
import { count, instant } from './fields.ts';
import { gatewayView } from './gateway.ts';
import { waitsView } from './message.ts';

/** How the whole is, on one screen. */
export const statusView = z
  .strictObject({
    version: z.string(),
    running: z.boolean().meta({ description: 'False: this is what the store has while nothing runs.' }),
    pid: count.exactOptional(),
    since: instant.exactOptional(),
    dataDir: z.string(),
    wrong: z
      .array(z.string())
      .readonly()
      .meta({ description: 'What somebody should look at, the gravest first; for people.' }),
    gateways: z.array(gatewayView).readonly(),
    messages: z
      .strictObject({
        queued: count,
        sending: count,
        held: count,
        oldest: z
          .strictObject({
            id: z.string(),
            number: z.string(),
            since: instant,
            waits: waitsView.exactOptional(),
          })
          .readonly()
          .exactOptional()
          .meta({ description: 'The one that has been queued longest.' }),
        today: z
          .strictObject({ sent: count, failed: count })
          .readonly()
          .meta({ description: 'Parts sent and hand-overs that failed on this calendar day.' }),
      })
      .readonly(),
    incoming: z
      .strictObject({ waiting: count.meta({ description: 'For their missing parts, or for a choice.' }) })
      .readonly(),
    mailQueue: z.strictObject({ waiting: count, failed: count }).readonly(),
    quarantined: count.meta({ description: 'Records that could not be read and were set aside.' }),
  })
  .readonly();

export type StatusView = z.output<typeof statusView>;

/** What the store keeps, in numbers. */
export const statsView = z
  .strictObject({
    messages: z.record(z.enum(MESSAGE_STATES), count).readonly(),
    incoming: count.meta({ description: 'From phones, not delivered yet.' }),
    effects: count.meta({ description: 'Mails, and what rules want done, that wait.' }),
    failedEffects: count.meta({ description: 'Those that were given up.' }),
    quarantined: count.meta({ description: 'Records that could not be read and were set aside.' }),
  })
  .readonly();

export type StatsView = z.output<typeof statsView>;

export function viewStats({
  messages,
  incoming,
  effects,
  failedEffects,
  quarantined,
}: StoreStats): StatsView {
  return { messages, incoming, effects, failedEffects, quarantined };
}
