import type { Clock } from '../base/clock.ts';
import { Fault, messageOf } from '../base/errors.ts';
import type { Service } from '../base/lifecycle.ts';
import type { Log } from '../base/log.ts';
import type { AcceptItem, LeasedIncoming, Store } from '../store/contract.ts';
import type { IncomingMessage, NewEffect, ReplyLink } from '../store/records.ts';
import type { Drafts } from './draft.ts';
import { type IncomingMailSettings, incomingMail } from './incoming-mail.ts';
import { MOST_CHOICES, type IncomingRoute, routeIncoming } from './incoming-route.ts';
import { type IncomingText, incomingText } from './incoming-text.ts';
import { Pump } from './pump.ts';

/**
 * Deliver: a whole message from a phone becomes a mail.
 *
 * incoming-route.ts says whom it is for. The mail can be answered: it comes from the gateway's sms: address, and stands in
 * the thread of the mail it answers. Where several people wrote to a phone, the phone is asked which of them it
 * answers, once within a time; its messages wait for that, and go to the gateway's mailbox where no answer comes. A
 * message without a body is dropped and logged, as the reference has it; a message whose parts did not all come is
 * delivered with a mark where they are missing.
 *
 * Promise: the mail is queued in the transaction that marks the message as delivered, with an id made of the message's own; so a message
 * is never lost between the two, and a relay that sees the mail twice can know it.
 */
export interface DeliverGateway {
  /** The From template: `sms:%s@sms.example.com` or `%s`. */
  readonly from: string;
  /** Who gets what answers nobody. */
  readonly mailbox: string;
}

export interface DeliverSettings {
  readonly gateways: ReadonlyMap<string, DeliverGateway>;
  /** For a gateway that is gone from the configuration. */
  readonly fallback: DeliverGateway;
  readonly mail: IncomingMailSettings;
  /** Whether a text may name this mail address. */
  readonly mayName: (address: string) => boolean;
  /** What a phone is asked, `{choices}` being whom it may mean; and how long its answer is waited for. */
  readonly conflict: {
    readonly policy: 'ask' | 'last';
    readonly text: string;
    readonly waitMs: number;
  };
}

const LEASE_MS = 60_000;
const BATCH = 50;

export class Deliver implements Service {
  readonly name = 'deliver';
  readonly #settings: DeliverSettings;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #drafts: Drafts;
  readonly #pump: Pump;
  #unwatch: (() => void) | undefined;

  constructor(settings: DeliverSettings, deps: { store: Store; clock: Clock; log: Log; drafts: Drafts }) {
    this.#settings = settings;
    this.#store = deps.store;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#drafts = deps.drafts;
    this.#pump = new Pump(() => this.#work(), deps);
  }

  async start(): Promise<void> {
    this.#unwatch = this.#store.watch({ incoming: () => this.#pump.wake() });
    this.#pump.start();
  }

  async stop(): Promise<void> {
    this.#unwatch?.();
    await this.#pump.stop();
  }

