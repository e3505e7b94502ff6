import { isIP } from 'node:net';
import { z } from 'zod';
import { bareHost } from '../base/host.ts';
import { Secret } from '../base/secret.ts';
import { isHostName } from '../settings/names.ts';
import type { Section } from '../settings/section.ts';
import { BadValue, written } from '../settings/values.ts';

const PORTS = { smtp: 25, smtps: 465, lmtp: 24 } as const;
const SHAPE = 'write it as smtp://mail.example.com:25 or smtps://user:password@mail.example.com';

/** `smtp://user:password@host:port`, also `smtps:` and `lmtp:`; `lmtp:///path` for a unix socket. No message repeats the URL: a password may be in it. */
export function relay() {
  return written(parts, parseRelay, printRelay, /^(?:smtps?|lmtp):\/\/./);
}

const parts = z.object({
  protocol: z.enum(['smtp', 'smtps', 'lmtp']),
  host: z.string(),
  port: z.number(),
  /** A unix socket, in place of host and port. */
  path: z.string().exactOptional(),
  user: z.string().exactOptional(),
  password: z.instanceof(Secret).exactOptional(),
});

/** The mail server that takes our mail. */
export type Relay = Section<typeof parts>;

/** @throws BadValue */
export function parseRelay(text: string): Relay {
  const scheme = /^([a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) throw new BadValue('is not a URL', SHAPE);
  if (!isProtocol(scheme)) {
    throw new BadValue(`"${scheme}:" is not a way to hand mail over`, 'use smtp:, smtps: or lmtp:');
  }
  // `lmtp:///run/dovecot/lmtp`: no host, so the path is a unix socket.
  const path = /^[^:]*:\/\/(\/[^?#]+)$/.exec(text)?.[1];
  if (path !== undefined) {
    if (scheme !== 'lmtp') throw new BadValue('names no host', 'only lmtp: goes over a unix socket');
    return { protocol: scheme, host: 'localhost', port: 0, path: decoded(path) };
  }
  // As a special scheme, since URL does not parse the host of others in full.
  const shaped = text.replace(/^[^:]*/, 'http');
  const url = URL.canParse(shaped) ? new URL(shaped) : null;
  if (url === null) {
    const tail = text.slice(scheme.length + 3);
    const port = /:(\d+)\/?$/.exec(tail)?.[1];
    if (Number(port) > 65535) throw new BadValue(`${port} is not a port`, 'ports go up to 65535');
    throw new BadValue('is not a URL', `${SHAPE}; in user and password, @ is written %40, : %3A and / %2F`);
  }
  const host = bareHost(url.hostname);
  if (!isHostName(host) && isIP(host) === 0) throw new BadValue('names no host', SHAPE);
  if ((url.pathname !== '/' && url.pathname !== '') || url.search !== '' || url.hash !== '') {
    throw new BadValue(
      'has something behind the host',
      `${SHAPE}; in a password, / is written %2F, ? %3F and # %23`,
    );
  }
  if (url.username === '' && url.password !== '') throw new BadValue('has a password but no user', SHAPE);
  if (url.username !== '' && url.password === '') throw new BadValue('has a user but no password', SHAPE);
  // The port as it is written: URL leaves out 80, the default of http.
  const port = /:(\d+)\/?$/.exec(text)?.[1];
  return {
    protocol: scheme,
    host,
    port: port === undefined ? PORTS[scheme] : Number(port),
    ...(url.username === ''
      ? {}
      : { user: decoded(url.username), password: new Secret(decoded(url.password)) }),
  };
}

/** The URL with `***` for the password. */
export function printRelay({ protocol, host, port, path, user, password }: Relay): string {
  if (path !== undefined) return `${protocol}://${encodeURI(path)}`;
  const login = user === undefined ? '' : `${encodeURIComponent(user)}:${String(password ?? '')}@`;
  return `${protocol}://${login}${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new BadValue('has a % that is not an escape', 'in user and password, % is written %25');
  }
}

function isProtocol(scheme: string): scheme is keyof typeof PORTS {
  return Object.hasOwn(PORTS, scheme);
}
