import type { Fault } from '../../base/errors.ts';
import { asFault } from '../../base/errors.ts';
import type { MailHeaders } from '../../mail/read/mail-headers.ts';
import type { RuleEffect } from '../../rules/verdict.ts';
import type { Clock } from '../../base/clock.ts';
import type { Incoming } from '../../store/incoming.ts';
import type { AcceptItem } from '../../store/outgoing.ts';
import { effectsOf } from '../effects/rule-effects.ts';
import { type Recipient, type Target, accountOf } from './door.ts';
import type { Draft, Drafts } from './draft.ts';
import type { Gateways } from './gateways.ts';
import type { Loops } from './loops.ts';
import type { Prove, ProvenRecipients } from './prove.ts';
import type { OutgoingRules, OutgoingVerdict } from './rules.ts';
import type { MessageRequest, Submitted } from './submitted.ts';

/**
 * Plan: what would become of a mail or a text, number by number: a draft for the store, or a refusal.
 *
 * Promise: nothing is kept, counted or changed. Submission keeps the plan and Preview prints it, so what a preview shows is
 * what a submission does. Whether the accounts' limits leave room is the store's word, which each of them asks for.
 *
 * Failure: what stands against the mail as a whole is thrown (`mail.loop`, `mail.automatic`, `auth.unavailable`); what
 * stands against one number is its refusal in the plan.
 */
export class Planner {
  readonly #settings: PlanSettings;
  readonly #deps: PlanDeps;

  constructor(settings: PlanSettings, deps: PlanDeps) {
    this.#settings = settings;
    this.#deps = deps;
  }

  /** @param recipients those that Admission let in */
  async plan(submitted: Submitted, recipients: readonly Recipient[]): Promise<Plan> {
    const { recipients: reached, once } = await this.#reached(submitted, recipients);
    const origin = { ...submitted.origin, ...(once === undefined ? {} : { once }) };
    const messages: Planned[] = [];
    for (const recipient of reached) {
      for (const target of recipient.targets) {
        const text = await submitted.textFor(accountOf(target.payer)?.template);
        const from = { ...origin, dsn: recipient.dsn };
        for (const number of target.numbers) {
          messages.push(await this.#message(recipient, { submitted, target, number, text, from }));
        }
      }
    }
    return { submitted, recipients: reached, messages };
  }

  /** The recipients with what the mail itself says of them: who pays, which alarm it is about. */
  async #reached({ session, mail }: Submitted, recipients: readonly Recipient[]): Promise<ProvenRecipients> {
    if (mail === undefined) return { recipients };
    const { loops, prove } = this.#deps;
    const { sender, raw, extracted } = mail;
    loops.check(extracted.headers, sender);
    const proven = await prove.recipients(session, {
      ...(sender === undefined ? {} : { sender }),
      recipients,
      raw,
    });
    return {
      ...proven,
      recipients: proven.recipients.map((recipient) => withAlarm(recipient, extracted.headers)),
    };
  }

  async #message(recipient: Recipient, asked: MessageRequest): Promise<Planned> {
    const { loops, rules } = this.#deps;
    const { target, number, submitted } = asked;
    try {
      if (target.payer.kind === 'refused') throw target.payer.fault;
      if (submitted.mail !== undefined) loops.mayAnswer(submitted.mail, number);
      const verdict = await rules.judge(asked);
      const { message: request, effects } = verdict;
      return { kind: 'message', recipient, asked, request, effects, ...(await this.#draft(verdict)) };
    } catch (error) {
      return { kind: 'refused', recipient, asked, fault: asFault(error) };
    }
  }

  async #draft({ message, effects, end }: OutgoingVerdict): Promise<Pick<PlannedMessage, 'item' | 'draft'>> {
    const { drafts } = this.#deps;
    if (end !== undefined) return { item: this.#withEffects(drafts.ended(message, end), effects) };
    const draft = drafts.draft(message, await this.#separate(message));
    return { item: this.#withEffects(draft.item, effects), draft };
  }

  #withEffects(item: AcceptItem, effects: readonly RuleEffect[]): AcceptItem {
    if (effects.length === 0) return item;
    const { id, created } = item.message;
    const times = { created, expires: created + this.#settings.mailExpireMs };
    return { ...item, effects: [...(item.effects ?? []), ...effectsOf(id, effects, times)] };
  }

  /** A gateway by which the answer will be clear, where that is wanted. */
  async #separate({ number, target, from }: MessageRequest): Promise<string | undefined> {
    const answerTo = target.parameters.reply ?? from.answerTo;
    if (!this.#settings.separateGateways || answerTo === undefined) return undefined;
    const { store, gateways, clock } = this.#deps;
    return gateways.separate(number, answerTo, await store.links(number, clock.now()));
  }
}

/** What would become of all that was handed in. */
export interface Plan {
  readonly submitted: Submitted;
  /** With whoever pays, which the mail itself may have proved. */
  readonly recipients: readonly Recipient[];
  /** One for each number, in the recipients' order. */
  readonly messages: readonly Planned[];
}

export type Planned = PlannedMessage | PlannedRefusal;

export interface PlannedMessage {
  readonly kind: 'message';
  readonly recipient: Recipient;
  /** Before the rules. */
  readonly asked: MessageRequest;
  /** As the rules left it. */
  readonly request: MessageRequest;
  /** What rules want done besides. */
  readonly effects: readonly RuleEffect[];
  /** For the store. */
  readonly item: AcceptItem;
  /** Absent where a rule took the message off its way. */
  readonly draft?: Draft;
}

export interface PlannedRefusal {
  readonly kind: 'refused';
  readonly recipient: Recipient;
  readonly asked: MessageRequest;
  readonly fault: Fault;
}

export interface PlanSettings {
  /** How long what rules want done is tried for. */
  readonly mailExpireMs: number;
  /** Send by a gateway through which nobody else writes to that phone, where one is free. */
  readonly separateGateways: boolean;
}

export interface PlanDeps {
  readonly store: Pick<Incoming, 'links'>;
  readonly drafts: Drafts;
  readonly gateways: Gateways;
  readonly loops: Loops;
  readonly prove: Prove;
  readonly rules: OutgoingRules;
  readonly clock: Clock;
}

/** The alarm that the mail's header names, where the address names none. What is sent at a lent account's cost has none. */
function withAlarm(recipient: Recipient, { alarmKey, alarmEnds }: MailHeaders): Recipient {
  if (alarmKey === undefined) return recipient;
  const named = { key: alarmKey, ...(alarmEnds === true ? { cancel: true } : {}) };
  const targets = recipient.targets.map((target): Target =>
    target.parameters.key === undefined && target.lent !== true
      ? { ...target, parameters: { ...target.parameters, ...named } }
      : target,
  );
  return { ...recipient, targets };
}
