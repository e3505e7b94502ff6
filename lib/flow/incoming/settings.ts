import { z } from 'zod';
import { isHostName, isMailbox, mailbox } from '../../settings/names.ts';
import type { Section } from '../../settings/section.ts';
import { listOf, minutes, text } from '../../settings/values.ts';

/** The name of a domain, or a mail address. */
const tagAddress = () =>
  text(
    (value) =>
      isMailbox(value) || isHostName(value) ? undefined : `"${value}" is no domain or mail address`,
    'write office.example or desk@example.com',
  );

const conflictText = () =>
  text((value) => {
    const unknown = value.match(/\{\w*\}/g)?.find((name) => name !== '{choices}');
    if (value.trim() === '') return 'must not be empty';
    return unknown === undefined ? undefined : `knows no ${unknown}`;
  }, '{choices} stands for whom the phone may mean');

/** The section `incoming`: messages from phones. */
export const incoming = z.strictObject({
  replyLog: z
    .strictObject({
      minutes: minutes()
        .default(10_080)
        .meta({
          description: 'How long an answer from a phone finds the sender it answers.',
          examples: [1440],
        }),
      conflict: z
        .enum(['ask', 'last'])
        .default('ask')
        .meta({
          description:
            'Several people wrote to a phone that answers: `ask` it which of them it means, or take the `last` one.',
          examples: ['last'],
        }),
      conflictText: conflictText()
        .default('Whom do you answer? {choices}. Send the number, or begin your text with #address#.')
        .meta({
          description:
            'What the phone is asked; `{choices}` stands for whom it may mean, numbered. Without it the phone can name somebody as in `#john@example.com#` alone.',
          'x-default':
            '`"Whom do you answer? {choices}. Send the number, or begin your text with #address#."`',
          examples: [
            'Wem antworten Sie? {choices}. Senden Sie die Zahl.',
            'Whom do you answer? Begin your text with #email#.',
          ],
        }),
      conflictMinutes: minutes()
        .default(60)
        .meta({
          description: 'How long its choice is waited for; then the message goes to the mailbox.',
          examples: [15],
        }),
      separateGateways: z
        .boolean()
        .default(false)
        .meta({
          description:
            'Send by a gateway through which nobody else is writing to that phone, where one is free, so that its answer is clear.',
          examples: [true],
        }),
    })
    .prefault({})
    .meta({ description: 'Who wrote to which number.' }),
  addressTag: z
    .strictObject({
      allow: listOf(tagAddress())
        .prefault([])
        .meta({
          description:
            'Mail addresses and domains that a phone may name in its text, as in `#john@example.com#`; never one of `domains`.',
          examples: [['office.example', 'desk@example.com']],
        }),
    })
    .prefault({})
    .meta({ description: 'Mail addresses in texts from phones.' }),
  replyAddress: z
    .strictObject({
      signed: z
        .boolean()
        .default(false)
        .meta({
          description:
            'Mails made from messages come from an address that only their reader can answer to, instead of the number.',
          examples: [true],
        }),
      days: z
        .number()
        .int()
        .min(1)
        .max(3650)
        .default(30)
        .meta({ description: 'How long such an address can be answered to.', examples: [7] }),
    })
    .prefault({})
    .meta({ description: 'The addresses of phones.' }),
  reassemblyMinutes: minutes()
    .default(60)
    .meta({ description: 'How long the missing parts of a long message are waited for.', examples: [15] }),
  mailbox: listOf(mailbox(), { min: 1 })
    .exactOptional()
    .meta({
      description:
        'Who gets an incoming message that answers nobody, where its gateway names no mailbox; several get it each.',
      examples: ['desk@example.com', ['desk@example.com', 'night@example.com']],
      'x-default': '`postmaster@` the first domain',
    }),
});

export type IncomingSettings = Section<typeof incoming>;
