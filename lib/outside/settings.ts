import type { Secret } from '../base/secret.ts';

/** What rules may have done outside, and how. The defaults are OUTSIDE_DEFAULTS. */
export interface OutsideSettings {
  readonly programs: ProgramSettings;
  readonly urls: UrlSettings;
  /** Databases by name. */
  readonly sql: Readonly<Record<string, SqlSettings>>;
  /** Effects of all three kinds at once. */
  readonly concurrency: number;
  readonly questions: QuestionSettings;
}

export interface ProgramSettings {
  /** Absolute paths: a file is that program; a directory is every program under it. Empty: none is allowed. */
  readonly allow: readonly string[];
  /** PATH of every program. */
  readonly path: string;
  /** Working directory of every program: the data directory, or `/`. */
  readonly directory: string;
}

export interface UrlSettings {
  /** Hosts (`hook.example`) and networks (`10.0.0.0/8`, `::1`) that may be called although they are not public. */
  readonly allow: readonly string[];
}

export type SqlSettings =
  | {
      readonly type: 'sqlite';
      /** Absolute; it must exist. */
      readonly file: string;
    }
  | {
      readonly type: 'postgres' | 'mysql';
      /** `postgres://user:password@host:5432/database`, `mysql://user:password@host:3306/database`. */
      readonly url: Secret;
      /** At most so many at once. */
      readonly connections: number;
    };

export interface QuestionSettings {
  /** Questions of conditions at once. */
  readonly concurrency: number;
  /** How many may wait for their turn; one more is answered with `failed`. */
  readonly waiting: number;
}

export const OUTSIDE_DEFAULTS: OutsideSettings = {
  programs: { allow: [], path: '/usr/local/bin:/usr/bin:/bin', directory: '/' },
  urls: { allow: [] },
  sql: {},
  concurrency: 8,
  questions: { concurrency: 8, waiting: 64 },
};
