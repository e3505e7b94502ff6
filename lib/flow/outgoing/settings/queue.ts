import { z } from 'zod';
import type { Section } from '../../../settings/section.ts';
import { duration, listOf, minutes } from '../../../settings/values.ts';

/** The section `queue`: messages on their way to phones. */
export const queue = z.strictObject({
  expireMinutes: minutes()
    .default(7200)
    .meta({ description: 'How long a message is tried for.', examples: [1440] }),
  warnMinutes: minutes()
    .default(240)
    .meta({
      description:
        'When the sender is told that a message is still waiting; not below `expireMinutes`: never.',
      examples: [60],
    }),
  retry: listOf(duration(), { min: 1 })
    .prefault(['30s', '1m', '5m', '15m', '1h'])
    .meta({
      description: 'The pause after each failed attempt; the last one repeats.',
      examples: [['1m', '10m']],
    }),
  unknown: z
    .enum(['resend', 'fail', 'ask'])
    .default('resend')
    .meta({
      description:
        'What becomes of a message whose hand-over was cut off, so that nobody knows whether it went out: `resend` sends it again, `fail` reports it, `ask` holds it for the operator.',
      examples: ['ask'],
    }),
  dedupe: duration()
    .prefault('1d')
    .meta({ description: 'How long the same mail to the same number counts as one.', examples: ['1h'] }),
  keep: duration()
    .prefault('30d')
    .meta({ description: 'How long settled messages are kept.', examples: ['7d'] }),
});

export type QueueSettings = Section<typeof queue>;
