import { z } from 'zod';

/** What a monitoring system told us, as an SMS is to say it. */
export interface HookMessage {
  /** At most a few lines; the caller bounds its parts. */
  readonly text: string;
  /** The alarm it is about: a later message under the same key takes the place of one that still waits. */
  readonly key?: string;
  /** The alarm is over: what waits under its key is withdrawn, and nothing is sent. */
  readonly ends?: true;
  /** Two messages with the same identity say the same thing, and one of them is enough. */
  readonly identity?: string;
}

/** A system whose webhooks are understood. */
export interface Hook {
  /** In a few words, for people. */
  readonly about: string;
  /** Reads the body of a request, parsed JSON. Throws HookError where it is of another shape. */
  read(body: unknown): HookMessage;
}

/** The body of a webhook is not of the shape that its sender documents. */
export class HookError extends Error {
  override readonly name = 'HookError';
  /** JSON Pointer to what is wrong (RFC 6901); empty for the body as a whole. */
  readonly pointer: string;

  constructor(pointer: string, reason: string) {
    super(reason);
    this.pointer = pointer;
  }
}

/**
 * A hook from the schema of its body and a function that makes the message.
 *
 * @param expected what the body should be, for whoever sent something else
 */
export function hook<S extends z.ZodType>(
  about: string,
  expected: string,
  schema: S,
  message: (body: z.output<S>) => HookMessage,
): Hook {
  return {
    about,
    read: (body) => {
      const read = schema.safeParse(body);
      if (!read.success) {
        const [issue] = read.error.issues;
        const path = (issue?.path ?? []).map((step) => `/${String(step)}`).join('');
        const where = path === '' ? 'the body' : path;
        throw new HookError(path, `${where}: ${issue?.message ?? 'is not valid'}; expected ${expected}`);
      }
      const made = message(read.data);
      if (made.text.trim() === '') throw new HookError('', `the body has no text; expected ${expected}`);
      return made;
    },
  };
}

/** Texts are often absent, null, or numbers in a template that was filled in carelessly. */
export const words = () =>
  z
    .union([z.string(), z.number(), z.null()])
    .transform((value) => (value === null ? '' : String(value)))
    .default('');

/** The first that is not empty. */
export function firstOf(...texts: readonly (string | undefined)[]): string {
  return texts.find((text) => text !== undefined && text.trim() !== '')?.trim() ?? '';
}

/** Lines that are not empty, each once. */
export function joinLines(...texts: readonly (string | undefined)[]): string {
  return [...new Set(texts.flatMap((text) => (text ?? '').split('\n')).map((line) => line.trim()))]
    .filter((line) => line !== '')
    .join('\n');
}
