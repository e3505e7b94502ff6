/**
 * What may stand in the configuration file. This is the only list of settings: checks, defaults, the printed
 * configuration, the JSON Schema for editors and the table in docs/configuration.md all come out of it.
 *
 * Defaults that depend on something else (the first domain, the data directory, the machine) are absent here and
 * filled in by complete.ts; `x-default` says in words what they are.
 */
import { z } from 'zod';
import { account } from '../accounts/settings.ts';
import { addresses, country, domainEntry } from '../address/settings.ts';
import { auth } from '../credentials/settings.ts';
import { incoming } from '../flow/incoming/settings.ts';
import { limits } from '../flow/outgoing/settings/limits.ts';
import { helper, list } from '../flow/outgoing/settings/names.ts';
import { queue } from '../flow/outgoing/settings/queue.ts';
import { text } from '../flow/outgoing/settings/text.ts';
import { mail } from '../mailer/settings.ts';
import { outside, sql } from '../outside/settings.ts';
import { rules } from '../rulefiles/settings.ts';
import { senderProof } from '../senderproof/settings.ts';
import { http } from '../servers/http/settings.ts';
import { lmtp, smtp } from '../servers/smtp/section.ts';
import { DEFAULT_DATA_DIR } from './data-dir.ts';
import { gateway } from '../transports/kinds.ts';
import type { Section } from '../settings/section.ts';
import { path, zone } from '../settings/values.ts';

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
  file: path()
    .exactOptional()
    .meta({
      description: 'The file that it is appended to. SIGHUP opens it anew, for programs that rotate logs.',
      examples: ['/var/log/mailsms/mailsms.log'],
      'x-default': 'standard output',
    }),
});

/** The domain of a configuration that names none: RFC 6761 6.3 keeps it inside the machine. */
export const DEFAULT_DOMAIN = 'sms.localhost';

/** The file as a whole. */
export const fileSchema = z.strictObject({
  dataDir: path()
    .prefault(DEFAULT_DATA_DIR)
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
  addresses: addresses.prefault({}).meta({ description: 'How addresses are read.' }),
  smtp: smtp.prefault({}).meta({ description: 'Mail in over SMTP.' }),
  lmtp: lmtp
    .exactOptional()
    .meta({ description: 'Mail in over LMTP, from the mail server beside us.', 'x-default': 'off' }),
  http: http.prefault({}).meta({ description: 'The HTTP server.' }),
  mail: mail.prefault({}).meta({ description: 'Mail out.' }),
  queue: queue.prefault({}).meta({ description: 'Messages on their way to phones.' }),
  incoming: incoming.prefault({}).meta({ description: 'Messages from phones.' }),
  text: text.prefault({}).meta({ description: 'How a mail becomes a text.' }),
  gateways: z
    .array(gateway)
    .prefault([{ id: 'phone', type: 'virtual' }])
    .meta({ description: 'The ways to the mobile network.' }),
  accounts: z.array(account).prefault([]).meta({ description: 'Who may send.' }),
  auth: auth.prefault({}).meta({ description: 'Logging in, however it is done.' }),
  senderProof: senderProof
    .prefault({})
    .meta({ description: 'Mail that proves its sender by SPF, DKIM and DMARC.' }),
  limits: limits.prefault({}).meta({ description: 'Limits that hold whoever sends.' }),
  rules: rules.prefault({}).meta({ description: 'Content filters: docs/rules.md.' }),
  outside: outside
    .prefault({})
    .meta({ description: 'What rules may do outside of mailsms: docs/effects.md.' }),
  sql: sql.prefault({}).meta({
    description: 'Databases that rules use, by name.',
    examples: [{ log: { type: 'sqlite', file: '/var/lib/mailsms/log.db' } }],
  }),
  helpers: z.array(helper).prefault([]).meta({ description: 'Names that stand for an sms: address.' }),
  lists: z
    .array(list)
    .prefault([])
    .meta({ description: 'Names that stand for several phones and mail addresses.' }),
  log: log.prefault({}).meta({ description: 'The log.' }),
});

/** The file's settings, read, before complete.ts. */
export type FileSettings = Section<typeof fileSchema>;
