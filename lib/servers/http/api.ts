import { type Context, Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { asFault, Fault } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Actor } from '../../flow/operator/actor.ts';
import type { Operations } from '../../flow/operator/operations.ts';
import { problemOf } from './problem.ts';
import { jsonOf, parse } from './request.ts';
import type { Route } from './route.ts';
import { ROUTES } from './routes/table.ts';

/**
 * The HTTP API under /api/v1, as the table of routes has it.
 *
 * So far it answers only on the control socket in the data directory, which the operating system guards; on the network
 * there are /healthz and /readyz alone. Errors are problem documents (RFC 9457) with the Fault's code.
 *
 * @param actorOf who asks; throws a Fault where that is nobody who may
 */
export function apiRoutes(
  operations: Operations,
  actorOf: (request: Request) => Actor | Promise<Actor>,
  log: Log,
): Hono {
  const api = new Hono();
  for (const each of ROUTES as readonly Route[]) {
    const [method = '', path = ''] = each.name.split(' ');
    api.on(method, path, async (context) => {
      const actor = await actorOf(context.req.raw);
      return answerTo(each, context, operations, actor);
    });
  }
  const root = new Hono();
  root.route('/', healthRoutes(operations));
  root.route('/api/v1', api);
  root.notFound((context) =>
    problemOf(new Fault('request.absent', { told: `there is nothing at ${context.req.path}` })),
  );
  root.onError((error, context) => {
    const fault = error instanceof HTTPException ? refusedByHono(error) : asFault(error);
    if (fault.code === 'internal')
      log.error({ path: context.req.path, error: fault.message }, 'a request failed');
    return problemOf(fault);
  });
  return root;
}

/** /healthz and /readyz: what a supervisor asks. */
export function healthRoutes(operations: Pick<Operations, 'ready'>): Hono {
  return new Hono()
    .get('/healthz', (context) => context.json({ status: 'ok' }))
    .get('/readyz', (context) =>
      operations.ready() ? context.json({ status: 'ready' }) : context.json({ status: 'starting' }, 503),
    );
}

async function answerTo(
  route: Route,
  context: Context,
  operations: Operations,
  actor: Actor,
): Promise<Response> {
  const { query, body, answer, status, longest } = route;
  const given: unknown = await route.handle({
    operations,
    actor,
    path: context.req.param(),
    query: query === undefined ? undefined : parse(query, context.req.query()),
    body: body === undefined ? undefined : parse(body, await jsonOf(context.req.raw, longest)),
  });
  return answer === undefined || status === 204 ? context.body(null, status) : context.json(given, status);
}

function refusedByHono({ status, message }: HTTPException): Fault {
  return new Fault(status < 500 ? 'request.invalid' : 'internal', { told: message });
}
