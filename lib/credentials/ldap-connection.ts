import type { Socket } from 'node:net';
import { type SecuredServer, openSocket, secureSocket } from './connect.ts';

/** An ExtendedRequest with message number 1 and StartTLS' name, RFC 4511 4.14.1. */
const START_TLS = Buffer.concat([
  Buffer.from([0x30, 0x1d, 0x02, 0x01, 0x01, 0x77, 0x18, 0x80, 0x16]),
  Buffer.from('1.3.6.1.4.1.1466.20037', 'latin1'),
]);

const SEQUENCE = 0x30;
const NOT_LDAP = 'the directory does not answer StartTLS as LDAP does';

/** Octets of the answer to StartTLS: a code and a sentence. */
const ANSWER_OCTETS = 4096;

/**
 * A connection to a directory, ready for LDAP. TLS is begun here and not by the LDAP client: what comes together with
 * the answer to StartTLS was never protected, and must not be taken for the answer to a bind.
 */
export async function openLdap(server: SecuredServer, signal: AbortSignal): Promise<Socket> {
  const { host, port, security, tls } = server;
  const socket = await openSocket({ host, port }, signal);
  if (security === 'none') return socket;
  if (security === 'starttls') {
    socket.write(START_TLS);
    checkAnswer(await firstMessage(socket));
  }
  return secureSocket(socket, host, tls, signal);
}

/** All octets up to the end of the first LDAP message. Rejects where more came with it. */
function firstMessage(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let held = Buffer.alloc(0);
    const settle = (error?: Error): void => {
      socket.off('data', take);
      socket.off('close', closed);
      socket.pause();
      if (error === undefined) resolve(held);
      else reject(error);
    };
    const closed = (): void => settle(new Error('the connection was closed'));
    const take = (chunk: Buffer): void => {
      held = Buffer.concat([held, chunk]);
      const length = messageOctets(held);
      if (held[0] !== SEQUENCE || length === Infinity) settle(new Error(NOT_LDAP));
      else if (held.length > Math.min(length ?? ANSWER_OCTETS, ANSWER_OCTETS)) {
        settle(new Error('the directory sent more than an answer to StartTLS'));
      } else if (held.length === length) settle();
    };
    socket.on('data', take);
    socket.on('close', closed);
  });
}

/**
 * Length of a BER element with its tag and length, X.690 8.1.3; undefined where too little of it is there, infinite where
 * LDAP allows no such length (RFC 4511 5.1).
 */
function messageOctets(octets: Buffer): number | undefined {
  const first = octets[1];
  if (first === undefined) return undefined;
  if (first < 0x80) return 2 + first;
  const more = first & 0x7f;
  if (more === 0 || more > 4) return Infinity;
  return octets.length < 2 + more ? undefined : 2 + more + octets.readUIntBE(2, more);
}

/** Throws where an ExtendedResponse (RFC 4511 4.12) does not say success. */
function checkAnswer(message: Buffer): void {
  const body = headOctets(message);
  // INTEGER messageID, then [APPLICATION 24] with ENUMERATED resultCode as its first element.
  const response = body + 2 + (message[body + 1] ?? 0);
  if (message[body] !== 0x02 || message[response] !== 0x78) {
    throw new Error(NOT_LDAP);
  }
  const result = response + headOctets(message.subarray(response));
  const code = message[result] === 0x0a && message[result + 1] === 1 ? message[result + 2] : undefined;
  if (code !== 0) throw new Error(`the directory refused StartTLS (result ${code ?? 'unreadable'})`);
}

/** Octets of a BER element's tag and length. */
function headOctets(octets: Buffer): number {
  const first = octets[1] ?? 0;
  return first < 0x80 ? 2 : 2 + (first & 0x7f);
}
