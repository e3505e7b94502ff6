/** Settings of rules, and of what they may do outside. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { isHostName } from '../settings/names.ts';
import { path, secret, text } from '../settings/values.ts';

const files = (what: string) =>
  z
    .array(path())
    .default([])
    .meta({
      description: `Rule files for ${what}, and folders of such files, in this order.`,
      examples: [['rules/']],
    });

export const rules = z.strictObject({
  outgoing: files('mails on their way to phones'),
  incoming: files('messages from phones'),
  lists: z
    .record(z.string(), path())
    .default({})
    .meta({
      description: 'Lists that conditions name: a file with one entry a line for each.',
      examples: [{ customers: 'lists/customers.txt' }],
    }),
  folders: z
    .enum(['plus', 'header'])
    .default('plus')
    .meta({
      description:
        'How a rule names a folder to the mail server: `plus`, as in `desk+SMS@example.com`; `header`, in `X-SMS-Folder`.',
      examples: ['header'],
    }),
});

const absolute = () =>
  text(
    (value) => (value.startsWith('/') ? undefined : `"${value}" does not begin with /`),
    'write it in full',
  );

/** A host, an address or a network. */
const reachable = () =>
  text((value) => {
    const [address = '', bits, ...rest] = value.split('/');
    if (isIP(address) !== 0) {
      const fits =
        bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (isIP(address) === 4 ? 32 : 128));
      return fits && rest.length === 0 ? undefined : `"${value}" is not a network`;
    }
    return isHostName(value) ? undefined : `"${value}" is no host and no network`;
  }, 'write hook.example.com, 10.0.0.0/8 or ::1');

export const outside = z.strictObject({
  programs: z
    .array(absolute())
    .default([])
    .meta({
      description: 'Programs that rules may run, and folders whose programs they may run.',
      examples: [['/usr/local/lib/mailsms/hooks']],
    }),
  path: z
    .string()
    .default('/usr/local/bin:/usr/bin:/bin')
    .meta({ description: 'PATH of these programs.', examples: ['/usr/bin'] }),
  urls: z
    .array(reachable())
    .default([])
    .meta({
      description: 'Hosts and networks that rules may call although they are not public.',
      examples: [['hook.office.example', '10.1.2.0/24']],
    }),
});

const sqlite = z.strictObject({
  type: z.literal('sqlite').meta({ description: 'A file of SQLite.', examples: ['sqlite'] }),
  file: path().meta({ description: 'The file, which must exist.', examples: ['/var/lib/mailsms/log.db'] }),
});

const server = (type: 'postgres' | 'mysql', what: string) =>
  z.strictObject({
    type: z.literal(type).meta({ description: what, examples: [type] }),
    url: secret().meta({
      description: 'Where it is, with user and password.',
      examples: ['${MAILSMS_DATABASE}'],
    }),
    connections: z
      .number()
      .int()
      .min(1)
      .max(100)
      .default(2)
      .meta({ description: 'At most so many at once.', examples: [1] }),
  });

/** Databases by name. */
export const sql = z.record(
  text(
    (value) => (/^[A-Za-z][\w-]{0,31}$/.test(value) ? undefined : `"${value}" is no name`),
    'write a letter, then letters, digits, - or _, 32 at most',
  ),
  z.discriminatedUnion('type', [
    sqlite,
    server('postgres', 'PostgreSQL, through the package `pg`.'),
    server('mysql', 'MySQL or MariaDB, through the package `mysql2`.'),
  ]),
);
