import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { z } from 'zod';
import { type Fault, type FaultCode, asFault } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { TransportStatus } from '../../routing/transport.ts';
import type { IncomingQuery, Page, StoreStats } from '../../store/archive.ts';
import {
  INCOMING_STATES,
  type IncomingMessage,
  MESSAGE_STATES,
  type MessageState,
  type OutgoingMessage,
} from '../../store/records.ts';
import { type AccountOperations, accountRoutes } from './accounts.ts';
import { type MailQueueOperations, mailQueueRoutes } from './mail-queue.ts';
import { jsonOf, parse } from './request.ts';

/**
 * The HTTP API under /api/v1.
 *
 * So far it answers only on the control socket in the data directory, which the operating system guards; on the network
 * there are /healthz and /readyz alone. Errors are problem documents (RFC 9457) with the Fault's code.
 */
export interface Operations {
  ready(): boolean;
  send(request: SendRequest): Promise<readonly string[]>;
  list(query: { states?: readonly MessageState[]; limit: number; after?: string }): Promise<Page>;
  find(id: string): Promise<OutgoingMessage | undefined>;
  findIncoming(id: string): Promise<IncomingView | undefined>;
  listIncoming(query: IncomingQuery): Promise<IncomingViewPage>;
  amend(id: string, kind: 'retry' | 'cancel' | 'remove'): Promise<'done' | 'absent' | 'busy' | 'refused'>;
  stats(): Promise<StoreStats>;
  gateways(): Promise<readonly GatewayView[]>;
  phones(): readonly PhoneView[];
  /** Answers from a handset of a virtual gateway. Throws a Fault where there is none. */
  reply(reply: { number: string; text: string; gateway?: string }): Promise<void>;
  /** Asks the network of a gateway's SIM a USSD code. Throws a Fault where there is no such gateway, or no answer. */
  ussd(gateway: string, code: string): Promise<UssdView>;
  readonly accounts: AccountOperations;
  readonly mailQueue: MailQueueOperations;
}

export interface SendRequest {
  readonly to: string;
  readonly text: string;
  readonly from?: string;
  readonly gateway?: string;
  readonly maxmsgs?: number;
  readonly flash?: boolean;
  readonly report?: boolean;
}

/** One with a `next` may be short, or empty. */
export interface IncomingViewPage {
  readonly messages: readonly IncomingView[];
  readonly next?: string;
}

/** A message from a phone. */
export interface IncomingView {
  readonly id: string;
  readonly state: IncomingMessage['state'];
  readonly gateway: string;
  readonly number: string;
  readonly received: number;
  /** As it stands in its mail. */
  readonly text: string;
  /** Parts that it should have, and the sequence numbers of those that did not come. */
  readonly parts: number;
  readonly missing: readonly number[];
  readonly trace: IncomingMessage['trace'];
  readonly rules?: unknown;
}

export interface GatewayView {
  readonly id: string;
  readonly type: string;
  /** Messages that wait and that it may take, those that another gateway may take as well included. */
  readonly waiting: number;
  /** Parts sent and hand-overs that failed on this calendar day, in the configured zone. */
  readonly today: { readonly sent: number; readonly failed: number };
  /** What went wrong last, a hand-over or the gateway itself, and when (ISO 8601). */
  readonly lastError?: { readonly at: string; readonly cause: string };
  readonly status: Omit<TransportStatus, 'lastError'>;
}

export interface UssdView {
  readonly answer: string;
  /** The network waits for an entry into the menu that `answer` is. */
  readonly more: boolean;
}

export interface PhoneView {
  readonly gateway: string;
  readonly number: string;
  readonly messages: readonly PhoneMessage[];
}

export interface PhoneMessage {
  readonly at: number;
  /** As the phone sees it: `in` is what it received. */
  readonly direction: 'in' | 'out';
  readonly text: string;
  readonly parts: number;
  readonly encoding: string;
}

const sendBody = z.strictObject({
  to: z.string(),
  text: z.string(),
  from: z.string().optional(),
  gateway: z.string().optional(),
  maxmsgs: z.int().min(1).max(128).optional(),
  flash: z.boolean().optional(),
  report: z.boolean().optional(),
});
const replyBody = z.strictObject({ text: z.string().min(1), gateway: z.string().optional() });
const ussdBody = z.strictObject({ code: z.string() });
const listQuery = z.strictObject({
  state: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(50),
  after: z.string().optional(),
});

/** /healthz and /readyz: what a supervisor asks. */
export function healthRoutes(operations: Pick<Operations, 'ready'>): Hono {
  return new Hono()
    .get('/healthz', (context) => context.json({ status: 'ok' }))
    .get('/readyz', (context) =>
      operations.ready() ? context.json({ status: 'ready' }) : context.json({ status: 'starting' }, 503),
    );
}

