/** Settings of an account. */
import { z } from 'zod';
import { gatewayId } from './gateway-schema.ts';
import { parts } from './message-schema.ts';
import { date, secret, text } from './values.ts';

export const account = z.strictObject({
  user: text((value) =>
    value === '' || /[\0-\x20\x7f]/.test(value) ? 'must be a name without spaces' : undefined,
  ).meta({ description: 'The name it logs in with; case does not matter.', examples: ['john'] }),
  password: secret()
    .exactOptional()
    .meta({
      description: 'Its password. Better not written here, but taken from the environment.',
      examples: ['${MAILSMS_JOHN}'],
      'x-default': 'none: it cannot log in, but the mail of a trusted client from that name is charged to it',
    }),
  description: z
    .string()
    .exactOptional()
    .meta({ description: 'For people.', examples: ['John, night shift'] }),
  gateway: gatewayId()
    .exactOptional()
    .meta({
      description: 'The gateway all its messages go through.',
      examples: ['modem1'],
      'x-default': 'any',
    }),
  monthlyLimit: z
    .number()
    .int()
    .min(0)
    .default(0)
    .meta({ description: 'SMS it may send in a calendar month; 0: no limit.', examples: [100] }),
  expire: date()
    .exactOptional()
    .meta({
      description: 'The day from whose start on it may not send any more.',
      examples: ['2027-01-31'],
      'x-default': 'never',
    }),
  active: z
    .boolean()
    .default(true)
    .meta({ description: '`false` locks it.', examples: [false] }),
  maxmsgs: parts()
    .exactOptional()
    .meta({
      description: 'The most SMS one of its mails may take.',
      examples: [10],
      'x-default': '`text.maxmsgs`',
    }),
});
