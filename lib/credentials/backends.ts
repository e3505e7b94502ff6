import type { PasswordBackend } from '../accounts/backend.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { CachedBackend } from './cached.ts';
import { BackendChain } from './chain.ts';
import { DovecotBackend, type DovecotSettings } from './dovecot.ts';
import { ImapLoginBackend, type ImapLoginSettings } from './imap-login.ts';
import { LdapBackend, type LdapSettings } from './ldap.ts';
import { OauthBackend, type OauthSettings } from './oauth.ts';
import { SmtpLoginBackend, type SmtpLoginSettings } from './smtp-login.ts';

/**
 * Passwords that mailsms does not keep itself, so that a mail server's own users need no second one.
 *
 * Promises: each check ends within its time-out; where a backend is down the answer is `auth.unavailable`, temporary, and
 * never yes or no; certificates are verified unless the settings say otherwise; a password is sent nowhere but to the
 * backends, and kept nowhere. What comes back is one name for each user, whatever spelling was typed. A backend that
 * comes back is used again with the next password: nothing has to be restarted.
 */
export type BackendSettings =
  DovecotSettings | LdapSettings | SmtpLoginSettings | ImapLoginSettings | OauthSettings;

export interface BackendsSettings {
  /** In the order in which they are asked. */
  readonly backends: readonly BackendSettings[];
  /** How long a proven password counts without being asked for again, in milliseconds. */
  readonly cacheMs: number;
}

export interface BackendDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** A wrong password is not asked for again for so long; at most as long as a right one counts. */
const REFUSAL_MS = 3000;
const CACHE_ENTRIES = 10_000;

/** All backends as one. Connects nowhere before the first password comes. */
export function createBackends(settings: BackendsSettings, deps: BackendDeps): PasswordBackend {
  const chain = new BackendChain(
    settings.backends.map((each) => createBackend(each, deps)),
    deps,
  );
  const cache = {
    successMs: settings.cacheMs,
    refusalMs: Math.min(REFUSAL_MS, settings.cacheMs),
    entries: CACHE_ENTRIES,
  };
  return new CachedBackend(chain, cache, deps);
}

function createBackend(settings: BackendSettings, deps: BackendDeps): PasswordBackend {
  switch (settings.type) {
    case 'dovecot':
      return new DovecotBackend(settings, deps);
    case 'ldap':
      return new LdapBackend(settings, deps);
    case 'smtp':
      return new SmtpLoginBackend(settings, deps);
    case 'imap':
      return new ImapLoginBackend(settings, deps);
    case 'oauth':
      return new OauthBackend(settings, deps);
  }
}
