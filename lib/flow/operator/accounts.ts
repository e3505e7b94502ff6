import { setImmediate } from 'node:timers/promises';
import { type AccountSettings, type FixedRecord, isLevel } from '../../accounts/account.ts';
import { hashPassword } from '../../accounts/password.ts';
import { readAccount, writeAccount } from '../../accounts/record.ts';
import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/errors.ts';
import { Gate } from '../../base/gate.ts';
import { given } from '../../base/given.ts';
import { nameIn } from '../../base/spelling.ts';
import type { Log } from '../../base/log.ts';
import type { Random } from '../../base/random.ts';
import type { Secret } from '../../base/secret.ts';
import type { AccountBook } from '../../store/account-book.ts';
import type { AccountRecord } from '../../store/records.ts';
import { type Actor, by, requireRole } from './actor.ts';
import {
  type BatchEntry,
  changesOf,
  planEntry,
  type Planned,
  refusedEntry,
  skippedEntry,
} from './account-batch.ts';
import { type AccountBatch, type AccountQuery, cursorOf, type GivenSettings } from './queries.ts';
import { type AccountView, type AccountViewPage, type BatchView, viewAccount } from './views/account.ts';

/**
 * Accounts at the operator's desk: look, add, change, remove, set a password, set counters.
 *
 * Those of the configuration are shown here and changed there. Settings come and go in the words of the configuration file
 * (accounts/record.ts); what a record cannot know of itself is checked here: that it is no other's, that its gateway and its
 * group are there.
 */
export class ManageAccounts {
  #fixed: ReadonlyMap<string, FixedRecord>;
  readonly #gateways: readonly string[];
  readonly #deps: ManageDeps;
  /** What reads an account and writes it anew is done one at a time: otherwise it would undo what another did meanwhile. */
  readonly #changing = new Gate(1, Infinity);

  constructor(settings: ManageSettings, deps: ManageDeps) {
    this.#fixed = byName(settings.fixed);
    this.#gateways = settings.gateways;
    this.#deps = deps;
  }

  /** Takes these in place of the records of the configuration. */
  replaceFixed(records: readonly FixedRecord[]): void {
    this.#fixed = byName(records);
  }

