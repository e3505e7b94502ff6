import { z } from 'zod';
import type { Section } from '../../../settings/section.ts';

const count = () => z.number().int().min(0).max(1_000_000);

/** The section `limits`: what holds whoever sends. 0: no limit. */
export const limits = z.strictObject({
  recipientsPerMinute: count()
    .default(300)
    .meta({
      description: 'Recipients that one client which is not trusted may name in a minute; 0: no limit.',
      examples: [60],
    }),
  connectionsPerMinute: count()
    .default(120)
    .meta({
      description: 'Connections that one such client may make in a minute; 0: no limit.',
      examples: [30],
    }),
  sendersPerNumber: count()
    .default(20)
    .meta({
      description:
        'Different senders that may write to one number within ten minutes, those behind trusted clients aside; 0: no limit.',
      examples: [5],
    }),
  answersPerNumber: count()
    .default(30)
    .meta({
      description:
        'Mails by one sender that answer one phone within an hour: more are two machines that answer each other, and are refused; 0: no limit.',
      examples: [100],
    }),
});

export type LimitsSettings = Section<typeof limits>;
