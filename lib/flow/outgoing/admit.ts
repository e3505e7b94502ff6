import type { Account } from '../../accounts/account.ts';
import type { Accounts } from '../../accounts/accounts.ts';
import type { Parameters } from '../../address/parameters.ts';
import { readToken } from '../../address/reply-token.ts';
import type { Clock } from '../../base/clock.ts';
import { Fault, asFault } from '../../base/errors.ts';
import { networkOf } from '../../base/host.ts';
import { Secret, redact } from '../../base/secret.ts';
import type { DsnRequest } from '../../store/records.ts';
import type { Authorisation } from './authorise.ts';
import type { Directory, Phones, Reached } from './directory.ts';
import { type Caller, type Payer, type Recipient, type Target, accountOf } from './door.ts';
import type { Frequency } from './frequency.ts';
import type { Gateways } from './gateways.ts';
import { lentParameters } from './lent.ts';

/**
 * Admission: what is decided about a recipient before the mail itself is there.
 *
 * Promises: whoever is let in is known (authorise.ts has the order of proof) or will be proved by the mail itself; what can
 * be refused now is refused now, each recipient for itself. A list is let in as a whole: what stands against one of its
 * members is told by a report.
 */
export class Admission {
  readonly #settings: AdmitSettings;
  readonly #deps: AdmitDeps;

  constructor(settings: AdmitSettings, deps: AdmitDeps) {
    this.#settings = settings;
    this.#deps = deps;
  }

  /** A recipient of a mail. Throws a Fault that says why this address is not let in. */
  async recipient(caller: Caller, address: string, dsn: DsnRequest): Promise<Recipient> {
    if (caller.sender === undefined && !this.#settings.bounces) {
      throw new Fault('mail.automatic', { told: 'bounces are not sent to phones' });
    }
    return this.address(caller, address, dsn);
  }

  /** The same for what need not be a mail: a text without a sender is no bounce. */
  async address(caller: Caller, address: string, dsn: DsnRequest): Promise<Recipient> {
    this.#deps.frequency.client(caller.session);
    const answer = await this.#answer(caller.sender, address);
    if (answer !== undefined) return { ...answer, dsn: dsnOf(dsn, {}) };
    const reached = this.#deps.directory.reach(address);
    return reached.list === undefined ? this.#phones(caller, reached, dsn) : this.#list(caller, reached, dsn);
  }

  /** A number that was not written as an address. Throws as `recipient` does. */
  async number(caller: Caller, number: string, parameters: Parameters): Promise<Recipient> {
    this.#deps.frequency.client(caller.session);
    const target = await this.#target(caller, { address: number, numbers: [number], parameters });
    return { address: number, dsn: dsnOf({}, parameters), targets: [target], mails: [] };
  }

  /** A local part without a domain, as rules and lists write it: `sms:+15551234567?maxmsgs=3`, or a number. */
  async written(caller: Caller, text: string): Promise<Recipient> {
    const phones = this.#deps.directory.phone(text);
    const target = await this.#target(caller, phones);
    return { address: phones.address, dsn: {}, targets: [target], mails: [] };
  }

