import type { PasswordBackend } from '../accounts/backend.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Secret } from '../base/secret.ts';
import { Checks, unavailable } from './checks.ts';
import { type IssuerAnswer, askIssuer } from './issuer.ts';
import { plainName } from './names.ts';

/**
 * OAuth access tokens (RFC 6750), checked by asking who issued them: by introspection (RFC 7662), or by fetching the claims
 * about the user that the token opens (OpenID Connect Core 5.3). It knows no passwords.
 *
 * A token says that its bearer may act for a user somewhere; that this is meant to be here only the audience or the scope
 * says. Userinfo tells neither: any service that a user has signed in to by the same issuer could use its token here.
 */
export interface OauthSettings {
  readonly type: 'oauth';
  readonly name: string;
  readonly ask: Introspection | Userinfo;
  /** The claim with the user's name: `username`, `sub`, `email`. */
  readonly claim: string;
  /** A PEM file with the authorities to trust in place of the system's. Read with each token. */
  readonly ca?: string;
  readonly timeoutMs: number;
}

export interface Introspection {
  readonly introspection: string;
  /** Our own name and secret at the issuer, RFC 7662 2.1. */
  readonly client?: { readonly id: string; readonly secret: Secret };
  /** Has to be in `aud`. */
  readonly audience?: string;
  /** Has to be in `scope`. */
  readonly scope?: string;
}

export interface Userinfo {
  readonly userinfo: string;
}

type Claims = Readonly<Record<string, unknown>>;

export class OauthBackend implements PasswordBackend {
  readonly name: string;
  readonly tokensOnly = true;
  readonly #settings: OauthSettings;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #checks: Checks;

  constructor(settings: OauthSettings, deps: { readonly clock: Clock; readonly log: Log }) {
    this.name = settings.name;
    this.#settings = settings;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#checks = new Checks(settings.name, settings.timeoutMs, deps);
  }

  async verify(): Promise<string | undefined> {
    return undefined;
  }

  verifyToken(user: string, token: Secret): Promise<string | undefined> {
    return this.#checks.run(async (signal) => {
      const { ask, claim } = this.#settings;
      const claims =
        'userinfo' in ask
          ? await this.#userinfo(ask, token, signal)
          : await this.#introspect(ask, token, signal);
      const value = claims?.[claim];
      if (claims === undefined || (claim === 'email' && claims['email_verified'] === false)) return undefined;
      if (typeof value !== 'string') {
        this.#log.warn({ backend: this.name, claim }, "a token's claims do not name the user");
        return undefined;
      }
      const named = plainName(value);
      return named !== undefined && named === plainName(user) ? named : undefined;
    });
  }

  async close(): Promise<void> {
    this.#checks.close();
  }

  async #userinfo({ userinfo }: Userinfo, token: Secret, signal: AbortSignal): Promise<Claims | undefined> {
    const headers = { authorization: `Bearer ${token.open()}` };
    const answer = await askIssuer({ url: userinfo, headers }, this.#settings, signal);
    // invalid_token and insufficient_scope, RFC 6750 3.1.
    return answer.status === 401 || answer.status === 403 ? undefined : this.#claims(answer);
  }

  async #introspect(ask: Introspection, token: Secret, signal: AbortSignal): Promise<Claims | undefined> {
    const form = new URLSearchParams({ token: token.open(), token_type_hint: 'access_token' });
    const headers = { accept: 'application/json', ...basic(ask.client) };
    const answer = await askIssuer({ url: ask.introspection, headers, form }, this.#settings, signal);
    const claims = this.#claims(answer);
    if (claims['active'] !== true) return undefined;
    const { exp, nbf } = claims;
    const now = this.#clock.now() / 1000;
    if ((typeof exp === 'number' && exp <= now) || (typeof nbf === 'number' && nbf > now)) return undefined;
    const isFor = ask.audience === undefined || listed(claims['aud']).includes(ask.audience);
    const may = ask.scope === undefined || words(claims['scope']).includes(ask.scope);
    return isFor && may ? claims : undefined;
  }

  /** The claims of an answer. What the issuer refuses here is our own request, so nobody knows. */
  #claims({ status, body }: IssuerAnswer): Claims {
    if (status !== 200) throw unavailable(this.name, `the issuer answered ${status}`);
    const claims = parsed(body);
    if (typeof claims === 'object' && claims !== null && !Array.isArray(claims)) return claims as Claims;
    throw unavailable(this.name, "the issuer's answer is no JSON object");
  }
}

/** RFC 6749 2.3.1: both parts are form-encoded first. */
function basic(client: Introspection['client']): { authorization?: string } {
  if (client === undefined) return {};
  const form = (text: string): string => new URLSearchParams({ x: text }).toString().slice(2);
  const pair = `${form(client.id)}:${form(client.secret.open())}`;
  return { authorization: `Basic ${Buffer.from(pair, 'utf8').toString('base64')}` };
}

/** JSON; undefined where it is none. The parser's own error would quote the answer in the log. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A claim that is one text or several, RFC 7519 4.1.3. */
function listed(claim: unknown): readonly unknown[] {
  return Array.isArray(claim) ? claim : [claim];
}

/** A claim of words, RFC 8693 4.2. */
function words(claim: unknown): readonly string[] {
  return typeof claim === 'string' ? claim.split(' ') : [];
}
