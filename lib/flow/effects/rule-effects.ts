import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/errors.ts';
import { redact } from '../../base/secret.ts';
import { effectId, messageOfEffect } from '../../rules/actions/effect-id.ts';
import type { HeaderField } from '../../rules/message.ts';
import type {
  EffectKind,
  MessageCopy,
  NewMessage,
  PassOn,
  Response,
  RuleEffect,
} from '../../rules/verdict.ts';
import { composeNote } from '../../mail/write/compose-note.ts';
import type { NewEffect } from '../../store/records.ts';
import type { EffectHandler, MailPayload } from './effects.ts';

/**
 * What rules want done besides the message itself, as effects of the queue: each in the transaction of its message, each
 * tried until it took place. Programs, URLs and SQL are carried out elsewhere (outside/); messages and mails here.
 */

/** Effects of a message, with ids made of its own: made twice, they are the same ones. */
export function effectsOf(
  about: string,
  effects: readonly RuleEffect[],
  times: { readonly created: number; readonly expires: number },
): NewEffect[] {
  return effects.map(({ rule, kind, payload }, index) => ({
    id: effectId(about, index),
    kind: `rule.${kind}` satisfies RuleEffectKind,
    payload: { ...payload, rule },
    ...times,
  }));
}

/** What an effect of a rule is, for people: `program of the rule "Night"`, and the address, program, server or database. */
export function describeRuleEffect(
  kind: string,
  payload: unknown,
): { readonly what: string; readonly to?: readonly string[] } | undefined {
  if (!kind.startsWith('rule.')) return undefined;
  const { rule, to, program, url, connection } = payload as Readonly<Record<string, unknown>>;
  const title = typeof rule === 'string' && rule !== '' ? ` of the rule "${rule}"` : '';
  const [target] = [to, Array.isArray(program) ? program[0] : undefined, hostOf(url), connection].filter(
    (each) => typeof each === 'string',
  );
  return {
    what: `${kind.slice('rule.'.length)}${title}`,
    ...(target === undefined ? {} : { to: [redact(target)] }),
  };
}

/** The rest of a URL may be secret. */
function hostOf(url: unknown): string | undefined {
  return typeof url === 'string' && URL.canParse(url) ? new URL(url).origin : undefined;
}

export type RuleEffectKind = `rule.${EffectKind}`;

/** A text from a rule to a phone. */
export interface RuleText {
  /** `sms:+15551234567?user=u&pass=p@d`, `sms:+15551234567`, or a number. */
  readonly to: string;
  readonly text: string;
  /** The gateway it is to go out through. */
  readonly gateway?: string;
  /** Who sent the message that it is made from; its account pays, where it has one. */
  readonly sender?: string;
  /** The phone whose message it is made from. */
  readonly origin?: string;
  readonly hops: number;
  /** The rules that made it: they are not applied to it. */
  readonly madeBy: readonly string[];
  /** The account that paid for the message it is made from, and pays for it. */
  readonly account?: string;
  /** Stable: the same text is sent once. */
  readonly id: string;
}

export interface RuleEffectDeps {
  /** Whether an address is that of a phone (and not a mail address elsewhere). */
  readonly isPhone: (address: string) => boolean;
  readonly submit: (text: RuleText) => Promise<unknown>;
  readonly mail: (payload: MailPayload, id: string) => Promise<void>;
  readonly clock: Clock;
}

export interface RuleEffectSettings {
  readonly hostname: string;
  /** From of mails that rules make. */
  readonly from: string;
}

/** Those that are messages and mails. */
export function messageHandlers(
  settings: RuleEffectSettings,
  deps: RuleEffectDeps,
): Readonly<Record<string, EffectHandler>> {
  const maker = new RuleMessages(settings, deps);
  const passOn: EffectHandler = (payload, id) => maker.passOn(payload as PassOn, id);
  return {
    'rule.forward': passOn,
    'rule.copy': passOn,
    'rule.archive': passOn,
    'rule.send': (payload, id) => maker.send(payload as NewMessage, id),
    'rule.respond': (payload, id) => maker.respond(payload as Response, id),
  };
}

