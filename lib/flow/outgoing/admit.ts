import type { Account } from '../../accounts/account.ts';
import type { Accounts } from '../../accounts/accounts.ts';
import type { Parameters } from '../../address/parameters.ts';
import { readToken } from '../../address/reply-token.ts';
import type { Clock } from '../../base/clock.ts';
import { Fault, asFault } from '../../base/errors.ts';
import { networkOf } from '../../base/host.ts';
import { DistinctLimit, RateLimit } from '../../base/rate.ts';
import { Secret, redact } from '../../base/secret.ts';
import type { DsnRequest } from '../../store/records.ts';
import { authorise } from './authorise.ts';
import type { Directory, Phones } from './directory.ts';
import type { Gateways } from './gateways.ts';
import type { Payer, Recipient, Session, Target } from './door.ts';

/**
 * Admission: what is decided about a recipient before the mail itself is there.
 *
 * Promises: whoever is let in is known (authorise.ts has the order of proof) or will be proved by the mail itself; what can
 * be refused now is refused now, each recipient for itself. A list is let in as a whole: what stands against one of its
 * members is told by a report.
 */
export interface AdmitSettings {
  /** Recipients that one untrusted client address may name in a minute; 0: no limit. */
  readonly recipientsPerMinute: number;
  /** Different senders that one number may hear from in ten minutes, those behind trusted clients aside; 0: no limit. */
  readonly sendersPerNumber: number;
  /** Mail that nobody logged in for may prove its sender by DMARC. */
  readonly senderProof: boolean;
  /** What reply addresses are signed with; absent where there are none. */
  readonly replyKey?: Uint8Array;
}

export interface AdmitDeps {
  readonly accounts: Accounts;
  readonly gateways: Gateways;
  readonly directory: Directory;
  readonly clock: Clock;
}

/** Accounts by user and password, while one list is looked through. */
type Looked = Map<string, Promise<Account>>;

const MINUTE_MS = 60_000;
const BOMBING_MS = 10 * MINUTE_MS;

export class Admission {
  readonly #settings: AdmitSettings;
  readonly #deps: AdmitDeps;
  readonly #byAddress: RateLimit;
  readonly #byNumber: DistinctLimit;

  constructor(settings: AdmitSettings, deps: AdmitDeps) {
    this.#settings = settings;
    this.#deps = deps;
    const { clock } = deps;
    this.#byAddress = new RateLimit(settings.recipientsPerMinute, MINUTE_MS, clock);
    this.#byNumber = new DistinctLimit(settings.sendersPerNumber, BOMBING_MS, clock);
  }

