import type { Clock } from '../../base/clock.ts';
import { cutAddress } from '../../base/mail-address.ts';
import { redact } from '../../base/secret.ts';
import { firstAddress } from '../../mail/read/address-field.ts';
import type { HeaderField, RuleMessage } from '../../rules/message.ts';
import type { RuleEffect, Trace } from '../../rules/verdict.ts';
import type { IncomingMessage } from '../../store/records.ts';
import type { IncomingText } from './text.ts';
import type { Rules } from '../outgoing/rule-sets.ts';

/** What the rules make of a message from a phone that is on its way to a mailbox. */
export interface IncomingVerdict {
  /** `drop`: it goes to no mailbox, by the rule that `note` names. `elsewhere`: a rule has sent it on instead. */
  readonly kind: 'mail' | 'drop' | 'elsewhere';
  readonly note?: string;
  readonly text: string;
  readonly subject?: string;
  /** What its From and To fields say instead; who gets it is not changed by that. */
  readonly shown?: { readonly from?: string; readonly to?: string };
  /** Header fields that the mail gets besides. */
  readonly fields: readonly HeaderField[];
  /** Another mailbox, with its folder. */
  readonly to?: string;
  readonly effects: readonly RuleEffect[];
  readonly trace?: Trace;
}

export interface IncomingRulesSettings {
  /** How a folder is named to the mail server: `plus`, in the address (RFC 5233); `header`, in X-SMS-Folder. */
  readonly folders: 'plus' | 'header';
}

/** Fields that the mail has by itself. */
const OWN = new Set([
  'from',
  'to',
  'subject',
  'date',
  'message-id',
  'in-reply-to',
  'references',
  'mime-version',
]);

/** The rules at work on messages from phones. */
export class IncomingRules {
  readonly #settings: IncomingRulesSettings;
  readonly #rules: Rules | undefined;
  readonly #clock: Clock;

  constructor(settings: IncomingRulesSettings, deps: { rules: Rules | undefined; clock: Clock }) {
    this.#settings = settings;
    this.#rules = deps.rules;
    this.#clock = deps.clock;
  }

  /** @param mail From, To and Subject that its mail is to have */
  async judge(
    message: IncomingMessage,
    text: IncomingText,
    mail: { readonly from: string; readonly to: string; readonly subject: string },
  ): Promise<IncomingVerdict> {
    const set = this.#rules?.set('incoming');
    if (this.#rules === undefined || set === undefined)
      return { kind: 'mail', text: text.text, fields: [], effects: [] };
    const seen = asRulesSeeIt(message, text, mail, this.#clock.now(), this.#rules.zone);
    const { verdict, trace } = await set.run(seen, this.#rules.ask);
    const { outcome, effects, subject, folder, headers = [] } = verdict;
    const words = verdict.body ?? text.text;
    const common = { text: words, fields: [], effects, trace };
    if (outcome !== 'accept')
      return { ...common, kind: 'drop', note: `${outcome} by the rule "${verdict.rule ?? ''}"` };
    if (folder === undefined && !verdict.usual)
      return { ...common, kind: 'elsewhere', note: `to ${forwardedTo(effects)} by a rule` };
    const fields = headers.filter(({ name }) => !OWN.has(name.toLowerCase()));
    const plus = this.#settings.folders === 'plus';
    return {
      ...common,
      kind: 'mail',
      ...shownOf(headers, mail),
      fields:
        folder === undefined || plus ? fields : [...fields, { name: 'X-SMS-Folder', value: folder.folder }],
      ...(subject === undefined ? {} : { subject }),
      ...(folder === undefined
        ? {}
        : { to: plus ? plusAddress(folder.mailbox, folder.folder) : folder.mailbox }),
    };
  }
}

function forwardedTo(effects: readonly RuleEffect[]): string {
  const forwards = effects.flatMap((each) => (each.kind === 'forward' ? [redact(each.payload.to)] : []));
  return forwards.join(', ');
}

/** From and To as rules have changed them, where they still are addresses. */
function shownOf(
  headers: readonly HeaderField[],
  before: { readonly from: string; readonly to: string },
): Pick<IncomingVerdict, 'shown'> {
  const changed = (name: 'from' | 'to'): string | undefined => {
    const field = headers.find((each) => each.name.toLowerCase() === name);
    return field === undefined || field.value === before[name] ? undefined : firstAddress(field.value);
  };
  const from = changed('from');
  const to = changed('to');
  if (from === undefined && to === undefined) return {};
  return { shown: { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) } };
}

/** RFC 5233: `desk+SMS@example.com`. */
function plusAddress(mailbox: string, folder: string): string {
  const { local, domain } = cutAddress(mailbox);
  return domain === undefined || folder === '' ? mailbox : `${local}+${folder}@${domain}`;
}

function asRulesSeeIt(
  message: IncomingMessage,
  text: IncomingText,
  { from, to, subject }: { readonly from: string; readonly to: string; readonly subject: string },
  at: number,
  zone: string,
): RuleMessage {
  const { id, number, gateway, total } = message;
  return {
    direction: 'incoming',
    id,
    headers: [
      { name: 'From', value: from },
      { name: 'To', value: to },
      { name: 'Subject', value: subject },
    ],
    text: text.text,
    size: Buffer.byteLength(text.text),
    attachments: text.attachments.map(({ name }) => name),
    number,
    gateway,
    parameters: [],
    authenticated: false,
    trusted: false,
    at,
    zone,
    parts: total,
    encoding: text.encoding,
    priority: 0,
    hops: 0,
  };
}
