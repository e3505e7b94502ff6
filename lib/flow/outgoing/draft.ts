import { createHash } from 'node:crypto';
import type { Accounts } from '../../accounts/accounts.ts';
import type { Parameters } from '../../address/parameters.ts';
import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/errors.ts';
import { type Random, newId } from '../../base/random.ts';
import type { AcceptItem } from '../../store/outgoing.ts';
import type { Content, Origin, OutgoingMessage, ReplyLink, RuledOffState } from '../../store/records.ts';
import { type Cut, contentOf, cut, plannedParts } from './content.ts';
import type { Gateways } from './gateways.ts';
import { withRoom } from './repeats.ts';
import type { ReportSubject } from '../effects/reports.ts';
import { accountOf } from './door.ts';
import type { MessageOrigin, MessageRequest } from './submitted.ts';

/** Drafts: from an accepted target and a text to the records that the store is to keep. */
export interface DraftSettings {
  /** Parts a text may take where neither address nor account says otherwise. */
  readonly maxmsgs: number;
  readonly smart: boolean;
  readonly expireMs: number;
  readonly warnMs: number;
  readonly dedupeMs: number;
  readonly replyLinkMs: number;
}

/** A message as the store is to keep it, and how it came to be so. */
export interface Draft {
  readonly item: AcceptItem;
  readonly cut: Cut;
  /** The whole of it, before it was cut. */
  readonly whole: Content;
  readonly limit: PartLimit;
  /** What bound it to its gateway; absent where any that takes the number will do. */
  readonly pinned?: 'address' | 'account' | 'answers';
}

/** How many parts a text may take, and who says so. */
export interface PartLimit {
  readonly parts: number;
  readonly by: 'address' | 'account' | 'configuration';
}

/** How a message ended that a rule took off its way. */
export interface RuleEnd {
  readonly state: RuledOffState;
  /** For people: by which rule, or where to. */
  readonly note: string;
}

const DEFAULT_PRIORITY = 0;
/** A question that comes hours later is none any more. */
const ANSWER_EXPIRES_MS = 3600_000;
/** Characters of a cut text that are kept for reports. */
const LONGEST_TEXT = 32_768;
/** Longer than a signature counts. */
const PROVEN_MS = 30 * 86_400_000;

