import { readFile } from 'node:fs/promises';
import { type Socket, connect, isIP } from 'node:net';
import { type ConnectionOptions, type TLSSocket, connect as connectTls } from 'node:tls';

export type Endpoint = { readonly host: string; readonly port: number } | { readonly path: string };

/** How a server's certificate is checked. */
export interface TlsSettings {
  /** A PEM file with the authorities to trust in place of the system's. Read at each connection. */
  readonly ca?: string;
  /** The name in the certificate, where it isn't the host that is connected to. */
  readonly servername?: string;
  /** Off: any certificate is taken, and whoever sits in between reads the passwords. Default: on. */
  readonly verify?: boolean;
}

/** A server and how the way there is secured. */
export interface SecuredServer {
  readonly host: string;
  readonly port: number;
  /** `tls`: from the first octet (RFC 8314); `starttls`: begun before anything is said, and required; `none`: in the clear. */
  readonly security: 'tls' | 'starttls' | 'none';
  readonly tls: TlsSettings;
}

/** A connection that lives until `signal` is aborted. Rejects where it can't be made. */
export async function openSocket(to: Endpoint, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  const socket = connect(to);
  hangOn(socket, signal);
  socket.setNoDelay(true);
  await established(socket, 'connect');
  return socket;
}

/** TLS over a connection; the certificate is that of `host`. Rejects where it can't be had or isn't trusted. */
export async function secureSocket(
  socket: Socket,
  host: string,
  settings: TlsSettings,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const options = await tlsOptions(host, settings);
  signal.throwIfAborted();
  const secured = connectTls({ ...options, host: settings.servername ?? host, socket });
  hangOn(secured, signal);
  await established(secured, 'secureConnect');
  return secured;
}

/** Node's options for TLS with `host`, without where to connect to. */
export async function tlsOptions(host: string, settings: TlsSettings): Promise<ConnectionOptions> {
  const servername = settings.servername ?? host;
  return {
    // A server name indication is a DNS name, RFC 6066 3; the certificate is checked against an IP address all the same.
    ...(isIP(servername) === 0 ? { servername } : {}),
    ...(settings.ca === undefined ? {} : { ca: await readFile(settings.ca) }),
    rejectUnauthorized: settings.verify !== false,
    minVersion: 'TLSv1.2',
  };
}

/** Destroys the socket when the signal is aborted. An error that nobody waits for any more is dropped. */
function hangOn(socket: Socket, signal: AbortSignal): void {
  const destroy = (): void => void socket.destroy();
  signal.addEventListener('abort', destroy, { once: true });
  socket.on('error', () => undefined);
  socket.once('close', () => signal.removeEventListener('abort', destroy));
}

function established(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      socket.off('error', settle);
      socket.off('close', closed);
      socket.off(event, done);
      if (error === undefined) resolve();
      else reject(error);
    };
    const closed = (): void => settle(new Error('the connection was closed'));
    const done = (): void => settle();
    socket.on('error', settle);
    socket.on('close', closed);
    socket.on(event, done);
  });
}
