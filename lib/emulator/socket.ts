import { once } from 'node:events';
import { createServer, type ListenOptions, type Socket } from 'node:net';
import type { EmulatedModem } from './modem.ts';

/** An emulated modem behind a socket. */
export interface SocketModem {
  /** The TCP port; 0 for a path. */
  readonly port: number;
  /** Ends the connection that there is; the next one finds the modem again. */
  readonly cut: () => void;
  readonly close: () => Promise<void>;
}

/** Puts a modem behind a TCP port of 127.0.0.1, as ser2net does, or behind a Unix socket; one connection at a time. */
export async function serveModem(
  modem: EmulatedModem,
  at: ListenOptions = { port: 0 },
): Promise<SocketModem> {
  let current: Socket | undefined;
  const server = createServer((socket) => {
    current = socket;
    socket.on('error', () => undefined);
    socket.on('data', (octets) => modem.feed(octets));
    socket.on('close', () => {
      if (current === socket) modem.detach();
    });
    modem.attach({ write: (octets) => socket.write(octets, 'latin1'), unplug: () => socket.destroy() });
  });
  server.listen(at.path === undefined ? { host: '127.0.0.1', ...at } : at);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cut: () => current?.destroy(),
    close: async () => {
      current?.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
