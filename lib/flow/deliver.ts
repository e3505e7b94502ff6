import { fromTemplate } from '../address/print.ts';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Service } from '../base/lifecycle.ts';
import type { Log } from '../base/log.ts';
import { answerSubject, composeSmsMail } from '../mail/compose.ts';
import type { LeasedIncoming, Store } from '../store/contract.ts';
import type { IncomingMessage, NewEffect, ReplyLink } from '../store/records.ts';
import { MAIL_EFFECT, type MailPayload } from './effects.ts';
import { type IncomingText, incomingText } from './incoming-text.ts';
import { Pump } from './pump.ts';

/**
 * Deliver: a whole message from a phone becomes a mail.
 *
 * It goes to the last sender who wrote to that number through that gateway and whose link has not expired; else to the gateway's
 * mailbox. The mail can be answered: it comes from the gateway's sms: address, and stands in the thread of the mail it
 * answers. A message without a body is dropped and logged, as the reference has it; a message whose parts did not all come is delivered
 * with a mark where they are missing.
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
  readonly hostname: string;
  readonly mailExpireMs: number;
}

const LEASE_MS = 60_000;
const BATCH = 50;

export class Deliver implements Service {
  readonly name = 'deliver';
  readonly #settings: DeliverSettings;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #pump: Pump;
  #unwatch: (() => void) | undefined;

  constructor(settings: DeliverSettings, deps: { store: Store; clock: Clock; log: Log }) {
    this.#settings = settings;
    this.#store = deps.store;
    this.#clock = deps.clock;
    this.#log = deps.log;
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

  async #deliver({ lease, message }: LeasedIncoming): Promise<void> {
    const at = this.#clock.now();
    const text = incomingText(message);
    const fields = { incoming: message.id, gateway: message.gateway, number: message.number };
    if (text.text === '' && text.encoding !== '8bit') {
      await this.#store.finish(lease, { state: 'dropped', at, note: 'no body', effects: [] });
      this.#log.info(fields, 'dropped: a message without a body');
      return;
    }
    const link = await this.#answered(message, at);
    const gateway = this.#settings.gateways.get(message.gateway) ?? this.#settings.fallback;
    const to = link?.sender ?? gateway.mailbox;
    const note = link === undefined ? `to the mailbox ${to}` : `an answer to ${to}`;
    const effects = [this.#mail(message, text, gateway, to, link)];
    await this.#store.finish(lease, { state: 'delivered', at, note, effects });
    this.#log.info(
      { ...fields, to, missing: text.missing.length || undefined },
      'delivered to the mail queue',
    );
  }

  /** The newest link of this number through this gateway; one whose message has not gone out yet counts too. */
  async #answered(message: IncomingMessage, now: number): Promise<ReplyLink | undefined> {
    const links = await this.#store.links(message.number, now);
    return links.find((link) => link.gateways.length === 0 || link.gateways.includes(message.gateway));
  }

  #mail(
    message: IncomingMessage,
    text: IncomingText,
    gateway: DeliverGateway,
    to: string,
    link: ReplyLink | undefined,
  ): NewEffect {
    const { hostname, mailExpireMs } = this.#settings;
    const created = this.#clock.now();
    const { stamp, smsc } = message.parts[0] ?? {};
    const from = fromTemplate(gateway.from, message.number === '' ? 'unknown' : message.number);
    const { raw } = composeSmsMail({
      from,
      ...(message.number === '' ? {} : { fromName: message.number }),
      to,
      subject: answerSubject(link?.subject ?? '') || `SMS from ${message.number || 'unknown'}`,
      text: text.text,
      attachments: text.attachments,
      date: stamp?.at ?? message.received,
      offsetMinutes: stamp?.offsetMinutes ?? 0,
      messageId: `<sms.${message.id}@${hostname}>`,
      ...threadOf(link),
      sms: {
        number: message.number,
        gateway: message.gateway,
        ...(smsc === undefined ? {} : { smsc }),
        encoding: text.encoding,
        parts: message.total,
        missing: text.missing,
        ...(text.port === undefined ? {} : { port: text.port }),
      },
      ...(text.automatic === undefined ? {} : { autoSubmitted: 'auto-generated' }),
      loop: hostname,
    });
    const what = link === undefined ? 'message' : 'answer';
    const payload: MailPayload = { from, to: [to], raw, about: message.id, what };
    return { id: `mail.${message.id}`, kind: MAIL_EFFECT, payload, created, expires: created + mailExpireMs };
  }
}

/** RFC 5322 3.6.4: References is the answered mail's References and then its Message-ID. */
function threadOf(link: ReplyLink | undefined): { inReplyTo?: string; references?: readonly string[] } {
  const id = link?.mailMessageId;
  return id === undefined ? {} : { inReplyTo: id, references: [...(link?.references ?? []), id] };
}
