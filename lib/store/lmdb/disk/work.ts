import type { Clock } from '../../../base/clock.ts';
import { Fault } from '../../../base/errors.ts';
import { newId, type Random } from '../../../base/random.ts';
import type { Lease, TakeRequest } from '../../lease.ts';
import { MESSAGE_STATES, type MessageState, type OutgoingMessage, type Quarantined } from '../../records.ts';
import { instant, type Key, type KeyPart } from './key.ts';
import type { StoredLease, StoredMessage, StoredUsage, Tables } from './layout.ts';
import type { Damage, RecordTable } from './table.ts';

/** Who works on the store. */
export interface Identity {
  readonly owner: string;
  readonly incarnation: string;
}

export interface WorkDeps extends Identity {
  readonly tables: Tables;
  readonly clock: Clock;
  readonly random: Random;
  /** Whether the disk has room for more messages. */
  readonly hasRoom: () => boolean;
  /** The calendar day of a time. */
  readonly dayOf: (at: number) => string;
}

/** What a commit has to tell the watchers. */
export interface News {
  readonly lanes: Set<string>;
  incoming: boolean;
  effects: boolean;
  readonly quarantined: Quarantined[];
}

const QUARANTINED = 'quarantined';

/** The counters of `stats`, beside those of the messages by state. */
export type CountName = 'incoming' | 'effects' | 'failedEffects' | typeof QUARANTINED;

/** The name of the counter of messages in a state. */
export function stateCount(state: MessageState): string {
  return `messages:${state}`;
}

interface UsageEntry {
  readonly key: Key;
  usage: StoredUsage | undefined;
  changed: boolean;
}

/** Reads outside a transaction. Damage it comes upon is kept for a transaction that sets it aside. */
export class View {
  readonly tables: Tables;
  readonly damages: Damage[] = [];

  constructor(tables: Tables) {
    this.tables = tables;
  }

  read<T extends object>(table: RecordTable<T>, key: Key): T | undefined {
    return table.read(key, (damage) => this.damages.push(damage));
  }

  whole(stored: StoredMessage): OutgoingMessage | undefined {
    return wholeOf(this, stored);
  }
}

/**
 * One transaction's worth of work. Several calls share one; counters and the order are written once, by `finish`. When
 * the transaction is not kept, the Work is thrown away with it.
 */
export class Work {
  readonly tables: Tables;
  readonly now: number;
  readonly news: News = { lanes: new Set(), incoming: false, effects: false, quarantined: [] };
  readonly #deps: WorkDeps;
  readonly #counts = new Map<string, number>();
  readonly #lanes = new Map<string, number>();
  readonly #usage = new Map<string, UsageEntry>();
  #order: number | undefined;
  #hasRoom: boolean | undefined;

  constructor(deps: WorkDeps) {
    this.#deps = deps;
    this.tables = deps.tables;
    this.now = deps.clock.now();
  }

  read<T extends object>(table: RecordTable<T>, key: Key): T | undefined {
    return table.read(key, (damage) => this.setAside(damage));
  }

