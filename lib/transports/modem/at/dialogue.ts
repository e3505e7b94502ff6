import { sleep, type Clock } from '../../../base/clock.ts';
import { Fault } from '../../../base/errors.ts';
import type { Log } from '../../../base/log.ts';
import { findCause } from './causes.ts';
import type { Channel } from './channel.ts';
import type { CommandOptions } from './command.ts';
import type { PinMemory } from './pin.ts';
import { ChannelError } from './result.ts';

export interface SessionTools {
  readonly clock: Clock;
  readonly log: Log;
  readonly pins: PinMemory;
}

/** TS 27.005 2.1, and 27.007 8.3: how often and how long a SIM that is busy after its PIN is waited for. */
const SIM_TRIES = 20;
const SIM_PAUSE = 1000;
/** Something optional that makes the modem fall silent costs no more than this. */
const OPTIONAL_TIMEOUT = 5000;

/** Commands of which a refusal means something: the talk by which a modem is brought up. */
export class Dialogue {
  readonly channel: Channel;
  readonly tools: SessionTools;

  constructor(channel: Channel, tools: SessionTools) {
    this.channel = channel;
    this.tools = tools;
  }

  /** The answer, or undefined where the modem refuses or does not answer this one. A SIM that is busy is waited for. */
  async optional(text: string, options: CommandOptions = {}): Promise<string[] | undefined> {
    try {
      return await this.patient(text, { timeoutMs: OPTIONAL_TIMEOUT, ...options });
    } catch (error) {
      if (!(error instanceof ChannelError) || error.kind === 'closed') throw error;
      this.tools.log.debug({ cause: error.message }, 'the modem does without');
      return undefined;
    }
  }

  async patient(text: string, options: CommandOptions = {}): Promise<string[]> {
    for (let left = SIM_TRIES; ; left--) {
      try {
        return await this.channel.command(text, options);
      } catch (error) {
        if (left <= 1 || !simBusy(error)) throw error;
        await sleep(this.tools.clock, SIM_PAUSE);
      }
    }
  }
}

function simBusy(error: unknown): boolean {
  if (!(error instanceof ChannelError) || error.given === undefined) return false;
  const cause = findCause(error.given);
  return cause?.name === 'SIM busy' || cause?.name === '(U)SIM busy';
}

/** The Fault of a modem that answers and cannot be used. */
export function blocked(told: string, error?: ChannelError): Fault {
  return new Fault('gateway.down', { told, ...(error && { detail: error.message, cause: error }) });
}
