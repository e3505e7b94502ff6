/**
 * The kinds of values a setting can have, each written one way in the file and another in `Config`.
 *
 * They are codecs: what they read they can also write back, so that the effective configuration can be printed as a
 * file. A secret is written back as `***`. No message repeats a value that may be secret.
 */
import { z } from 'zod';
import { Secret } from '../base/secret.ts';
import { DURATION, RATE, SIZE, parseDuration, parseRate, parseSize, printRate } from '../base/units.ts';
import { suggestion } from './suggestion.ts';

/** What a reader throws: becomes a problem with its hint. */
export class BadValue extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/**
 * A string of the file that `read` makes something of (or throws BadValue), and `write` makes a string again.
 *
 * @param form what editors may demand of the string, for the JSON Schema, or what else is known of it
 */
export function written<T>(
  output: z.ZodType<T, T>,
  read: (text: string) => T,
  write: (value: T) => string,
  form?: RegExp | z.core.GlobalMeta,
) {
  const meta = form instanceof RegExp ? { pattern: form.source } : form;
  return z.codec(meta === undefined ? z.string() : z.string().meta(meta), output, {
    decode: (text, context) => readInto(context.issues, () => read(text)),
    encode: write,
  });
}

/** What `read` makes; a BadValue that it throws becomes an issue. */
function readInto<T>(issues: z.core.$ZodRawIssue[], read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof BadValue)) throw error;
    const params = error.hint === undefined ? {} : { hint: error.hint };
    issues.push({ code: 'custom', message: error.message, input: undefined, params });
    return z.NEVER;
  }
}

/** A string that stays as it is, once `check` has looked at it. */
export function text(check: (text: string) => string | undefined, hint?: string, pattern?: RegExp) {
  return written(
    z.string(),
    (value) => {
      const fault = check(value);
      if (fault !== undefined) throw new BadValue(fault, hint);
      return value;
    },
    (value) => value,
    pattern,
  );
}

/** A list in Config; in the file one entry may stand alone, without a list around it. */
export function listOf<Entry extends z.ZodType>(entry: Entry, { min = 0 }: { readonly min?: number } = {}) {
  return z.union([z.array(entry).min(min), alone(entry)]);
}

/** An entry without a list around it. What is wrong with it is said of the setting, not of a first entry. */
function alone<Entry extends z.ZodType>(entry: Entry): z.ZodType<z.output<Entry>[], z.input<Entry>> {
  if (!(entry instanceof z.ZodCodec)) {
    const plain: z.ZodType = entry;
    return z.codec(plain, z.array(plain), { decode: (value) => [value], encode: first }) as never;
  }
  return z.codec(entry.def.in as z.ZodType, z.array(entry.def.out as z.ZodType), {
    decode: (value, context) => {
      const result = z.safeParse(entry, value);
      if (result.success) return [result.data];
      context.issues.push(...asOwn(result.error.issues));
      return z.NEVER;
    },
    encode: first,
  }) as never;
}

function first([value]: readonly unknown[]): never {
  return value as never;
}

/** What was found wrong inside, as the finding of the codec around it. @param at where inside */
export function asOwn(
  issues: readonly z.core.$ZodIssue[],
  at: readonly number[] = [],
): z.core.$ZodRawIssue[] {
  return issues.map((issue) => ({
    code: 'custom',
    message: issue.message,
    input: undefined,
    path: [...at],
    ...(issue.code === 'custom' && issue.params !== undefined ? { params: issue.params } : {}),
  }));
}

/** A string of a certain form, which is `what`. */
export function matching(pattern: RegExp, what: string, hint: string) {
  return text((value) => (pattern.test(value) ? undefined : `"${value}" is not ${what}`), hint, pattern);
}

/** `90s`, `15m`, `2h`, `5d`; milliseconds in Config. */
export function duration({ zero = false }: { readonly zero?: boolean } = {}) {
  return written(
    z.number(),
    (value) => {
      const ms = parseDuration(value);
      if (ms === undefined) throw new BadValue('is not a duration', 'write it as 90s, 15m, 2h or 5d');
      if (ms <= 0 && !(zero && ms === 0)) throw new BadValue('must be longer than nothing');
      return ms;
    },
    writeDuration,
    DURATION,
  );
}