  /** Those of the configuration come with the first page. */
  async list(actor: Actor, query: AccountQuery): Promise<AccountViewPage> {
    requireRole(actor, 'operator');
    const { records, next } = await this.#deps.store.listAccounts(query);
    const stored = records.filter(({ user }) => !this.#fixed.has(user.toLowerCase()));
    const fixed = query.after === undefined ? [...this.#fixed.values()] : [];
    const accounts = await Promise.all([
      ...fixed.map((record) => this.#view(record, 'file')),
      ...stored.map((record) => this.#view(record, 'store')),
    ]);
    return given({ accounts, next: next === undefined ? undefined : cursorOf(next) });
  }

  /** Throws `request.absent`. */
  async find(actor: Actor, user: string): Promise<AccountView> {
    requireRole(actor, 'operator');
    const found = await this.#find(user);
    if (found === undefined) throw absent(user);
    return this.#view(found.record, found.source);
  }

  /** Throws a Fault that says which setting is wrong. */
  async add(actor: Actor, settings: unknown, password?: Secret): Promise<void> {
    requireRole(actor, password === undefined ? 'operator' : 'admin');
    const record = readAccount(settings);
    this.#writable(record.user);
    await this.#check(record);
    const whole = password === undefined ? record : { ...record, password: await this.#hash(password) };
    await this.#put(whole, 'new');
    this.#deps.log.info({ user: record.user, ...by(actor) }, 'account added');
  }

  /** Replaces those settings that are named; null takes one away. The name and the password stay. */
  async change(actor: Actor, user: string, settings: GivenSettings): Promise<void> {
    requireRole(actor, 'operator');
    this.#writable(user);
    await this.#edit(user, async ({ password, ...kept }) => {
      const record = this.#merged(user, kept, settings);
      await this.#check(record);
      return { ...record, ...(password === undefined ? {} : { password }) };
    });
    this.#deps.log.info({ user, ...by(actor) }, 'account changed');
  }

  async remove(actor: Actor, user: string): Promise<void> {
    requireRole(actor, 'operator');
    this.#writable(user);
    const outcome = await this.#deps.store.changeAccounts([{ kind: 'remove', user }]);
    if (outcome !== 'done') throw absent(user);
    this.#deps.log.info({ user, ...by(actor) }, 'account removed');
  }

  /** `undefined`: it cannot log in any more. Empty: it need not, where `auth.blankPasswords` is set. */
  async setPassword(actor: Actor, user: string, password: Secret | undefined): Promise<void> {
    requireRole(actor, 'admin');
    this.#writable(user);
    if (isLevel(user)) {
      throw new Fault('config.invalid', { told: `"${user}" is no user: it has no password` });
    }
    await this.#stored(user);
    // Hashing takes its time: nobody waits for it.
    const hashed = password === undefined ? {} : { password: await this.#hash(password) };
    await this.#edit(user, async ({ password: _, ...record }) => ({ ...record, ...hashed }));
    this.#deps.log.info({ user, ...by(actor) }, password === undefined ? 'password removed' : 'password set');
  }

  /** Sets what it has sent this month. */
  async reset(actor: Actor, user: string, sent: number): Promise<void> {
    requireRole(actor, 'operator');
    const { store, clock, dayOf, log } = this.#deps;
    const name = (await this.#find(user))?.record.user ?? user;
    const period = dayOf(clock.now()).slice(0, 'yyyy-mm'.length);
    await store.changeAccounts([{ kind: 'usage', user: name, period, sent }]);
    log.info({ user: name, period, sent, ...by(actor) }, 'counter set');
  }

  /**
   * Puts a whole list of accounts into the store: all of it, or nothing where one of them is refused. With `dryRun` it
   * only says what it would do.
   */
  async batch(actor: Actor, { dryRun, accounts }: AccountBatch): Promise<BatchView> {
    requireRole(actor, 'admin');
    const entries = accounts.map(({ settings, ...rest }) =>
      settings === undefined
        ? rest
        : {
            ...rest,
            settings: (kept: AccountSettings | undefined) => this.#merged(rest.user, kept, settings),
          },
    );
    const seen = new Set<string>();
    const planned = await inTurns(entries, PASSWORDS_AT_ONCE, (entry) => {
      const name = entry.user.toLowerCase();
      const twice = seen.has(name);
      seen.add(name);
      return this.#plan(entry, twice);
    });
    const results = planned.map(({ result }) => result);
    if (dryRun || results.some(({ action }) => action === 'refused')) return { applied: false, results };
    const hashed = planned.filter(({ put }) => put?.hash !== undefined);
    const hashes = await inTurns(hashed, PASSWORDS_AT_ONCE, async (each): Promise<[Planned, string]> => [
      each,
      each.put?.hash === undefined ? '' : await this.#hash(each.put.hash),
    ]);
    const changes = changesOf(planned, new Map(hashes));
    const outcome = changes.length === 0 ? 'done' : await this.#deps.store.changeAccounts(changes);
    if (outcome !== 'done') {
      const change = changes[outcome.refused];
      const user = change?.kind === 'put' ? change.record.user : '';
      throw new Fault('config.invalid', {
        told: `account "${user}" was changed by somebody else meanwhile; nothing was done, try again`,
      });
    }
    const counts = { accounts: entries.length, changes: changes.length };
    this.#deps.log.info({ ...counts, ...by(actor) }, 'accounts changed together');
    return { applied: true, results };
  }

  async #plan(entry: BatchEntry, twice: boolean): Promise<Planned> {
    if (this.#fixed.has(entry.user.toLowerCase())) return skippedEntry(entry.user);
    try {
      if (twice) throw new Fault('config.invalid', { told: `"${entry.user}" stands in the list twice` });
      const { store, clock, dayOf } = this.#deps;
      const kept = await store.account(entry.user);
      const monthOf = (at: number): string => dayOf(at).slice(0, 'yyyy-mm'.length);
      const period = monthOf(clock.now());
      const usage = await store.usage(kept?.user ?? entry.user, period);
      const plan = await planEntry(entry, { kept, usage, before: monthBefore(period), monthOf });
      if (plan.put !== undefined) await this.#check(plan.put.record);
      return plan;
    } catch (error) {
      if (!(error instanceof Fault) || error.temporary) throw error;
      return refusedEntry(entry.user, error);
    }
  }

  async #find(user: string): Promise<FoundAccount | undefined> {
    const fixed = this.#fixed.get(user.toLowerCase());
    if (fixed !== undefined) return { record: fixed, source: 'file' };
    const record = await this.#deps.store.account(user);
    return record === undefined ? undefined : { record, source: 'store' };
  }

  async #view(record: AccountRecord | FixedRecord, source: 'file' | 'store'): Promise<AccountView> {
    const { password, ...settings } = record;
    const { store, clock, dayOf } = this.#deps;
    const period = dayOf(clock.now()).slice(0, 'yyyy-mm'.length);
    const usage = await store.usage(record.user, period);
    return viewAccount(writeAccount(settings), usage, { source, hasPassword: password !== undefined });
  }

  /** The settings with those that are given replaced. The name stays. */
  #merged(user: string, kept: AccountSettings | undefined, settings: GivenSettings): AccountSettings {
    const all = { ...(kept === undefined ? {} : writeAccount(kept)), ...settings, user: kept?.user ?? user };
    return readAccount(Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null)));
  }

