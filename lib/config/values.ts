/**
 * The kinds of values a setting can have, each written one way in the file and another in `Config`.
 *
 * They are codecs: what they read they can also write back, so that the effective configuration can be printed as a
 * file. A secret is written back as `***`. No message repeats a value that may be secret.
 */
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { z } from 'zod';
import { isCountry } from '../address/number.ts';
import { Secret } from '../base/secret.ts';
import { parseDuration, parseSize } from '../base/units.ts';

/** What a reader throws: becomes a problem with its hint. */
export class BadValue extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** A string of the file that `read` makes something of (or throws BadValue), and `write` makes a string again. */
export function written<T>(output: z.ZodType<T, T>, read: (text: string) => T, write: (value: T) => string) {
  return z.codec(z.string(), output, {
    decode: (text, context) => {
      try {
        return read(text);
      } catch (error) {
        if (!(error instanceof BadValue)) throw error;
        const params = error.hint === undefined ? {} : { hint: error.hint };
        context.issues.push({ code: 'custom', message: error.message, input: undefined, params });
        return z.NEVER;
      }
    },
    encode: write,
  });
}

/** A string that stays as it is, once `check` has looked at it. */
export function text(check: (text: string) => string | undefined, hint?: string) {
  return written(
    z.string(),
    (value) => {
      const fault = check(value);
      if (fault !== undefined) throw new BadValue(fault, hint);
      return value;
    },
    (value) => value,
  );
}

/** `90s`, `15m`, `2h`, `5d`; milliseconds in Config. */
export function duration() {
  return written(
    z.number(),
    (value) => {
      const ms = parseDuration(value);
      if (ms === undefined) throw new BadValue('is not a duration', 'write it as 90s, 15m, 2h or 5d');
      if (ms <= 0) throw new BadValue('must be longer than nothing');
      return ms;
    },
    writeDuration,
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

/** `10MB`, `512KB`; octets in Config. */
export function size() {
  return written(
    z.number(),
    (value) => {
      const octets = parseSize(value);
      if (octets === undefined) throw new BadValue('is not a size', 'write it as 10MB or 512KB');
      if (octets < 1024) throw new BadValue('is too small', 'less than 1KB holds no mail');
      return octets;
    },
    (octets) => {
      const [unit, length] = SIZES.find(([, each]) => octets % each === 0) ?? ['B', 1];
      return `${octets / length}${unit}`;
    },
  );
}

const SIZES = [
  ['GB', 1024 ** 3],
  ['MB', 1024 ** 2],
  ['KB', 1024],
  ['B', 1],
] as const;

/** A password or PIN. */
export function secret(check?: (value: string) => BadValue | undefined) {
  return written(
    z.instanceof(Secret),
    (value) => {
      if (value === '') throw new BadValue('must not be empty', 'leave the setting out');
      const fault = check?.(value);
      if (fault !== undefined) throw fault;
      return new Secret(value);
    },
    (value) => value.toString(),
  );
}

/** ISO 3166 two-letter code. */
export function country() {
  return written(
    z.string(),
    (value) => {
      const code = value.toUpperCase();
      if (isCountry(code)) return code;
      const hint =
        code === 'UK' ? 'the code of the United Kingdom is GB' : 'write two letters such as US, DE or GB';
      throw new BadValue(`"${value}" is not the code of a country`, hint);
    },
    (value) => value,
  );
}

/** A host name or domain, in lower case. */
export function domain() {
  return written(
    z.string(),
    (value) => {
      const name = value.toLowerCase();
      if (isHostName(name)) return name;
      if (name.includes('@'))
        throw new BadValue('is an address, not a domain', 'write only what follows the @');
      const ascii = domainToASCII(name);
      const hint = isHostName(ascii) ? `write it as ${ascii}` : 'write it as sms.example.com';
      throw new BadValue(`"${value}" is not a domain name`, hint);
    },
    (value) => value,
  );
}

/** RFC 1123 2.1; an underscore is met in private networks and does no harm. */
export function isHostName(name: string): boolean {
  return (
    name.length <= 253 &&
    /^(?!\d+(?:\.\d+)*$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.(?!$)|$))+$/i.test(name)
  );
}

/** An IP address or a network in CIDR notation. */
export function network() {
  return text((value) => {
    const [address = '', bits, ...rest] = value.split('/');
    const version = isIP(address);
    if (version === 0 || rest.length > 0) return `"${value}" is not an IP address or network`;
    if (bits === undefined) return undefined;
    const most = version === 4 ? 32 : 128;
    return /^\d{1,3}$/.test(bits) && Number(bits) <= most
      ? undefined
      : `"/${bits}" is not a prefix from /0 to /${most}`;
  }, 'write it as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32');
}

/** A mail address without a display name: `desk@example.com`. */
export function mailbox() {
  return text((value) => {
    if (/^[^\s<>@"]+@[^\s<>@"]+$/.test(value) && isHostName(value.slice(value.indexOf('@') + 1)))
      return undefined;
    return `"${value}" is not a mail address`;
  }, 'write it as desk@example.com');
}

/** A file or folder. */
export function path() {
  return text((value) => (value === '' || value.includes('\0') ? 'is not a path' : undefined));
}

/** A day: `2027-01-31`. */
export function date() {
  return text((value) => {
    const day = /^\d{4}-\d{2}-\d{2}$/.test(value) ? Date.parse(`${value}T00:00:00Z`) : NaN;
    const real = !Number.isNaN(day) && new Date(day).toISOString().startsWith(value);
    return real ? undefined : `"${value}" is not a date`;
  }, 'write it as 2027-01-31');
}

/**
 * The first moment of a day in a time zone, in milliseconds since 1970. Where clocks are put forward at midnight
 * that is the moment to which they are put.
 *
 * @param day `2027-01-31`
 */
export function startOfDay(day: string, zone: string): number {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  // Somewhere between 14 hours before and 12 hours after midnight UTC (the zones' extremes) the day begins.
  let before = Date.parse(`${day}T00:00:00Z`) - 15 * 36e5;
  let after = before + 28 * 36e5;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (format.format(middle) < day) before = middle;
    else after = middle;
  }
  return after;
}
