import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/errors.ts';
import { oneLine } from '../../mail/write/mime.ts';
import { basicCredentials } from './auth/basic.ts';
import type { OAuth2Settings } from './auth/signers.ts';
import { ExchangeError, type HttpClient } from './client.ts';
import { textsAt } from './request/paths.ts';
import type { Redactor } from './request/redactor.ts';
import { cutUrl } from './auth/url.ts';
import { percentEncoded } from './template/places.ts';

/**
 * Bearer tokens by client credentials (RFC 6749 4.4): fetched when one is needed, kept until shortly before it ends, asked for once
 * by however many wait for it. Failure: Fault `gateway.down`, for without a token nothing can be sent.
 */
export class TokenSource {
  readonly #settings: OAuth2Settings;
  readonly #deps: TokenDeps;
  #token: string | undefined;
  #until = 0;
  #fetching: Promise<string> | undefined;

  constructor(settings: OAuth2Settings, deps: TokenDeps) {
    this.#settings = settings;
    this.#deps = deps;
  }

  async get(timeoutMs: number): Promise<string> {
    if (this.#token !== undefined && this.#deps.clock.now() < this.#until) return this.#token;
    this.#fetching ??= this.#fetch(timeoutMs).finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  /** The token was refused. */
  forget(token: string): void {
    if (this.#token === token) this.#token = undefined;
  }

  async #fetch(timeoutMs: number): Promise<string> {
    const { tokenUrl, clientId, clientSecret, scope, audience, send } = this.#settings;
    const { client, clock, redactor } = this.#deps;
    const { origin, path } = cutUrl(tokenUrl, {});
    const fields = {
      grant_type: 'client_credentials',
      ...(scope === undefined ? {} : { scope }),
      ...(audience === undefined ? {} : { audience }),
      ...(send === 'basic' ? {} : { client_id: clientId, client_secret: clientSecret }),
    };
    const body = Object.entries(fields)
      .map(([name, value]) => `${name}=${percentEncoded(value)}`)
      .join('&');
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      // RFC 6749 2.3.1: both are escaped as in a form first.
      ...(send === 'basic'
        ? { authorization: basicCredentials(percentEncoded(clientId), percentEncoded(clientSecret)) }
        : {}),
    };
    const begun = clock.now();
    const down = (words: string): Fault =>
      new Fault('gateway.down', {
        detail: `no token from ${origin}: ${oneLine(redactor.clean(words)).slice(0, MOST_WORDS)}`,
      });
    try {
      const answer = await client.exchange({ method: 'POST', origin, path, headers, body }, timeoutMs);
      const json = parsed(answer.body);
      const [token] = textsAt(json, 'access_token');
      if (answer.status !== 200 || token === undefined)
        throw down(`HTTP ${answer.status} ${textsAt(json, 'error').join('')}`);
      const [lifetime = String(DEFAULT_LIFETIME_S)] = textsAt(json, 'expires_in');
      redactor.add(token);
      this.#token = token;
      this.#until = begun + Math.max(Number(lifetime) - EARLY_S, 0) * 1000;
      return token;
    } catch (error) {
      if (error instanceof ExchangeError) throw down(error.message);
      throw error;
    }
  }
}

/** A token is not used any more so long before its end: a request takes its time. */
const EARLY_S = 30;
const DEFAULT_LIFETIME_S = 300;
const MOST_WORDS = 200;

export interface TokenDeps {
  readonly client: HttpClient;
  readonly clock: Clock;
  readonly redactor: Redactor;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
