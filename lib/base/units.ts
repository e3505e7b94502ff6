const DURATION_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1e3,
  m: 6e4,
  h: 36e5,
  d: 864e5,
  w: 6048e5,
};
const SIZE_UNITS: Readonly<Record<string, number>> = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };

/** `90s`, `15m`, `2h`, `5d`, `250ms` in milliseconds; undefined where `text` is not a duration. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)$/.exec(text.trim());
  return match === null ? undefined : Math.round(Number(match[1]) * (DURATION_UNITS[match[2] ?? ''] ?? NaN));
}

/** `10MB`, `512KB`, `100B` in octets (1 KB = 1024); undefined where `text` is not a size. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(B|KB|MB|GB)$/i.exec(text.trim());
  return match === null
    ? undefined
    : Math.round(Number(match[1]) * (SIZE_UNITS[(match[2] ?? '').toUpperCase()] ?? NaN));
}

/** So many in any stretch of `ms` milliseconds. */
export interface Rate {
  readonly count: number;
  readonly ms: number;
}

/** `30/m`, `5/s`, `1/10s`; undefined where `text` is not a rate. */
export function parseRate(text: string): Rate | undefined {
  const match = /^(\d+)\s*\/\s*(\d*)\s*([smhd])$/.exec(text.trim());
  if (match === null) return undefined;
  const [, count, times, unit = ''] = match;
  return { count: Number(count), ms: Number(times === '' ? 1 : times) * (DURATION_UNITS[unit] ?? NaN) };
}

/** The rate as it is written. */
export function printRate({ count, ms }: Rate): string {
  const [unit, length] = RATE_UNITS.find(([, each]) => ms % each === 0) ?? ['s', 1e3];
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
