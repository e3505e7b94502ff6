/** The kinds of values parameters have: how each is read and printed. */
import { parseDuration } from '../base/units.ts';
import { Secret } from '../base/secret.ts';

/** A kind of value. `print` gives what `read` takes; escaping is done elsewhere. */
export interface Kind<T> {
  /** What is expected, as an error says it: `is not ...`. */
  readonly expects: string;
  /** The value, or undefined where `text` is none. Never called with an empty text. */
  read(text: string): T | undefined;
  print(value: T): string;
  /** The value of a name that stands without `=`. */
  readonly bare?: T;
}

/** Any text, kept as it is. */
export const text: Kind<string> = { expects: 'a text', read: (each) => each, print: (each) => each };

export const secret: Kind<Secret> = {
  expects: 'a password',
  read: (each) => new Secret(each),
  print: (each) => each.open(),
};

/** One text of a list: the parameter may be repeated. */
export const texts: Kind<string[]> = {
  expects: 'a text',
  read: (each) => [each],
  print: (each) => each.join(','),
};

const TRUE = new Set(['1', 'true', 'yes', 'on']);
const FALSE = new Set(['0', 'false', 'no', 'off']);

export const flag: Kind<boolean> = {
  expects: '0 or 1',
  read(each) {
    const word = each.toLowerCase();
    return TRUE.has(word) ? true : FALSE.has(word) ? false : undefined;
  },
  print: (each) => (each ? '1' : '0'),
  bare: true,
};

export function integer(least: number, most: number): Kind<number> {
  return {
    expects: `a whole number from ${least} to ${most}`,
    read(each) {
      if (!/^[+-]?\d{1,9}$/.test(each)) return undefined;
      const value = Number(each) + 0;
      return value >= least && value <= most ? value : undefined;
    },
    print: String,
  };
}

/** An octet, decimal or as `0x7F`. */
export const octet: Kind<number> = {
  expects: 'an octet, 0 to 255 or 0x00 to 0xFF',
  read(each) {
    if (!/^(?:\d{1,3}|0x[0-9a-f]{1,2})$/i.test(each)) return undefined;
    const value = Number(each);
    return value <= 255 ? value : undefined;
  },
  print: String,
};

/** Hex or base64 (either alphabet of RFC 4648), not decoded here. */
export const octets: Kind<string> = {
  expects: 'hex or base64',
  read: (each) => (/^[A-Za-z0-9+/_-]+={0,2}$/.test(each) ? each : undefined),
  print: (each) => each,
};

/** TS 23.040 9.1.2.5: an alphanumeric address has room for 11 septets; a number has up to 15 digits (E.164). */
export const callerId: Kind<string> = {
  expects: 'a number or a name of up to 11 characters',
  read(each) {
    const number =
      each.length <= 40 && /^\+?[\d\-.() ]+$/.test(each) ? each.replace(/[^\d+]/g, '') : undefined;
    if (number !== undefined && /^\+?\d{3,15}$/.test(number)) return number;
    return number === undefined && each.length <= 22 && [...each].length <= 11 ? each : undefined;
  },
  print: (each) => each,
};

/** A mail address in its plain form: what goes into a text as `#address# ` has to be found there again. */
export const mailAddress: Kind<string> = {
  expects: 'a mail address such as john@example.com',
  read: (each) =>
    each.length <= 254 && /^[^\s@<>()[\]\\,;:"#]+@[^\s@<>()[\]\\,;:"#]+$/.test(each) ? each : undefined,
  print: (each) => each,
};

/** The longest relative validity period there is, 63 weeks (TS 23.040 9.2.3.12.1). */
const LONGEST_VALIDITY = 63 * 7 * 24 * 60;

/** Minutes, or a duration such as `90m`, `2h`, `3d`; parts of a minute are rounded up. */
export const minutes: Kind<number> = {
  expects: 'minutes or a duration such as 2h, at most 63 weeks',
  read(each) {
    const milliseconds = /^\d{1,9}$/.test(each) ? Number(each) * 60e3 : parseDuration(each.slice(0, 24));
    if (milliseconds === undefined || each.length > 24) return undefined;
    const value = Math.ceil(milliseconds / 60e3);
    return value >= 1 && value <= LONGEST_VALIDITY ? value : undefined;
  },
  print: String,
};

const RFC3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+\- ])(\d\d):(\d\d))$/;

/**
 * A moment by RFC 3339, in milliseconds; finer fractions are cut. A space before the zone is a plus that an HTTP
 * client did not escape. A leap second counts as the first of the next minute.
 */
export const moment: Kind<number> = {
  expects: 'a date and time with zone such as 2030-01-31T08:00:00+01:00',
  read(each) {
    const match = RFC3339.exec(each);
    if (match === null) return undefined;
    const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as Six;
    const fraction = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
    const zone = (match[8] === '-' ? -1 : 1) * (Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0));
    if (
      hour > 23 ||
      minute > 59 ||
      second > 60 ||
      Number(match[9] ?? 0) > 23 ||
      Number(match[10] ?? 0) > 59
    ) {
      return undefined;
    }
    const date = new Date(Date.UTC(year, month - 1, day));
    // A day that the month does not have is one of another month.
    if (year < 1970 || date.getUTCMonth() !== month - 1) return undefined;
    const value = date.getTime() + ((hour * 60 + minute - zone) * 60 + second) * 1000 + fraction;
    return value >= 0 && value <= LAST_MOMENT ? value : undefined;
  },
  print: (each) => new Date(each).toISOString(),
};

type Six = [number, number, number, number, number, number];

/** RFC 3339 has years of four digits. */
const LAST_MOMENT = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
