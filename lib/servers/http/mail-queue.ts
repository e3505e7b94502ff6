import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { z } from 'zod';
import { parse } from './request.ts';

/** The mail queue as the API shows it: our own mail, and what rules want done outside. */
export interface MailQueueOperations {
  list(query: {
    readonly state?: 'waiting' | 'failed';
    readonly limit: number;
    readonly after?: string;
  }): Promise<{ readonly entries: readonly QueuedMail[]; readonly next?: string }>;
  find(id: string): Promise<QueuedMail | undefined>;
  /** The mail itself; undefined where there is none, or the entry is no mail. */
  raw(id: string): Promise<Uint8Array | undefined>;
  amend(id: string, kind: 'retry' | 'remove'): Promise<'done' | 'absent' | 'busy'>;
}

/** Times are ISO 8601. */
export interface QueuedMail {
  readonly id: string;
  /** `mail`, or what a rule wants done: `rule.program`, ... */
  readonly kind: string;
  readonly state: 'waiting' | 'busy' | 'failed';
  /** `answer`, `failed report`, ... */
  readonly what?: string;
  /** MAIL FROM; empty for the null sender. */
  readonly from?: string;
  readonly to?: readonly string[];
  readonly subject?: string;
  /** Octets of the mail. */
  readonly size?: number;
  /** The message that it is about. */
  readonly about?: string;
  readonly attempts: number;
  readonly created: string;
  readonly due?: string;
  readonly expires: string;
  readonly failed?: string;
  readonly fault?: {
    readonly code: string;
    readonly enhanced: string;
    readonly told: string;
    readonly detail?: string;
  };
}

const listQuery = z.strictObject({
  state: z.enum(['waiting', 'failed']).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(50),
  after: z.string().optional(),
});

/** /api/v1/mailqueue */
export function mailQueueRoutes(queue: MailQueueOperations): Hono {
  const routes = new Hono();
  routes.get('/', async (context) => {
    const { state, limit, after } = parse(listQuery, context.req.query());
    const query = {
      limit,
      ...(state === undefined ? {} : { state }),
      ...(after === undefined ? {} : { after }),
    };
    return context.json(await queue.list(query));
  });
  routes.get('/:id', async (context) => {
    const id = context.req.param('id');
    const found = await queue.find(id);
    if (found === undefined) throw absent(id);
    return context.json(found);
  });
  routes.get('/:id/mail', async (context) => {
    const id = context.req.param('id');
    const raw = await queue.raw(id);
    if (raw === undefined) throw absent(id);
    return context.json({ base64: Buffer.from(raw).toString('base64') });
  });
  const amend = async (id: string, kind: 'retry' | 'remove'): Promise<void> => {
    const outcome = await queue.amend(id, kind);
    if (outcome === 'absent') throw absent(id);
    if (outcome === 'busy') throw new HTTPException(409, { message: `${id} is being handed over right now` });
  };
  routes.post('/:id/retry', async (context) => {
    await amend(context.req.param('id'), 'retry');
    return context.body(null, 204);
  });
  routes.delete('/:id', async (context) => {
    await amend(context.req.param('id'), 'remove');
    return context.body(null, 204);
  });
  return routes;
}

function absent(id: string): HTTPException {
  return new HTTPException(404, { message: `there is no mail ${id} in the queue` });
}