export class Drafts {
  readonly #settings: DraftSettings;
  readonly #gateways: Gateways;
  readonly #accounts: Accounts;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(
    settings: DraftSettings,
    deps: { gateways: Gateways; accounts: Accounts; clock: Clock; random: Random },
  ) {
    this.#settings = settings;
    this.#gateways = deps.gateways;
    this.#accounts = deps.accounts;
    this.#clock = deps.clock;
    this.#random = deps.random;
  }

  /**
   * Throws `mail.empty`, `message.content`, `message.size`, `gateway.refused`, `auth.destination`.
   *
   * @param clear the gateway by which the answer would be clear, taken where nothing else names one
   */
  draft(request: MessageRequest, clear?: string): Draft {
    const { target, number, text, from, id = newId(this.#clock, this.#random) } = request;
    const account = accountOf(target.payer);
    const parameters: Parameters = {
      ...target.parameters,
      ...(account?.sender === undefined ? {} : { sender: account.sender }),
    };
    if (account !== undefined) this.#accounts.permitNumber(account, number);
    const now = this.#clock.now();
    const { gateway: named, pinned } = pinOf(request, clear);
    const gateway = this.#gateways.spelled(named);
    const lane = this.#gateways.lane(number, gateway);
    const content = contentOf(text, parameters);
    const limit = this.limitOf(request);
    const referenceBits = this.#gateways.referenceBits(lane);
    const [high = 0, low = 0] = this.#random.bytes(2);
    const options = {
      referenceBits,
      statusReport: from.dsn?.notify?.includes('success') ?? false,
      smart: this.#settings.smart,
      ...contentOptions(parameters),
      ...(account?.alias === undefined ? {} : { alias: account.alias }),
    };
    const divided = cut(content, options, limit.parts);
    const { parts, note } = plannedParts(divided);
    const charge = account === undefined ? undefined : this.#accounts.charge(account, parts.length);
    const start = Math.max(parameters.at ?? now, now);
    const validMs = parameters.validity === undefined ? Infinity : parameters.validity * 60_000;
    const answerTo = parameters.reply ?? from.answerTo;
    const message: OutgoingMessage = {
      id,
      number,
      content: divided.content,
      options,
      parts,
      concatReference: referenceBits === 16 ? (high << 8) | low : low,
      ...(account === undefined ? {} : { account: account.user }),
      ...(charge === undefined ? {} : { chargedPeriod: charge.period }),
      charged: charge?.parts ?? 0,
      ...(gateway === undefined ? {} : { gateway }),
      lane,
      priority: parameters.priority ?? DEFAULT_PRIORITY,
      state: 'queued',
      attempts: 0,
      created: now,
      notBefore: start,
      expires: start + Math.min(this.#settings.expireMs, validMs),
      ...(from.sender === undefined ? {} : { warnAt: start + this.#settings.warnMs }),
      origin: { ...originOf(request), ...wholeText(content, divided.content) },
      trace: [{ at: now, event: 'accepted', note }],
    };
    // Two accounts, or two senders without one, never touch each other's alarms and storms.
    const owner = account?.charged ?? from.sender ?? '';
    const item: AcceptItem = {
      message,
      ...(charge === undefined ? {} : { charge }),
      ...(answerTo === undefined ? {} : { link: this.#link(message, answerTo) }),
      ...this.#dedupe(from, number, sameness(request, message, pinned), now),
      ...(parameters.key === undefined
        ? {}
        : {
            alarm: { key: digest(owner, number, parameters.key), ends: parameters.cancel === true },
          }),
      ...(account?.collapse === undefined || content.kind !== 'text'
        ? {}
        : {
            collapse: {
              key: digest(owner, number, content.text),
              windowMs: account.collapse,
              follower: follower(content.text, options, limit.parts),
            },
          }),
    };
    return { item, cut: divided, whole: content, limit, ...(pinned === undefined ? {} : { pinned }) };
  }

  /** How many parts the text may take. */
  limitOf({ target }: MessageRequest): PartLimit {
    const { maxmsgs } = target.parameters;
    const own = accountOf(target.payer)?.maxmsgs;
    if (maxmsgs !== undefined) return { parts: maxmsgs, by: 'address' };
    if (own !== undefined) return { parts: own, by: 'account' };
    return { parts: this.#settings.maxmsgs, by: 'configuration' };
  }

  /** The record of a message that a rule took off its way: nothing of it is sent, and nobody pays for it. */
  ended(request: MessageRequest, { state, note }: RuleEnd): AcceptItem {
    const { target, number, text, from, id = newId(this.#clock, this.#random) } = request;
    const account = accountOf(target.payer);
    const now = this.#clock.now();
    const words = text.slice(0, LONGEST_TEXT);
    const message: OutgoingMessage = {
      id,
      number,
      content: { kind: 'text', text: words },
      options: {},
      parts: [],
      concatReference: 0,
      ...(account === undefined ? {} : { account: account.user }),
      charged: 0,
      lane: '',
      priority: target.parameters.priority ?? DEFAULT_PRIORITY,
      state,
      attempts: 0,
      created: now,
      notBefore: now,
      expires: now,
      settledAt: now,
      origin: originOf(request),
      trace: [
        { at: now, event: 'accepted' },
        { at: now, event: state, note },
      ],
    };
    return { message, ...this.#dedupe(from, number, sameness(request, message, undefined), now) };
  }

  /**
   * A text of ours that goes back to a phone, through the gateway it wrote to; nobody pays for it, and nobody is told
   * what became of it. Throws `gateway.refused`.
   */
  answer(number: string, gateway: string, text: string): AcceptItem {
    if (!/^\+?\d{3,15}$/.test(number)) {
      throw new Fault('gateway.refused', { told: `"${number}" is no number that can be written to` });
    }
    const now = this.#clock.now();
    const lane = this.#gateways.lane(number, gateway);
    const referenceBits = this.#gateways.referenceBits(lane);
    const [reference = 0] = this.#random.bytes(1);
    const options = { referenceBits, smart: this.#settings.smart };
    const divided = cut({ kind: 'text', text }, options, this.#settings.maxmsgs);
    const { parts, note } = plannedParts(divided);
    return {
      message: {
        id: newId(this.#clock, this.#random),
        number,
        content: divided.content,
        options,
        parts,
        concatReference: reference,
        charged: 0,
        gateway,
        lane,
        priority: DEFAULT_PRIORITY,
        state: 'queued',
        attempts: 0,
        created: now,
        notBefore: now,
        expires: now + ANSWER_EXPIRES_MS,
        origin: { via: 'conflict' },
        trace: [{ at: now, event: 'accepted', note }],
      },
    };
  }

  /** What a report is about where no message could be made. */
  subject(request: MessageRequest): ReportSubject {
    const { number, text } = request;
    const now = this.#clock.now();
    const origin = originOf(request);
    return {
      id: newId(this.#clock, this.#random),
      number,
      content: { kind: 'text', text },
      created: now,
      expires: now,
      origin,
    };
  }

  /** The same Message-ID and number are the same message, where `same` is: a sender's Message-ID may never change. */
  #dedupe(
    { mailMessageId, once }: MessageOrigin,
    number: string,
    same: string,
    now: number,
  ): Pick<AcceptItem, 'dedupe'> {
    // Whoever has a copy may send it again for as long as its signature counts.
    if (once !== undefined) {
      return { dedupe: { key: digest('proven', number, once), until: now + PROVEN_MS } };
    }
    if (mailMessageId === undefined) return {};
    return { dedupe: { key: digest(mailMessageId, number, same), until: now + this.#settings.dedupeMs } };
  }

  /** "This sender wrote to this number", with what an answer needs to stay in the thread. */
  #link(message: OutgoingMessage, sender: string): ReplyLink {
    const { id, number, created, origin } = message;
    return {
      number,
      sender,
      at: created,
      expires: created + this.#settings.replyLinkMs,
      messageId: id,
      gateways: message.gateway === undefined ? [] : [message.gateway],
      ...(origin.subject === undefined ? {} : { subject: origin.subject }),
      ...(origin.mailMessageId === undefined ? {} : { mailMessageId: origin.mailMessageId }),
      ...(origin.references === undefined ? {} : { references: origin.references }),
    };
  }
}

/** The gateway that the message is for, and what names it. */
function pinOf(
  { target, unpinned }: MessageRequest,
  clear: string | undefined,
): { readonly gateway?: string; readonly pinned?: NonNullable<Draft['pinned']> } {
  const { id } = target.parameters;
  if (id !== undefined) return { gateway: id, pinned: 'address' };
  const bound = unpinned === true ? undefined : accountOf(target.payer)?.gateway;
  if (bound !== undefined) return { gateway: bound, pinned: 'account' };
  return clear === undefined ? {} : { gateway: clear, pinned: 'answers' };
}

function originOf({ submitted, target, from }: MessageRequest): Origin {
  const { answerTo: _, once: __, ...kept } = from;
  const { via, remote } = submitted.session;
  return { via, remote, recipient: target.address, ...kept };
}

/** The text before it was cut, where it was: a report shows its sender what he wrote. */
function wholeText(whole: Content, sent: Content): Pick<Origin, 'wholeText'> {
  if (whole.kind !== 'text' || sent.kind !== 'text' || whole.text.length <= sent.text.length) return {};
  return { wholeText: whole.text.slice(0, LONGEST_TEXT) };
}

function contentOptions(parameters: Parameters): Partial<OutgoingMessage['options']> {
  const { flash, pid, dcs, sender, validity, value, msgid } = parameters;
  return {
    ...(flash === true ? { class: 0 as const } : {}),
    ...(pid === undefined ? {} : { pid }),
    ...(dcs === undefined ? {} : { dcs }),
    ...(sender === undefined ? {} : { sender }),
    ...(validity === undefined ? {} : { validityMinutes: validity }),
    ...(value === undefined ? {} : { values: value }),
    ...(msgid === undefined ? {} : { msgid }),
  };
}

/** The message as it is where it stands for others of the same text. */
function follower(
  text: string,
  options: OutgoingMessage['options'],
  maxmsgs: number,
): Pick<OutgoingMessage, 'content' | 'parts'> {
  const planned = withRoom(text, (whole) => {
    const { content } = cut({ kind: 'text', text: whole }, options, maxmsgs);
    return content.kind === 'text' ? content.text : '';
  });
  const divided = cut({ kind: 'text', text: planned }, options, maxmsgs);
  return { content: divided.content, parts: plannedParts(divided).parts };
}

/** Who sends it, and all that makes another message of it: two that differ in any of that are never taken for one. */
function sameness(
  { target, from }: MessageRequest,
  { content, options, account, gateway, priority }: OutgoingMessage,
  pinned: Draft['pinned'],
): string {
  const { referenceBits: _, smart: __, ...asked } = options;
  const { at, reply, validity, key, cancel } = target.parameters;
  const udh = content.kind === 'binary' ? content.udh : undefined;
  return JSON.stringify([
    account?.toLowerCase(),
    from.sender?.toLowerCase(),
    content.kind,
    Buffer.from(wordsOf(content)).toString('base64'),
    udh === undefined ? undefined : Buffer.from(udh).toString('base64'),
    Object.entries(asked).sort(),
    // The one by which an answer is clear may be another one the next time.
    pinned === 'answers' ? undefined : gateway,
    [priority, at, reply, validity, key, cancel],
  ]);
}

function wordsOf(content: OutgoingMessage['content']): string | Uint8Array {
  return content.kind === 'text' ? content.text : content.data;
}

function digest(owner: string, number: string, words: string | Uint8Array): string {
  return createHash('sha256').update(`${owner}\0${number}\0`).update(words).digest('base64url');
}
