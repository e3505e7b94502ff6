import { within, type Clock } from '../../base/clock.ts';
import { Fault, messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type {
  Job,
  PartSent,
  Transport,
  TransportEvents,
  TransportStatus,
  UssdAnswer,
} from '../../routing/transport.ts';
import { Channel } from './at/channel.ts';
import { parseDevice } from './device.ts';
import { escalate } from './escalate.ts';
import { describeHolders } from './holders.ts';
import { ModemLine } from './line.ts';
import { openPort as openAnyPort } from './open.ts';
import { ProcessPinMemory, type PinMemory } from './at/pin.ts';
import type { OpenPort, Port } from './at/port.ts';
import { Inbox } from './inbox.ts';
import { retryDelay } from './recovery.ts';
import { ChannelError } from './at/result.ts';
import { Outage } from './outage.ts';
import { openSession, type Session } from './session.ts';
import { Speeds } from './speeds.ts';
import { checkSettings, timing, type ModemSettings } from './settings.ts';
import { saysRestarted, type Urc } from './at/urc.ts';

/**
 * A GSM, UMTS or LTE modem behind a serial line or a TCP port, spoken to in AT commands and PDU mode.
 *
 * It promises: one SMS at a time, a message's parts in order, each part's outcome told before the next is begun; what
 * is received is deleted from the modem only once the caller has it on disk; it comes back by itself, whatever
 * happened, as long as it is not stopped.
 *
 * On failure: a part that got no answer after its PDU was written is `gateway.unknown`, before that `gateway.down`; an
 * ERROR goes by the table in causes.ts. A modem that no longer answers, that is pulled out, or that restarts is closed,
 * and after 1 s opened and initialised again, and so on with growing pauses up to `retryMaxMs`. A SIM or memory
 * that failed pauses the gateway while its messages wait. A PIN that was refused is never tried again. Where what failed
 * looks like a line that somebody else reads too, it is said who has it open (holders.ts).
 */
export function createModemTransport(settings: ModemSettings, deps: ModemDeps): ModemTransport {
  return new Modem(settings, deps);
}

export interface ModemDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Opens the device; the real thing by default. */
  readonly openPort?: OpenPort;
  /** Where refused PINs are remembered; by default for as long as the process lives. */
  readonly pins?: PinMemory;
  /** Says who else has a line open; looks at the processes of this machine by default, where the device is opened so too. */
  readonly holders?: (path: string) => Promise<string | undefined>;
}

/** A transport that an operator can talk to the modem through. */
export interface ModemTransport extends Transport {
  /** The answer of one AT command, in turn with everything else. Throws Fault `gateway.down`, or ChannelError. */
  at(command: string, timeoutMs?: number): Promise<readonly string[]>;
  ussd(code: string): Promise<UssdAnswer>;
}

/** Opening what is not there costs nothing, so a modem that is plugged in again is found soon. */
const LONGEST_OPEN_RETRY = 5_000;
const CLOSE_TIMEOUT = 5_000;
/** A modem that does not keep what it is told after so many tries will not. */
const BRING_UPS = 3;
/** Who else has the line open is not looked for more often than that. */
const HOLDERS_KNOWN = 30_000;

class Modem implements ModemTransport {
  readonly id: string;
  readonly capacity = 1;
  readonly awaitsClearance = true;
  readonly #settings: ModemSettings;
  readonly #deps: Required<ModemDeps>;
  readonly #inbox: Inbox;
  #events: TransportEvents | undefined;
  #line: ModemLine | undefined;
  #channel: Channel | undefined;
  #reason: string | undefined;
  #state: TransportStatus['state'] = 'starting';
  #told = '';
  #lastError: TransportStatus['lastError'];
  /** The line that was opened last. */
  #path: string | undefined;
  #holders: { readonly until: number; readonly found: Promise<string | undefined> } | undefined;
  #sending: Promise<void> | undefined;
  #running: Promise<void> | undefined;
  /** The modem has said so since its bringing up began. */
  #restarted = false;
  readonly #speeds: Speeds;
  readonly #outage: Outage;
  #stopping = false;
  #wake: () => void = () => undefined;

