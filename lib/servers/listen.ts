import { isIP } from 'node:net';
import { z } from 'zod';
import { isHostName } from '../settings/names.ts';
import type { Section } from '../settings/section.ts';
import { BadValue, asOwn, written } from '../settings/values.ts';

/** A TCP address to listen on. Port 0 takes any free port. */
export type HostPort = Section<typeof hostPort>;

/** A Unix socket to listen on. */
export interface SocketPath {
  /** Absolute. */
  readonly path: string;
}

const hostPort = z.object({ host: z.string(), port: z.number() });

const HOST_PORT = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/;

/** `127.0.0.1:2525`, `[::1]:25`, `localhost:25`. */
export function parseHostPort(text: string): HostPort {
  const match = HOST_PORT.exec(text);
  if (match === null) {
    const hint = /^\d+$/.test(text)
      ? `write 127.0.0.1:${text} for this machine alone, or 0.0.0.0:${text} for all`
      : isIP(text) === 6
        ? `write [${text}]:25: a port is needed, and brackets around the address`
        : 'write it as 127.0.0.1:2525';
    throw new BadValue(`"${text}" is not an address and port`, hint);
  }
  const host = match[1] ?? match[2] ?? '';
  const port = Number(match[3]);
  const good = match[1] === undefined ? isIP(host) === 4 || isHostName(host) : isIP(host) === 6;
  if (!good) {
    const hint = `write 0.0.0.0:${port} for all IPv4 addresses of this machine, [::]:${port} for all of both kinds`;
    throw new BadValue(host === '' || host === '*' ? 'has no address' : `"${host}" is not an address`, hint);
  }
  if (port > 65535) throw new BadValue(`${port} is not a port`, 'ports go up to 65535');
  return { host, port };
}

/** The opposite of `parseHostPort`. */
export function printHostPort({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** One address to listen on. */
export function listener() {
  return written(hostPort, parseHostPort, printHostPort, HOST_PORT);
}

/** An address, a list of them, or `false` for none; a list in Config. */
export function listeners() {
  const one = listener();
  const input = z.union([z.string(), z.array(z.string()), z.literal(false)], {
    error: 'must be an address and port, a list of them, or false',
  });
  return z.codec(input, z.array(hostPort), {
    decode: (value, context) => {
      const texts = value === false ? [] : typeof value === 'string' ? [value] : value;
      return texts.flatMap((each, index) => {
        const result = one.safeDecode(each);
        if (result.success) return [result.data];
        context.issues.push(...asOwn(result.error.issues, typeof value === 'string' ? [] : [index]));
        return [];
      });
    },
    encode: (value) => {
      const texts = value.map(printHostPort);
      return texts.length === 0 ? false : texts.length === 1 ? (texts[0] ?? false) : texts;
    },
  });
}

/** `host:port`, or `unix:/run/mailsms/lmtp.sock`. */
export function listenerOrSocket() {
  return written(
    z.union([hostPort, z.object({ path: z.string() })]),
    (text): HostPort | SocketPath => {
      if (!text.startsWith('unix:')) return parseHostPort(text);
      const path = text.slice('unix:'.length);
      if (path === '') throw new BadValue('has no path', 'write it as unix:/run/mailsms/lmtp.sock');
      return { path };
    },
    printListener,
  );
}

/** Any listener as it is written in the file. */
export function printListener(listen: HostPort | SocketPath): string {
  return 'path' in listen ? `unix:${listen.path}` : printHostPort(listen);
}
