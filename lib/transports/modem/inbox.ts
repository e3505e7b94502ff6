import { within, type Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { messageOf } from '../../base/errors.ts';
import type { ReceivedSms } from '../../routing/transport.ts';
import { readFill, readIndication, type Fill } from './at/answers.ts';
import type { Channel } from './at/channel.ts';
import { ChannelError } from './at/result.ts';
import { FASTEST_RESTART } from './recovery.ts';
import type { Session } from './session.ts';
import { readerFor, type Reader, type StoredSms } from './storage.ts';
import type { Urc } from './at/urc.ts';

/**
 * Brings what a modem has received to the caller, and deletes it from the modem only when the caller has it on disk.
 *
 * It promises: whatever is in a storage is handed over at the latest with the next sweep; what the caller could not
 * keep stays where it is and is offered again; what was kept but could not be deleted is not offered a second time
 * while this process lives. A message that the modem gives directly (+CMT, +CDS) is acknowledged once it is kept
 * (AT+CNMA), and refused with AT+CNMA=2 where it is not, so that the network sends it again; from a modem that
 * acknowledges by itself it is held in memory and offered again.
 *
 * One piece of work is done at a time. A storage is selected, read and emptied without anything between.
 */
export class Inbox {
  readonly #tools: InboxTools;
  #link: Link | undefined;
  #work: Work[] = [];
  #busy: Promise<void> | undefined;
  /** Direct messages that could not be kept and cannot be had again. */
  #held: ReceivedSms[] = [];
  /** `SM 3` -> the message's mark: kept, but still in the modem. */
  readonly #kept = new Map<string, string>();
  readonly #fill = new Map<string, Fill>();

  constructor(tools: InboxTools) {
    this.#tools = tools;
  }

  /** How full the storages were when they were last looked at. */
  get fill(): ReadonlyMap<string, Fill> {
    return this.#fill;
  }

  /** From now on the messages come from this modem. */
  attach({ channel, session, inOrder, surelyInOrder }: Source): void {
    const tools = {
      channel,
      inOrder,
      surelyInOrder,
      unreadable: (what: string) => this.#complain(link, what),
    };
    const reader = readerFor(tools, session.textMode);
    const link: Link = { channel, session, selected: undefined, spokeAt: 0, complaints: new Set(), reader };
    this.#link = link;
    this.#work = this.#work.filter(isDirect);
    this.#fill.clear();
  }

  /** What the modem gave directly it does not have any more: that is kept all the same. */
  detach(): void {
    this.#link = undefined;
    this.#work = this.#work.filter(isDirect);
    if (this.#work.length > 0) this.#begin();
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#busy !== undefined) await this.#busy;
  }

  /** Takes what the modem said unasked; false where it is nothing about messages. */
  urc(urc: Urc): boolean {
    if (this.#link === undefined || this.#link.session.storages.length === 0) return false;
    if (urc.name === '+CMTI' || urc.name === '+CDSI') {
      const place = readIndication(urc.text);
      this.#add(place === undefined ? { kind: 'sweep' } : { kind: 'fetch', ...place });
    } else if (urc.name === '+CMT' || urc.name === '+CDS') {
      const sms = this.#link.reader.direct(urc);
      this.#add(sms === undefined ? { kind: 'sweep' } : { kind: 'direct', sms });
    } else if (urc.name === '^SMMEMFULL') {
      this.#add({ kind: 'sweep' });
    } else {
      return false;
    }
    return true;
  }

  /** Looks through all storages, soon. */
  sweep(): void {
    this.#add({ kind: 'sweep' });
  }

  #add(work: Work): void {
    if (this.#link === undefined) return;
    // A direct message is to be acknowledged before the network loses patience: it goes first.
    if (work.kind === 'direct') {
      const at = this.#work.findIndex((other) => other.kind !== 'direct');
      this.#work.splice(at < 0 ? this.#work.length : at, 0, work);
    } else if (!this.#work.some((other) => other.kind === 'sweep')) {
      this.#work.push(work);
      // In a storm of indications one look at everything is less than each of them.
      if (this.#work.length > STORM) {
        this.#work = [...this.#work.filter((other) => other.kind === 'direct'), { kind: 'sweep' }];
      }
    }
    this.#begin();
  }

  #begin(): void {
    this.#busy ??= this.#run().finally(() => {
      this.#busy = undefined;
    });
  }

  async #run(): Promise<void> {
    for (;;) {
      const link = this.#link;
      const work = this.#work.shift();
      if (work === undefined) return;
      try {
        if (work.kind === 'direct') await this.#direct(link, work);
        else if (link === undefined) return;
        else if (work.kind === 'fetch') await this.#fetch(link, work.storage, work.index);
        else await this.#sweepAll(link);
      } catch (error) {
        if (work.kind === 'fetch' && error instanceof ChannelError && error.kind === 'refused') this.sweep();
        else this.#tools.failed(error);
      }
    }
  }

  async #direct(link: Link | undefined, { sms }: Direct): Promise<void> {
    const acknowledge = link?.session.acknowledge === true;
    if (await this.#keep(sms)) {
      if (acknowledge) await link.channel.command('AT+CNMA');
    } else if (acknowledge) {
      await link.channel.command('AT+CNMA=2');
    } else if (this.#held.length < MOST_HELD) {
      this.#held.push(sms);
    }
  }

  async #fetch(link: Link, storage: string, index: number): Promise<void> {
    const known = link.selected === storage;
    await this.#select(link, storage);
    let stored = await link.reader.read(index);
    if (stored === undefined && known) {
      // The last sweep was faster, or the modem has changed to another storage by itself.
      link.selected = undefined;
      await this.#select(link, storage);
      stored = await link.reader.read(index);
    }
    if (stored === undefined) return;
    if (stored === 'damaged') return this.#add({ kind: 'sweep' });
    await this.#take(link, storage, stored);
  }

  async #sweepAll(link: Link): Promise<void> {
    const held = this.#held;
    this.#held = [];
    for (const sms of held) if (!(await this.#keep(sms))) this.#held.push(sms);
    for (const storage of link.session.storages) {
      if (this.#link !== link) return;
      try {
        await this.#sweepOne(link, storage);
      } catch (error) {
        if (!(error instanceof ChannelError) || error.kind !== 'refused') throw error;
        this.#tools.log.debug({ storage, cause: error.message }, 'the storage cannot be read');
      }
      await this.#directs(link);
    }
  }

  /** Direct messages that came meanwhile do not wait for the other storages. */
  async #directs(link: Link): Promise<void> {
    for (let next = this.#work[0]; next?.kind === 'direct'; next = this.#work[0]) {
      this.#work.shift();
      await this.#direct(link, next);
    }
  }

  async #sweepOne(link: Link, storage: string): Promise<void> {
    // Each time: a modem that has restarted unnoticed, or that another program has spoken to, may be at another one.
    link.selected = undefined;
    await this.#select(link, storage);
    const found = await link.reader.list(this.#fill.get(storage));
    if (this.#link !== link) return;
    link.spokeAt = this.#tools.clock.now();
    this.#forget(storage, found);
    for (const stored of found) {
      if (this.#link !== link) return;
      if (stored.received) await this.#take(link, storage, stored);
      await this.#directs(link);
    }
  }

  async #select(link: Link, storage: string): Promise<void> {
    if (storage === '' || (link.selected === storage && !link.reader.needsFill)) return;
    link.selected = undefined;
    const fill = readFill(await link.channel.command(`AT+CPMS="${storage}"`, { answer: '+CPMS:' }));
    link.selected = storage;
    link.spokeAt = this.#tools.clock.now();
    if (fill !== undefined) this.#fill.set(storage, fill);
  }

  /**
   * A place that is emptied in another storage than it was read from is a message lost: where keeping took longer than a modem needs to
   * restart, the storage is selected once more.
   */
  async #selectAgain(link: Link, storage: string): Promise<void> {
    if (this.#tools.clock.now() - link.spokeAt < FASTEST_RESTART) return;
    link.selected = undefined;
    await this.#select(link, storage);
  }

  /** Each thing once, as long as the modem is open. */
  #complain(link: Link, what: string): void {
    const storage = link.selected ?? '';
    const complaint = `${storage} ${what}`;
    if (link.complaints.has(complaint) || link.complaints.size >= MOST_COMPLAINTS) return;
    link.complaints.add(complaint);
    this.#tools.log.warn(
      { storage, what },
      'something lies in the modem that cannot be read as a message; it stays there',
    );
  }

  async #take(link: Link, storage: string, stored: StoredSms): Promise<void> {
    const place = `${storage} ${stored.index}`;
    if (this.#kept.get(place) !== stored.mark) {
      if (!(await this.#keep(stored.sms))) return;
      this.#kept.set(place, stored.mark);
    }
    if (this.#link !== link) return;
    await this.#selectAgain(link, storage);
    try {
      await link.channel.command(`AT+CMGD=${stored.index}`);
      this.#kept.delete(place);
      link.spokeAt = this.#tools.clock.now();
      const fill = this.#fill.get(storage);
      if (fill !== undefined) this.#fill.set(storage, { ...fill, used: Math.max(0, fill.used - 1) });
    } catch (error) {
      if (!(error instanceof ChannelError) || error.kind !== 'refused') throw error;
      this.#tools.log.warn({ place, cause: error.message }, 'a message cannot be deleted from the modem');
    }
  }

  /** Places of `storage` that are empty now need not be remembered. */
  #forget(storage: string, found: readonly StoredSms[]): void {
    const full = new Set(found.map((stored) => `${storage} ${stored.index}`));
    for (const place of this.#kept.keys()) {
      if (place.startsWith(`${storage} `) && !full.has(place)) this.#kept.delete(place);
    }
  }

  async #keep(sms: ReceivedSms): Promise<boolean> {
    try {
      await within(
        this.#tools.clock,
        KEEP_TIMEOUT,
        this.#tools.received(sms),
        () => new Error('not kept in time'),
      );
      return true;
    } catch (error) {
      this.#tools.log.warn(
        { cause: messageOf(error) },
        'a received message could not be kept; it is offered again',
      );
      return false;
    }
  }
}

