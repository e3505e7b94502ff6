import type { Clock } from '../base/clock.ts';
import { Fault } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { EffectHandler } from '../flow/effects/effects.ts';
import type { Errands } from './errands.ts';
import { readProgramCall } from './payload.ts';
import { runProgram } from './program.ts';
import { shortened } from './shortened.ts';
import type { ProgramSettings } from './settings.ts';

/** EX_TEMPFAIL of sysexits.h: the program asks to be run again later. */
const TRY_AGAIN = 75;

/**
 * Runs programs of rules. The exit code decides: 0 is done, 75 is to be tried again later, any other has failed. A program that
 * ran out of time or was ended by a signal is tried again. The variable MAILSMS_EFFECT holds the id of the effect: the same each
 * time it is tried.
 */
export function createProgramHandler(
  settings: ProgramSettings,
  deps: { readonly errands: Errands; readonly clock: Clock; readonly log: Log },
): EffectHandler {
  return async (payload, id) => {
    const call = readProgramCall(payload);
    const [program] = call.program;
    const start = deps.clock.now();
    const { code, signal, stdout, stderr } = await deps.errands.run(call.timeoutMs, (stop) =>
      runProgram(call, { MAILSMS_EFFECT: id }, settings, { clock: deps.clock, signal: stop }),
    );
    const ms = deps.clock.now() - start;
    const said = { stdout: shortened(stdout), stderr: shortened(stderr) };
    deps.log.info({ effect: id, program, code, signal, ms, ...said }, 'a program of a rule ended');
    if (code === 0) return;
    const how = code === null ? `was ended by ${String(signal)}` : `ended with exit code ${code}`;
    const last = shortened(stderr === '' ? stdout : stderr);
    const detail = `${program} ${how}${last === '' ? '' : `: ${last}`}`;
    throw new Fault(code === null || code === TRY_AGAIN ? 'effect.down' : 'effect.failed', { detail });
  };
}
