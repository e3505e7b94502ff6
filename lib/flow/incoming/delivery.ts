import type { Clock } from '../../base/clock.ts';
import { Fault, messageOf } from '../../base/errors.ts';
import type { Service } from '../../base/lifecycle.ts';
import type { Log } from '../../base/log.ts';
import type { Incoming, IncomingResult, LeasedIncoming } from '../../store/incoming.ts';
import type { AcceptItem } from '../../store/outgoing.ts';
import type { Agenda } from '../../store/agenda.ts';
import type { Archive } from '../../store/archive.ts';
import type { IncomingMessage, NewEffect, ReplyLink } from '../../store/records.ts';
import type { Drafts } from '../outgoing/draft.ts';
import { type IncomingMailSettings, incomingMail, phoneAddress, usualSubject } from './mail.ts';
import { MOST_CHOICES, type IncomingRoute, routeIncoming } from './route.ts';
import type { IncomingRules } from './rules.ts';
import { type IncomingText, incomingText } from './text.ts';
import { Pump } from '../../base/pump.ts';
import { effectsOf } from '../effects/rule-effects.ts';

/**
 * Delivery: a whole message from a phone becomes a mail.
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
export interface DeliveryGateway {
  /** The From template: `sms:%s@sms.example.com` or `%s`. */
  readonly from: string;
  /** Who gets what answers nobody, each of them. */
  readonly mailbox: readonly string[];
}

export interface DeliverySettings {
  readonly gateways: ReadonlyMap<string, DeliveryGateway>;
  /** For a gateway that is gone from the configuration. */
  readonly fallback: DeliveryGateway;
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

export interface DeliveryDeps {
  readonly store: Incoming & Agenda & Pick<Archive, 'findIncoming'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly drafts: Drafts;
  readonly rules: IncomingRules;
}

const LEASE_MS = 60_000;
const BATCH = 50;

export class Delivery implements Service {
  readonly name = 'deliver';
  readonly #settings: DeliverySettings;
  readonly #store: Incoming & Agenda & Pick<Archive, 'findIncoming'>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #drafts: Drafts;
  readonly #rules: IncomingRules;
  readonly #pump: Pump;
  #unwatch: (() => void) | undefined;

  constructor(settings: DeliverySettings, deps: DeliveryDeps) {
    this.#settings = settings;
    this.#store = deps.store;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#drafts = deps.drafts;
    this.#rules = deps.rules;
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
    const result = await this.#outcome(message, text, route, at);
    await this.#store.finish(lease, { at, ...result });
    const done = result.state === 'dropped' ? 'dropped' : 'delivered to the mail queue';
    const { note } = result;
    this.#log.info({ ...fields, note, missing: text.missing.length || undefined }, done);
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
    // A number is a choice only where the phone was shown what it stands for.
    const shown = text.includes('{choices}') ? links.slice(0, MOST_CHOICES) : [];
    const choices = shown.map(({ sender }) => sender);
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
  ): Promise<Omit<IncomingResult, 'at'>> {
    const { from, mailbox } = this.#settings.gateways.get(message.gateway) ?? this.#settings.fallback;
    const mail = (of: IncomingMessage, words: IncomingText, to: string, link?: ReplyLink): NewEffect =>
      incomingMail(of, words, { from, to, ...(link === undefined ? {} : { link }) }, this.#settings.mail, at);
    switch (route.kind) {
      case 'named': {
        const words = { ...text, text: route.text };
        return this.#ruled(message, words, from, route.addresses, 'named in the text: ', at);
      }
      case 'link': {
        const { sender } = route.link;
        const effects = [mail(message, text, sender, route.link)];
        return { state: 'delivered', note: `an answer to ${sender}`, effects };
      }
      case 'choice': {
        const { sender, link } = route;
        const question = await this.#store.question(message.number, message.gateway, at);
        const waited = await this.#waiting(question?.waiting ?? [], (of) =>
          mail(of, incomingText(of), sender, link),
        );
        const words = { ...text, text: route.text };
        const effects = route.text === '' ? [] : [mail(message, words, sender, link)];
        return { state: 'delivered', note: `the choice of ${sender}`, effects, chosen: { sender, waited } };
      }
      case 'ask':
      case 'nobody':
        return this.#ruled(message, text, from, mailbox, 'to the mailbox ', at);
    }
  }

  /** Mails to these addresses, as the rules for messages from phones have it. */
  async #ruled(
    message: IncomingMessage,
    text: IncomingText,
    from: string,
    addresses: readonly string[],
    note: string,
    at: number,
  ): Promise<Omit<IncomingResult, 'at'>> {
    const { mail: settings } = this.#settings;
    const facts = {
      from: phoneAddress(from, message),
      to: addresses.join(', '),
      subject: usualSubject(message),
    };
    const { kind, effects: wanted, trace, ...verdict } = await this.#rules.judge(message, text, facts);
    const effects = effectsOf(message.id, wanted, { created: at, expires: at + settings.mailExpireMs });
    const rules = trace === undefined ? {} : { rules: trace };
    if (kind !== 'mail') {
      const state = kind === 'drop' ? 'dropped' : 'delivered';
      return { state, note: verdict.note ?? 'by a rule', effects, ...rules };
    }
    const words = { ...text, text: verdict.text };
    const to = verdict.to === undefined ? addresses : [verdict.to];
    const { subject, shown, fields } = verdict;
    const more = {
      fields,
      ...(subject === undefined ? {} : { subject }),
      ...(shown === undefined ? {} : { shown }),
    };
    const mails = to.map((each) => incomingMail(message, words, { from, to: each, ...more }, settings, at));
    return { state: 'delivered', note: `${note}${to.join(', ')}`, effects: [...mails, ...effects], ...rules };
  }

  async #waiting(ids: readonly string[], mail: (message: IncomingMessage) => NewEffect) {
    const found = await Promise.all(ids.map((id) => this.#store.findIncoming(id)));
    return found.flatMap((message) =>
      message?.state === 'arrived' ? [{ id: message.id, effects: [mail(message)] }] : [],
    );
  }
}
