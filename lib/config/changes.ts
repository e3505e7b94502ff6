import { Secret } from '../base/secret.ts';
import type { Config } from './config.ts';

/** The sections in which two configurations differ, in the order of the first. */
export function changedSettings(before: Config, after: Config): string[] {
  const [then, now]: Record<string, unknown>[] = [{ ...before }, { ...after }];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => comparable(then?.[name]) !== comparable(now?.[name]));
}

/** As text; two secrets are compared by what they are. */
function comparable(value: unknown): string {
  return JSON.stringify(plain(value)) ?? '';
}

function plain(value: unknown): unknown {
  if (value instanceof Secret) return { secret: value.open() };
  if (value instanceof Map) return plain([...value]);
  if (value instanceof Set) return plain([...value]);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
}