export interface InboxTools {
  readonly clock: Clock;
  readonly log: Log;
  /** Resolves when the message is on disk. */
  received(sms: ReceivedSms): Promise<void>;
  /** A piece of work did not get through. */
  failed(error: unknown): void;
}

/** A modem that was brought up. */
export interface Source {
  readonly channel: Channel;
  readonly session: Session;
  /** See ReaderTools. */
  readonly inOrder: () => Promise<boolean>;
  readonly surelyInOrder: () => Promise<boolean>;
}

interface Link {
  readonly channel: Channel;
  readonly session: Session;
  /** The storage that AT+CPMS was last given; undefined where that is not sure. */
  selected: string | undefined;
  /** When the modem last answered about it. */
  spokeAt: number;
  /** What was complained of. */
  readonly complaints: Set<string>;
  readonly reader: Reader;
}

interface Direct {
  readonly kind: 'direct';
  readonly sms: ReceivedSms;
}

function isDirect(work: Work): work is Direct {
  return work.kind === 'direct';
}

type Work =
  | Direct
  | { readonly kind: 'fetch'; readonly storage: string; readonly index: number }
  | { readonly kind: 'sweep' };

/** A store that takes longer has a fault of its own; the message stays in the modem. */
const KEEP_TIMEOUT = 60_000;
const STORM = 50;
const MOST_COMPLAINTS = 100;
const MOST_HELD = 1000;
