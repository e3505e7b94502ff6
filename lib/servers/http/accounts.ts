import { Hono } from 'hono';
import { z } from 'zod';
import { Fault } from '../../base/errors.ts';
import { Secret } from '../../base/secret.ts';
import { jsonOf, parse } from './request.ts';

/** An account as the API shows it: its settings in the words of the configuration file, and what is known beside them. */
export interface ShownAccount {
  readonly settings: Readonly<Record<string, unknown>>;
  /** Accounts of the configuration file cannot be changed here. */
  readonly source: 'file' | 'store';
  readonly hasPassword: boolean;
  /** Parts this calendar month and the month before. */
  readonly sent: number;
  readonly previous: number;
  /** Milliseconds since 1970. */
  readonly lastSent?: number;
}

export interface AccountOperations {
  list(query: { readonly limit: number; readonly after?: string }): Promise<{
    readonly accounts: readonly ShownAccount[];
    readonly next?: string;
  }>;
  find(user: string): Promise<ShownAccount | undefined>;
  /** Settings as in the configuration file. Throws a Fault that says which is wrong. */
  add(settings: unknown, password?: Secret): Promise<void>;
  /** Replaces those that are named; null takes one away. */
  change(user: string, settings: Readonly<Record<string, unknown>>): Promise<void>;
  remove(user: string): Promise<void>;
  setPassword(user: string, password: Secret | undefined): Promise<void>;
  reset(user: string, sent: number): Promise<void>;
  /** All of them or, where one is refused, none. */
  batch(request: AccountBatch): Promise<AccountBatchAnswer>;
}

/** Accounts as another system kept them. */
export interface AccountBatch {
  /** Only says what would change. */
  readonly dryRun: boolean;
  readonly accounts: readonly BatchAccount[];
}

export interface BatchAccount {
  readonly user: string;
  /** Settings as in the configuration file; those not named stay, null takes one away. Absent: only counters. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** In clear; it is hashed here. Empty: none is asked for, unless it has one. */
  readonly password?: Secret;
  /** `sent` is of the month of `lastSent` (milliseconds since 1970), `previous` of the one before. None ever falls. */
  readonly counters?: { readonly sent: number; readonly previous: number; readonly lastSent?: number };
}

export interface AccountBatchAnswer {
  readonly applied: boolean;
  /** In the order of the accounts that were given. */
  readonly results: readonly {
    readonly user: string;
    readonly action: 'new' | 'changed' | 'same' | 'skipped' | 'refused';
    readonly changes: readonly string[];
    readonly why?: string;
  }[];
}

const MOST_LISTED = 1000;
const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(MOST_LISTED).default(100),
  after: z.string().optional(),
});
const settings = z.record(z.string(), z.unknown());
const addBody = z.strictObject({ settings, password: z.string().optional() });
const passwordBody = z.strictObject({ password: z.string().nullable() });
const resetBody = z.strictObject({ sent: z.int().min(0) });
const batchBody = z.strictObject({
  dryRun: z.boolean().default(false),
  accounts: z.array(
    z.strictObject({
      user: z.string().min(1),
      settings: settings.exactOptional(),
      password: z
        .string()
        .transform((password) => new Secret(password))
        .exactOptional(),
      counters: z
        .strictObject({
          sent: z.int().min(0),
          previous: z.int().min(0),
          lastSent: z.int().min(0).exactOptional(),
        })
        .exactOptional(),
    }),
  ),
});
/** Octets: some hundred thousand accounts. */
const LONGEST_BATCH = 64 * 1024 * 1024;

/** /accounts: who may send. */
export function accountRoutes(operations: AccountOperations): Hono {
  const api = new Hono();
  api.get('/', async (context) => {
    const { limit, after } = parse(listQuery, context.req.query());
    return context.json(await operations.list({ limit, ...(after === undefined ? {} : { after }) }));
  });
  api.post('/', async (context) => {
    const body = parse(addBody, await jsonOf(context.req.raw));
    await operations.add(body.settings, body.password === undefined ? undefined : new Secret(body.password));
    return context.body(null, 201);
  });
  api.post('/batch', async (context) => {
    const given = parse(batchBody, await jsonOf(context.req.raw, LONGEST_BATCH));
    return context.json(await operations.batch(given));
  });
  api.get('/:user', async (context) => {
    const user = context.req.param('user');
    const found = await operations.find(user);
    if (found === undefined) throw new Fault('address.unknown', { told: `there is no account "${user}"` });
    return context.json(found);
  });
  api.patch('/:user', async (context) => {
    await operations.change(context.req.param('user'), parse(settings, await jsonOf(context.req.raw)));
    return context.body(null, 204);
  });
  api.delete('/:user', async (context) => {
    await operations.remove(context.req.param('user'));
    return context.body(null, 204);
  });
  api.put('/:user/password', async (context) => {
    const { password } = parse(passwordBody, await jsonOf(context.req.raw));
    const given = password === null ? undefined : new Secret(password);
    await operations.setPassword(context.req.param('user'), given);
    return context.body(null, 204);
  });
  api.put('/:user/sent', async (context) => {
    const { sent } = parse(resetBody, await jsonOf(context.req.raw));
    await operations.reset(context.req.param('user'), sent);
    return context.body(null, 204);
  });
  return api;
}
