import { z } from 'zod';
import { Secret } from '../../base/secret.ts';
import { INCOMING_STATES, MESSAGE_STATES } from '../../store/records.ts';

/** What may be asked for: lists come in pages, each of which says where the next begins. */

const MOST_LISTED = 1000;

/** As it stands in a URL: a number, or its digits. */
const limit = z.coerce.number<number | string>().int().min(1).max(MOST_LISTED);

/** Opaque to whoever asks, so that the store may change what it counts by. */
const cursor = z.string().transform((written, context) => {
  const opened = Buffer.from(written, 'base64url').toString('utf8');
  if (opened !== '' && cursorOf(opened) === written) return opened;
  context.issues.push({ code: 'custom', message: `"${written}" is no page's next`, input: written });
  return z.NEVER;
});

/** The store's `next` as it is given out. */
export function cursorOf(next: string): string {
  return Buffer.from(next, 'utf8').toString('base64url');
}

/** `queued,held`: one or more of `known`. */
function statesOf<const State extends string>(known: readonly State[]) {
  return z.string().transform((written, context): readonly State[] => {
    const found: State[] = [];
    for (const word of written.split(',')) {
      const state = known.find((each) => each === word);
      if (state !== undefined) found.push(state);
      else {
        const message = `"${word}" is no state; there are ${known.join(', ')}`;
        context.issues.push({ code: 'custom', message, input: written });
      }
    }
    return found;
  });
}

const number = z.string().min(1).exactOptional();
const gateway = z.string().min(1).exactOptional();
const text = z
  .string()
  .min(1)
  .exactOptional()
  .meta({ description: 'Stands in its text, in whichever case.' });

export const messageQuery = z.strictObject({
  state: statesOf(MESSAGE_STATES).exactOptional(),
  number,
  sender: z.string().min(1).exactOptional().meta({
    description: 'The address of its sender, all of a domain (`@example.com`), or an account.',
  }),
  gateway: gateway.meta({
    description: 'That sent it or some of it, that it is pinned to, or that alone may take it.',
  }),
  text,
  limit: limit.default(50),
  after: cursor.exactOptional(),
});

export type MessageQuery = z.output<typeof messageQuery>;

export const incomingQuery = z.strictObject({
  state: statesOf(INCOMING_STATES).exactOptional(),
  number,
  gateway,
  text,
  limit: limit.default(50),
  after: cursor.exactOptional(),
});

export type IncomingQuery = z.output<typeof incomingQuery>;

export const effectQuery = z.strictObject({
  state: z.enum(['waiting', 'failed']).exactOptional(),
  limit: limit.default(50),
  after: cursor.exactOptional(),
});

export type EffectQuery = z.output<typeof effectQuery>;

export const accountQuery = z.strictObject({
  limit: limit.default(100),
  after: cursor.exactOptional(),
});

export type AccountQuery = z.output<typeof accountQuery>;

/** A text to a phone. */
export const sendRequest = z.strictObject({
  to: z.string(),
  text: z.string(),
  from: z.string().exactOptional(),
  gateway: z.string().exactOptional(),
  maxmsgs: z.int().min(1).max(128).exactOptional(),
  flash: z.boolean().exactOptional(),
  report: z.boolean().exactOptional(),
});

export type SendRequest = z.output<typeof sendRequest>;

export const replyRequest = z.strictObject({ text: z.string().min(1), gateway: z.string().exactOptional() });

export const ussdRequest = z.strictObject({ code: z.string() });

const settings = z
  .record(z.string(), z.unknown())
  .meta({ description: 'As in the configuration file; those that are not named stay, null takes one away.' });

/** Settings of an account to be laid over those it has. */
export const givenSettings = settings;

export type GivenSettings = z.output<typeof givenSettings>;

const password = z.string().transform((written) => new Secret(written));

export const newAccount = z.strictObject({ settings, password: password.exactOptional() });

/** null: it cannot log in any more. Empty: it need not, where `auth.blankPasswords` is set. */
export const newPassword = z.strictObject({
  password: password.nullable(),
});

export const newCounter = z.strictObject({ sent: z.int().min(0) });

/** An account as another system kept it. */
const batchAccount = z.strictObject({
  user: z.string().min(1),
  settings: settings.exactOptional().meta({ description: 'Absent: only counters.' }),
  password: password
    .exactOptional()
    .meta({ description: 'In clear; it is hashed here. Empty: none is asked for, unless it has one.' }),
  counters: z
    .strictObject({
      sent: z.int().min(0),
      previous: z.int().min(0),
      lastSent: z.int().min(0).exactOptional(),
    })
    .exactOptional()
    .meta({
      description: 'Parts: `sent` of the month of `lastSent`, `previous` of the one before. None ever falls.',
    }),
});

export type BatchAccount = z.output<typeof batchAccount>;

export const accountBatch = z.strictObject({
  dryRun: z.boolean().default(false).meta({ description: 'Only says what would change.' }),
  accounts: z.array(batchAccount),
});

export type AccountBatch = z.output<typeof accountBatch>;
