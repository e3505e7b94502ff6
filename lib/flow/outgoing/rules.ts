import { normaliseNumber } from '../../address/number.ts';
import { type Parameters, mergeParameters, printedPairs, readParameters } from '../../address/parameters.ts';
import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/errors.ts';
import { type Random, newId } from '../../base/random.ts';
import { redact } from '../../base/secret.ts';
import { RULE_PARAMETERS } from '../../rules/actions/destination.ts';
import { headerFields } from '../../rules/header-fields.ts';
import { priorityOf } from '../../rules/mail-priority.ts';
import { type ParameterPair, type RuleMessage, ruleName } from '../../rules/message.ts';
import type { MessageCopy, Outcome, RuleEffect } from '../../rules/verdict.ts';
import { contentOf, cut } from './content.ts';
import type { RuleEnd } from './draft.ts';
import type { Rules } from './rule-sets.ts';
import { accountOf } from './door.ts';
import type { MessageOrigin, MessageRequest } from './submitted.ts';

/** What the rules make of a message to one number: it with their trace, and what they want done besides. */
export interface OutgoingVerdict {
  readonly message: MessageRequest;
  readonly effects: readonly RuleEffect[];
  /** A rule took it off its way: it goes to no phone. */
  readonly end?: RuleEnd;
}

/** More than any message may take: rules see how many parts the whole text would be. */
const MANY_PARTS = 255;

/** The rules at work on outgoing messages. */
export class OutgoingRules {
  readonly #settings: OutgoingSettings;
  readonly #deps: OutgoingDeps;

  constructor(settings: OutgoingSettings, deps: OutgoingDeps) {
    this.#settings = settings;
    this.#deps = deps;
  }