  #writable(user: string): void {
    if (!this.#fixed.has(user.toLowerCase())) return;
    throw new Fault('config.invalid', {
      told: `account "${user}" stands in the configuration file and is changed there`,
    });
  }

  async #check({ user, gateway, group }: AccountSettings): Promise<void> {
    if (gateway !== undefined && nameIn(this.#gateways, gateway) === undefined) {
      throw new Fault('config.invalid', {
        told: `there is no gateway "${gateway}"; there are ${this.#gateways.join(', ')}`,
      });
    }
    if (group === undefined) return;
    const found = await this.#find(group);
    const why =
      group.toLowerCase() === user.toLowerCase()
        ? 'is the account itself'
        : found === undefined || isLevel(group)
          ? 'is no account'
          : found.record.group === undefined
            ? undefined
            : 'is a member of a group itself';
    if (why !== undefined) throw new Fault('config.invalid', { told: `the group "${group}" ${why}` });
  }

  async #stored(user: string): Promise<AccountRecord> {
    const record = await this.#deps.store.account(user);
    if (record === undefined) throw absent(user);
    return record;
  }

  async #edit(user: string, edit: (kept: AccountRecord) => Promise<AccountRecord>): Promise<void> {
    const act = async (): Promise<void> => this.#put(await edit(await this.#stored(user)), 'existing');
    await this.#changing.run(act, () => new Fault('internal'));
  }

  async #put(record: AccountRecord, when: 'new' | 'existing'): Promise<void> {
    const outcome = await this.#deps.store.changeAccounts([{ kind: 'put', record, when }]);
    if (outcome === 'done') return;
    if (when === 'existing') throw absent(record.user);
    throw new Fault('config.invalid', { told: `there is an account "${record.user}" already` });
  }

  /** A blank password stays blank: it means that none is asked for. */
  async #hash(password: Secret): Promise<string> {
    return password.open() === '' ? '' : hashPassword(password, this.#deps.random);
  }
}

export interface ManageSettings {
  readonly fixed: readonly FixedRecord[];
  readonly gateways: readonly string[];
}

export interface ManageDeps {
  readonly store: AccountBook;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly dayOf: (at: number) => string;
}

interface FoundAccount {
  readonly record: AccountRecord | FixedRecord;
  readonly source: 'file' | 'store';
}

/** How many passwords are hashed or compared at once: each takes 32 MB and a thread that the store needs as well. */
const PASSWORDS_AT_ONCE = 2;

function byName(records: readonly FixedRecord[]): ReadonlyMap<string, FixedRecord> {
  return new Map(records.map((record) => [record.user.toLowerCase(), record]));
}

function absent(user: string): Fault {
  return new Fault('request.absent', { told: `there is no account "${user}"` });
}

/** `2026-01` -> `2025-12`. */
function monthBefore(period: string): string {
  const [year = 0, month = 0] = period.split('-').map(Number);
  const months = year * 12 + month - 2;
  return `${String(Math.floor(months / 12)).padStart(4, '0')}-${String((months % 12) + 1).padStart(2, '0')}`;
}

/**
 * The results in the order of what was given, at most `width` under way at once. Reading the store takes no turn of the
 * event loop, so that one is given up after each: mails come in meanwhile.
 */
async function inTurns<T, U>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<U>,
): Promise<U[]> {
  const results: U[] = [];
  const left = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of left) {
      results[index] = await work(item);
      await setImmediate();
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}