  constructor(settings: ModemSettings, deps: ModemDeps) {
    this.id = settings.id;
    this.#settings = settings;
    const log = deps.log.child({ gateway: settings.id });
    const holders =
      deps.openPort === undefined
        ? (path: string) => describeHolders(path, deps.clock)
        : () => Promise.resolve(undefined);
    this.#deps = { openPort: openAnyPort, pins: new ProcessPinMemory(), holders, ...deps, log };
    this.#speeds = new Speeds(settings);
    this.#outage = new Outage({ clock: deps.clock, log });
    this.#inbox = new Inbox({
      clock: deps.clock,
      log,
      received: (sms) =>
        this.#events?.received(sms) ?? Promise.reject(new Error('the gateway is not started')),
      failed: (error) => this.#line?.failed(error),
    });
  }

  async start(events: TransportEvents): Promise<void> {
    if (this.#running !== undefined) throw new Fault('internal', { detail: `${this.id} is started already` });
    checkSettings(this.#settings);
    const device = parseDevice(this.#settings.device);
    if (device.kind === 'path') this.#path = device.path;
    this.#events = events;
    this.#running = this.#run();
  }

  async send(job: Job, sent: PartSent): Promise<void> {
    const line = this.#line;
    if (line === undefined || this.#stopping) {
      throw new Fault('gateway.down', { told: this.#reason ?? 'the modem is not ready yet' });
    }
    if (this.#sending !== undefined) throw new Fault('gateway.busy');
    const sending = line.send(job, sent, () => this.#stopping);
    this.#sending = sending.catch(() => undefined);
    try {
      await sending;
    } catch (error) {
      throw await this.#explained(error);
    } finally {
      // Before the caller hears of it, who may have the next one ready.
      this.#sending = undefined;
    }
  }

  async at(command: string, timeoutMs?: number): Promise<readonly string[]> {
    return this.#opened().channel.command(command, timeoutMs === undefined ? {} : { timeoutMs });
  }

  async ussd(code: string): Promise<UssdAnswer> {
    return this.#opened().ussd.ask(code);
  }

  #opened(): ModemLine {
    if (this.#line !== undefined) return this.#line;
    throw new Fault('gateway.down', { told: this.#reason ?? 'the modem is not ready yet' });
  }

  status(): TransportStatus {
    const facts = this.#line?.facts;
    return {
      state: this.#state,
      ...(this.#reason !== undefined && { reason: this.#reason }),
      ...(this.#lastError !== undefined && { lastError: this.#lastError }),
      ...(facts !== undefined && { facts }),
    };
  }

  async stop(): Promise<void> {
    if (this.#running === undefined || this.#stopping) return this.#running;
    this.#stopping = true;
    const { clock, log } = this.#deps;
    const limit = timing(this.#settings).stop;
    if (this.#sending !== undefined) {
      await within(clock, limit, this.#sending, () => new Error('late')).catch(() => {
        log.warn({}, 'stopped while an SMS was under way: its outcome is not known');
      });
    }
    this.#line?.end('the gateway is stopped');
    await this.#channel?.close('the gateway is stopped');
    this.#wake();
    await this.#running;
    await within(clock, limit, this.#inbox.idle(), () => new Error('late')).catch(() => undefined);
  }

  async #run(): Promise<void> {
    for (let attempt = 1; !this.#stopping;) {
      const { reason: lost, phase } = await this.#live();
      const others = this.#stopping ? undefined : await this.#othersOnTheLine();
      if (this.#stopping) break;
      const reason = others === undefined ? lost : `${lost}; ${others}`;
      attempt = phase === 'ready' ? 1 : attempt + 1;
      if (phase === 'ready') this.#outage.end();
      this.#become('down', reason);
      const longest = timing(this.#settings).retryMax;
      const wait = retryDelay(attempt, phase === 'opening' ? Math.min(longest, LONGEST_OPEN_RETRY) : longest);
      this.#outage.tell(reason, wait);
      await this.#pause(wait);
      if (!this.#stopping) await escalate(attempt, this.#settings, this.#deps);
    }
    this.#become('down', 'the gateway is stopped');
  }

  /** Opens the modem and serves until it is lost. Never rejects: says how far it came, and what ended it. */
  async #live(): Promise<{ reason: string; phase: 'opening' | 'initialising' | 'ready' }> {
    const { clock, log, openPort } = this.#deps;
    const { device, rtscts } = this.#settings;
    const baudRate = this.#speeds.next;
    let answers = false;
    let phase: 'opening' | 'initialising' | 'ready' = 'opening';
    try {
      const port = await openPort(device, {
        clock,
        baudRate,
        ...(rtscts !== undefined && { rtscts }),
      });
      if (parseDevice(device).kind !== 'tcp') this.#path = port.name;
      const early: Urc[] = [];
      const channel = this.#talk(port, early);
      if (this.#stopping) return { reason: 'the gateway is stopped', phase };
      phase = 'initialising';
      await channel.open();
      answers = true;
      if (this.#speeds.works()) {
        log.warn({ baudRate }, 'the modem answers at another speed than that of its settings');
      }
      const session = await this.#bringUp(channel);
      const line = new ModemLine(channel, session, this.#settings, {
        clock,
        log,
        inbox: this.#inbox,
        changed: () => this.#changed(line),
      });
      this.#line = line;
      if (channel.closed !== undefined) line.end(channel.closed);
      await line.begin();
      for (const urc of early) line.urc(urc);
      phase = 'ready';
      log.info({ device, identity: session.identity, cnmi: session.cnmi }, 'the modem is open');
      this.#changed(line);
      return { reason: await line.lost, phase };
    } catch (error) {
      if (!answers) this.#speeds.fails(error instanceof ChannelError && error.kind === 'timeout');
      return { reason: error instanceof Fault ? error.message : messageOf(error), phase };
    } finally {
      await this.#hangUp();
    }
  }

  /** Brings the modem up; once more where it restarted meanwhile, which undoes what it was told. */
  async #bringUp(channel: Channel): Promise<Session> {
    for (let left = BRING_UPS; ; left--) {
      this.#restarted = false;
      const session = await openSession(channel, this.#settings, this.#deps);
      const cause = this.#restarted ? 'it has restarted meanwhile' : session.agreement.contradicted;
      if (cause === undefined) return session;
      if (left <= 1) {
        this.#deps.log.warn({ cause }, 'the modem does not keep what it is told; it is used as it is');
        return session;
      }
      this.#deps.log.info({ cause }, 'the modem is brought up once more');
    }
  }

  #talk(port: Port, early: Urc[]): Channel {
    const { clock, log } = this.#deps;
    const { trace, readTimeoutMs } = this.#settings;
    const channel: Channel = new Channel(
      port,
      { clock, ...(readTimeoutMs !== undefined && { readTimeoutMs }) },
      {
        urc: (urc) => {
          // A message that is given directly while the modem is being brought up is not given again.
          if (this.#line !== undefined) this.#line.urc(urc);
          else if (urc.name === '+CMT' || urc.name === '+CDS') early.push(urc);
          else if (saysRestarted(urc)) this.#restarted = true;
        },
        closed: (reason) => this.#line?.end(reason),
        odd: (what) => this.#line?.odd(what),
        stray: (line) => log.debug({ line }, 'the modem said something that belongs to nothing'),
        late: (command, line) => log.warn({ command, line }, 'an answer came after it was given up'),
        ...(trace === true && {
          trace: (direction, text) => log.debug({ octets: text.length }, `${direction} ${text}`),
        }),
      },
    );
    this.#channel = channel;
    return channel;
  }

  async #hangUp(): Promise<void> {
    const channel = this.#channel;
    this.#line?.end('closed');
    this.#line = undefined;
    this.#channel = undefined;
    if (channel === undefined) return;
    // A driver that does not let go of a dead device must not hold up the next attempt.
    await within(this.#deps.clock, CLOSE_TIMEOUT, channel.close(), () => new Error('late')).catch(
      () => undefined,
    );
  }

  #changed(line: ModemLine): void {
    if (this.#line !== line) return;
    const { obstacle } = line;
    this.#become(obstacle === undefined ? 'up' : 'down', obstacle);
  }

  /** Says so only when something is other than it was last said. */
  #become(state: TransportStatus['state'], reason: string | undefined): void {
    if (state === 'down' && reason !== undefined && reason !== this.#reason && !this.#stopping) {
      this.#lastError = { at: this.#deps.clock.now(), reason };
    }
    this.#state = state;
    this.#reason = reason;
    const status = this.status();
    const told = JSON.stringify(status);
    if (told === this.#told) return;
    this.#told = told;
    this.#events?.health(status);
  }

  /** The fault of a hand-over, with who else has the line open where what happened looks like octets that were lost. */
  async #explained(error: unknown): Promise<unknown> {
    if (!(error instanceof Fault) || !looksShared(error.cause)) return error;
    const others = await this.#othersOnTheLine();
    if (others === undefined) return error;
    const { code, told, enhanced, cause } = error;
    const detail = error.detail === undefined ? others : `${error.detail}; ${others}`;
    return new Fault(code, { told, enhanced, detail, cause });
  }

  /** Never rejects. */
  #othersOnTheLine(): Promise<string | undefined> {
    const { clock, holders } = this.#deps;
    if (this.#path === undefined) return Promise.resolve(undefined);
    if (this.#holders === undefined || clock.now() >= this.#holders.until) {
      this.#holders = { until: clock.now() + HOLDERS_KNOWN, found: holders(this.#path) };
    }
    return this.#holders.found;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#deps.clock.after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}

/** Silence, or a PDU of another length than was announced (+CMS ERROR: 304): what is left where octets go astray. */
function looksShared(cause: unknown): boolean {
  if (!(cause instanceof ChannelError)) return false;
  return cause.kind === 'timeout' || (cause.given?.family === 'CMS' && cause.given.code === 304);
}
