import { z } from 'zod';
import { Fault } from '../base/errors.ts';
import type { ProgramCall, SqlCall, UrlCall } from '../rules/verdict.ts';

/** What the queue kept, read again: an older mailsms may have written it. */

/** As long as a lease of the queue allows, and then some. */
const LONGEST_MS = 300_000;

const timeoutMs = z.number().positive().max(LONGEST_MS);

const program = z.object({
  program: z.tuple([z.string()], z.string()),
  env: z.record(z.string(), z.string()),
  input: z.string().exactOptional(),
  timeoutMs,
});

const url = z.object({
  method: z.enum(['GET', 'POST']),
  url: z.string(),
  headers: z.array(z.object({ name: z.string(), value: z.string() })),
  body: z.string().exactOptional(),
  timeoutMs,
});

const sql = z
  .object({ connection: z.string(), text: z.array(z.string()), values: z.array(z.string()), timeoutMs })
  .refine(({ text, values }) => text.length === values.length + 1);

/** Each throws `effect.failed`. */
export const readProgramCall = (payload: unknown): ProgramCall => read('program', program, payload);
export const readUrlCall = (payload: unknown): UrlCall => read('url', url, payload);
export const readSqlCall = (payload: unknown): SqlCall => read('sql', sql, payload);

function read<T>(kind: string, schema: z.ZodType<T>, payload: unknown): T {
  const { data, error } = schema.safeParse(payload);
  if (data !== undefined) return data;
  const where = error?.issues[0]?.path.join('.') ?? '';
  throw new Fault('effect.failed', {
    detail: `the queued ${kind} effect has not the shape of one${where === '' ? '' : ` at ${where}`}`,
  });
}
