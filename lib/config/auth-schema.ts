/** Settings of logging in, and of limits that hold whoever sends. */
import { z } from 'zod';
import { backend } from './backend-schema.ts';
import { duration } from '../settings/values.ts';

const count = () => z.number().int().min(0).max(1_000_000);

export const auth = z.strictObject({
  backends: z
    .array(backend)
    .prefault([])
    .meta({ description: 'Where passwords are checked that stand in no account, in this order.' }),
  cache: duration({ zero: true })
    .prefault('60s')
    .meta({
      description: 'How long a password that one of them knew is not asked for again; `0s`: never.',
      examples: ['5m'],
    }),
  blankPasswords: z
    .boolean()
    .default(false)
    .meta({
      description: 'An account whose password is empty needs none. Such accounts come from imported files.',
      examples: [true],
    }),
  failures: z
    .strictObject({
      perAddress: z
        .number()
        .int()
        .min(1)
        .max(100_000)
        .default(20)
        .meta({ description: 'From one IP address (of IPv6: one /64).', examples: [10] }),
      perAccount: z
        .number()
        .int()
        .min(1)
        .max(100_000)
        .default(50)
        .meta({
          description: 'For one account, from all addresses that have not logged in rightly.',
          examples: [20],
        }),
      window: duration()
        .prefault('15m')
        .meta({ description: 'How long after the last failure they count.', examples: ['1h'] }),
    })
    .prefault({})
    .meta({ description: 'Failed logins after which no more are tried.' }),
});

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