const DURATIONS = [
  ['d', 864e5],
  ['h', 36e5],
  ['m', 6e4],
  ['s', 1e3],
  ['ms', 1],
] as const;

function writeDuration(ms: number): string {
  const [unit, length] = DURATIONS.find(([, each]) => ms % each === 0) ?? ['ms', 1];
  return `${ms / length}${unit}`;
}

/** A time in minutes, at most a year. */
export function minutes() {
  return z.number().positive().max(525_600);
}

/** `10MB`, `10M`, `512KiB`, or a number of octets; octets in Config. */
export function size() {
  return z.codec(z.union([z.string().meta({ pattern: SIZE.source }), z.number()]), z.number(), {
    decode: (value, context) => readInto(context.issues, () => readSize(value)),
    encode: (octets) => {
      const [unit, length] = SIZES.find(([, each]) => octets % each === 0) ?? ['B', 1];
      return `${octets / length}${unit}`;
    },
  });
}

function readSize(value: string | number): number {
  const octets = parseSize(String(value));
  if (octets === undefined) throw new BadValue('is not a size', 'write it as 10MB or 512KB');
  if (octets < 1024) throw new BadValue('is too small', 'less than 1KB holds no mail');
  return octets;
}

const SIZES = [
  ['GB', 1024 ** 3],
  ['MB', 1024 ** 2],
  ['KB', 1024],
  ['B', 1],
] as const;

/** `30/m`, `5/s`, `1/10s`; so many in so many milliseconds in Config. */
export function rate() {
  return written(
    z.strictObject({ count: z.number(), ms: z.number() }),
    (value) => {
      const found = parseRate(value);
      if (found === undefined) {
        throw new BadValue(`"${value}" is not a rate`, 'write it as 5/s, 30/m, 500/h or 1/10s');
      }
      if (found.count < 1 || found.ms < 1) throw new BadValue('must be more than nothing');
      return found;
    },
    printRate,
    RATE,
  );
}

/** A password or PIN. @param blank whether an empty one means something */
export function secret(
  check?: (value: string) => BadValue | undefined,
  { pattern, blank = false }: { readonly pattern?: RegExp; readonly blank?: boolean } = {},
) {
  return written(
    z.instanceof(Secret),
    (value) => {
      if (value === '' && !blank) throw new BadValue('must not be empty', 'leave the setting out');
      const fault = check?.(value);
      if (fault !== undefined) throw fault;
      return new Secret(value);
    },
    (value) => value.toString(),
    pattern,
  );
}

/** A file or folder. Once it is read it is absolute (`withPaths` in paths.ts). */
export function path() {
  return written(
    z.string(),
    (value) => {
      if (value === '' || value.includes('\0')) throw new BadValue('is not a path');
      return value;
    },
    (value) => value,
    { 'x-path': true },
  );
}

/** IANA name of a time zone. */
export function zone() {
  return written(
    z.string(),
    (value) => {
      if (isZone(value)) return value;
      const near = suggestion(value, Intl.supportedValuesOf('timeZone'));
      const hint = 'write its IANA name, such as America/New_York, Europe/Berlin or UTC';
      throw new BadValue(
        `"${value}" is not a time zone`,
        near === undefined ? hint : `did you mean "${near}"?`,
      );
    },
    (value) => value,
  );
}

/** Offsets such as +01:00 are none: they know no summer time. */
function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return !/^[+-]/.test(name);
  } catch {
    return false;
  }
}

/** A day: `2027-01-31`. */
export function date() {
  return text(
    (value) => {
      const day = /^\d{4}-\d{2}-\d{2}$/.test(value) ? Date.parse(`${value}T00:00:00Z`) : NaN;
      const real = !Number.isNaN(day) && new Date(day).toISOString().startsWith(value);
      return real ? undefined : `"${value}" is not a date`;
    },
    'write it as 2027-01-31',
    /^\d{4}-\d{2}-\d{2}$/,
  );
}
