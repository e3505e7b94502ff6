import { within, type Clock } from '../../../base/clock.ts';
import { Fault } from '../../../base/errors.ts';

/** A byte stream to a modem: a serial line, a TCP connection, or a modem in memory. */
export interface Port {
  /** What was opened, for the log: `/dev/ttyUSB0`, `tcp://10.0.0.7:7001`. */
  readonly name: string;
  /** Resolves when the octets are handed to the line; rejects where the line is gone. */
  write(bytes: Uint8Array): Promise<void>;
  /** Names the one listener; octets that came before are given to it. */
  listen(listener: PortListener): void;
  /** Data Terminal Ready, where the line has it: dropping it resets many modems (ITU-T V.250 6.2.x, AT&D2). */
  setDtr?(on: boolean): Promise<void>;
  /** Never rejects. `closed` is told once, here as for every other end. */
  close(): Promise<void>;
}

export interface PortListener {
  data(bytes: Uint8Array): void;
  /** The line is gone; told once. */
  closed(reason: string): void;
}

export interface PortOptions {
  readonly clock: Clock;
  readonly baudRate?: number;
  /** RTS/CTS flow control. Off by default: many USB modems and all pseudo-terminals lack it. */
  readonly rtscts?: boolean;
  /** How long opening may take; 16 s by default. */
  readonly timeoutMs?: number;
}

export type OpenPort = (device: string, options: PortOptions) => Promise<Port>;

const OPEN_TIMEOUT = 16_000;

/** Gives octets and the end of a line to the one listener, and keeps what comes before there is one. */
export class Inlet {
  #listener: PortListener | undefined;
  #early: Uint8Array[] = [];
  #closed: string | undefined;

  listen(listener: PortListener): void {
    this.#listener = listener;
    for (const bytes of this.#early) listener.data(bytes);
    this.#early = [];
    if (this.#closed !== undefined) listener.closed(this.#closed);
  }

  data(bytes: Uint8Array): void {
    if (this.#closed !== undefined) return;
    if (this.#listener === undefined) this.#early.push(bytes);
    else this.#listener.data(bytes);
  }

  close(reason: string): void {
    if (this.#closed !== undefined) return;
    this.#closed = reason;
    this.#listener?.closed(reason);
  }
}

/** Waits for `opening` at most the time set; what opens later is shut again. */
export async function opened(
  name: string,
  opening: Promise<void>,
  shut: () => Promise<void>,
  options: PortOptions,
): Promise<void> {
  const limit = options.timeoutMs ?? OPEN_TIMEOUT;
  try {
    await within(options.clock, limit, opening, () => cannotOpen(name, `not open after ${limit / 1000} s`));
  } catch (error) {
    opening.then(shut, () => undefined);
    await shut();
    throw error;
  }
}

/** The Fault for a device that cannot be opened now. */
export function cannotOpen(name: string, why: string, cause?: unknown): Fault {
  const text = why.startsWith('Error: ') ? why.slice(7) : why;
  return new Fault('gateway.down', { told: 'the modem cannot be opened', detail: `${name}: ${text}`, cause });
}
