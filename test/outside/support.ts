import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../lib/base/clock.ts';
import { Fault } from '../../lib/base/errors.ts';
import { Errands } from '../../lib/outside/errands.ts';
import type { ProgramCall, SqlCall } from '../../lib/rules/verdict.ts';

/** Long enough for anything here. */
export const AMPLE_MS = 60_000;

/** What was thrown, as `code: detail`; fails where nothing was. */
export async function faultOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Fault) return `${error.code}: ${error.detail ?? ''}`;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** A folder with programs in it, removed by `remove`. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'mailsms-outside-'));

  /** A shell script. */
  script(name: string, lines: string, mode = 0o755): string {
    const file = join(this.path, name);
    writeFileSync(file, `#!/bin/sh\n${lines}\n`);
    chmodSync(file, mode);
    return file;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export function programCall(
  program: string,
  more: Partial<ProgramCall> = {},
  ...args: string[]
): ProgramCall {
  return { program: [program, ...args], env: {}, timeoutMs: AMPLE_MS, ...more };
}

/** A statement with its values where they stand: ``sqlCall('db')`SELECT ${'a'}` ``. */
export function sqlCall(connection: string, timeoutMs = AMPLE_MS) {
  return (text: TemplateStringsArray, ...values: string[]): SqlCall => ({
    connection,
    text: [...text],
    values,
    timeoutMs,
  });
}

export function errands(concurrency = 4, waiting = 4, clock = systemClock): Errands {
  return new Errands({ concurrency, waiting }, clock);
}
