import { type ChildProcess, execFile } from 'node:child_process';
import { sleep, within, type Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { Channel } from './at/channel.ts';
import type { OpenPort, Port } from './at/port.ts';
import type { Escalation, ModemSettings } from './settings.ts';

const COMMAND_TIMEOUT = 30_000;
/** So long a modem is given to take AT+CFUN=1,1 before it vanishes from the bus. */
const RESET_TIMEOUT = 3_000;
const DTR_PAUSE = 1_000;

/**
 * Does what the settings say for this many failed attempts in a row to bring the modem back. Never rejects: the next attempt
 * tells whether it helped.
 */
export async function escalate(
  attempt: number,
  settings: ModemSettings,
  tools: { readonly clock: Clock; readonly log: Log; readonly openPort: OpenPort },
): Promise<void> {
  for (const step of settings.escalate ?? []) {
    // Again and again at every multiple, not once and never more.
    if (attempt <= 1 || (attempt - 1) % step.after !== 0) continue;
    const what = typeof step.do === 'string' ? step.do : step.do.command[0];
    tools.log.warn({ attempt, what }, 'the modem does not come back: trying more');
    try {
      await carryOut(step, settings, tools);
    } catch (error) {
      tools.log.warn({ what, cause: messageOf(error) }, 'that could not be done');
    }
  }
}

async function carryOut(
  step: Escalation,
  settings: ModemSettings,
  tools: { readonly clock: Clock; readonly openPort: OpenPort },
): Promise<void> {
  const { clock } = tools;
  if (typeof step.do !== 'string') return run(step.do.command, clock);
  const port = await tools.openPort(settings.device, { clock, timeoutMs: RESET_TIMEOUT });
  const channel = new Channel(port, { clock, readTimeoutMs: RESET_TIMEOUT });
  try {
    if (step.do === 'reset') await channel.command('AT+CFUN=1,1');
    else {
      await setDtr(port, false, clock);
      await sleep(clock, DTR_PAUSE);
      await setDtr(port, true, clock);
    }
  } finally {
    await channel.close();
  }
}

async function setDtr(port: Port, on: boolean, clock: Clock): Promise<void> {
  if (port.setDtr === undefined) throw new Error('this line has no DTR');
  const late = (): Error => new Error('the driver does not set DTR');
  await within(clock, RESET_TIMEOUT, port.setDtr(on), late);
}

/** A program that does not end, or leaves something behind that keeps its output open, must not keep the modem out. */
async function run([program, ...args]: readonly [string, ...string[]], clock: Clock): Promise<void> {
  let child: ChildProcess | undefined;
  const done = new Promise<void>((resolve, reject) => {
    child = execFile(program, args, (error) => {
      if (error === null) resolve();
      else reject(new Error(`${program}: ${messageOf(error)}`));
    });
  });
  const late = (): Error => new Error(`${program}: not done within ${COMMAND_TIMEOUT / 1000} s`);
  try {
    await within(clock, COMMAND_TIMEOUT, done, late);
  } finally {
    child?.kill('SIGKILL');
    child?.stdout?.destroy();
    child?.stderr?.destroy();
  }
}
