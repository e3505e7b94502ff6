/** Times of SMPP, 3.4 7.1.1: `YYMMDDhhmmsstnnp`, absolute with an offset from UTC or relative to the time of the SMSC. */
import { DecodeError, EncodeError } from '../sms/errors.ts';

/** `at`: milliseconds since 1970. */
export type SmppTime =
  | { readonly kind: 'absolute'; readonly at: number }
  | {
      readonly kind: 'relative';
      readonly years: number;
      readonly months: number;
      readonly days: number;
      readonly hours: number;
      readonly minutes: number;
      readonly seconds: number;
    };

const FORM = /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d)(\d{2})([+\-R])$/;
const QUARTER_MS = 15 * 60_000;
const MINUTES_A_DAY = 24 * 60;

/**
 * A time as it stands in `schedule_delivery_time` or `validity_period`; undefined for the empty one, which means the
 * default. Throws DecodeError with the field.
 */
export function parseTime(field: string, text: string): SmppTime | undefined {
  if (text === '') return undefined;
  const match = FORM.exec(text);
  if (match === null) throw new DecodeError(field, 0, `"${text.slice(0, 20)}" is not YYMMDDhhmmsstnnp`);
  const [years = 0, months = 0, days = 0, hours = 0, minutes = 0, seconds = 0, tenths = 0, quarters = 0] =
    match.slice(1, 9).map(Number);
  if (match[9] === 'R') return { kind: 'relative', years, months, days, hours, minutes, seconds };
  const isDate =
    months >= 1 && months <= 12 && days >= 1 && days <= 31 && hours < 24 && minutes < 60 && seconds < 60;
  if (!isDate || quarters > 48) throw new DecodeError(field, 0, `"${text}" is no date`);
  const local = Date.UTC(2000 + years, months - 1, days, hours, minutes, seconds, tenths * 100);
  if (new Date(local).getUTCDate() !== days) throw new DecodeError(field, 0, `"${text}" is no date`);
  return { kind: 'absolute', at: local - (match[9] === '-' ? -1 : 1) * quarters * QUARTER_MS };
}

/** Milliseconds from `now` until a time; a relative one counts months and years by the calendar (UTC). */
export function msUntil(time: SmppTime, now: number): number {
  if (time.kind === 'absolute') return time.at - now;
  const { years, months, days, hours, minutes, seconds } = time;
  const end = new Date(now);
  end.setUTCFullYear(end.getUTCFullYear() + years, end.getUTCMonth() + months, end.getUTCDate() + days);
  return end.getTime() - now + ((hours * 60 + minutes) * 60 + seconds) * 1000;
}

/** An absolute time in UTC. Throws EncodeError outside of 2000 to 2099. */
export function absoluteTime(at: number): string {
  const date = new Date(at);
  const year = date.getUTCFullYear();
  if (!(year >= 2000 && year <= 2099)) throw new EncodeError('time', `${at} is not from 2000 to 2099`);
  const pairs = [
    year - 2000,
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  ].map(two);
  return `${pairs.join('')}${Math.floor(date.getUTCMilliseconds() / 100)}00+`;
}

/** A relative time of whole minutes. Throws EncodeError for more than 99 days. */
export function relativeTime(minutes: number): string {
  const days = Math.floor(minutes / MINUTES_A_DAY);
  if (!Number.isInteger(minutes) || minutes < 0 || days > 99) {
    throw new EncodeError('time', `${minutes} minutes are not from 0 to 99 days`);
  }
  const rest = minutes % MINUTES_A_DAY;
  return `0000${two(days)}${two(Math.floor(rest / 60))}${two(rest % 60)}00000R`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
