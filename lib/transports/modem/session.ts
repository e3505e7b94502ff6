import { sleep } from '../../base/clock.ts';
import { Agreement } from './agreement.ts';
import { PIN_STATE, readFill, readPinState, readServiceCentre, readStorages } from './at/answers.ts';
import { findCause } from './at/causes.ts';
import type { Channel } from './at/channel.ts';
import { blocked, Dialogue, type SessionTools } from './at/dialogue.ts';
import { pinKey } from './at/pin.ts';
import { findQuirks, indicationOrder, type Quirks } from './at/quirks.ts';
import { ChannelError } from './at/result.ts';
import type { ModemSettings } from './settings.ts';
import { openTextMode, type TextMode } from './text-mode.ts';

/** What was agreed with a modem when it was brought up. */
export interface Session {
  readonly identity: string;
  readonly quirks: Quirks | undefined;
  /** How texts go in and out of a modem that refuses PDU mode; undefined for those that speak it. */
  readonly textMode: TextMode | undefined;
  /** AT+CNMI arguments that it took; undefined where it tells nothing unasked. */
  readonly cnmi: string | undefined;
  /** Directly given messages are to be acknowledged (AT+CSMS=1, TS 27.005 3.2.1). */
  readonly acknowledge: boolean;
  /** Storages to look through; one empty name where the modem has no choice; none where it cannot receive. */
  readonly storages: readonly string[];
  /** The service centre to write in front of each PDU; undefined: the SIM's own. */
  readonly smsc: string | undefined;
  /** The SIM's service centre, for show. */
  readonly simSmsc: string | undefined;
  /** What it answers about all this, for as long as it remembers it. */
  readonly agreement: Agreement;
}

/** The reference's pause after the PIN. */
const PIN_PAUSE = 2000;

/**
 * Brings a modem that answers to the point where it sends and receives: echo off, causes in numbers, PIN, service
 * centre, PDU mode, storages, indications. Throws Fault `gateway.down` that says what is in the way, or ChannelError.
 */
export async function openSession(
  channel: Channel,
  settings: ModemSettings,
  tools: SessionTools,
): Promise<Session> {
  const dialogue = new Dialogue(channel, tools);
  channel.echoOff = false;
  channel.mark = undefined;
  channel.bodies = 'pdu';
  const quiet = (await dialogue.optional('ATE0')) !== undefined;
  const { echoes } = channel;
  const causes = (await dialogue.optional('AT+CMEE=1')) !== undefined;
  const identity = await identify(dialogue);
  const quirks = findQuirks(identity);
  for (const command of quirks?.early ?? []) await dialogue.optional(command);
  await unlock(dialogue, settings, quirks);
  const textMode = await chooseMode(dialogue, settings);
  const { smsc, simSmsc } = await serviceCentre(dialogue, settings);
  const receives = settings.receive !== false;
  const storages = receives ? await chooseStorages(dialogue) : [];
  // In text mode AT+CNMA cannot refuse a message (TS 27.005 3.4.4): better that the modem answers for them itself.
  const acknowledging = receives && textMode === undefined;
  const acknowledge = acknowledging && (await dialogue.optional('AT+CSMS=1')) !== undefined;
  const cnmi = receives ? await indications(dialogue, quirks, storages) : undefined;
  await dialogue.optional('AT+CREG=1');
  for (const command of [...(quirks?.init ?? []), ...(settings.init ?? [])]) await dialogue.optional(command);
  const agreement = await Agreement.take(dialogue, [
    { question: 'AT+CMGF?', expected: textMode === undefined ? '0' : '1', vital: true },
    ...(textMode === undefined ? [] : [{ question: 'AT+CSCS?', vital: true }, { question: 'AT+CSDH?' }]),
    ...(causes ? [{ question: 'AT+CMEE?', untold: '0' }] : []),
    ...(cnmi === undefined ? [] : [{ question: 'AT+CNMI?', untold: '0,0,0,0,0' }]),
    ...(acknowledge ? [{ question: 'AT+CSMS?' }] : []),
  ]);
  channel.echoOff = quiet && channel.echoes === echoes;
  channel.mark = agreement.answerTo('AT+CMEE?');
  return { identity, quirks, textMode, cnmi, acknowledge, storages, smsc, simSmsc, agreement };
}

/** PDU mode where the modem has it: nothing is lost in it. */
async function chooseMode(dialogue: Dialogue, settings: ModemSettings): Promise<TextMode | undefined> {
  try {
    await dialogue.patient('AT+CMGF=0');
    return undefined;
  } catch (error) {
    if (!(error instanceof ChannelError) || error.kind !== 'refused') throw error;
  }
  return openTextMode(dialogue, settings);
}

async function identify(dialogue: Dialogue): Promise<string> {
  const parts: string[] = [];
  for (const command of ['AT+CGMI', 'AT+CGMM', 'AT+CGMR']) {
    const line = (await dialogue.optional(command))?.[0];
    if (line !== undefined) parts.push(line.replace(/^\+CGM[IMR]:\s*/i, '').replace(/^"|"$/g, ''));
  }
  return parts.join(' ');
}

