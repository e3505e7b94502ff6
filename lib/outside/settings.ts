import { isIP } from 'node:net';
import { z } from 'zod';
import { isHostName } from '../settings/names.ts';
import type { Section } from '../settings/section.ts';
import { listOf, path, secret, text } from '../settings/values.ts';

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

/** The section `outside`: what rules may do outside of mailsms (docs/effects.md). */
export const outside = z.strictObject({
  programs: listOf(absolute())
    .prefault([])
    .meta({
      description: 'Programs that rules may run, and folders whose programs they may run.',
      examples: [['/usr/local/lib/mailsms/hooks']],
    }),
  path: z
    .string()
    .default('/usr/local/bin:/usr/bin:/bin')
    .meta({ description: 'PATH of these programs.', examples: ['/usr/bin'] }),
  urls: listOf(reachable())
    .prefault([])
    .meta({
      description: 'Hosts and networks that rules may call although they are not public.',
      examples: [['hook.office.example', '10.1.2.0/24']],
    }),
});

export type OutsideSection = Section<typeof outside>;

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

const database = z.discriminatedUnion('type', [
  sqlite,
  server('postgres', 'PostgreSQL, through the package `pg`.'),
  server('mysql', 'MySQL or MariaDB, through the package `mysql2`.'),
]);

/** A database that rules use. */
export type SqlSettings = Section<typeof database>;

/** The section `sql`: databases by name. */
export const sql = z.record(
  text(
    (value) => (/^[A-Za-z][\w-]{0,31}$/.test(value) ? undefined : `"${value}" is no name`),
    'write a letter, then letters, digits, - or _, 32 at most',
  ),
  database,
);

/** What rules may have done outside, and how. */
export interface OutsideSettings {
  readonly programs: ProgramSettings;
  readonly urls: OutsideSection['urls'];
  readonly sql: Section<typeof sql>;
  /** Effects of all three kinds at once. */
  readonly concurrency: number;
  readonly questions: QuestionSettings;
}

export interface ProgramSettings extends Pick<OutsideSection, 'programs' | 'path'> {
  /** Working directory of every program: the data directory, or `/`. */
  readonly directory: string;
}

export interface QuestionSettings {
  /** Questions of conditions at once. */
  readonly concurrency: number;
  /** How many may wait for their turn; one more is answered with `failed`. */
  readonly waiting: number;
}

/** What no setting says. */
export const OUTSIDE_LIMITS = {
  concurrency: 8,
  questions: { concurrency: 8, waiting: 64 },
};
