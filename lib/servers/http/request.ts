import type { z } from 'zod';
import { Fault } from '../../base/errors.ts';
import { InvalidRequest } from './problem.ts';

/** The request's JSON. Throws `request.size` where it is longer than `longest` octets, `request.invalid` where it is none. */
export async function jsonOf(request: Request, longest: number): Promise<unknown> {
  const tooLong = new Fault('request.size', { told: `the body is longer than ${longest} octets` });
  if (Number(request.headers.get('content-length') ?? 0) > longest) throw tooLong;
  const text = await request.text();
  if (text.length > longest) throw tooLong;
  try {
    return JSON.parse(text);
  } catch {
    throw new Fault('request.invalid', { told: 'the body is not JSON' });
  }
}

/** Throws `request.invalid` with each place that is wrong. */
export function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new InvalidRequest(
    result.error.issues.map(({ path, message }) => ({
      pointer: path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
      detail: message,
    })),
  );
}
