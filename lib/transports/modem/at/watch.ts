import {
  PIN_STATE,
  readIccid,
  readImei,
  readOperator,
  readPinState,
  readRegistration,
  readSignal,
  type Registration,
  type Signal,
} from './answers.ts';
import { findCause } from './causes.ts';
import type { Channel } from './channel.ts';
import { ChannelError } from './result.ts';

/** What a check found out. */
export interface Sight {
  readonly registration: Registration;
  readonly signal: Signal | undefined;
}

/** Facts about a modem that do not change while it is open. */
export interface Identity {
  readonly manufacturer?: string;
  readonly model?: string;
  readonly firmware?: string;
  readonly imei?: string;
  readonly imsi?: string;
  readonly iccid?: string;
}

/**
 * Asks for registration and signal. LTE-only SIMs are registered for packets alone, so the first of the three
 * domains that has the SIM counts (TS 27.007 7.2, 10.1.20, 10.1.22). Rejects with ChannelError where no answer is read.
 */
export async function look(channel: Channel): Promise<Sight> {
  const signal = readSignal((await ask(channel, 'AT+CSQ')) ?? []);
  let best: Registration | undefined;
  for (const name of ['CREG', 'CEREG', 'CGREG']) {
    const found = readRegistration((await ask(channel, `AT+${name}?`))?.[0] ?? '');
    if (found === 'home' || found === 'roaming') return { registration: found, signal };
    if (found !== undefined && rank(found) > rank(best)) best = found;
  }
  // A modem that knows none of the questions is taken at its word: its sends will tell.
  return { registration: best ?? 'unknown', signal };
}

export interface SimState {
  /** READY, SIM PIN, ... (TS 27.007 8.3), or what is wrong with the SIM in words. */
  readonly state: string;
  /** It cannot be used as it is: it is out, broken, or asks for something. PIN2 guards other things than messages. */
  readonly out: boolean;
}

/** Asks for the SIM; undefined where the modem does not know. Rejects with ChannelError where no answer is read. */
export async function readSim(channel: Channel): Promise<SimState | undefined> {
  try {
    const state = readPinState(await channel.command('AT+CPIN?', PIN_STATE)) ?? 'READY';
    return { state, out: !['READY', 'SIM PIN2', 'SIM PUK2'].includes(state) };
  } catch (error) {
    if (!(error instanceof ChannelError) || error.kind !== 'refused') throw error;
    const cause = error.given === undefined ? undefined : findCause(error.given);
    return cause === undefined ? undefined : { state: cause.told, out: cause.verdict === 'pause' };
  }
}

/** Whether messages can be sent with this registration. */
export function canSend(registration: Registration): boolean {
  return registration === 'home' || registration === 'roaming' || registration === 'unknown';
}

/** Registration in the operator's words; undefined where nothing is odd. */
export function explain(registration: Registration): string | undefined {
  if (registration === 'searching') return 'the modem is searching for a network';
  if (registration === 'denied') return 'the network refuses the SIM';
  if (registration === 'none') return 'the modem is in no network: check antenna, SIM and coverage';
  return undefined;
}

/** TS 27.007 leaves the time open; makers state up to three minutes. */
const OPERATOR_TIMEOUT = 180_000;

/** The network's name. Rejects with ChannelError where no answer is read. */
export async function readOperatorName(channel: Channel): Promise<string | undefined> {
  // Format 0: the name, not the number (TS 27.007 7.3).
  await ask(channel, 'AT+COPS=3,0');
  return readOperator((await ask(channel, 'AT+COPS?', OPERATOR_TIMEOUT)) ?? []);
}

/** Who the modem is and which SIM it has; `iccid` is how this make is asked for the SIM's serial number. */
export async function readIdentity(channel: Channel, iccid = 'AT+CCID'): Promise<Identity> {
  const one = async (
    command: string,
    read: (line: string) => string | undefined,
  ): Promise<string | undefined> => {
    for (const line of (await ask(channel, command)) ?? []) {
      const found = read(line);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const text = (line: string): string | undefined =>
    /^(?:\+CGM[IMR]:\s*)?"?(.+?)"?$/i.exec(line)?.[1]?.trim();
  const found = {
    manufacturer: await one('AT+CGMI', text),
    model: await one('AT+CGMM', text),
    firmware: await one('AT+CGMR', text),
    imei: await one('AT+CGSN', readImei),
    imsi: await one('AT+CIMI', (line) => /(?<!\d)(\d{14,15})(?!\d)/.exec(line)?.[1]),
    iccid: await one(iccid, readIccid),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** The answer; undefined where the modem refuses. */
async function ask(channel: Channel, command: string, timeoutMs?: number): Promise<string[] | undefined> {
  try {
    return await channel.command(command, timeoutMs === undefined ? {} : { timeoutMs });
  } catch (error) {
    if (error instanceof ChannelError && error.kind === 'refused') return undefined;
    throw error;
  }
}

function rank(registration: Registration | undefined): number {
  return registration === undefined ? -1 : ['unknown', 'none', 'denied', 'searching'].indexOf(registration);
}
