import type { z } from 'zod';
import type { PathParts, Route, RouteName } from './route.ts';
import type { Api } from './routes/table.ts';

/**
 * A client of the API whose every call is held to the table of routes by its types: `api('GET /messages/:id', { path: { id } })`
 * resolves with what that route answers. It knows of the table nothing but its types, so that it may run anywhere.
 *
 * Rejects with an ApiProblem where the API says no, and with what `send` rejects with where it cannot be reached.
 */
export type ApiClient = <Name extends Api['name']>(
  name: Name,
  ...request: RequestArguments<RouteNamed<Name>>
) => Promise<AnswerOf<RouteNamed<Name>>>;

/** How a request gets to the API; resolves with its answer, whatever it is. */
export type Send = (request: RawRequest) => Promise<RawAnswer>;

export interface RawRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** JSON. */
  readonly body?: string;
  /** How long the answer may take; absent: as long as is usual. */
  readonly timeoutMs?: number;
}

export interface RawAnswer {
  readonly status: number;
  readonly body: string;
}

/** The API's no: a problem document (RFC 9457). */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;

  constructor(status: number, detail: string | undefined) {
    super(detail ?? `the gateway answered ${status}`);
    this.status = status;
  }
}

export function apiClient(send: Send): ApiClient {
  const ask = async (name: RouteName, request: LooseRequest = {}): Promise<unknown> => {
    const [method = '', pattern = ''] = name.split(' ');
    const path = pattern.replace(/:(\w+)/g, (_, part: string) =>
      encodeURIComponent(request.path?.[part] ?? ''),
    );
    const written = new URLSearchParams();
    for (const [key, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined) written.set(key, String(value));
    }
    const query = written.size === 0 ? '' : `?${written.toString()}`;
    const { status, body } = await send({
      method,
      path: `/api/v1${path}${query}`,
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      ...(request.timeoutMs === undefined ? {} : { timeoutMs: request.timeoutMs }),
    });
    const value: unknown = body === '' ? undefined : JSON.parse(body);
    if (status >= 300) throw new ApiProblem(status, detailOf(value));
    return value;
  };
  return ask as ApiClient;
}

function detailOf(problem: unknown): string | undefined {
  return typeof problem === 'object' && problem !== null && 'detail' in problem
    ? String(problem.detail)
    : undefined;
}

interface LooseRequest {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly timeoutMs?: number;
}

type RouteNamed<Name extends RouteName> = Extract<Api, { readonly name: Name }>;

/** What a route answers. */
export type AnswerOf<Of> =
  Of extends Route<RouteName, infer _Query, infer _Body, infer Answer>
    ? Answer extends z.ZodType
      ? z.output<Answer>
      : undefined
    : never;

type RequestOf<Of> =
  Of extends Route<infer Name, infer Query, infer Body, infer _Answer>
    ? PathOf<Name> & QueryOf<Query> & BodyOf<Body> & { readonly timeoutMs?: number }
    : never;

type PathOf<Name extends RouteName> = keyof PathParts<Name> extends never
  ? unknown
  : { readonly path: PathParts<Name> };

type QueryOf<Query> = Query extends z.ZodType
  ? Record<never, never> extends z.input<Query>
    ? { readonly query?: z.input<Query> }
    : { readonly query: z.input<Query> }
  : unknown;

type BodyOf<Body> = Body extends z.ZodType ? { readonly body: z.input<Body> } : unknown;

type RequestArguments<Of> =
  Record<never, never> extends RequestOf<Of> ? [request?: RequestOf<Of>] : [request: RequestOf<Of>];
