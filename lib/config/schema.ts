/**
 * What may stand in the configuration file. This is the only list of settings: checks, defaults, the printed
 * configuration, the JSON Schema for editors and the table in docs/configuration.md all come out of it.
 *
 * Defaults that depend on something else (the first domain, the data directory, the machine) are absent here and
 * filled in by complete.ts; `x-default` says in words what they are.
 */
import { z } from 'zod';
import { suggestion } from './suggestion.ts';
import { gateway, gatewayId } from './gateway-schema.ts';
import { listenerOrSocket, listeners } from './listen.ts';
import { relay } from './relay.ts';
import {
  country,
  date,
  domain,
  duration,
  mailbox,
  network,
  path,
  secret,
  size,
  text,
  written,
  BadValue,
} from './values.ts';

const minutes = () => z.number().int().min(1).max(525_600);

const zone = () =>
  written(
    z.string(),
    (value) => {
      if (isZone(value)) return value;
      const near = suggestion(value, Intl.supportedValuesOf('timeZone'));
      const hint = 'write its IANA name, such as America/New_York, Europe/Berlin or UTC';
      throw new BadValue(
        `"${value}" is not a time zone`,
        near === undefined ? hint : `did you mean "${near}"?`,
      );
    },
    (value) => value,
  );

/** Offsets such as +01:00 are none: they know no summer time. */
function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return !/^[+-]/.test(name);
  } catch {
    return false;
  }
}

const layout = () =>
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

const domainEntry = z.strictObject({
  name: domain().meta({ description: 'The domain.', examples: ['sms.example.com'] }),
  country: country()
    .exactOptional()
    .meta({
      description: 'Country of the national numbers written before this domain.',
      examples: ['US'],
      'x-default': '`country`',
    }),
  carrier: country()
    .exactOptional()
    .meta({
      description:
        'The domain is that of a closed carrier service, whose national numbers belong to this country.',
      examples: ['US'],
    }),
});

const tls = z.strictObject({
  cert: path().meta({
    description: 'PEM file with the certificate and its chain.',
    examples: ['tls/fullchain.pem'],
  }),
  key: path().meta({ description: 'PEM file with the private key.', examples: ['tls/privkey.pem'] }),
});

const smtp = z.strictObject({
  listen: listeners()
    .prefault('127.0.0.1:2525')
    .meta({
      description: 'Where mail comes in: an address and port, a list of them, or `false` for none.',
      examples: ['0.0.0.0:25', ['127.0.0.1:2525', '[::1]:2525'], false],
    }),
  implicitTls: listeners()
    .prefault(false)
    .meta({
      description: 'The same with TLS from the first octet; needs `smtp.tls`.',
      examples: ['0.0.0.0:465'],
    }),
  hostname: domain()
    .exactOptional()
    .meta({
      description: 'Our name in the banner and in reports.',
      examples: ['mx.example.com'],
      'x-default': 'the first of `domains`',
    }),
  trusted: z
    .array(network())
    .default(['127.0.0.0/8', '::1/128'])
    .meta({
      description:
        'Addresses and networks whose clients may send without a login, and vouch for their senders.',
      examples: [['127.0.0.1/32', '192.0.2.0/24']],
    }),
  tls: tls
    .exactOptional()
    .meta({ description: 'Certificate for STARTTLS and implicit TLS.', 'x-default': 'no TLS' }),
  auth: z
    .strictObject({
      required: z
        .boolean()
        .default(false)
        .meta({
          description: 'A client that is not trusted must log in before it may send.',
          examples: [true],
        }),
      insecure: z
        .boolean()
        .default(false)
        .meta({ description: 'Offer AUTH without TLS to other machines too.', examples: [true] }),
    })
    .prefault({})
    .meta({ description: 'Logging in.' }),
  maxSize: size()
    .prefault('10MB')
    .meta({ description: 'The largest mail.', examples: ['1MB'] }),
  maxConnections: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(1000)
    .meta({ description: 'Connections at once.', examples: [200] }),
  maxConnectionsPerAddress: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(100)
    .meta({ description: 'Connections at once from one IP address.', examples: [10] }),
  maxRecipients: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(100)
    .meta({ description: 'Recipients of one mail.', examples: [20] }),
  timeout: duration()
    .prefault('5m')
    .meta({ description: 'How long a client may be silent.', examples: ['90s'] }),
});