  /** Throws a Fault that says why this address is not let in. */
  async recipient(
    session: Session,
    sender: string | undefined,
    address: string,
    dsn: DsnRequest,
  ): Promise<Recipient> {
    this.#limitRate(session);
    const answer = await this.#answer(sender, address);
    if (answer !== undefined) return { ...answer, dsn: dsnOf(dsn, {}) };
    const { phones, mails, list, open, redacted } = this.#deps.directory.reach(address);
    // Nobody has proved to be that sender: a report would be mail to whomever a stranger names.
    const unknown = open && !session.trusted && session.user === undefined;
    if (list === undefined) {
      const targets = await Promise.all(phones.map((each) => this.#target(session, sender, each)));
      const [parameters = {}] = phones.map((each) => each.parameters);
      return { address: redacted, dsn: unknown ? NO_REPORTS : dsnOf(dsn, parameters), targets, mails };
    }
    const poster = list.senders === 'known' ? await this.#payer(session, sender, {}) : undefined;
    const targets = await this.#members(phones, poster);
    return {
      address: redacted,
      dsn: unknown ? NO_REPORTS : dsnOf(dsn, {}),
      targets,
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

  /** A number that was not written as an address. Throws as `recipient` does. */
  async number(
    session: Session,
    sender: string | undefined,
    number: string,
    parameters: Parameters,
  ): Promise<Recipient> {
    this.#limitRate(session);
    const phones = { address: number, numbers: [number], parameters };
    const target = await this.#target(session, sender, phones);
    return { address: number, dsn: dsnOf({}, parameters), targets: [target], mails: [] };
  }

  /** A local part without a domain, as rules and lists write it: `sms:+15551234567?maxmsgs=3`, or a number. */
  async written(session: Session, sender: string | undefined, text: string): Promise<Recipient> {
    const phones = this.#deps.directory.phone(text);
    const target = await this.#target(session, sender, phones);
    return { address: phones.address, dsn: {}, targets: [target], mails: [] };
  }

  async #target(session: Session, sender: string | undefined, phones: Phones): Promise<Target> {
    const { address, numbers, parameters } = phones;
    const payer = await this.#payer(session, sender, parameters);
    const account = accountOf(payer);
    this.#requireRoutes(numbers, parameters, account);
    if (account !== undefined) await this.#deps.accounts.permit(account, numbers);
    if (!session.trusted) this.#limitBombing(nameFor(payer, session, sender), numbers);
    return { address, numbers, parameters, payer };
  }

  /** One after the other: looking at a password is dear, and one that several members have is looked at once. */
  async #members(phones: readonly Phones[], poster: Payer | undefined): Promise<Target[]> {
    const looked: Looked = new Map();
    const targets: Target[] = [];
    for (const each of phones) targets.push(await this.#member(each, poster, looked));
    return targets;
  }

  /** A member of a list pays for itself, where it says how; else the one who writes to the list does. */
  async #member(phones: Phones, poster: Payer | undefined, looked: Looked): Promise<Target> {
    const { address, numbers, parameters, account } = phones;
    try {
      const payer = (await this.#ownPayer(account, parameters, looked)) ?? poster;
      if (payer === undefined) throw new Fault('auth.required');
      this.#requireRoutes(numbers, parameters, accountOf(payer));
      return { address, numbers, parameters, payer };
    } catch (error) {
      const fault = asFault(error);
      if (fault.temporary) throw fault;
      return { address, numbers, parameters, payer: { kind: 'refused', fault } };
    }
  }

  /** What the list says of who pays for a member. It was written by the operator: nothing counts against the client. */
  async #ownPayer(
    account: string | undefined,
    { user, pass = new Secret('') }: Parameters,
    looked: Looked,
  ): Promise<Payer | undefined> {
    const { accounts } = this.#deps;
    if (account !== undefined)
      return { kind: 'account', account: accounts.admit(await accounts.of(account)) };
    if (user === undefined) return undefined;
    const key = `${user}\0${pass.open()}`;
    const found = looked.get(key) ?? accounts.verifyWritten(user, pass);
    looked.set(key, found);
    return { kind: 'account', account: await found };
  }

  #payer(session: Session, sender: string | undefined, parameters: Parameters): Promise<Payer> {
    return authorise(this.#deps.accounts, session, sender, parameters, this.#settings.senderProof);
  }

  /** Throws where no gateway could ever take a message to one of these numbers. */
  #requireRoutes(numbers: readonly string[], { id }: Parameters, account: Account | undefined): void {
    for (const number of numbers) this.#deps.gateways.lane(number, id ?? account?.gateway);
  }

  #limitRate({ trusted, remote }: Session): void {
    if (trusted || this.#byAddress.take(networkOf(remote))) return;
    throw new Fault('limit.rate', { told: 'too many recipients from your address, try again later' });
  }

  #limitBombing(sender: string, numbers: readonly string[]): void {
    for (const number of numbers) {
      if (this.#byNumber.take(number, sender)) continue;
      throw new Fault('limit.rate', {
        told: `too many people are writing to ${number}, try again later`,
        detail: `sender ${sender}`,
      });
    }
  }
}

export function accountOf(payer: Payer): Account | undefined {
  return payer.kind === 'account' ? payer.account : undefined;
}

/** Whom a message to a number is counted against; a name that is yet to be proved could be another one each time. */
function nameFor(payer: Payer, { remote }: Session, sender: string | undefined): string {
  if (payer.kind === 'unproven') return networkOf(remote);
  return accountOf(payer)?.user ?? sender ?? remote;
}

const NO_REPORTS: DsnRequest = { notify: ['never'] };

/** RFC 3461's wishes, with `report=1` as one of them, and no password in ORCPT. */
function dsnOf(dsn: DsnRequest, { report }: Parameters): DsnRequest {
  const notify = dsn.notify ?? ['failure', 'delay'];
  return {
    ...dsn,
    ...(dsn.orcpt === undefined ? {} : { orcpt: redact(dsn.orcpt) }),
    ...(report === true && !notify.includes('success') ? { notify: [...notify, 'success'] } : {}),
  };
}
