import { lookup as lookupAll } from 'node:dns/promises';
import type { Clock } from '../base/clock.ts';
import { Fault } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { EffectHandler } from '../flow/effects/effects.ts';
import type { UrlCall } from '../rules/verdict.ts';
import type { Errands } from './errands.ts';
import { readUrlCall } from './payload.ts';
import { retryAfterMs } from '../base/retry-after.ts';
import { shortened } from './shortened.ts';
import { type WebAnswer, type WebRequest, send, webHeaders } from './url-request.ts';
import type { OutsideSection } from './settings.ts';
import { type Lookup, resolveTarget } from './url-target.ts';

/**
 * Calls URLs of rules.
 *
 * Promises: every connection goes to an address that is public or allowed by name or network, and that was looked up by us and
 * checked before; that holds for each of at most three redirects too. 2xx is done; 408, 425, 429, 5xx and everything that kept an
 * answer from us is tried again; any other status has failed. The header field Idempotency-Key holds the id of the effect, the
 * same each time it is tried. Of a URL the log gets scheme and host only: the rest may be secret or somebody's words.
 */
const MOST_REDIRECTS = 3;
const TEMPORARY = new Set([408, 425, 429]);

const systemLookup: Lookup = (host) => lookupAll(host, { all: true });

export interface UrlDependencies {
  readonly errands: Errands;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** Default: the system's resolver. */
  readonly lookup?: Lookup;
}

export function createUrlHandler(
  settings: { readonly allow: OutsideSection['urls'] },
  deps: UrlDependencies,
): EffectHandler {
  const { errands, clock, log, lookup = systemLookup } = deps;
  return async (payload, id) => {
    const call = readUrlCall(payload);
    const first = firstRequest(call, id);
    const { answer, url } = await errands.run(call.timeoutMs, (signal) =>
      follow(first, settings.allow, lookup, signal),
    );
    const { status, retryAfter } = answer;
    const said = shortened(answer.body);
    log.info({ effect: id, url: printUrl(url), status }, 'a URL of a rule was called');
    if (status >= 200 && status <= 299) return;
    const wait = retryAfter === undefined ? '' : `, asks to wait: ${shortened(retryAfter)}`;
    const detail = `${printUrl(url)} answered ${status}${wait}${said === '' ? '' : `: ${said}`}`;
    if (status < 500 && !TEMPORARY.has(status)) throw failed(detail);
    throw new Fault('effect.down', { detail, afterMs: retryAfterMs(retryAfter, clock.now()) });
  };
}

/** A URL for people: where it leads, and no more. */
export function printUrl(url: URL): string {
  return url.pathname === '/' && url.search === '' ? url.origin : `${url.origin}/...`;
}

function firstRequest({ method, url: text, headers: fields, body }: UrlCall, id: string): WebRequest {
  const headers = webHeaders([
    { name: 'User-Agent', value: 'mailsms' },
    { name: 'Accept', value: '*/*' },
    { name: 'Idempotency-Key', value: id },
  ]);
  const url = webUrl(text);
  return {
    method,
    url,
    headers: { ...headers, ...webHeaders(fields) },
    body: method === 'POST' ? (body ?? '') : undefined,
  };
}

async function follow(
  first: WebRequest,
  allow: readonly string[],
  lookup: Lookup,
  signal: AbortSignal,
): Promise<{ answer: WebAnswer; url: URL }> {
  let request = first;
  for (let redirects = 0; ; redirects++) {
    const { url } = request;
    const addresses = await resolveTarget(url, allow, lookup, signal);
    signal.throwIfAborted();
    const answer = await send(request, addresses, signal);
    const next = redirected(request, answer);
    if (next === undefined) return { answer, url };
    if (redirects === MOST_REDIRECTS) throw failed(`${printUrl(url)}: more than ${MOST_REDIRECTS} redirects`);
    request = next;
  }
}

/**
 * The request that a redirect asks for (RFC 9110 15.4); undefined where it is none. To another origin nothing goes but a GET
 * without the rule's header fields: they and the body were meant for the first.
 */
function redirected(request: WebRequest, { status, location }: WebAnswer): WebRequest | undefined {
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined;
  const { url } = request;
  const to = webUrl(location, url);
  if (url.protocol === 'https:' && to.protocol === 'http:') {
    throw failed(`${printUrl(url)} redirects to ${printUrl(to)}, which is not encrypted`);
  }
  const same = to.origin === url.origin;
  const again = status === 307 || status === 308;
  if (again && request.method === 'POST' && !same) {
    throw failed(`${printUrl(url)} redirects a POST to another server, ${printUrl(to)}`);
  }
  if (same) {
    to.username = url.username;
    to.password = url.password;
  } else {
    to.username = '';
    to.password = '';
  }
  const ours = ['user-agent', 'accept', 'idempotency-key'];
  const kept = Object.entries(request.headers).filter(
    ([name]) => (same && (again || name !== 'content-type')) || ours.includes(name),
  );
  const repeated = again ? request : { method: 'GET' as const, body: undefined };
  return { method: repeated.method, url: to, headers: Object.fromEntries(kept), body: repeated.body };
}

function webUrl(text: string, base?: URL): URL {
  const url = URL.canParse(text, base?.href) ? new URL(text, base) : undefined;
  if (url === undefined) throw failed('the URL is not valid');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw failed(`${url.protocol} URLs are not called, only http: and https:`);
  }
  return url;
}

function failed(detail: string): Fault {
  return new Fault('effect.failed', { detail });
}