  /** Throws `store.full` where the room that is left is kept for working on what is here already. */
  requireRoom(): void {
    this.#hasRoom ??= this.#deps.hasRoom();
    if (!this.#hasRoom) throw new Fault('store.full', { detail: 'too little room is left on the disk' });
  }

  /** The calendar day in the operator's zone. */
  today(): string {
    return this.#deps.dayOf(this.now);
  }

  /** Greater than each one before it, in this transaction or an earlier one. */
  nextOrder(): number {
    this.#order ??= this.#lastOrder();
    return ++this.#order;
  }

  lease(until: number): StoredLease {
    const { owner, incarnation } = this.#deps;
    return { token: `${incarnation}.${this.nextOrder()}`, owner, incarnation, until };
  }

  /** Whether a lease was taken under this owner's name by a process that is gone. */
  isOrphan(owner: KeyPart | undefined, incarnation: KeyPart | undefined): boolean {
    return isOrphan(this.#deps, owner, incarnation);
  }

  /** An account's counter for a month: many calls of one transaction charge the same one. */
  usage(account: string, period: string): StoredUsage | undefined {
    return this.#usageEntry(account, period).usage;
  }

  setUsage(account: string, period: string, usage: StoredUsage): void {
    const entry = this.#usageEntry(account, period);
    entry.usage = usage;
    entry.changed = true;
  }

  countState(state: MessageState, delta: number): void {
    this.#count(stateCount(state), delta);
  }

  count(name: CountName, delta: number): void {
    this.#count(name, delta);
  }

  /** Notes that `delta` more messages wait in a lane. */
  countLane(lane: string, delta: number): void {
    this.#lanes.set(lane, (this.#lanes.get(lane) ?? 0) + delta);
  }

  /** A message with its body; undefined where that is damaged, and then the message has been set aside. */
  whole(stored: StoredMessage): OutgoingMessage | undefined {
    return wholeOf(this, stored);
  }

  /** Puts damaged octets where the operator finds them, and what belongs to them out of the way. */
  setAside(damage: Damage): void {
    const { messages, bodies, states } = this.tables;
    const { table, key } = damage;
    this.#quarantine(damage);
    if (table.name !== messages.name && table.name !== bodies.name) return;
    const rest = table.name === messages.name ? bodies : messages;
    const octets = rest.octets(key);
    const reason = `what belongs to it in ${table.name} was damaged`;
    if (octets !== undefined) this.#quarantine({ table: rest, key, octets, reason });
    // Its other index entries are dropped by whoever comes upon them; this one is counted, and can be found.
    for (const state of MESSAGE_STATES) {
      if (!states.has([state, ...key])) continue;
      states.drop([state, ...key]);
      this.countState(state, -1);
    }
  }

  #quarantine({ table, key, octets, reason }: Damage): void {
    const { clock, random } = this.#deps;
    const id = newId(clock, random);
    const record = { id, at: this.now, table: table.name, key: JSON.stringify(key), reason, octets };
    table.remove(key);
    this.tables.quarantine.put([id], record);
    this.count('quarantined', 1);
    this.news.quarantined.push(record);
  }

  /** Writes what was only counted so far. The last thing done in a transaction. */
  finish(): void {
    for (const { key, usage, changed } of this.#usage.values()) {
      if (changed && usage !== undefined) this.tables.usage.put(key, usage);
    }
    for (const [lane, delta] of this.#lanes) if (delta !== 0) this.#writeLane(lane, delta);
    if (this.#order !== undefined) this.tables.meta.put(['order'], { value: this.#order });
    // That one last: a damaged lane or counter is set aside, and that is counted.
    for (const name of this.#counts.keys()) if (name !== QUARANTINED) this.#writeCount(name);
    if (this.#counts.has(QUARANTINED)) this.#writeCount(QUARANTINED);
  }

  #usageEntry(account: string, period: string): UsageEntry {
    const name = `${period} ${account}`;
    let entry = this.#usage.get(name);
    if (entry === undefined) {
      const key = [account, period];
      entry = { key, usage: this.read(this.tables.usage, key), changed: false };
      this.#usage.set(name, entry);
    }
    return entry;
  }

  #writeLane(lane: string, delta: number): void {
    const { lanes } = this.tables;
    const kept = this.read(lanes, [lane]);
    const waiting = Math.max((kept?.waiting ?? 0) + delta, 0);
    if (waiting === 0) lanes.remove([lane]);
    else lanes.put([lane], { lane: kept?.lane ?? lane, waiting });
  }

  #writeCount(name: string): void {
    const kept = this.read(this.tables.counts, [name])?.count ?? 0;
    const delta = this.#counts.get(name) ?? 0;
    if (delta !== 0) this.tables.counts.put([name], { count: Math.max(kept + delta, 0) });
  }

  #count(name: string, delta: number): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + delta);
  }

  /** Counted from 0; where it was damaged, from the time in microseconds, which no count can have passed. */
  #lastOrder(): number {
    let last = 0;
    const kept = this.tables.meta.read(['order'], (damage) => {
      this.setAside(damage);
      last = this.now * 1000;
    });
    return kept?.value ?? last;
  }
}

function wholeOf(reader: View | Work, { message }: StoredMessage): OutgoingMessage | undefined {
  const body = reader.read(reader.tables.bodies, [message.id]);
  return body === undefined ? undefined : { ...message, ...body };
}

export function isOrphan(
  us: Identity,
  owner: KeyPart | undefined,
  incarnation: KeyPart | undefined,
): boolean {
  return owner === us.owner && incarnation !== us.incarnation;
}

/** The record where `lease` is still the one that holds it. */
export function held<T extends { readonly lease?: StoredLease }>(
  record: T | undefined,
  lease: Lease,
): T | undefined {
  return record?.lease?.token === lease.token ? record : undefined;
}

/** What is given out: the proof and the thing. */
export function proof(thing: { readonly id: string }, lease: StoredLease): Lease {
  return { id: thing.id, token: lease.token };
}

/** When a lease ends that work is due again by: later than now, or the same work would be taken twice in one call. */
export function leaseEnd({ now, until }: TakeRequest): number {
  return Math.max(instant(until), instant(now) + 1);
}