const mail = z.strictObject({
  relay: relay()
    .exactOptional()
    .meta({
      description:
        'The mail server that takes our mail: `smtp://`, `smtps://` or `lmtp://`, with user and password if needed.',
      examples: ['smtp://127.0.0.1:25', 'smtps://sms:secret@mail.example.com:465'],
      'x-default': 'none: mail is written to `mail.maildir`',
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

const queue = z.strictObject({
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

const incoming = z.strictObject({
  replyLog: z
    .strictObject({
      minutes: minutes()
        .default(10_080)
        .meta({
          description: 'How long an answer from a phone finds the sender it answers.',
          examples: [1440],
        }),
    })
    .prefault({})
    .meta({ description: 'Who wrote to which number.' }),
  reassemblyMinutes: minutes()
    .default(60)
    .meta({ description: 'How long the missing parts of a long message are waited for.', examples: [15] }),
  mailbox: mailbox()
    .exactOptional()
    .meta({
      description: 'Who gets an incoming message that answers nobody, where its gateway names no mailbox.',
      examples: ['desk@example.com'],
      'x-default': 'nobody: it is kept and logged',
    }),
});

const parts = () => z.number().int().min(1).max(128);

const textSettings = z.strictObject({
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

const account = z.strictObject({
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

const log = z.strictObject({
  level: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .meta({ description: 'The least important lines that are written.', examples: ['debug'] }),
  format: z
    .enum(['pretty', 'json'])
    .exactOptional()
    .meta({
      description: 'For people or for machines.',
      examples: ['json'],
      'x-default': '`pretty` on a terminal, else `json`',
    }),
  bodies: z
    .boolean()
    .default(false)
    .meta({
      description: "Write the texts of messages too. They are other people's words.",
      examples: [true],
    }),
});

/** The domain of a configuration that names none: RFC 6761 6.3 keeps it inside the machine. */
export const DEFAULT_DOMAIN = 'sms.localhost';

/** The file as a whole. */
export const fileSchema = z.strictObject({
  dataDir: path()
    .prefault('./data')
    .meta({ description: 'Where everything is kept that must not be lost.', examples: ['/var/lib/mailsms'] }),
  country: country()
    .exactOptional()
    .meta({
      description: 'Country of national numbers, where their domain says nothing else.',
      examples: ['DE'],
      'x-default': 'none: numbers need their country code',
    }),
  zone: zone()
    .exactOptional()
    .meta({
      description: 'Time zone of calendar months and dates.',
      examples: ['Europe/Berlin'],
      'x-default': "the system's",
    }),
  domains: z
    .array(domainEntry)
    .min(1)
    .prefault([{ name: DEFAULT_DOMAIN }])
    .meta({ description: 'The domains whose mail goes to phones.' }),
  smtp: smtp.prefault({}).meta({ description: 'Mail in over SMTP.' }),
  lmtp: z
    .strictObject({
      listen: listenerOrSocket().meta({
        description: 'An address and port, or `unix:` and the path of a socket.',
        examples: ['unix:/run/mailsms/lmtp.sock', '127.0.0.1:2424'],
      }),
    })
    .exactOptional()
    .meta({ description: 'Mail in over LMTP, from the mail server beside us.', 'x-default': 'off' }),
  http: z
    .strictObject({
      listen: listeners()
        .prefault('127.0.0.1:8025')
        .meta({
          description: 'An address and port, a list of them, or `false` for none.',
          examples: ['127.0.0.1:8080', false],
        }),
    })
    .prefault({})
    .meta({ description: 'The HTTP server.' }),
  mail: mail.prefault({}).meta({ description: 'Mail out.' }),
  queue: queue.prefault({}).meta({ description: 'Messages on their way to phones.' }),
  incoming: incoming.prefault({}).meta({ description: 'Messages from phones.' }),
  text: textSettings.prefault({}).meta({ description: 'How a mail becomes a text.' }),
  gateways: z
    .array(gateway)
    .prefault([{ id: 'phone', type: 'virtual' }])
    .meta({ description: 'The ways to the mobile network.' }),
  accounts: z.array(account).default([]).meta({ description: 'Who may send.' }),
  log: log.prefault({}).meta({ description: 'The log, on standard output.' }),
});

/** The file's settings, read, before complete.ts. */
export type FileSettings = z.output<typeof fileSchema>;
