import { z } from 'zod';
import { userName } from '../../../accounts/settings.ts';
import { isHostName } from '../../../settings/names.ts';
import type { Section } from '../../../settings/section.ts';
import { listOf, text } from '../../../settings/values.ts';

/** `alerts`, or `alerts@sms.example.com` for one of several domains. */
const localName = () =>
  text((value) => {
    const [name = '', domain, ...rest] = value.split('@');
    if (!/^[A-Za-z0-9._-]+$/.test(name) || rest.length > 0) return `"${value}" is not a name or address`;
    if (/^\d+$/.test(name)) return `"${value}" is a number`;
    return domain === undefined || isHostName(domain) ? undefined : `"${domain}" is not a domain`;
  }, 'write alerts, or alerts@sms.example.com for one of several domains');

const oneLine = () => text((value) => (value.trim() === '' ? 'must not be empty' : undefined));

/** An entry of `helpers`. */
export const helper = z.strictObject({
  address: localName().meta({
    description:
      'Its name, on all of `domains` or on one of them. `sms` is the template of every sms: address.',
    examples: ['sms'],
  }),
  forward: oneLine().meta({
    description:
      'The address its mail goes to. `%%extensionnose%%` stands for what is written after its name; parameters written there win.',
    examples: ['sms:%%extensionnose%%?maxmsgs=7', 'sms:+15551234567'],
  }),
});

const member = z.union([
  oneLine(),
  z.strictObject({
    sms: oneLine().meta({
      description: 'A number, with parameters where wanted.',
      examples: ['+15551234567?maxmsgs=1'],
    }),
    account: userName()
      .exactOptional()
      .meta({
        description: 'The account that pays for this member.',
        examples: ['alerts'],
        'x-default': 'who writes to the list',
      }),
  }),
]);

/** An entry of `lists`. */
export const list = z.strictObject({
  address: localName().meta({
    description: 'Its name, on all of `domains` or on one of them.',
    examples: ['alerts'],
  }),
  senders: z
    .enum(['known', 'anyone'])
    .default('known')
    .meta({
      description:
        '`known`: who may send at all; `anyone`: whoever writes, where the members pay for themselves.',
      examples: ['anyone'],
    }),
  members: listOf(member, { min: 1 }).meta({
    description:
      'sms: addresses, mail addresses, other lists; or a number with the account that pays for it.',
    examples: [['sms:+15551234567', 'desk@example.com', { sms: '+15557654321', account: 'alerts' }]],
  }),
});

export type HelperSettings = Section<typeof helper>;
export type ListSettings = Section<typeof list>;
