import { Script, createContext } from 'node:vm';

/**
 * A regular expression with an end to its patience.
 *
 * V8 backtracks, and some patterns do so for longer than the universe lasts. Inside a vm script it can be told to stop:
 * the watchdog's interrupt is looked for at every backtrack. That costs a thread for each call, about a quarter of a millisecond,
 * so it is for patterns that are not known to be quick.
 */
const context = createContext(Object.create(null) as Record<string, unknown>);
const script = new Script('regex.exec(text)');

export interface TimedMatch {
  /** `timeout`: it was stopped. */
  readonly match: RegExpExecArray | null | 'timeout';
  /** What it took, milliseconds. */
  readonly took: number;
}

/** `regex.exec(text)`, stopped after `limit` milliseconds (at least 1). */
export function execWithin(regex: RegExp, text: string, limit: number): TimedMatch {
  const start = performance.now();
  context['regex'] = regex;
  context['text'] = text;
  try {
    const match = script.runInContext(context, {
      timeout: Math.max(1, Math.ceil(limit)),
    }) as RegExpExecArray | null;
    return { match, took: performance.now() - start };
  } catch (error) {
    if (!isTimeout(error)) throw error;
    return { match: 'timeout', took: performance.now() - start };
  } finally {
    context['regex'] = undefined;
    context['text'] = undefined;
  }
}

/** `regex.exec(text)` and how long it took, for one that is known to end soon. */
export function execTimed(regex: RegExp, text: string): TimedMatch {
  const start = performance.now();
  const match = regex.exec(text);
  return { match, took: performance.now() - start };
}

/** Not by `instanceof`: the error may be of the script's own realm. */
function isTimeout(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  );
}