  /**
   * Runs the rules. Throws `rule.rejected`, and `rule.destination` where a rule wrote a destination wrongly, which is a fault of
   * the rules.
   */
  async judge(message: MessageRequest): Promise<OutgoingVerdict> {
    const { rules, clock, random } = this.#deps;
    const set = rules?.set('outgoing');
    if (rules === undefined || set === undefined) return { message, effects: [] };
    const asked = { ...message, id: newId(clock, random) };
    const seen = asRulesSeeIt(asked, { at: clock.now(), zone: rules.zone });
    const outcome = await set.run(seen, rules.ask);
    return asVerdict(asked, seen, outcome, this.#settings.country);
  }
}

export interface OutgoingSettings {
  /** The country of national numbers that rules write. */
  readonly country?: string;
}

export interface OutgoingDeps {
  readonly rules: Rules | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

function asVerdict(
  message: MessageRequest,
  seen: RuleMessage,
  { verdict, trace }: Outcome,
  country: string | undefined,
): OutgoingVerdict {
  const { effects, rule = '', to } = verdict;
  if (verdict.outcome === 'reject') {
    throw new Fault('rule.rejected', {
      ...(verdict.text === undefined ? {} : { told: verdict.text }),
      detail: `rule "${rule}"`,
    });
  }
  const text = verdict.body ?? message.text;
  const subject = verdict.subject ?? message.from.subject ?? '';
  const from: MessageOrigin = {
    ...message.from,
    ...(verdict.sender === undefined ? {} : { sender: verdict.sender, answerTo: verdict.sender }),
    ...(subject === '' ? {} : { subject }),
    rules: trace,
  };
  if (verdict.outcome === 'delete') {
    const end = { state: 'dropped', note: `by the rule "${rule}"` } as const;
    return { message: { ...message, text, from }, effects, end };
  }
  if (to?.kind === 'mail') {
    const title = verdict.toRule ?? '';
    const copy = copyOf(message, { text, subject, seen, title });
    const instead: RuleEffect = { rule: title, kind: 'forward', payload: { to: to.address, message: copy } };
    const end = { state: 'diverted', note: `to ${redact(to.address)}` } as const;
    return { message: { ...message, text, from }, effects: [...effects, instead], end };
  }
  const parameters: Parameters = {
    ...(to === undefined
      ? message.target.parameters
      : mergeParameters(notForRules(message.target.parameters), readDestination(to.parameters, to.gateway))),
    ...(verdict.priority === undefined ? {} : { priority: verdict.priority }),
  };
  const number = to === undefined ? message.number : readNumber(to.number, country);
  const target = { ...message.target, parameters };
  const unpinned = seen.gateway !== undefined && to !== undefined && to.gateway === undefined;
  return {
    message: { ...message, target, number, text, from, ...(unpinned ? { unpinned } : {}) },
    effects,
  };
}

function asRulesSeeIt(
  { submitted, target, number, text, from, id }: MessageRequest,
  now: Pick<RuleMessage, 'at' | 'zone'>,
): RuleMessage {
  const { session, facts } = submitted;
  const { rawHeaders, size, attachments, html, hops, madeBy } = facts;
  const account = accountOf(target.payer);
  const { parameters } = target;
  const { parts, encoding } = measured(text, parameters);
  const headers = headerFields(rawHeaders);
  const gateway = parameters.id ?? account?.gateway;
  const alias = account?.alias;
  return {
    direction: 'outgoing',
    ...(id === undefined ? {} : { id }),
    headers,
    text,
    ...(html === undefined ? {} : { html }),
    size,
    attachments,
    ...(from.sender === undefined ? {} : { sender: from.sender }),
    recipient: target.address,
    number,
    ...(gateway === undefined ? {} : { gateway }),
    parameters: pairsOf(parameters),
    remote: session.remote,
    ...(account === undefined
      ? {}
      : { account: { user: account.user, ...(alias === undefined ? {} : { phoneAlias: alias }) } }),
    authenticated: account !== undefined || session.trusted,
    trusted: session.trusted,
    ...now,
    parts,
    encoding,
    priority: parameters.priority ?? priorityOf(headers),
    hops,
    ...(madeBy === undefined ? {} : { madeBy }),
  };
}

function measured(text: string, parameters: Parameters): Pick<RuleMessage, 'parts' | 'encoding'> {
  try {
    const { segments, encoding } = cut(contentOf(text, parameters), {}, MANY_PARTS);
    return { parts: segments.length, encoding };
  } catch (error) {
    // What cannot be sent as it is may be another text after the rules; else it is refused where it is drafted.
    if (!(error instanceof Fault)) throw error;
    return { parts: 1, encoding: 'gsm7' };
  }
}

function pairsOf(parameters: Parameters): ParameterPair[] {
  return printedPairs(parameters, 'hidden')
    .filter(([name]) => RULE_PARAMETERS.includes(name))
    .map(([name, value]) => ({ name, value: decodeURIComponent(value) }));
}

/** Those that rules can neither see nor set; all others are as the rules left them in To. */
function notForRules(parameters: Parameters): Parameters {
  const hidden = Object.entries(parameters).filter(
    ([name]) => name !== 'id' && !RULE_PARAMETERS.includes(name),
  );
  return Object.fromEntries(hidden);
}

function readDestination(pairs: readonly ParameterPair[], gateway: string | undefined): Parameters {
  const parameters = asRule(() => readParameters(pairs));
  return gateway === undefined ? parameters : { ...parameters, id: gateway };
}

function readNumber(written: string, country: string | undefined): string {
  return asRule(() => normaliseNumber(written, country));
}

/** What is wrong with what a rule wrote is not the sender's mistake. */
function asRule<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Fault('rule.destination', { detail: error.told, cause: error });
  }
}

function copyOf(
  { number, from }: MessageRequest,
  {
    text,
    subject,
    seen,
    title,
  }: {
    readonly text: string;
    readonly subject: string;
    readonly seen: RuleMessage;
    /** Of the rule that sends it on. */
    readonly title: string;
  },
): MessageCopy {
  const { sender } = from;
  const author = sender === undefined ? [] : [{ name: 'From', value: sender }];
  return {
    direction: 'outgoing',
    number,
    ...(sender === undefined ? {} : { sender }),
    subject,
    headers: author,
    text,
    hops: seen.hops + 1,
    madeBy: [...(seen.madeBy ?? []), ruleName('outgoing', title)],
    ...(seen.account === undefined ? {} : { account: seen.account.user }),
  };
}