  async #phones(
    caller: Caller,
    { phones, mails, open, redacted }: Reached & { readonly redacted: string },
    dsn: DsnRequest,
  ): Promise<Recipient> {
    const targets = await Promise.all(phones.map((each) => this.#target(caller, each)));
    const [parameters = {}] = phones.map((each) => each.parameters);
    const wanted = open && isStranger(caller) ? NO_REPORTS : dsnOf(dsn, parameters);
    return { address: redacted, dsn: wanted, targets, mails };
  }

  async #list(
    caller: Caller,
    { phones, mails, open, redacted, list }: Reached & { readonly redacted: string },
    dsn: DsnRequest,
  ): Promise<Recipient> {
    const poster = list?.senders === 'known' ? await this.#deps.authorisation.payer(caller, {}) : undefined;
    return {
      address: redacted,
      dsn: open && isStranger(caller) ? NO_REPORTS : dsnOf(dsn, {}),
      targets: await this.#members(phones, poster),
      mails,
      ...(poster && { poster }),
    };
  }

  /**
   * An answer to a signed address: the token is the proof, and the account of its holder pays, where there is one.
   * Undefined where the address is another one; throws `address.unknown` where the token is not the sender's.
   */
  async #answer(sender: string | undefined, address: string): Promise<Omit<Recipient, 'dsn'> | undefined> {
    const { replyKey } = this.#settings;
    const { directory, accounts, gateways, clock } = this.#deps;
    const found = replyKey === undefined || sender === undefined ? undefined : directory.tokenOf(address);
    if (found === undefined || replyKey === undefined || sender === undefined) return undefined;
    const target = readToken(found.token, sender, clock.now(), replyKey);
    if (target === 'foreign') return undefined;
    if (target === 'refused') {
      throw new Fault('address.unknown', {
        told: 'this reply address is not yours, or its time is over: write to the number itself',
      });
    }
    const { number, gateway } = target;
    const known = await accounts.find(sender);
    const account = known === undefined ? undefined : accounts.admit(known);
    if (account !== undefined) await accounts.permit(account, [number]);
    const parameters = gateways.isActive(gateway) ? { id: gateway } : {};
    this.#requireRoutes([number], parameters, account);
    const payer: Payer = account === undefined ? { kind: 'nobody' } : { kind: 'account', account };
    const targets = [{ address: found.redacted, numbers: [number], parameters, payer }];
    return { address: found.redacted, targets, mails: [] };
  }

  async #target(caller: Caller, phones: Phones): Promise<Target> {
    const { authorisation, accounts, frequency } = this.#deps;
    const { address, numbers } = phones;
    const payer = await authorisation.payer(caller, phones.parameters);
    const account = accountOf(payer);
    const isLent = phones.lent !== undefined && payer.kind === 'account' && payer.byAddress === true;
    const parameters =
      isLent && phones.lent !== undefined
        ? lentParameters(phones.lent, account?.maxmsgs ?? this.#settings.maxmsgs)
        : phones.parameters;
    this.#requireRoutes(numbers, parameters, account);
    if (account !== undefined) await accounts.permit(account, numbers);
    frequency.numbers(caller.session, nameFor(payer, caller), numbers);
    return { address, numbers, parameters, payer, ...(isLent ? { lent: true } : {}) };
  }

  /** One after the other: looking at a password is dear, and one that several members have is looked at once. */
  async #members(phones: readonly Phones[], poster: Payer | undefined): Promise<Target[]> {
    const verified: VerifiedAccounts = new Map();
    const targets: Target[] = [];
    for (const each of phones) targets.push(await this.#member(each, poster, verified));
    return targets;
  }

  /** A member of a list pays for itself, where it says how; else the one who writes to the list does. */
  async #member(phones: Phones, poster: Payer | undefined, verified: VerifiedAccounts): Promise<Target> {
    const { address, numbers, parameters } = phones;
    try {
      const own = await this.#ownPayer(phones, verified);
      const payer = own ?? poster;
      if (payer === undefined) throw new Fault('auth.required');
      this.#requireRoutes(numbers, parameters, accountOf(payer));
      return { address, numbers, parameters, payer, ...(own === undefined ? {} : { lent: true }) };
    } catch (error) {
      const fault = asFault(error);
      if (fault.temporary) throw fault;
      return { address, numbers, parameters, payer: { kind: 'refused', fault } };
    }
  }

  /** What the list says of who pays for a member. It was written by the operator: nothing counts against the client. */
  async #ownPayer(
    { account, parameters: { user, pass = new Secret('') } }: Phones,
    verified: VerifiedAccounts,
  ): Promise<Payer | undefined> {
    const { accounts } = this.#deps;
    if (account !== undefined)
      return { kind: 'account', account: accounts.admit(await accounts.of(account)) };
    if (user === undefined) return undefined;
    const key = `${user}\0${pass.open()}`;
    const found = verified.get(key) ?? accounts.verifyWritten(user, pass);
    verified.set(key, found);
    return { kind: 'account', account: await found };
  }

  /** Throws where no gateway could ever take a message to one of these numbers. */
  #requireRoutes(numbers: readonly string[], { id }: Parameters, account: Account | undefined): void {
    for (const number of numbers) this.#deps.gateways.lane(number, id ?? account?.gateway);
  }
}

export interface AdmitSettings {
  /** Bounces are among the kinds of automatic mail that may become a message. */
  readonly bounces: boolean;
  /** What reply addresses are signed with; absent where there are none. */
  readonly replyKey?: Uint8Array;
  /** Parts a text may take where neither address nor account says otherwise. */
  readonly maxmsgs: number;
}

export interface AdmitDeps {
  readonly accounts: Accounts;
  readonly authorisation: Authorisation;
  readonly frequency: Frequency;
  readonly gateways: Gateways;
  readonly directory: Directory;
  readonly clock: Clock;
}

/** Accounts by user and password, while one list is looked through. */
type VerifiedAccounts = Map<string, Promise<Account>>;

const NO_REPORTS: DsnRequest = { notify: ['never'] };

/** Nobody has proved to be that sender: a report would be mail to whomever a stranger names. */
function isStranger({ session }: Caller): boolean {
  return !session.trusted && session.user === undefined;
}

/** Whom a message to a number is counted against; a name that is yet to be proved could be another one each time. */
function nameFor(payer: Payer, { session: { remote }, sender }: Caller): string {
  if (payer.kind === 'unproven') return networkOf(remote);
  return accountOf(payer)?.user ?? sender ?? remote;
}

/** RFC 3461's wishes, with `report=1` as one of them, and no password in ORCPT. */
function dsnOf(dsn: DsnRequest, { report }: Parameters): DsnRequest {
  const notify = dsn.notify ?? ['failure', 'delay'];
  return {
    ...dsn,
    ...(dsn.orcpt === undefined ? {} : { orcpt: redact(dsn.orcpt) }),
    ...(report === true && !notify.includes('success') ? { notify: [...notify, 'success'] } : {}),
  };
}
