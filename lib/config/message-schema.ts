/** Settings of messages on their way: mail out, the queue, what comes from phones, how a mail becomes a text. */
import { z } from 'zod';
import { domain, isHostName, isMailbox, mailbox } from '../settings/names.ts';
import { relay } from './relay.ts';
import { duration, matching, path, text } from '../settings/values.ts';

const minutes = () => z.number().positive().max(525_600);

/** The most SMS that a message may take: what `maxmsgs` can be in an address too. */
export const parts = () => z.number().int().min(1).max(128);

export const layout = () =>
  text(
    (value) => {
      const names = value.match(/\{[^{}\s]*\}/g) ?? [];
      const unknown = names.find((name) => !LAYOUT_NAMES.includes(name));
      if (unknown !== undefined) return `knows no ${unknown}`;
      return names.length === 0 ? 'names no part of the mail, so every message would be the same' : undefined;
    },
    `use ${['{subject}', '{from}', '{text}', '{size}'].join(', ')} or {attachments}`,
  );

const LAYOUT_NAMES = ['{subject}', '{from}', '{text}', '{size}', '{attachments}'];

/** The name of a domain, or a mail address. */
const tagAddress = () =>
  text(
    (value) =>
      isMailbox(value) || isHostName(value) ? undefined : `"${value}" is no domain or mail address`,
    'write office.example or desk@example.com',
  );

const conflictText = () =>
  text((value) =>
    value.includes('{choices}') ? undefined : 'does not say {choices}, so nobody could choose',
  );

export const mail = z.strictObject({
  relay: relay()
    .exactOptional()
    .meta({
      description:
        'The mail server that takes our mail: `smtp://`, `smtps://` or `lmtp://`, with user and password if needed; LMTP over a unix socket is `lmtp:///path`.',
      examples: ['smtp://127.0.0.1:25', 'smtps://sms:secret@mail.example.com:465'],
      'x-default': 'none: mail is written to `mail.maildir`',
    }),
  tls: z
    .enum(['required', 'may', 'off'])
    .exactOptional()
    .meta({
      description:
        'TLS with the relay: `required`, with a certificate that is verified; `may`, where it is offered and whatever the certificate; `off`, no STARTTLS.',
      examples: ['required'],
      'x-default': '`required` where a password is sent to another machine, and with `smtps://`; else `may`',
    }),
  ca: path()
    .exactOptional()
    .meta({
      description: "PEM file with the authorities to trust for the relay's certificate.",
      examples: ['/etc/ssl/own-ca.pem'],
      'x-default': "the system's",
    }),
  dkim: z
    .strictObject({
      domain: domain().meta({ description: 'The domain that signs.', examples: ['sms.example.com'] }),
      selector: matching(
        /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/i,
        'is not a selector',
        'the key stands in DNS under SELECTOR._domainkey.DOMAIN',
      ).meta({ description: 'The name of the key.', examples: ['sms2026'] }),
      keyFile: path().meta({
        description: 'PEM file with the private key, RSA or Ed25519.',
        examples: ['/etc/mailsms/dkim.pem'],
      }),
    })
    .exactOptional()
    .meta({ description: 'Sign our mail (DKIM).', 'x-default': 'off' }),
  operator: mailbox()
    .exactOptional()
    .meta({
      description: 'Who is told of mail that could not be delivered.',
      examples: ['postmaster@example.com'],
      'x-default': 'nobody: it stands in the log alone',
    }),
  from: mailbox()
    .exactOptional()
    .meta({
      description: 'From of reports.',
      examples: ['postmaster@example.com'],
      'x-default': '`MAILER-DAEMON@` and the first of `domains`',
    }),
  maildir: path()
    .exactOptional()
    .meta({
      description: 'The Maildir that takes our mail where no relay is set.',
      examples: ['/var/mail/sms'],
      'x-default': '`Maildir` in `dataDir`',
    }),
});

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
  retry: z
    .array(duration())
    .min(1)
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
          description: 'What the phone is asked; `{choices}` stands for whom it may mean.',
          'x-default':
            '`"Whom do you answer? {choices}. Send the number, or begin your text with #address#."`',
          examples: ['Wem antworten Sie? {choices}. Senden Sie die Zahl.'],
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
      allow: z
        .array(tagAddress())
        .default([])
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
  mailbox: mailbox()
    .exactOptional()
    .meta({
      description: 'Who gets an incoming message that answers nobody, where its gateway names no mailbox.',
      examples: ['desk@example.com'],
      'x-default': '`postmaster@` the first domain',
    }),
});

export const addresses = z.strictObject({
  userAt: z
    .boolean()
    .default(false)
    .meta({
      description:
        'Read the last `%` or `/` of a user name as the at sign: `user=john%example.com` is john@example.com.',
      examples: [true],
    }),
  separators: z
    .string()
    .regex(/^[.+=_~-]{1,6}$/, { error: 'must be made of . + = _ ~ -' })
    .default('.+=')
    .meta({
      description: 'What may stand after `sms` instead of the colon, for systems that refuse one.',
      examples: ['.'],
    }),
});

export const textSettings = z.strictObject({
  maxmsgs: parts()
    .default(3)
    .meta({ description: 'The most SMS one mail may take; longer text is cut.', examples: [5] }),
  smart: z
    .boolean()
    .default(true)
    .meta({
      description: 'Replace typographic quotes, dashes and spaces where that saves parts.',
      examples: [false],
    }),
  strip: z
    .boolean()
    .default(true)
    .meta({
      description:
        'Leave out quoted replies, signatures, disclaimers and all after the end tag `##`: only what was written goes to the phone.',
      examples: [false],
    }),
  automatic: z
    .array(z.enum(['auto-generated', 'auto-replied', 'bounce', 'list', 'bulk']))
    .default(['auto-generated'])
    .meta({
      description:
        'Kinds of mail by programs that may become a message: `auto-generated` (alerts, cron), `auto-replied` (absence notices), `bounce`, `list`, `bulk`.',
      examples: [['auto-generated', 'list']],
    }),
  template: layout()
    .exactOptional()
    .meta({
      description:
        'Layout of the text, made of `{subject}`, `{from}`, `{text}`, `{size}` and `{attachments}`.',
      examples: ['{subject}: {text}'],
      'x-default': 'the text; the subject where there is none',
    }),
});
