import { chmod, lstat, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { Fault, messageOf } from '../base/errors.ts';
import { Listener, type SmtpDeps } from './smtp/listener.ts';
import type { SmtpListen, SmtpSettings } from './smtp/settings.ts';

/**
 * The SMTP and LMTP server: mail in.
 *
 * Promises: a mail is answered with 250 only after the door's `submit` has resolved, so what was accepted is on
 * disk. Every answer carries an enhanced status code, and each recipient its own reason. An address reaches the door
 * as it stood on the wire. Only trusted relays may speak for others; a password is asked only where nobody can read
 * it on its way.
 *
 * On failure: a Fault of the door is the answer; any other error is 451 4.3.0 and a line in the log, so that the
 * client tries again. A client that goes away in the middle of its mail leaves nothing behind. Lines, mails, sessions
 * and waits all have an end, and all mails together take bounded memory. No name is looked up in the DNS.
 *
 * Who does what: smtp-server parses commands, un-stuffs dots and speaks TLS and SASL; smtp/frame.ts has the session,
 * smtp/connection.ts the mails in it, smtp/listener.ts the limits and the stop, smtp/command.ts and smtp/dsn.ts the
 * grammar.
 */
export interface SmtpService {
  /** Resolves when it listens: with the port that was given for port 0, and with the path for a unix socket. */
  start(): Promise<{ host: string; port: number }>;
  /** Lets mails that are coming in finish for `graceMs`, then ends every session. */
  stop(graceMs: number): Promise<void>;
  /** A new certificate (PEM), for connections from now on. Throws where it cannot be read or does not fit the key. */
  renew(tls: { readonly key: Buffer; readonly cert: Buffer }): void;
}

/** Throws `config.invalid` where a network in the settings is not one. */
export function createSmtpServer(settings: SmtpSettings, deps: SmtpDeps): SmtpService {
  const listener = new Listener(settings, deps);
  return {
    start: () => listen(listener, settings.listen),
    stop: (graceMs) => listener.stop(graceMs),
    renew: (tls) => listener.renew(tls),
  };
}

async function listen(listener: Listener, where: SmtpListen): Promise<{ host: string; port: number }> {
  if ('path' in where) await removeDeadSocket(where.path);
  const { server } = listener;
  await new Promise<void>((resolve, reject) => {
    const failed = (error: Error): void => reject(cannotListen(where, error));
    server.once('error', failed);
    server.listen(where, () => {
      server.removeListener('error', failed);
      resolve();
    });
  });
  if ('path' in where) {
    await chmod(where.path, where.mode ?? 0o660);
    return { host: where.path, port: 0 };
  }
  const address = server.address();
  if (address === null || typeof address === 'string') return where;
  return { host: address.address, port: address.port };
}

/** A socket that nobody answers on is left from a process that died. What is no socket is never touched. */
async function removeDeadSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSocket() !== true) return;
  const dead = await new Promise<boolean>((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(false);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
  if (dead) await rm(path, { force: true });
}

function cannotListen(where: SmtpListen, error: Error): Fault {
  const place = 'path' in where ? where.path : `${where.host}:${where.port}`;
  return new Fault('config.invalid', { told: `can't listen on ${place}: ${messageOf(error)}`, cause: error });
}
