/** Settings of accounts: of a user, of all of a domain, or of everybody. */
import { z } from 'zod';
import { isCountry } from '../address/number.ts';
import { mostParts } from '../address/settings.ts';
import { callerId } from '../address/values.ts';
import { layout } from '../mail/text/template.ts';
import { gatewayId, isHostName, isMailbox } from '../settings/names.ts';
import type { Section } from '../settings/section.ts';
import { BadValue, date, duration, listOf, secret, text, written } from '../settings/values.ts';
import { isPrefix } from './destinations.ts';
import { isHash, isReadableHash } from './password.ts';

export const userName = () =>
  text((value) => {
    if (value === '' || /[\0-\x20\x7f]/.test(value)) return 'must be a name without spaces';
    if (value.startsWith('@') && !isHostName(value.slice(1))) return `"${value}" is not @ and a domain`;
    return undefined;
  });

const limit = (what: string, example: number) =>
  z
    .number()
    .int()
    .min(0)
    .exactOptional()
    .meta({ description: `SMS it may send ${what}.`, examples: [example], 'x-default': 'no limit' });

const destinations = (description: string, example: string[]) =>
  listOf(
    written(
      z.string(),
      (value) => {
        if (isPrefix(value)) return value;
        const country = value.toUpperCase();
        if (isCountry(country)) return country;
        throw new BadValue(
          `"${value}" is neither a prefix nor the code of a country`,
          'write "+1" or US; a short code without the +',
        );
      },
      (value) => value,
    ),
  )
    .exactOptional()
    .meta({ description, examples: [example], 'x-default': 'none' });

/** A caller id, in which `%alias%` stands for the account's alias. */
const sender = () =>
  text((value) => {
    const filled = value.replaceAll('%alias%', '+15551234567');
    return filled === '' || callerId.read(filled) === undefined
      ? `"${value}" is not a number or a name of up to 11 characters`
      : undefined;
  }, 'write a number, up to 11 characters, or %alias%');

const proofAddress = () =>
  text(
    (value) =>
      isMailbox(value) || (value.startsWith('@') && isHostName(value.slice(1)))
        ? undefined
        : `"${value}" is neither a mail address nor @ and a domain`,
    'write it as john@example.com, or @example.com for everybody there',
  );

const settings = {
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
  dailyLimit: limit('on a calendar day', 20),
  minuteLimit: limit('in any 60 seconds', 5),
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
  maxmsgs: mostParts()
    .exactOptional()
    .meta({
      description: 'The most SMS one of its mails may take.',
      examples: [10],
      'x-default': '`text.maxmsgs`',
    }),
  allowed: destinations('Where it may send: prefixes of numbers, or countries.', ['+1', 'DE']),
  denied: destinations('Where it may not send, whatever `allowed` says.', ['+1900']),
  alias: text(
    (value) => (/^\+?\d{3,15}$/.test(value) ? undefined : `"${value}" is not a number`),
    'write it as "+15551234567"',
  )
    .exactOptional()
    .meta({ description: 'Its own phone number, for `sender` and for rules.', examples: ['+15551234567'] }),
  sender: sender()
    .exactOptional()
    .meta({
      description: 'Caller id of all its messages, where the gateway allows one.',
      examples: ['%alias%'],
      'x-default': 'what the address asks for',
    }),
  template: layout()
    .exactOptional()
    .meta({
      description: 'Layout of its texts, as `text.template`.',
      examples: ['{subject}: {text}'],
      'x-default': '`text.template`',
    }),
  collapse: duration()
    .exactOptional()
    .meta({
      description:
        'Equal texts to one number within that time become one, which says how many it stands for.',
      examples: ['10m'],
      'x-default': 'off',
    }),
  mailFrom: listOf(proofAddress())
    .exactOptional()
    .meta({
      description: 'Mail from these addresses is its mail where DMARC proves it (`senderProof`).',
      examples: [['john@example.com']],
      'x-default': 'none',
    }),
};

/** An entry of `accounts`. */
export const account = z.strictObject({
  user: userName().meta({
    description:
      'The name it logs in with; case does not matter. `@example.com` stands for all users there that have no record, `*` for everybody else.',
    examples: ['john'],
  }),
  password: secret(
    (value) =>
      isHash(value) && !isReadableHash(value)
        ? new BadValue('is a hash that cannot be read', 'make one with "mailsms accounts hash"')
        : undefined,
    { blank: true },
  )
    .exactOptional()
    .meta({
      description:
        'Its password, or the hash that `mailsms accounts hash` makes of it. Better not written here, but taken from the environment. `""`: none is asked for, where `auth.blankPasswords` is set; else nobody can log in with it.',
      examples: ['${MAILSMS_JOHN}'],
      'x-default': 'none: it cannot log in, but the mail of a trusted client from that name is charged to it',
    }),
  group: userName()
    .exactOptional()
    .meta({
      description:
        'The account whose password, gateway, limits and expiry it shares, and that is charged for it.',
      examples: ['night-shift'],
      'x-default': 'none',
    }),
  ...settings,
});

export type AccountSection = Section<typeof account>;

/** `auth.failures`: failed logins after which no more are tried. */
export const failures = z.strictObject({
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
});

export type ThrottleSettings = Section<typeof failures>;