/** Everything an operator may do. */
export function apiRoutes(operations: Operations, log: Log): Hono {
  const api = new Hono();
  api.post('/messages', async (context) => {
    const ids = await operations.send(definedOnly(parse(sendBody, await jsonOf(context.req.raw))));
    return context.json({ ids }, 201);
  });
  api.get('/messages', async (context) => {
    const page = await operations.list(readQuery(context.req.query(), MESSAGE_STATES));
    return context.json({
      messages: page.messages.map(printable),
      ...(page.next === undefined ? {} : { next: page.next }),
    });
  });
  api.get('/messages/:id', async (context) => {
    const message = await operations.find(context.req.param('id'));
    if (message === undefined) throw absent(context.req.param('id'));
    return context.json(printable(message));
  });
  api.get('/incoming', async (context) =>
    context.json(await operations.listIncoming(readQuery(context.req.query(), INCOMING_STATES))),
  );
  api.get('/incoming/:id', async (context) => {
    const message = await operations.findIncoming(context.req.param('id'));
    if (message === undefined) throw absent(context.req.param('id'));
    return context.json(message);
  });
  for (const kind of ['retry', 'cancel'] as const) {
    api.post(`/messages/:id/${kind}`, async (context) => {
      await amend(operations, context.req.param('id'), kind);
      return context.body(null, 204);
    });
  }
  api.delete('/messages/:id', async (context) => {
    await amend(operations, context.req.param('id'), 'remove');
    return context.body(null, 204);
  });
  api.get('/stats', async (context) => context.json(await operations.stats()));
  api.get('/gateways', async (context) => context.json({ gateways: await operations.gateways() }));
  api.post('/gateways/:id/ussd', async (context) => {
    const { code } = parse(ussdBody, await jsonOf(context.req.raw));
    return context.json(await operations.ussd(context.req.param('id'), code));
  });
  api.get('/phones', (context) => context.json({ phones: operations.phones() }));
  api.post('/phones/:number/replies', async (context) => {
    const { text, gateway } = parse(replyBody, await jsonOf(context.req.raw));
    const number = context.req.param('number');
    await operations.reply({ number, text, ...(gateway === undefined ? {} : { gateway }) });
    return context.body(null, 204);
  });

  api.route('/accounts', accountRoutes(operations.accounts));
  api.route('/mailqueue', mailQueueRoutes(operations.mailQueue));

  const root = new Hono();
  root.route('/', healthRoutes(operations));
  root.route('/api/v1', api);
  root.notFound((context) => problem(404, 'not-found', `there is nothing at ${context.req.path}`));
  root.onError((error, context) => {
    if (error instanceof HTTPException) return problem(error.status, 'request', error.message);
    const fault = asFault(error);
    if (fault.code === 'internal')
      log.error({ path: context.req.path, error: fault.message }, 'a request failed');
    return problem(statusOf(fault), fault.code, fault.told);
  });
  return root;
}

async function amend(operations: Operations, id: string, kind: 'retry' | 'cancel' | 'remove'): Promise<void> {
  const outcome = await operations.amend(id, kind);
  if (outcome === 'absent') throw absent(id);
  if (outcome === 'busy') throw new HTTPException(409, { message: `message ${id} is being sent right now` });
  if (outcome === 'refused') {
    throw new HTTPException(409, { message: `message ${id} is in a state that allows no ${kind}` });
  }
}

function absent(id: string): HTTPException {
  return new HTTPException(404, { message: `there is no message ${id}` });
}

/** A page of what is in one of `known` states. */
function readQuery<State extends string>(
  written: Readonly<Record<string, string>>,
  known: readonly State[],
): { states?: readonly State[]; limit: number; after?: string } {
  const { state, limit, after } = parse(listQuery, written);
  const states = state?.split(',').map((text) => {
    const found = known.find((each) => each === text);
    if (found !== undefined) return found;
    throw new HTTPException(400, { message: `"${text}" is no state; there are ${known.join(', ')}` });
  });
  return {
    limit,
    ...(states === undefined ? {} : { states }),
    ...(after === undefined ? {} : { after }),
  };
}

type Defined<T> = { [Name in keyof T]: Exclude<T[Name], undefined> };

/** Without the names whose value is undefined: `exactOptionalPropertyTypes` tells the two apart, zod does not. */
function definedOnly<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Defined<T>;
}

/** Octets as hexadecimal, for JSON. */
function printable(message: OutgoingMessage): object {
  const { content, ...rest } = message;
  const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex');
  if (content.kind === 'text') return { ...rest, content };
  const udh = content.udh === undefined ? {} : { udh: hex(content.udh) };
  return { ...rest, content: { kind: content.kind, data: hex(content.data), ...udh } };
}

const STATUS: Partial<Record<FaultCode, number>> = {
  'auth.credentials': 401,
  'auth.required': 401,
  'auth.denied': 403,
  'address.syntax': 400,
  'address.unknown': 404,
  'limit.month': 403,
  'limit.rate': 429,
};

function statusOf(fault: Fault): number {
  return STATUS[fault.code] ?? (fault.code === 'internal' ? 500 : fault.temporary ? 503 : 422);
}

function problem(status: number, code: string, detail: string): Response {
  const type = 'about:blank';
  const body = JSON.stringify({ type, title: code, status, detail });
  return new Response(body, { status, headers: { 'content-type': 'application/problem+json' } });
}
