import type { Clock } from '../../lib/base/clock.ts';
import { Fault } from '../../lib/base/errors.ts';
import { EmulatedModem } from '../../lib/emulator/modem.ts';
import type { Script } from '../../lib/emulator/script.ts';
import { Inlet, type OpenPort, type Port } from '../../lib/transports/modem/at/port.ts';

/** An emulated modem in memory. */
export interface MemoryModem {
  readonly modem: EmulatedModem;
  /** What the transport opens; every device is this modem. */
  readonly openPort: OpenPort;
  unplug(): void;
  replug(): void;
}

export interface MemoryOptions {
  readonly clock?: Clock;
  /** Gives the host its octets in chunks of this size; all at once by default. */
  readonly chunk?: number;
}

/** A modem that a transport opens through `openPort`, without a terminal between. */
export function createMemoryModem(script: string | Script = '', options: MemoryOptions = {}): MemoryModem {
  const modem = new EmulatedModem(script, options.clock);
  let plugged = true;
  let unplug: (() => void) | undefined;
  return {
    modem,
    unplug: () => {
      plugged = false;
      unplug?.();
    },
    replug: () => {
      plugged = true;
    },
    openPort: async (device, { baudRate = 115_200 }): Promise<Port> => {
      if (!plugged)
        throw new Fault('gateway.down', {
          told: 'the modem cannot be opened',
          detail: `${device}: not there`,
        });
      const inlet = new Inlet();
      let open = true;
      const end = (reason: string): void => {
        if (!open) return;
        open = false;
        modem.detach();
        inlet.close(reason);
      };
      unplug = () => end('unplugged');
      modem.attach({
        baud: baudRate,
        write: (octets) => {
          const bytes = Buffer.from(octets, 'latin1');
          const size = options.chunk ?? bytes.length;
          for (let at = 0; at < bytes.length; at += size) {
            const piece = bytes.subarray(at, at + size);
            queueMicrotask(() => inlet.data(piece));
          }
        },
        unplug: () => {
          plugged = false;
          // What was said before still arrives.
          queueMicrotask(() => end('unplugged'));
        },
      });
      return {
        name: device,
        write: async (bytes) => {
          if (!open) throw new Error(`${device} is closed`);
          modem.feed(bytes);
        },
        listen: (listener) => inlet.listen(listener),
        close: async () => end('closed'),
      };
    },
  };
}
