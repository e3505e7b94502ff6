import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { readFill, readServiceCentre, readServices, readStorages } from './at/answers.ts';
import { Channel } from './at/channel.ts';
import { chooseCharset } from './at/charset.ts';
import { listLines } from './find.ts';
import { describeHolders } from './holders.ts';
import { openPort as openAnyPort } from './open.ts';
import type { OpenPort } from './at/port.ts';
import { findQuirks } from './at/quirks.ts';
import { ChannelError } from './at/result.ts';
import {
  canSend,
  explain,
  look,
  readIdentity,
  readOperatorName,
  readSim,
  type Identity,
} from './at/watch.ts';

/** What was found out about one device, for an operator. */
export interface ProbeReport {
  readonly device: string;
  /** Whether somebody answers AT commands there. */
  readonly answers: boolean;
  /** Why not. */
  readonly problem?: string;
  readonly identity?: Identity;
  /** The entry of quirks.ts. */
  readonly make?: string;
  /** READY, SIM PIN, ... (TS 27.007 8.3), or what is wrong with the SIM. */
  readonly sim?: string;
  readonly registration?: string;
  readonly operator?: string;
  readonly signalDbm?: number;
  readonly smsc?: string;
  readonly storages?: readonly string[];
  /** What works, one finding each. */
  readonly findings: readonly Finding[];
}

export interface Finding {
  readonly what:
    | 'SIM'
    | 'network'
    | 'PDU mode'
    | 'text mode'
    | 'service centre'
    | 'receiving'
    | 'indications'
    | 'acknowledgement'
    | 'kept link';
  readonly works: boolean;
  readonly note: string;
}

export interface ProbeTools {
  readonly clock: Clock;
  readonly openPort?: OpenPort;
  readonly baudRate?: number;
}

const PROBE_TIMEOUT = 3_000;

/** The devices that may be modems: USB serial lines. */
export async function listCandidates(): Promise<string[]> {
  return (await listLines()).filter((line) => line.vendor !== undefined).map((line) => line.path);
}

/**
 * Looks at a device without changing anything that lasts: no PIN is given, nothing is read from the storages or deleted.
 * Never rejects.
 */
export async function probe(device: string, tools: ProbeTools): Promise<ProbeReport> {
  const { clock, openPort = openAnyPort, baudRate } = tools;
  let channel: Channel | undefined;
  try {
    const port = await openPort(device, {
      clock,
      timeoutMs: PROBE_TIMEOUT,
      ...(baudRate !== undefined && { baudRate }),
    });
    channel = new Channel(port, { clock, readTimeoutMs: PROBE_TIMEOUT });
    await channel.open();
    return await examine(device, channel);
  } catch (error) {
    const others = await describeHolders(device, clock);
    const problem = others === undefined ? messageOf(error) : `${messageOf(error)}; ${others}`;
    return { device, answers: false, problem, findings: [] };
  } finally {
    await channel?.close();
  }
}

async function examine(device: string, channel: Channel): Promise<ProbeReport> {
  const ask = async (command: string): Promise<string[] | undefined> => {
    try {
      return await channel.command(command);
    } catch (error) {
      if (error instanceof ChannelError && error.kind !== 'closed') return undefined;
      throw error;
    }
  };
  await ask('ATE0');
  await ask('AT+CMEE=1');
  const findings: Finding[] = [];
  const found = (what: Finding['what'], works: boolean, note: string): void =>
    void findings.push({ what, works, note });

  const sim = (await readSim(channel))?.state ?? 'the modem does not know';
  found('SIM', sim === 'READY', sim === 'READY' ? 'open' : sim);
  const bare = await readIdentity(channel);
  const quirks = findQuirks([bare.manufacturer, bare.model, bare.firmware].join(' '));
  const identity =
    quirks?.iccid === undefined ? bare : { ...bare, ...(await readIdentity(channel, quirks.iccid)) };
  const sight = await look(channel);
  const operator = await readOperatorName(channel);
  found('network', canSend(sight.registration), explain(sight.registration) ?? sight.registration);
  const pduMode = (await ask('AT+CMGF=0')) !== undefined;
  found('PDU mode', pduMode, pduMode ? 'AT+CMGF=0' : 'AT+CMGF=0 is refused');
  if (!pduMode) {
    const textMode = (await ask('AT+CMGF=1')) !== undefined;
    const charset = chooseCharset((await ask('AT+CSCS=?')) ?? []) ?? 'IRA';
    found(
      'text mode',
      textMode,
      textMode ? `used instead, in ${charset}` : 'AT+CMGF=1 is refused: no mode works',
    );
  }
  const smsc = readServiceCentre((await ask('AT+CSCA?')) ?? []);
  found('service centre', smsc !== undefined, smsc ?? 'none is set: set `smsc`');
  const storages = readStorages((await ask('AT+CPMS=?')) ?? []);
  const fill = readFill((await ask('AT+CPMS?')) ?? []);
  found(
    'receiving',
    fill !== undefined,
    fill === undefined
      ? 'the device does not show its storage'
      : `${fill.used} of ${fill.total} places are taken`,
  );
  const modes = (await ask('AT+CNMI=?'))?.[0];
  found(
    'indications',
    modes !== undefined,
    modes ?? 'it says nothing unasked: received messages are found once a minute',
  );
  const services = await ask('AT+CSMS=?');
  found('acknowledgement', readServices(services ?? []).includes(1), services?.[0] ?? 'AT+CSMS is not known');
  found('kept link', (await ask('AT+CMMS?')) !== undefined, 'AT+CMMS');

  return {
    device,
    answers: true,
    identity,
    ...(quirks !== undefined && { make: quirks.name }),
    sim,
    registration: sight.registration,
    ...(operator !== undefined && { operator }),
    ...(sight.signal !== undefined && { signalDbm: sight.signal.dbm }),
    ...(smsc !== undefined && { smsc }),
    storages,
    findings,
  };
}
