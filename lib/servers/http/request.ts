import { HTTPException } from 'hono/http-exception';
import type { z } from 'zod';

const MAX_BODY = 1024 * 1024;

/** The request's JSON, refused where it is longer than `most` octets or none. */
export async function jsonOf(request: Request, most = MAX_BODY): Promise<unknown> {
  const length = Number(request.headers.get('content-length') ?? 0);
  if (length > most) throw new HTTPException(413, { message: `the body is longer than ${most} octets` });
  const text = await request.text();
  if (text.length > most) throw new HTTPException(413, { message: `the body is longer than ${most} octets` });
  try {
    return JSON.parse(text);
  } catch {
    throw new HTTPException(400, { message: 'the body is not JSON' });
  }
}

/** Throws 400 with each place that is wrong. */
export function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => `${issue.path.join('.') || 'request'}: ${issue.message}`);
  throw new HTTPException(400, { message: issues.join('; ') });
}
