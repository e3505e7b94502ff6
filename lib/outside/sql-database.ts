import type { SqlCall } from '../rules/verdict.ts';

/** One database of the configuration. */
export interface SqlDatabase {
  /** Runs one statement. Throws the signal's reason, `effect.down` or `effect.failed`. */
  run(call: SqlCall, signal: AbortSignal): Promise<SqlResult>;
  close(): Promise<void>;
}

export interface SqlResult {
  /** Whether it gave a row. */
  readonly rows: boolean;
}

/** The statement with its places for values as the database writes them: `$1`, `$2`, or `?`. */
export function statement({ text }: SqlCall, place: (index: number) => string): string {
  return text.map((piece, at) => (at === 0 ? piece : place(at) + piece)).join('');
}
