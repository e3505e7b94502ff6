import { z } from 'zod';
import { gatewayId, mailbox } from '../settings/names.ts';
import type { Section, With } from '../settings/section.ts';
import { listOf, matching, rate, text } from '../settings/values.ts';

/**
 * The settings that every gateway has, of whatever kind: who it is, what it may take, how much, and where what it
 * receives goes. A kind adds its own (routing/kind.ts); both are read from one entry of `gateways`.
 */
const common = {
  active: z
    .boolean()
    .default(true)
    .meta({ description: '`false` switches it off.', examples: [false] }),
  description: z
    .string()
    .exactOptional()
    .meta({ description: 'For people.', examples: ['SIM of the night shift'] }),
  from: fromTemplate()
    .exactOptional()
    .meta({
      description:
        'From of the mails made from its incoming messages; `%s` stands for the number. The first of `domains` follows where it has no `@`.',

      examples: ['sms:%s@sms.example.com', '%s'],
      'x-default': '`sms:%s@` and the first of `domains`',
    }),
  mailbox: listOf(mailbox(), { min: 1 })
    .exactOptional()
    .meta({
      description: 'Who gets an incoming message that answers nobody; several get it each.',
      examples: ['desk@example.com', ['desk@example.com', 'night@example.com']],
      'x-default': '`incoming.mailbox`',
    }),
  weight: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(1)
    .meta({ description: 'Its share where several gateways can take a message.', examples: [2] }),
  prefixes: listOf(prefix())
    .prefault([])
    .meta({
      description: 'The numbers it may send to, by their beginnings; empty: all.',
      examples: [['+1', '+4917']],
    }),
  rate: rate()
    .exactOptional()
    .meta({
      description:
        'The most messages it is given in a time: a second (`s`), minute (`m`), hour (`h`) or day (`d`). What is more goes to another gateway or waits.',
      examples: ['30/m', '1/10s'],
      'x-default': 'no limit',
    }),
  dailyCap: z
    .number()
    .int()
    .min(1)
    .max(10_000_000)
    .exactOptional()
    .meta({
      description:
        'The most SMS (parts) it sends on one day of `zone`. What is more goes to another gateway or waits for the next day.',
      examples: [500],
      'x-default': 'no limit',
    }),
  reports: z
    .boolean()
    .default(false)
    .meta({ description: 'Ask the network for a status report on every message.', examples: [true] }),
  concatenation: z
    .union([z.literal(8), z.literal(16)], { error: 'must be 8 or 16' })
    .default(8)
    .meta({
      description: 'Bits of the reference that ties the parts of a long message together.',
      examples: [16],
    }),
};

/**
 * The schema of one kind of gateway: the settings of every gateway, then its own.
 *
 * @param description the kind in a few words, for the table of settings and for editors
 */
export function gatewaySchema<const Type extends string, Own extends z.ZodRawShape>(
  type: Type,
  description: string,
  own: Own,
) {
  return z
    .strictObject({
      id: gatewayId().meta({
        description: 'Its name, unique among the gateways whatever its case; it may hold spaces.',
        examples: ['modem1'],
      }),
      type: z.literal(type).meta({ description, examples: [type] }),
      ...common,
      ...own,
    })
    .meta({ description });
}

/** What is known of a gateway whatever its kind, once the defaults are filled in. */
export type GatewaySettings = With<
  Section<ReturnType<typeof gatewaySchema<string, Record<never, never>>>>,
  'from'
>;

function fromTemplate() {
  return text((value) => {
    const places = value.split('%s').length - 1;
    if (places === 0) return `"${value}" has no %s, so it does not say which phone wrote`;
    if (places > 1) return `"${value}" has more than one %s`;
    const at = value.lastIndexOf('@');
    if (/[\s<>"]/.test(value) || value.indexOf('@') !== at || (at >= 0 && value.indexOf('%s') > at))
      return `"${value}" is not a template of a mail address`;
    return undefined;
  }, 'write it as sms:%s@sms.example.com: %s stands for the number, without quotes or brackets');
}

function prefix() {
  return matching(
    /^\+[1-9]\d{0,14}$/,
    'a prefix of a number',
    'write it with + and the country code, such as "+1" or "+4917"',
  );
}
