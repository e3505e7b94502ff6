import { type Clock, within } from '../base/clock.ts';
import { Fault } from '../base/errors.ts';
import { RelayConnection } from './connection.ts';
import type { Mail, Mailer, Refusal } from './mailer.ts';
import type { RelaySettings } from './settings.ts';

/** Connections at once; a mail that finds all of them busy waits for one. As many as mails are sent at once. */
const MOST_CONNECTIONS = 8;
/** Relays limit mails on one connection and the time it may last: we stay below what is usual. */
const MOST_MAILS = 50;
const LIFETIME_MS = 300_000;
const IDLE_MS = 15_000;
/** For one mail, from its connection to the last answer. */
const SEND_MS = 240_000;

/**
 * Mail to a relay by SMTP, SMTPS or LMTP, over a few kept connections.
 *
 * Promise: what `send` resolved for, the relay has answered with 250. Failure: a connection that the relay has ended meanwhile is
 * replaced once, without a word; any other error is the mail's. No wait is without an end.
 */
export class RelayMailer implements Mailer {
  readonly #settings: RelaySettings;
  readonly #clock: Clock;
  readonly #idle: { connection: RelayConnection; since: number; cancel: () => void }[] = [];
  readonly #born = new WeakMap<RelayConnection, number>();
  readonly #waiting: (() => void)[] = [];
  readonly #busy = new Set<Promise<unknown>>();
  #places = MOST_CONNECTIONS;
  #closed = true;

  constructor(settings: RelaySettings, deps: { readonly clock: Clock }) {
    this.#settings = settings;
    this.#clock = deps.clock;
  }

  async open(): Promise<void> {
    this.#closed = false;
  }

  send(mail: Mail): Promise<readonly Refusal[]> {
    const sending = this.#send(mail).finally(() => this.#busy.delete(sending));
    this.#busy.add(sending);
    return sending;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { connection, cancel } of this.#idle.splice(0)) {
      cancel();
      connection.quit();
    }
    await Promise.allSettled(this.#busy);
  }

  async #send(mail: Mail): Promise<readonly Refusal[]> {
    await this.#place();
    try {
      if (this.#closed) throw new Fault('relay.down', { detail: 'not open' });
      const kept = this.#kept();
      if (kept !== undefined) {
        try {
          return await this.#over(kept, mail);
        } catch (error) {
          // The relay has ended it while it was idle: the mail has not been tried.
          const ended = error instanceof Fault && error.code === 'relay.down';
          if (!ended) throw error;
        }
      }
      const fresh = await RelayConnection.open(this.#settings);
      this.#born.set(fresh, this.#clock.now());
      return await this.#over(fresh, mail);
    } finally {
      this.#places++;
      this.#waiting.shift()?.();
    }
  }

  async #over(connection: RelayConnection, mail: Mail): Promise<readonly Refusal[]> {
    const late = (): Error => {
      connection.close();
      return new Fault('relay.down', { detail: `no end of the answer within ${SEND_MS / 1000} s` });
    };
    try {
      return await within(this.#clock, SEND_MS, connection.send(mail), late);
    } finally {
      this.#keep(connection);
    }
  }

  async #place(): Promise<void> {
    while (this.#places === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#places--;
  }

  #kept(): RelayConnection | undefined {
    for (let last = this.#idle.pop(); last !== undefined; last = this.#idle.pop()) {
      last.cancel();
      if (last.connection.usable && !this.#isOld(last.connection)) return last.connection;
      last.connection.quit();
    }
    return undefined;
  }

  #keep(connection: RelayConnection): void {
    if (!connection.usable) return;
    if (this.#closed || this.#isOld(connection)) {
      connection.quit();
      return;
    }
    const cancel = this.#clock.after(IDLE_MS, () => {
      const index = this.#idle.findIndex((each) => each.connection === connection);
      if (index >= 0) this.#idle.splice(index, 1);
      connection.quit();
    });
    this.#idle.push({ connection, since: this.#clock.now(), cancel });
  }

  #isOld(connection: RelayConnection): boolean {
    const born = this.#born.get(connection) ?? 0;
    return connection.count >= MOST_MAILS || this.#clock.now() - born >= LIFETIME_MS;
  }
}
