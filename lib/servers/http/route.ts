import type { z } from 'zod';
import type { Actor } from '../../flow/operator/actor.ts';
import type { Operations } from '../../flow/operator/operations.ts';

/**
 * A route of the API: one line of the table that the server, its clients and its documents read (routes/table.ts).
 *
 * What it takes and gives is said by schemas, so that no shape is written twice: the server checks what comes with them, and
 * a client (client.ts) is held to them by its types alone.
 */
export interface Route<
  Name extends RouteName = RouteName,
  Query extends Schema = Schema,
  Body extends Schema = Schema,
  Answer extends Schema = Schema,
> {
  /** Method and path under /api/v1: `GET /messages/:id`. */
  readonly name: Name;
  /** What it does, for people: one sentence without a full stop. */
  readonly summary: string;
  readonly query: Query;
  readonly body: Body;
  /** Absent: it answers 204. */
  readonly answer: Answer;
  readonly status: 200 | 201 | 202 | 204;
  /** Octets that the body may have. */
  readonly longest: number;
  /** Throws a Fault where it cannot be done. */
  handle(call: Call<Name, Query, Body>): MaybePromise<Output<Answer>>;
}

/** A request, checked. */
export interface Call<Name extends RouteName, Query extends Schema, Body extends Schema> {
  readonly operations: Operations;
  readonly actor: Actor;
  /** The parts of the path that have a name: `id` of `/messages/:id`. */
  readonly path: PathParts<Name>;
  readonly query: Output<Query>;
  readonly body: Output<Body>;
}

const LONGEST_BODY = 1024 * 1024;

/** One line of the table. */
export function route<
  const Name extends RouteName,
  Query extends Schema = undefined,
  Body extends Schema = undefined,
  Answer extends Schema = undefined,
>(name: Name, line: Line<Name, Query, Body, Answer>): Route<Name, Query, Body, Answer> {
  const { summary, query, body, answer, handle } = line;
  const { status = answer === undefined ? 204 : 200, longest = LONGEST_BODY } = line;
  return {
    name,
    summary,
    query: query as Query,
    body: body as Body,
    answer: answer as Answer,
    status,
    longest,
    handle,
  };
}

interface Line<Name extends RouteName, Query extends Schema, Body extends Schema, Answer extends Schema> {
  readonly summary: string;
  readonly query?: Query;
  readonly body?: Body;
  readonly answer?: Answer;
  readonly status?: Route['status'];
  readonly longest?: number;
  readonly handle: (call: Call<Name, Query, Body>) => MaybePromise<Output<Answer>>;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export type RouteName = `${Method} /${string}`;

export type PathParts<Name extends RouteName> = { readonly [Part in PartNames<Name>]: string };

type PartNames<Path extends string> = Path extends `${string}:${infer Part}/${infer Rest}`
  ? Part | PartNames<`/${Rest}`>
  : Path extends `${string}:${infer Part}`
    ? Part
    : never;

type Schema = z.ZodType | undefined;

type Output<Of extends Schema> = Of extends z.ZodType ? z.output<Of> : void;

type MaybePromise<T> = T | Promise<T>;
