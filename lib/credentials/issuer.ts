import { type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { bareHost } from '../base/host.ts';
import { type TlsSettings, tlsOptions } from './connect.ts';

/** A request to whoever issued a token. */
export interface IssuerRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A form that is posted; absent: GET. */
  readonly form?: URLSearchParams;
}

export interface IssuerAnswer {
  readonly status: number;
  readonly body: string;
}

/** Octets of an answer that are read. */
const ANSWER_OCTETS = 65_536;

/**
 * One request on a connection of its own, which ends with `signal`. A redirect is an answer like others and is not followed:
 * it would carry the token to a server that nobody named. Rejects where there is no answer, or one that is too long.
 */
export async function askIssuer(
  { url, headers, form }: IssuerRequest,
  tls: TlsSettings,
  signal: AbortSignal,
): Promise<IssuerAnswer> {
  const to = new URL(url);
  const secured = to.protocol === 'https:' ? await tlsOptions(bareHost(to.hostname), tls) : {};
  const body = form === undefined ? undefined : Buffer.from(form.toString(), 'utf8');
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = (to.protocol === 'https:' ? httpsRequest : httpRequest)(to, {
      ...secured,
      method: body === undefined ? 'GET' : 'POST',
      agent: false,
      signal,
      headers: {
        ...headers,
        ...(body && { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }),
      },
    });
    sent.once('response', resolve);
    sent.on('error', reject);
    sent.end(body);
  });
  return { status: response.statusCode ?? 0, body: await bounded(response) };
}

async function bounded(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let octets = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    octets += chunk.length;
    if (octets > ANSWER_OCTETS) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