  async #work(): Promise<number | undefined> {
    for (;;) {
      const now = this.#clock.now();
      const taken = await this.#store.takeComplete({ now, until: now + LEASE_MS, limit: BATCH });
      for (const leased of taken) {
        try {
          await this.#deliver(leased);
        } catch (error) {
          // Its lease ends by itself, and then it is taken again; the others go on.
          const fields = { incoming: leased.message.id, error: messageOf(error) };
          this.#log.error(fields, 'a message from a phone could not be delivered yet');
        }
      }
      if (taken.length < BATCH) return this.#store.nextDue(this.#clock.now());
    }
  }

  async #deliver(leased: LeasedIncoming): Promise<void> {
    const { lease, message } = leased;
    const at = this.#clock.now();
    const text = incomingText(message);
    const fields = { incoming: message.id, gateway: message.gateway, number: message.number };
    if (text.text === '' && text.encoding !== '8bit') {
      await this.#store.finish(lease, { state: 'dropped', at, note: 'no body', effects: [] });
      this.#log.info(fields, 'dropped: a message without a body');
      return;
    }
    const route = await this.#route(message, text.text, at);
    if (route.kind === 'ask') {
      const asked = await this.#ask(leased, route.links, at);
      if (asked) {
        this.#log.info(fields, 'waits for the phone to say whom it is for');
        return;
      }
    }
    const { note, to, ...result } = await this.#outcome(message, text, route, at);
    await this.#store.finish(lease, { state: 'delivered', at, note, ...result });
    this.#log.info(
      { ...fields, to, missing: text.missing.length || undefined },
      'delivered to the mail queue',
    );
  }

  async #route(message: IncomingMessage, text: string, at: number): Promise<IncomingRoute> {
    const { number, gateway, trace } = message;
    const links = await this.#store.links(number, at);
    const question = await this.#store.question(number, gateway, at);
    const waited = trace.some(({ event }) => event === 'asked');
    const route = routeIncoming(message, { text, links, question, waited }, this.#settings);
    const [last] = route.kind === 'ask' ? route.links : [];
    return last !== undefined && this.#settings.conflict.policy === 'last'
      ? { kind: 'link', link: last, text }
      : route;
  }

  /** Parks the message and asks the phone. False where a phone of that name cannot be asked. */
  async #ask({ lease, message }: LeasedIncoming, links: readonly ReplyLink[], at: number): Promise<boolean> {
    const { number, gateway } = message;
    const { text, waitMs } = this.#settings.conflict;
    const choices = links.slice(0, MOST_CHOICES).map(({ sender }) => sender);
    const list = choices.map((sender, index) => `${index + 1} ${sender}`).join(', ');
    let ask: AcceptItem;
    try {
      ask = this.#drafts.answer(number, gateway, text.replaceAll('{choices}', list));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.#log.warn({ incoming: message.id, gateway, reason: error.told }, 'the phone cannot be asked');
      return false;
    }
    return this.#store.park(lease, { number, gateway, choices, until: at + waitMs }, ask);
  }

  async #outcome(
    message: IncomingMessage,
    text: IncomingText,
    route: IncomingRoute,
    at: number,
  ): Promise<{ note: string; to: string } & Pick<Parameters<Store['finish']>[1], 'effects' | 'chosen'>> {
    const gateway = this.#settings.gateways.get(message.gateway) ?? this.#settings.fallback;
    const mail = (of: IncomingMessage, words: IncomingText, to: string, link?: ReplyLink): NewEffect =>
      incomingMail(
        of,
        words,
        { from: gateway.from, to, ...(link === undefined ? {} : { link }) },
        this.#settings.mail,
        at,
      );
    switch (route.kind) {
      case 'named': {
        const to = route.addresses.join(', ');
        const words = { ...text, text: route.text };
        const effects = route.addresses.map((address) => mail(message, words, address));
        return { note: `named in the text: ${to}`, to, effects };
      }
      case 'link': {
        const { sender } = route.link;
        return {
          note: `an answer to ${sender}`,
          to: sender,
          effects: [mail(message, text, sender, route.link)],
        };
      }
      case 'choice': {
        const { sender, link } = route;
        const question = await this.#store.question(message.number, message.gateway, at);
        const waited = await this.#waiting(question?.waiting ?? [], (of) =>
          mail(of, incomingText(of), sender, link),
        );
        const words = { ...text, text: route.text };
        const effects = route.text === '' ? [] : [mail(message, words, sender, link)];
        return { note: `the choice of ${sender}`, to: sender, effects, chosen: { sender, waited } };
      }
      case 'ask':
      case 'nobody': {
        const { mailbox } = gateway;
        return { note: `to the mailbox ${mailbox}`, to: mailbox, effects: [mail(message, text, mailbox)] };
      }
    }
  }

  async #waiting(ids: readonly string[], mail: (message: IncomingMessage) => NewEffect) {
    const found = await Promise.all(ids.map((id) => this.#store.findIncoming(id)));
    return found.flatMap((message) =>
      message?.state === 'arrived' ? [{ id: message.id, effects: [mail(message)] }] : [],
    );
  }
}
