import { Fault } from '../../../base/errors.ts';

/** `command`: nothing was handed over. `handed`: the PDU was being written, so the modem may have taken it. */
export type Stage = 'command' | 'handed';

/** A cause as the modem gives it: `+CMS ERROR: 38`, or its text. */
export interface GivenCause {
  readonly family: 'CMS' | 'CME' | 'none';
  readonly code?: number;
  readonly text?: string;
}

export interface FinalResult {
  readonly ok: boolean;
  readonly cause?: GivenCause;
}

/** What ends an answer, beside OK (V.250 5.7.1, TS 27.005 3.2.5, TS 27.007 9.2) and Huawei's own words. */
const FAILED = new Set(['ERROR', 'COMMAND NOT SUPPORT', 'TOO MANY PARAMETERS', 'NOT SUPPORT']);

/** Of Motorola's phones, and of ST-Ericsson's modems. */
const FAILED_TOO = /^(?:MODEM ERROR: \d+|\+EXT ERROR:.*)$/i;

/** The final result code that `line` is; undefined where it is none. */
export function readFinal(line: string): FinalResult | undefined {
  if (line === 'OK') return { ok: true };
  if (FAILED.has(line.toUpperCase()) || FAILED_TOO.test(line))
    return { ok: false, cause: { family: 'none', text: line } };
  const match = /^\+CM([SE]) ERROR\s*:?\s*(.*)$/i.exec(line);
  if (match === null) return undefined;
  const family = match[1]?.toUpperCase() === 'S' ? 'CMS' : 'CME';
  const rest = match[2] ?? '';
  return { ok: false, cause: /^\d+$/.test(rest) ? { family, code: Number(rest) } : { family, text: rest } };
}

/** A command that was not carried out. `refused`: the modem said so; `timeout`, `closed`: it said nothing. */
export class ChannelError extends Error {
  override readonly name: string = 'ChannelError';
  readonly kind: 'refused' | 'timeout' | 'closed';
  readonly stage: Stage;
  readonly given: GivenCause | undefined;

  constructor(
    kind: ChannelError['kind'],
    stage: Stage,
    command: string,
    why: string,
    cause?: unknown,
    given?: GivenCause,
  ) {
    super(`${command}: ${why}`, { cause });
    this.kind = kind;
    this.stage = stage;
    this.given = given;
  }

  /** Nothing was read: what the recovery rules count. */
  get silent(): boolean {
    return this.kind === 'timeout';
  }
}

/** Of a PDU that waited at the prompt for the word that it may go out. */
export function notCleared(ms: number): Fault {
  return new Fault('gateway.busy', {
    told: 'the message was taken back, because it could not be noted in time that it is being sent',
    detail: `not cleared within ${ms / 1000} s`,
  });
}