/** Those that are carried out elsewhere, under the names that they have in the queue. */
export function ruleErrands(
  handlers: Readonly<Record<'program' | 'url' | 'sql', EffectHandler>>,
): Readonly<Record<string, EffectHandler>> {
  const { program, url, sql } = handlers;
  return { 'rule.program': program, 'rule.url': url, 'rule.sql': sql } satisfies Partial<
    Record<RuleEffectKind, EffectHandler>
  >;
}

class RuleMessages {
  readonly #settings: RuleEffectSettings;
  readonly #deps: RuleEffectDeps;

  constructor(settings: RuleEffectSettings, deps: RuleEffectDeps) {
    this.#settings = settings;
    this.#deps = deps;
  }

  async passOn({ to, message }: PassOn, id: string): Promise<void> {
    const { text, hops, madeBy = [], account, subject, sender, direction, number } = message;
    const author = {
      ...(sender === undefined ? {} : { sender }),
      ...(account === undefined ? {} : { account }),
      ...(direction === 'incoming' ? { origin: number } : {}),
    };
    if (this.#deps.isPhone(to)) await this.#deps.submit({ to, text, hops, madeBy, id, ...author });
    else await this.#mail(id, { to, subject, text, about: message });
  }

  async send({ to, from, subject, text, hops, madeBy = [] }: NewMessage, id: string): Promise<void> {
    if (this.#deps.isPhone(to)) await this.#deps.submit({ to, text, hops, madeBy, id });
    else await this.#mail(id, { to, subject, text, ...(from === undefined ? {} : { from }) });
  }

  async respond({ via, to, gateway, subject, text, hops, madeBy = [] }: Response, id: string): Promise<void> {
    if (via === 'mail') {
      await this.#mail(id, { to, subject, text });
      return;
    }
    const pinned = gateway === undefined ? {} : { gateway };
    await this.#deps.submit({ to, text, hops, madeBy, id, origin: to, ...pinned });
  }

  #mail(
    id: string,
    mail: {
      readonly to: string;
      readonly subject: string;
      readonly text: string;
      readonly from?: string;
      readonly about?: MessageCopy;
    },
  ): Promise<void> {
    const { to, subject, text, about } = mail;
    const { hostname, from } = this.#settings;
    if (!to.includes('@')) throw new Fault('relay.refused', { told: `"${to}" is no mail address` });
    // An incoming message comes from its phone's own address, which can be answered to.
    const author = about?.direction === 'incoming' ? headerOf(about, 'from') : undefined;
    const raw = composeNote({
      from: author ?? mail.from ?? from,
      to,
      ...(about?.sender === undefined ? {} : { replyTo: about.sender }),
      subject,
      text,
      date: this.#deps.clock.now(),
      messageId: `<${id}@${hostname}>`,
      loop: hostname,
      fields: about === undefined ? [] : aboutFields(about),
    });
    // Bounces of it help nobody: it comes from the null sender, as every automatic mail should (RFC 3834).
    return this.#deps.mail(
      { from: '', to: [to], raw, about: messageOfEffect(id), what: 'mail of a rule' },
      id,
    );
  }
}

/** Who wrote to whom, and through what; and the fields that rules and programs have put there beside these. */
function aboutFields({ direction, number, gateway = '', sender = '', headers }: MessageCopy): HeaderField[] {
  const own = [
    { name: 'X-SMS-Direction', value: direction },
    { name: 'X-SMS-Number', value: number },
    { name: 'X-SMS-Gateway', value: gateway },
    { name: 'X-SMS-Sender', value: sender },
  ];
  // A sender cannot say otherwise.
  const taken = new Set(own.map(({ name }) => name.toLowerCase()));
  return [
    ...own.filter(({ value }) => value !== ''),
    ...headers.filter(({ name }) => /^x-/i.test(name) && !taken.has(name.toLowerCase())),
  ];
}

function headerOf({ headers }: MessageCopy, name: string): string | undefined {
  return headers.find((each) => each.name.toLowerCase() === name)?.value;
}
