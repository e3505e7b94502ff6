import type { Accounts, Client } from '../../accounts/accounts.ts';
import type { Parameters } from '../../address/parameters.ts';
import { Fault, asFault } from '../../base/errors.ts';
import { Secret } from '../../base/secret.ts';
import type { Payer, Session } from './door.ts';

/**
 * Who pays, by the first proof that holds (spec section 2):
 *
 * 1. the user that SMTP AUTH has proved, where its level lets it send;
 * 2. user and pass in the address, where they are right;
 * 3. a trusted relay's word for the sender. One for whom no level has a record sends unaccounted. `authenticated=1`
 *    says the same in the reference, so from a trusted source it adds nothing, and from others it is ignored;
 * 4. the mail's own proof, where an account is waiting for mail from this sender;
 * 5. nobody: the refusal of the first proof that failed.
 */
export async function authorise(
  accounts: Accounts,
  session: Session,
  sender: string | undefined,
  parameters: Parameters,
  mayProve: boolean,
): Promise<Payer> {
  let refused: Fault | undefined;
  const attempt = async (work: () => Promise<Payer | undefined>): Promise<Payer | undefined> => {
    try {
      return await work();
    } catch (error) {
      const fault = asFault(error);
      if (fault.temporary || !STEP_FAULTS.has(fault.code)) throw fault;
      refused ??= fault;
      return undefined;
    }
  };
  const { user } = session;
  if (user !== undefined) {
    const proven = await attempt(async () => ({
      kind: 'account',
      account: accounts.admit(await accounts.of(user)),
    }));
    if (proven !== undefined) return proven;
  }
  const { user: named, pass } = parameters;
  if (named !== undefined) {
    const proven = await attempt(async () => ({
      kind: 'account',
      account: await accounts.verify(named, pass ?? new Secret(''), clientOf(session)),
    }));
    if (proven !== undefined) return proven;
  }
  if (session.trusted && user === undefined) {
    const account = sender === undefined ? undefined : await accounts.find(sender);
    return account === undefined ? { kind: 'nobody' } : { kind: 'account', account: accounts.admit(account) };
  }
  if (mayProve && sender !== undefined && (await accounts.provenBy(sender)).length > 0) {
    return { kind: 'unproven' };
  }
  throw refused ?? new Fault('auth.required');
}

/** After these the next proof is tried. */
const STEP_FAULTS = new Set(['auth.credentials', 'auth.denied']);

/** Failures are counted by address, but not those of a relay, behind which there are many. */
export function clientOf({ trusted, remote }: Pick<Session, 'trusted' | 'remote'>): Client {
  return trusted ? {} : { remote };
}
