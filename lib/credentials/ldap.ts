import { Client, type Entry, InvalidCredentialsError, ResultCodeError, SizeLimitExceededError } from 'ldapts';
import type { PasswordBackend } from '../accounts/backend.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Secret } from '../base/secret.ts';
import { type CheckDeps, Checks, unavailable } from './checks.ts';
import type { SecuredServer } from './connect.ts';
import { openLdap } from './ldap-connection.ts';
import { fill, filterValue, nameValue } from './ldap-names.ts';

/**
 * Passwords checked by a bind at an LDAP directory (RFC 4511 4.2, RFC 4513 5.1).
 *
 * Either the user's distinguished name follows from a template, or a service account searches for it first. Each check
 * has a connection of its own, since a bind changes who the connection belongs to. An empty password never gets there: a
 * directory takes it for a bind that proves nothing and calls it success (RFC 4513 5.1.2). Referrals are not followed:
 * they would carry the password to a server that nobody named. More than one entry for a user is no user.
 */
export interface LdapSettings {
  readonly type: 'ldap';
  readonly name: string;
  readonly server: SecuredServer;
  readonly users: LdapTemplate | LdapSearch;
  readonly timeoutMs: number;
}

/** The name follows from the user: `uid=%u,ou=people,dc=example,dc=com`. */
export interface LdapTemplate {
  readonly dn: string;
}

export interface LdapSearch {
  /** Who searches; absent: anonymously. */
  readonly bind?: { readonly dn: string; readonly password: Secret };
  readonly base: string;
  /** `(&(objectClass=person)(uid=%u))`; `%u`, `%n` and `%d` stand for the user, its local part and its domain. */
  readonly filter: string;
  /** The attribute with the user's canonical name, of which an entry has one value. */
  readonly attribute: string;
}

/**
 * Result codes (RFC 4511 appendix A) of a bind that mean that this user cannot log in with this password: the name, the
 * password or the account is wrong. noSuchObject 32, invalidDNSyntax 34, inappropriateAuthentication 48, invalidCredentials
 * 49, insufficientAccessRights 50, unwillingToPerform 53, constraintViolation 19 (locked), referral 10.
 */
const REFUSED: ReadonlySet<number> = new Set([10, 19, 32, 34, 48, 49, 50, 53]);

export class LdapBackend implements PasswordBackend {
  readonly name: string;
  readonly #settings: LdapSettings;
  readonly #log: Log;
  readonly #checks: Checks;

  constructor(settings: LdapSettings, deps: CheckDeps & { readonly log: Log }) {
    this.name = settings.name;
    this.#settings = settings;
    this.#log = deps.log;
    this.#checks = new Checks(settings.name, settings.timeoutMs, deps);
  }

  async verify(user: string, password: Secret): Promise<string | undefined> {
    if (password.open() === '') return undefined;
    return this.#checks.run(async (signal) => {
      const socket = await openLdap(this.#settings.server, signal);
      const client = new Client({
        url: 'ldap://directory',
        timeout: this.#settings.timeoutMs,
        // The socket is there already. The client would connect again by itself, in the clear, where it is lost.
        createConnection: () => {
          if (socket.destroyed) throw new Error('the connection was closed');
          return socket;
        },
      });
      const { users } = this.#settings;
      if ('dn' in users) {
        return (await this.#bind(client, fill(users.dn, user, nameValue), password)) ? user : undefined;
      }
      const found = await this.#find(client, users, user);
      return found !== undefined && (await this.#bind(client, found.dn, password)) ? found.user : undefined;
    });
  }

  async close(): Promise<void> {
    this.#checks.close();
  }

  async #bind(client: Client, dn: string, password: Secret): Promise<boolean> {
    try {
      await client.bind(dn, password.open());
      return true;
    } catch (error) {
      if (!(error instanceof ResultCodeError) || !REFUSED.has(error.code)) throw error;
      if (!(error instanceof InvalidCredentialsError)) {
        this.#log.info({ backend: this.name, dn, result: error.code }, 'the directory refused a bind');
      }
      return false;
    }
  }

  /** The one entry of the user, found by the service account. */
  async #find(
    client: Client,
    search: LdapSearch,
    user: string,
  ): Promise<{ dn: string; user: string } | undefined> {
    if (search.bind !== undefined) {
      const { dn, password } = search.bind;
      await client.bind(dn, password.open()).catch((error: unknown) => {
        throw unavailable(this.name, `the service account can't bind: ${messageOf(error)}`, error);
      });
    }
    const entries = await client
      .search(search.base, {
        scope: 'sub',
        derefAliases: 'never',
        filter: fill(search.filter, user, filterValue),
        attributes: [search.attribute],
      })
      .then(
        ({ searchEntries }) => searchEntries,
        (error: unknown) => {
          // Asked for with a limit of our own, it would come as a short list and not as an error.
          if (error instanceof SizeLimitExceededError) return 'many' as const;
          throw error;
        },
      );
    if (entries === 'many' || entries.length > 1) {
      this.#log.warn({ backend: this.name, user }, 'more than one entry in the directory matches a user');
      return undefined;
    }
    const [entry] = entries;
    if (entry === undefined) return undefined;
    const canonical = onlyValue(entry, search.attribute);
    if (canonical === undefined) {
      this.#log.warn(
        { backend: this.name, dn: entry.dn, attribute: search.attribute },
        "an entry has not exactly one value of the attribute with the user's name",
      );
      return undefined;
    }
    return { dn: entry.dn, user: canonical };
  }
}

function onlyValue(entry: Entry, attribute: string): string | undefined {
  const key = Object.keys(entry).find((each) => each.toLowerCase() === attribute.toLowerCase());
  const value = key === undefined || key === 'dn' ? undefined : entry[key];
  const values = Array.isArray(value) ? value : [value];
  const [only] = values;
  return values.length === 1 && typeof only === 'string' && only !== '' ? only : undefined;
}