async function unlock(
  dialogue: Dialogue,
  settings: ModemSettings,
  quirks: Quirks | undefined,
): Promise<void> {
  const state = await pinState(dialogue);
  const { pin, id } = settings;
  const { pins, clock } = dialogue.tools;
  if (state === 'READY' || state === undefined) {
    if (state === 'READY' && pin !== undefined) pins.accepted(pinKey(id, pin));
    return;
  }
  // PIN2 guards other things than messages.
  if (state === 'SIM PIN2' || state === 'SIM PUK2') return;
  if (state !== 'SIM PIN') throw blocked(PIN_STATES[state] ?? `the SIM is not ready (${state})`);
  if (pin === undefined) throw blocked('the SIM asks for its PIN and none is set');
  const key = pinKey(id, pin);
  if (!pins.mayTry(key)) {
    throw blocked('the SIM has refused this PIN; it is not tried again, lest the SIM be blocked');
  }
  pins.trying(key);
  try {
    await dialogue.channel.command(`AT+CPIN="${pin.open()}"`, { shown: 'AT+CPIN="***"' });
  } catch (error) {
    if (!(error instanceof ChannelError) || error.kind !== 'refused') throw error;
    pins.refused(key);
    throw blocked('the SIM refused the PIN; it is not tried again, lest the SIM be blocked', error);
  }
  pins.accepted(key);
  await sleep(clock, quirks?.pinPauseMs ?? PIN_PAUSE);
}

/** TS 27.007 8.3. */
const PIN_STATES: Readonly<Record<string, string>> = {
  'SIM PUK': 'the SIM is blocked and asks for its PUK: unblock it in a phone',
  'PH-SIM PIN': 'the modem is locked to another SIM',
  'PH-FSIM PIN': 'the modem is locked to another SIM',
  'PH-FSIM PUK': 'the modem is locked to another SIM and asks for its PUK',
  'PH-NET PIN': 'the modem is locked to another network',
  'PH-NET PUK': 'the modem is locked to another network and asks for its PUK',
  'PH-NETSUB PIN': 'the modem is locked to a part of another network',
  'PH-NETSUB PUK': 'the modem is locked to a part of another network and asks for its PUK',
  'PH-SP PIN': 'the modem is locked to another provider',
  'PH-SP PUK': 'the modem is locked to another provider and asks for its PUK',
  'PH-CORP PIN': 'the modem is locked to a company',
  'PH-CORP PUK': 'the modem is locked to a company and asks for its PUK',
  'NOT READY': 'the SIM is not ready',
  'NOT INSERTED': 'the modem has no SIM',
};

/** The state, undefined for a modem that does not know the question. */
async function pinState(dialogue: Dialogue): Promise<string | undefined> {
  try {
    return readPinState(await dialogue.patient('AT+CPIN?', PIN_STATE));
  } catch (error) {
    if (!(error instanceof ChannelError) || error.kind !== 'refused') throw error;
    const cause = error.given === undefined ? undefined : findCause(error.given);
    if (cause?.verdict === 'pause' || cause?.verdict === 'busy') throw blocked(cause.told, error);
    return undefined;
  }
}

async function serviceCentre(
  dialogue: Dialogue,
  settings: ModemSettings,
): Promise<{ smsc: string | undefined; simSmsc: string | undefined }> {
  const simSmsc = readServiceCentre((await dialogue.optional('AT+CSCA?', { answer: '+CSCA:' })) ?? []);
  const { smsc } = settings;
  if (smsc === undefined || smsc === simSmsc) return { smsc: undefined, simSmsc };
  const type = smsc.startsWith('+') ? 145 : 129;
  if ((await dialogue.optional(`AT+CSCA="${smsc}",${type}`)) !== undefined) {
    return { smsc: undefined, simSmsc: smsc };
  }
  // A SIM that keeps its own: ours goes into every PDU.
  return { smsc, simSmsc };
}

/** What to look through: SIM, modem and report storages; "MT" is the first two in one, for modems that offer only that. */
async function chooseStorages(dialogue: Dialogue): Promise<readonly string[]> {
  const offered = readStorages((await dialogue.optional('AT+CPMS=?', { answer: '+CPMS:' })) ?? []);
  const wanted = ['SM', 'ME', 'SR'].filter((name) => offered.includes(name));
  if (wanted.some((name) => name !== 'SR')) return wanted;
  if (offered.includes('MT')) return ['MT', ...wanted];
  const now = (await dialogue.optional('AT+CPMS?', { answer: '+CPMS:' })) ?? [];
  const current = /"([A-Z]{2})"/i.exec(now[0] ?? '')?.[1];
  return [current !== undefined && readFill(now) !== undefined ? current.toUpperCase() : ''];
}

async function indications(
  dialogue: Dialogue,
  quirks: Quirks | undefined,
  storages: readonly string[],
): Promise<string | undefined> {
  const readable = storages.includes('SR');
  const known = (quirks?.cnmi ?? []).filter((setting) => readable || setting.split(',')[3] !== '2');
  for (const setting of new Set([...known, ...indicationOrder(readable)])) {
    if ((await dialogue.optional(`AT+CNMI=${setting}`)) !== undefined) return setting;
  }
  return undefined;
}
