import type { Account } from '../../accounts/account.ts';
import type { Accounts, Client } from '../../accounts/accounts.ts';
import type { Parameters } from '../../address/parameters.ts';
import { Fault, asFault } from '../../base/errors.ts';
import { Secret } from '../../base/secret.ts';
import type { Caller, Payer, Session } from './door.ts';

/**
 * Authorisation: who pays, by the first proof that holds:
 *
 * 1. the user that SMTP AUTH has proved, where its level lets it send;
 * 2. user and pass in the address, where they are right;
 * 3. a trusted relay's word for the sender. One for whom no level has a record sends unaccounted. `authenticated=1`
 *    says the same, so from a trusted source it adds nothing, and from others it is ignored;
 * 4. the mail's own proof, where an account is waiting for mail from this sender;
 * 5. nobody: the refusal of the first proof that failed.
 */
export class Authorisation {
  readonly #mayProve: boolean;
  readonly #accounts: Accounts;
  readonly #verify: PasswordCheck;

  /** @param settings.senderProof mail that nobody logged in for may prove its sender by DMARC */
  constructor(
    settings: { readonly senderProof: boolean },
    deps: { accounts: Accounts; verify: PasswordCheck },
  ) {
    this.#mayProve = settings.senderProof;
    this.#accounts = deps.accounts;
    this.#verify = deps.verify;
  }

  /** Throws a Fault that says why nobody pays. @param parameters those of the address */
  async payer({ session, sender }: Caller, parameters: Parameters): Promise<Payer> {
    const accounts = this.#accounts;
    let refused: Fault | undefined;
    const attempt = async (proof: () => Promise<Account>): Promise<Payer | undefined> => {
      try {
        return { kind: 'account', account: await proof() };
      } catch (error) {
        const fault = asFault(error);
        if (fault.temporary || !STEP_FAULTS.has(fault.code)) throw fault;
        refused ??= fault;
        return undefined;
      }
    };
    const { user } = session;
    if (user !== undefined) {
      const proven = await attempt(async () => accounts.admit(await accounts.of(user)));
      if (proven !== undefined) return proven;
    }
    const { user: named, pass = new Secret('') } = parameters;
    if (named !== undefined) {
      const proven = await attempt(() => this.#verify(named, pass, clientOf(session)));
      if (proven?.kind === 'account') return { ...proven, byAddress: true };
    }
    if (session.trusted && user === undefined) {
      const account = sender === undefined ? undefined : await accounts.find(sender);
      return account === undefined
        ? { kind: 'nobody' }
        : { kind: 'account', account: accounts.admit(account) };
    }
    if (this.#mayProve && sender !== undefined && (await accounts.provenBy(sender)).length > 0) {
      return { kind: 'unproven' };
    }
    throw refused ?? new Fault('auth.required');
  }
}

/** The account that a password proves. Throws as `Accounts.verify` does. */
export type PasswordCheck = (user: string, password: Secret, client: Client) => Promise<Account>;

/** After these the next proof is tried. */
const STEP_FAULTS = new Set(['auth.credentials', 'auth.denied']);

/** Failures are counted by address, but not those of a relay, behind which there are many. */
export function clientOf({ trusted, remote }: Pick<Session, 'trusted' | 'remote'>): Client {
  return trusted ? {} : { remote };
}
