import type { z } from 'zod';
import type { Secret } from '../base/secret.ts';

/**
 * The settings that a schema reads, as their consumer sees them: every default filled in, nothing to be changed. Durations
 * are milliseconds except where a name ends in `Minutes`, sizes are octets, secrets are `Secret`s.
 */
export type Section<Schema extends z.ZodType> = Immutable<z.output<Schema>>;

/** The same all the way down, and readonly. */
export type Immutable<T> = T extends Secret
  ? T
  : T extends readonly (infer Entry)[]
    ? readonly Immutable<Entry>[]
    : T extends object
      ? { readonly [Name in keyof T]: Immutable<T[Name]> }
      : T;

/** Settings of which some have no default in the schema, and have one by now. */
export type With<Settings, Names extends keyof Settings> = Omit<Settings, Names> &
  Required<Pick<Settings, Names>>;
