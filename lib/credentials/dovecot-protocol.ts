/**
 * The lines of Dovecot's authentication protocol, version 1 ("Dovecot Authentication Protocol" in Dovecot's
 * documentation): a command and its fields, separated by tabs.
 */

export interface Handshake {
  /** Names of SASL mechanisms, in upper case. */
  readonly mechanisms: ReadonlySet<string>;
}

export type Answer =
  | {
      readonly kind: 'ok';
      readonly id: number;
      readonly user: string | undefined;
      /** The user is to be passed on to another server, and the password may not have been checked by this one. */
      readonly proxied: boolean;
    }
  | { readonly kind: 'fail'; readonly id: number; readonly temporary: boolean; readonly reason: string }
  | { readonly kind: 'continue'; readonly id: number };

const MAJOR = 1;

/**
 * Takes lines until `DONE`. Throws where the major version is another, or where the server ends the handshake without
 * having said its version.
 */
export class HandshakeReader {
  readonly #mechanisms = new Set<string>();
  #version = false;

  /** The handshake, once it is complete. */
  take(line: string): Handshake | undefined {
    const [command = '', ...fields] = line.split('\t');
    switch (command) {
      case 'VERSION':
        if (Number(fields[0]) !== MAJOR) throw new Error(`the protocol's major version is not ${MAJOR}`);
        this.#version = true;
        return undefined;
      case 'MECH':
        this.#mechanisms.add((fields[0] ?? '').toUpperCase());
        return undefined;
      case 'DONE':
        if (!this.#version) throw new Error('this is not the socket of a Dovecot auth client');
        return { mechanisms: this.#mechanisms };
      default:
        // SPID, CUID, COOKIE and what later versions add: not needed to check a password.
        return undefined;
    }
  }
}

/** What a client says first. `pid` must be another for each connection. */
export function clientHandshake(pid: number): string {
  return `VERSION\t${MAJOR}\t1\nCPID\t${pid}\n`;
}

/** A request. `nologin`: nobody will log in by it, so Dovecot need not remember it. `response` is base64. */
export function authRequest(id: number, mechanism: string, service: string, response: string): string {
  return `AUTH\t${id}\t${mechanism}\tservice=${escape(service)}\tsecured\tno-penalty\tnologin\tresp=${response}\n`;
}

/** An answer to a request; undefined for other lines. Throws where an answer can't be read. */
export function parseAnswer(line: string): Answer | undefined {
  const [command, number, ...fields] = line.split('\t');
  if (command !== 'OK' && command !== 'FAIL' && command !== 'CONT') return undefined;
  const id = Number(number);
  if (!Number.isSafeInteger(id) || number === '') throw new Error(`${command} without a number`);
  if (command === 'CONT') return { kind: 'continue', id };
  const named = new Map<string, string>();
  for (const field of fields) {
    const at = field.indexOf('=');
    named.set(at < 0 ? field : field.slice(0, at), at < 0 ? '' : unescape(field.slice(at + 1)));
  }
  if (command === 'OK' && !named.has('nologin')) {
    return { kind: 'ok', id, user: named.get('user'), proxied: named.has('proxy') || named.has('host') };
  }
  const code = named.get('code') ?? '';
  const temporary = named.has('temp') || code === 'temp_fail';
  const flags = ['nologin', 'temp', 'authz', 'user_disabled', 'pass_expired'].filter((flag) =>
    named.has(flag),
  );
  return { kind: 'fail', id, temporary, reason: [...flags, code].filter((each) => each !== '').join(' ') };
}

/** Tabs, line ends, NUL and the escape itself are written as \001 and a character. */
const ESCAPED: ReadonlyMap<string, string> = new Map([
  ['\0', '0'],
  ['\x01', '1'],
  ['\t', 't'],
  ['\r', 'r'],
  ['\n', 'n'],
]);
const UNESCAPED: ReadonlyMap<string, string> = new Map([...ESCAPED].map(([raw, code]) => [code, raw]));

function escape(value: string): string {
  return value.replace(/[\0\x01\t\r\n]/g, (each) => `\x01${ESCAPED.get(each) ?? ''}`);
}

function unescape(value: string): string {
  return value.replace(/\x01(.)/g, (_, code: string) => UNESCAPED.get(code) ?? code);
}
