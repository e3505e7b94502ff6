import { realpath } from 'node:fs/promises';
import { within } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { cannotOpen, Inlet, opened, type Port, type PortOptions } from './at/port.ts';

/**
 * Lines that are open in this process, by their real path. The kernel's lock (TIOCEXCL) does not hold root back, and
 * two gateways on one line, or a search for an IMEI on a line in use, would garble each other's commands.
 */
const held = new Map<string, symbol>();

/** A driver that never finishes closing a dead device must not keep the modem out for good. */
const CLOSE_TIMEOUT = 3_000;

/** A serial line by its path. serialport is loaded here, so that nothing pays for it without a modem. */
export async function openSerial(path: string, options: PortOptions): Promise<Port> {
  const { SerialPort } = await import('serialport');
  const real = await realpath(path).catch(() => path);
  if (held.has(real)) throw cannotOpen(path, 'it is in use by another gateway');
  const mine = Symbol(path);
  held.set(real, mine);
  // Another one may hold it by the time that a slow close has come to its end.
  const letGo = (): void => {
    if (held.get(real) === mine) held.delete(real);
  };
  const line = new SerialPort({
    path,
    baudRate: options.baudRate ?? 115_200,
    rtscts: options.rtscts ?? false,
    autoOpen: false,
  });
  const inlet = new Inlet();
  line.on('data', (bytes: Buffer) => inlet.data(bytes));
  line.on('error', (error) => inlet.close(error.message));
  line.on('close', (error: Error | null) => {
    letGo();
    inlet.close(error?.message ?? 'closed');
  });
  const shut = (): Promise<void> =>
    new Promise((resolve) => {
      if (!line.isOpen) resolve();
      else line.close(() => resolve());
    });
  const opening = new Promise<void>((resolve, reject) => {
    line.open((error) => (error === null ? resolve() : reject(cannotOpen(path, messageOf(error), error))));
  });
  try {
    await opened(path, opening, shut, options);
  } catch (error) {
    letGo();
    throw error;
  }
  return {
    name: path,
    write: (bytes) =>
      new Promise((resolve, reject) => {
        if (!line.isOpen) return reject(new Error(`${path} is closed`));
        line.write(bytes, (error) => (error === null || error === undefined ? resolve() : reject(error)));
      }),
    listen: (listener) => inlet.listen(listener),
    setDtr: (on) =>
      new Promise((resolve, reject) => {
        line.set({ dtr: on, rts: true }, (error) => (error === null ? resolve() : reject(error)));
      }),
    close: async () => {
      await within(options.clock, CLOSE_TIMEOUT, shut(), () => new Error('late')).catch(() => undefined);
      letGo();
      inlet.close('closed');
    },
  };
}
