import type { PasswordBackend } from '../accounts/backend.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Secret } from '../base/secret.ts';
import { Checks, unavailable } from './checks.ts';
import type { Endpoint } from './connect.ts';
import { DovecotLink, LinkLost } from './dovecot-link.ts';
import { oauthBearerResponse, plainResponse, xoauth2Response } from './sasl.ts';

/**
 * Passwords checked by Dovecot, over the socket that it has for Postfix and Exim.
 *
 * One connection is kept and carries all requests; it is made when the first password comes and made anew when it is
 * lost. A request that was under way when the connection ended is asked once more: asking twice changes nothing.
 * Dovecot holds back its answer to a wrong password by two seconds (`auth_failure_delay`), so the time-out must be longer.
 */
export interface DovecotSettings {
  readonly type: 'dovecot';
  readonly name: string;
  /** Path of the unix socket, or host and port of an `inet_listener`, which has no encryption. */
  readonly socket: Endpoint;
  /** What Dovecot's log and its `%s` call us. Default: `smtp`. */
  readonly service?: string;
  /** Whether OAuth tokens are passed on as well. */
  readonly oauth?: boolean;
  readonly timeoutMs: number;
}

export interface DovecotDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** The mechanism and first response for what the other side offers. */
type Request = (link: DovecotLink) => readonly [mechanism: string, response: string];

export class DovecotBackend implements PasswordBackend {
  readonly name: string;
  readonly verifyToken?: (user: string, token: Secret) => Promise<string | undefined>;
  readonly #settings: DovecotSettings;
  readonly #deps: DovecotDeps;
  readonly #checks: Checks;
  readonly #connecting: Checks;
  #link: Promise<DovecotLink> | undefined;

  constructor(settings: DovecotSettings, deps: DovecotDeps) {
    this.name = settings.name;
    this.#settings = settings;
    this.#deps = deps;
    this.#checks = new Checks(settings.name, settings.timeoutMs, deps);
    this.#connecting = new Checks(settings.name, settings.timeoutMs, deps);
    if (settings.oauth === true) {
      this.verifyToken = (user, token) =>
        this.#verify(user, ({ mechanisms }) => {
          if (mechanisms.has('OAUTHBEARER')) return ['OAUTHBEARER', oauthBearerResponse(user, token)];
          if (mechanisms.has('XOAUTH2')) return ['XOAUTH2', xoauth2Response(user, token)];
          throw unavailable(this.name, 'Dovecot offers neither OAUTHBEARER nor XOAUTH2');
        });
    }
  }

  verify(user: string, password: Secret): Promise<string | undefined> {
    return this.#verify(user, ({ mechanisms }) => {
      if (!mechanisms.has('PLAIN')) throw unavailable(this.name, 'Dovecot does not offer PLAIN');
      return ['PLAIN', plainResponse(user, password)];
    });
  }

  async close(): Promise<void> {
    this.#checks.close();
    this.#connecting.close();
    const link = this.#link;
    this.#link = undefined;
    (await link?.catch(() => undefined))?.close();
  }

  async #verify(user: string, request: Request): Promise<string | undefined> {
    return this.#checks.run(async (signal) => {
      const answer = await this.#ask(request, signal);
      if (answer.kind === 'ok') {
        if (!answer.proxied) return answer.user ?? user;
        throw unavailable(this.name, 'Dovecot passes this user on to another server: ask that one');
      }
      if (answer.temporary) throw unavailable(this.name, 'Dovecot reports a temporary failure');
      if (answer.reason !== '') {
        this.#deps.log.info({ user, backend: this.name, reason: answer.reason }, 'Dovecot refused a login');
      }
      return undefined;
    });
  }

  async #ask(request: Request, signal: AbortSignal) {
    const attempt = (link: DovecotLink) => {
      const [mechanism, response] = request(link);
      return link.ask(mechanism, this.#settings.service ?? 'smtp', response, signal);
    };
    try {
      return await attempt(await this.#connected());
    } catch (error) {
      if (!(error instanceof LinkLost) || signal.aborted) throw error;
      return attempt(await this.#connected());
    }
  }

  /** The kept connection, or a new one; those who ask at once share it. */
  async #connected(): Promise<DovecotLink> {
    for (let kept = this.#link; kept !== undefined; kept = this.#link) {
      const link = await kept;
      if (!link.isLost) return link;
      if (this.#link === kept) this.#link = undefined;
    }
    const opening = this.#open();
    this.#link = opening;
    opening.catch(() => {
      if (this.#link === opening) this.#link = undefined;
    });
    return opening;
  }

  #open(): Promise<DovecotLink> {
    // Dovecot refuses two connections with one process number. Ours stands for a connection, and in two containers the
    // true number is often the same.
    const [a = 0, b = 0, c = 0] = this.#deps.random.bytes(3);
    const pid = 1 + a + (b << 8) + (c << 16);
    return this.#connecting.run((signal) => DovecotLink.open(this.#settings.socket, pid, signal));
  }
}
