import { z } from 'zod';
import type { Section } from '../settings/section.ts';
import { duration, listOf, size, text } from '../settings/values.ts';

const word = () => text((value) => (value === '' ? 'must not be empty' : undefined));

/** The section `senderProof`: mail that proves its sender (docs/passwords.md). */
export const senderProof = z.strictObject({
  accept: z
    .enum(['off', 'dmarc', 'dkim'])
    .default('off')
    .meta({
      description:
        'What proves the sender of a mail that nobody logged in for: DMARC, or DMARC by a signature alone (`dkim`). For accounts with `mailFrom`.',
      examples: ['dmarc'],
    }),
  dns: listOf(word())
    .exactOptional()
    .meta({ description: 'DNS servers to ask.', examples: [['192.0.2.53']], 'x-default': "the system's" }),
  lookupTimeout: duration()
    .prefault('3s')
    .meta({ description: 'How long one look-up may take.', examples: ['5s'] }),
  timeout: duration()
    .prefault('10s')
    .meta({ description: 'How long all look-ups of a mail may take.', examples: ['20s'] }),
  maxAge: duration()
    .prefault('3d')
    .meta({
      description: 'How long after it was signed a mail proves its sender: 28 days at most.',
      examples: ['1d'],
    }),
  maxSize: size()
    .prefault('10MB')
    .meta({ description: 'Signatures of larger mails are not verified.', examples: ['1MB'] }),
});

export type SenderProofSection = Section<typeof senderProof>;
