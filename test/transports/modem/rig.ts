import type { Log, LogFields } from '../../../lib/base/log.ts';
import type { Job, ReceivedSms, TransportEvents, TransportStatus } from '../../../lib/routing/transport.ts';
import { segment } from '../../../lib/sms/segment.ts';
import { toHex } from '../../../lib/sms/hex.ts';
import {
  createModemTransport,
  type ModemDeps,
  type ModemTransport,
} from '../../../lib/transports/modem/modem.ts';
import type { ModemSettings } from '../../../lib/transports/modem/settings.ts';
import { ManualClock, settle } from '../../support/clock.ts';
import { createMemoryModem, type MemoryModem } from '../../support/modem.ts';

/** A log that is kept. */
export class KeptLog implements Log {
  readonly lines: { level: string; fields: LogFields; text: string }[] = [];
  debug = (fields: LogFields, text: string): void => void this.lines.push({ level: 'debug', fields, text });
  info = (fields: LogFields, text: string): void => void this.lines.push({ level: 'info', fields, text });
  warn = (fields: LogFields, text: string): void => void this.lines.push({ level: 'warn', fields, text });
  error = (fields: LogFields, text: string): void => void this.lines.push({ level: 'error', fields, text });
  child = (): Log => this;

  /** How often the modem was brought up. */
  get opened(): number {
    return this.lines.filter((line) => line.text === 'the modem is open').length;
  }

  get text(): string {
    return this.lines.map((line) => `${line.level} ${line.text} ${JSON.stringify(line.fields)}`).join('\n');
  }
}

/** The other side of a transport: what it tells is kept. */
export class KeptEvents implements TransportEvents {
  readonly received_: string[] = [];
  readonly statuses: TransportStatus[] = [];
  /** Called before an SMS is kept; rejects to say that it could not be. */
  onReceived: (hex: string) => Promise<void> = () => Promise.resolve();
  #watchers: (() => void)[] = [];

  async received(sms: ReceivedSms): Promise<void> {
    const hex = sms.kind === 'pdu' ? toHex(sms.pdu) : JSON.stringify(sms);
    await this.onReceived(hex);
    this.received_.push(hex);
    this.#changed();
  }

  health(status: TransportStatus): void {
    this.statuses.push(status);
    this.#changed();
  }

  get state(): string {
    return this.statuses.at(-1)?.state ?? 'none';
  }

  /** For real devices: resolves as soon as `condition` holds. */
  until(condition: () => boolean, what: string, ms = 15_000): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`${what} did not come about; last status ${JSON.stringify(this.statuses.at(-1))}`));
      }, ms);
      this.#watchers.push(() => {
        if (!condition()) return;
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }
}

export interface Rig {
  readonly clock: ManualClock;
  readonly memory: MemoryModem;
  readonly modem: MemoryModem['modem'];
  readonly transport: ModemTransport;
  readonly events: KeptEvents;
  readonly log: KeptLog;
}

export interface RigOptions {
  readonly settings?: Partial<ModemSettings>;
  readonly chunk?: number;
  readonly deps?: Partial<ModemDeps>;
}

/** A transport on a modem in memory, not yet started. */
export function rig(script = '', options: RigOptions = {}): Rig {
  const clock = new ManualClock();
  const memory = createMemoryModem(script, {
    clock,
    ...(options.chunk !== undefined && { chunk: options.chunk }),
  });
  const log = new KeptLog();
  const transport = createModemTransport(
    { id: 'modem1', device: '/dev/memory', ...options.settings },
    { clock, log, openPort: memory.openPort, ...options.deps },
  );
  return { clock, memory, modem: memory.modem, transport, events: new KeptEvents(), log };
}

/** Starts it and waits until nothing more happens without the clock. */
export async function started(script = '', options: RigOptions = {}): Promise<Rig> {
  const made = rig(script, options);
  await made.transport.start(made.events);
  await settle(300);
  return made;
}

export function job(text = 'hello', more: Partial<Job> = {}): Job {
  return {
    messageId: 'm1',
    number: '+15551234567',
    content: { kind: 'text', text },
    options: {},
    segments: segment(text, { reference: 7 }).parts,
    expires: Number.MAX_SAFE_INTEGER,
    more: false,
    ...more,
  };
}

/** What became of a promise so far. */
export function outcome<T>(promise: Promise<T>): { value?: T; error?: unknown; settled: boolean } {
  const result: { value?: T; error?: unknown; settled: boolean } = { settled: false };
  promise.then(
    (value) => {
      result.value = value;
      result.settled = true;
    },
    (error: unknown) => {
      result.error = error;
      result.settled = true;
    },
  );
  return result;
}
