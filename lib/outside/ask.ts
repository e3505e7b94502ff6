import type { Clock } from '../base/clock.ts';
import { Fault, messageOf } from '../base/errors.ts';
import type { Answer, Ask, Question } from '../rules/verdict.ts';
import type { Errands } from './errands.ts';
import { runProgram } from './program.ts';
import type { ProgramSettings } from './settings.ts';
import type { SqlConnections } from './sql.ts';

/**
 * Answers questions of conditions. Never rejects: what went wrong is `failed`, with the reason. The time limit of the call
 * includes the waiting for a turn. `errands` is best not shared with effects: a mail waits for the answer.
 */
export function createAsk(
  settings: ProgramSettings,
  deps: { readonly errands: Errands; readonly connections: SqlConnections; readonly clock: Clock },
): Ask {
  return async (question) => {
    try {
      return await deps.errands.run(question.call.timeoutMs, (signal) =>
        answer(question, settings, deps, signal),
      );
    } catch (error) {
      return { failed: reason(error) };
    }
  };
}

async function answer(
  question: Question,
  settings: ProgramSettings,
  { connections, clock }: { connections: SqlConnections; clock: Clock },
  signal: AbortSignal,
): Promise<Answer> {
  if (question.kind === 'sql') {
    const { rows } = await connections.run(question.call, signal);
    return { rows };
  }
  const end = await runProgram(question.call, {}, settings, { clock, signal });
  return end.code === null
    ? { failed: `${question.call.program[0]} was ended by ${String(end.signal)}` }
    : { exit: end.code };
}

function reason(error: unknown): string {
  return error instanceof Fault ? (error.detail ?? error.told) : messageOf(error);
}
