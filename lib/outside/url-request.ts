import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Fault, messageOf } from '../base/errors.ts';
import type { ResolvedAddress } from './url-target.ts';

/** One request and its answer, without redirects. */
export interface WebRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  /** By name in lower case; see `webHeaders`. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: string | undefined;
}

export interface WebAnswer {
  readonly status: number;
  readonly location: string | undefined;
  readonly retryAfter: string | undefined;
  /** Its first LONGEST_BODY octets as text. */
  readonly body: string;
}

const LONGEST_BODY = 65_536;

/** What the connection itself is made of: not for rules. */
const NOT_FOR_RULES = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** RFC 9110 5.6.2: token. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * The header fields of a rule, fit to be sent: names are tokens, values hold no control characters and are UTF-8. Throws
 * `effect.failed`.
 */
export function webHeaders(
  fields: readonly { readonly name: string; readonly value: string }[],
): Record<string, readonly string[]> {
  const headers: Record<string, string[]> = {};
  for (const { name, value } of fields) {
    const key = name.toLowerCase();
    if (!TOKEN.test(name)) throw bad(`${JSON.stringify(name)} is not the name of a header field`);
    if (NOT_FOR_RULES.has(key)) throw bad(`the header field ${name} is not for rules to set`);
    if (/[\0-\x08\x0a-\x1f\x7f]/.test(value)) {
      throw bad(`the value of the header field ${name} holds a control character`);
    }
    // Node writes header fields as Latin-1; this makes their octets those of UTF-8.
    (headers[key] ??= []).push(Buffer.from(value, 'utf8').toString('latin1'));
  }
  return headers;
}

/**
 * Sends one request to one of `addresses`. Resolves with the answer once its body has ended, is long enough, or broke off: the
 * status alone decides, and it is known by then. Throws the signal's reason, or `effect.down` where there is no answer.
 */
export function send(
  { method, url, headers, body }: WebRequest,
  addresses: readonly ResolvedAddress[],
  signal: AbortSignal,
): Promise<WebAnswer> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      if (signal.aborted) reject(signal.reason as Fault);
      else reject(new Fault('effect.down', { detail: `${url.host}: ${messageOf(error)}`, cause: error }));
    };
    let sent: ClientRequest;
    try {
      sent = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
        method,
        signal,
        // One connection for one request: no agent that could keep one to an address that is allowed no more.
        agent: false,
        headers: withLength(headers, body),
        lookup: (_host, options, done) => {
          const [first] = addresses;
          if (options.all === true) done(null, [...addresses]);
          else done(null, first?.address ?? '', first?.family);
        },
      });
    } catch (error) {
      reject(bad(messageOf(error)));
      return;
    }
    sent.on('error', fail);
    sent.on('response', (response) => void read(response, sent).then(resolve, fail));
    // As octets: given a string, Node would write the header in that string's encoding too.
    sent.end(body === undefined ? undefined : Buffer.from(body, 'utf8'));
  });
}

async function read(response: IncomingMessage, sent: ClientRequest): Promise<WebAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk.subarray(0, LONGEST_BODY - size));
      size += chunk.length;
      if (size >= LONGEST_BODY) break;
    }
  } catch {
    // The rest of the body is missing, which changes nothing.
  }
  sent.destroy();
  return {
    status: response.statusCode ?? 0,
    location: response.headers.location,
    retryAfter: response.headers['retry-after'],
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

function withLength(headers: WebRequest['headers'], body: string | undefined): Record<string, string[]> {
  const all = Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, [...values]]));
  if (body !== undefined) all['content-length'] = [String(Buffer.byteLength(body))];
  return all;
}

function bad(detail: string): Fault {
  return new Fault('effect.failed', { detail });
}
