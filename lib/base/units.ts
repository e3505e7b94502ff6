/** Units of time in milliseconds, by every name that people give them. */
const DURATION_UNITS: ReadonlyMap<string, number> = new Map(
  (
    [
      [1, 'ms', 'millisecond', 'milliseconds'],
      [1e3, 's', 'sec', 'secs', 'second', 'seconds'],
      [6e4, 'm', 'min', 'mins', 'minute', 'minutes'],
      [36e5, 'h', 'hr', 'hrs', 'hour', 'hours'],
      [864e5, 'd', 'day', 'days'],
      [6048e5, 'w', 'week', 'weeks'],
    ] as const
  ).flatMap(([ms, ...names]) => names.map((name): [string, number] => [name, ms])),
);

/** Multiples of an octet; all of them are of 1024. */
const SIZE_UNITS: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

const NAMES_OF_TIME = [...DURATION_UNITS.keys()].join('|');
/** How a duration is written: `90s`, `15 min`, `2 hours`. */
export const DURATION = new RegExp(`^(\\d+(?:\\.\\d+)?)\\s*(${NAMES_OF_TIME})$`);
/** How a size is written: `10MB`, `10M`, `512 KiB`, `1048576`. */
export const SIZE = /^(\d+(?:\.\d+)?)\s*(?:([KkMmGg])(?:[Ii]?[Bb])?|[Bb])?$/;
/** How a rate is written: `30/m`, `1/10s`, `5/min`. */
export const RATE = new RegExp(`^(\\d+)\\s*/\\s*(\\d*)\\s*(${NAMES_OF_TIME})$`);

/** `90s`, `15m`, `2h`, `5d`, `250ms` in milliseconds; undefined where `text` is not a duration. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit = ''] = DURATION.exec(text.trim()) ?? [];
  return count === undefined ? undefined : Math.round(Number(count) * (DURATION_UNITS.get(unit) ?? NaN));
}

/** `10MB`, `10M`, `512KiB`, `100B`, `100` in octets (1 KB = 1024); undefined where `text` is not a size. */
export function parseSize(text: string): number | undefined {
  const [, count, unit = ''] = SIZE.exec(text.trim()) ?? [];
  return count === undefined
    ? undefined
    : Math.round(Number(count) * (SIZE_UNITS[unit.toUpperCase()] ?? NaN));
}

/** So many in any stretch of `ms` milliseconds. */
export interface Rate {
  readonly count: number;
  readonly ms: number;
}

/** `30/m`, `5/s`, `1/10s`; undefined where `text` is not a rate. */
export function parseRate(text: string): Rate | undefined {
  const [, count, times = '', unit = ''] = RATE.exec(text.trim()) ?? [];
  if (count === undefined) return undefined;
  return { count: Number(count), ms: Number(times === '' ? 1 : times) * (DURATION_UNITS.get(unit) ?? NaN) };
}

/** The rate as it is written. */
export function printRate({ count, ms }: Rate): string {
  const [unit, length] = RATE_UNITS.find(([, each]) => ms % each === 0) ?? ['ms', 1];
  const times = ms / length;
  return `${count}/${times === 1 ? '' : times}${unit}`;
}

const RATE_UNITS = [
  ['d', 864e5],
  ['h', 36e5],
  ['m', 6e4],
  ['s', 1e3],
] as const;

/** Milliseconds as people say it: `250 ms`, `90 s`, `15 min`, `2 h`, `5 d`. */
export function printDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120e3) return `${Math.round(ms / 1e3)} s`;
  if (ms < 7200e3) return `${Math.round(ms / 6e4)} min`;
  if (ms < 48 * 36e5) return `${Math.round(ms / 36e5)} h`;
  return `${Math.round(ms / 864e5)} d`;
}
