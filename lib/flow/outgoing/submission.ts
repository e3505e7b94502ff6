import type { Account } from '../../accounts/account.ts';
import { type Accounts, limitFault } from '../../accounts/accounts.ts';
import { normaliseNumber } from '../../address/number.ts';
import type { Parameters } from '../../address/parameters.ts';
import type { Clock } from '../../base/clock.ts';
import { Fault, type FaultCode, asFault } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { type Random, newId } from '../../base/random.ts';
import { redact } from '../../base/secret.ts';
import { type ExtractOptions, type ExtractedMail, extractText } from '../../mail/text/extract.ts';
import type { AcceptItem, Accepted, Outgoing } from '../../store/outgoing.ts';
import type { Effects } from '../../store/effects.ts';
import type { Incoming } from '../../store/incoming.ts';
import type { DsnRequest, NewEffect } from '../../store/records.ts';
import { type Admission, accountOf } from './admit.ts';
import { clientOf } from './authorise.ts';
import type { DraftOrigin, Drafts, Wanted } from './draft.ts';
import type { Gateways } from './gateways.ts';
import { faultRecord } from '../effects/fault-record.ts';
import { forwardMail } from '../effects/forward.ts';
import { type LoopSettings, Loops } from './loops.ts';
import type { Judgement, OutgoingRules, Surroundings } from './rules.ts';
import type { Prove } from './prove.ts';
import type { ReportSubject, Reports } from '../effects/reports.ts';
import { type RuleText, effectsOf } from '../effects/rule-effects.ts';
import type {
  Credential,
  MailDoor,
  MailSubmission,
  Recipient,
  RecipientResult,
  Session,
  Target,
} from './door.ts';

/**
 * Submit: the first station of a mail on its way to a phone.
 *
 * Promises: nobody sends who is not known (authorise.ts has the order of proof); when `submit` resolves, every message that
 * it reports as accepted is on disk together with its charge and its reply link; a recipient that failed is told, at
 * once where the protocol can, else by a report queued before `submit` resolves. The same mail for the same number
 * within the dedupe window is one message, so an SMTP client that missed our 250 may safely send it again.
 */
export interface SubmitSettings extends LoopSettings {
  /** The country of national numbers that are given without an address. */
  readonly country?: string;
  /** How a mail becomes text. */
  readonly text: Pick<ExtractOptions, 'strip' | 'template'>;
  /** How long a mail to the mail members of a list is tried for. */
  readonly mailExpireMs: number;
  /** Send by a gateway through which nobody else writes to that phone, where one is free. */
  readonly separateGateways: boolean;
}

export interface SubmitDeps {
  readonly store: Outgoing & Effects & Pick<Incoming, 'links'>;
  readonly accounts: Accounts;
  readonly admission: Admission;
  readonly drafts: Drafts;
  readonly gateways: Gateways;
  readonly reports: Reports;
  readonly prove: Prove;
  readonly rules: OutgoingRules;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** A text from elsewhere than a mail: the command line, later the HTTP API. */
export interface TextSubmission {
  readonly to: string;
  readonly text: string;
  /** Who gets the answer and the reports. */
  readonly from?: string;
  readonly parameters: Parameters;
}

interface Draft {
  readonly recipient: Recipient;
  readonly item: AcceptItem;
}

/** What becomes of the numbers of a mail. */
interface Sorted {
  readonly drafts: Draft[];
  readonly refusals: Refusal[];
}

/** What rules may look at besides the text. */
type MailFacts = Pick<Surroundings, 'size' | 'attachments' | 'html' | 'rawHeaders' | 'hops'> & {
  /** Throws where a text to this number would be one of a loop. */
  readonly admit?: (number: string) => void;
};

/** A number that gets no message, and why. */
interface Refusal {
  readonly recipient: Recipient;
  readonly subject: ReportSubject;
  readonly fault: Fault;
}

/** The text for an account: each may have a layout of its own. */
type TextFor = (account: Account | undefined) => Promise<string>;

/** Rules speak for the operator. */
const RULE: Session = { via: 'rule', remote: 'local', trusted: true };

/** What the rules are the reason of. */
const RULE_FAULTS: ReadonlySet<string> = new Set<FaultCode>(['rule.rejected', 'rule.destination']);

const TOLD: Readonly<Record<Exclude<Accepted['outcome'], 'limit'>, string>> = {
  accepted: 'accepted',
  duplicate: 'accepted before: not queued again',
  collapsed: 'accepted: counted by one that waits',
  withdrawn: 'accepted: it ends an alarm that was still waiting, and neither is sent',
};

export class Submit implements MailDoor {
  readonly #settings: SubmitSettings;
  readonly #deps: SubmitDeps;
  readonly #loops: Loops;

  constructor(settings: SubmitSettings, deps: SubmitDeps) {
    this.#settings = settings;
    this.#deps = deps;
    this.#loops = new Loops(settings, deps.clock);
  }

  get takesTokens(): boolean {
    return this.#deps.accounts.takesTokens;
  }

  async authenticate(
    user: string,
    { kind, secret }: Credential,
    session: Omit<Session, 'user'>,
  ): Promise<string> {
    const { accounts } = this.#deps;
    const client = clientOf(session);
    const account =
      kind === 'password'
        ? await accounts.verify(user, secret, client)
        : await accounts.verifyToken(user, secret, client);
    return account.user;
  }

  async sender(): Promise<void> {
    // Every sender may knock: who may send is decided for each recipient, since an address can carry its own proof.
  }

  async recipient(
    session: Session,
    sender: string | undefined,
    address: string,
    dsn: DsnRequest,
  ): Promise<Recipient> {
    if (sender === undefined && !this.#settings.automatic.includes('bounce')) {
      throw new Fault('mail.automatic', { told: 'bounces are not sent to phones' });
    }
    return this.#deps.admission.recipient(session, sender, address, dsn);
  }

  async submit(session: Session, mail: MailSubmission): Promise<readonly RecipientResult[]> {
    const { text, hostname, mailExpireMs } = this.#settings;
    const extracted = await extractText(mail.raw, text);
    this.#loops.check(extracted.headers, mail.sender);
    const { recipients, once } = await this.#deps.prove.recipients(session, mail);
    const origin = { ...originOfMail(mail.sender, extracted), ...(once === undefined ? {} : { once }) };
    // A large mail takes long to read: it is read once for each layout, and not for each recipient.
    const layouts = new Map([[text.template, extracted]]);
    const textFor: TextFor = async (account) => {
      const { template } = account ?? {};
      if (template === undefined) return extracted.text;
      const laidOut = layouts.get(template) ?? (await extractText(mail.raw, { ...text, template }));
      layouts.set(template, laidOut);
      return laidOut.text;
    };
    const { clock, random } = this.#deps;
    const forwards = recipients.flatMap((recipient) =>
      recipient.mails.map((to) =>
        forwardMail(
          { ...mail, to, hostname },
          { id: newId(clock, random), created: clock.now(), expireMs: mailExpireMs },
        ),
      ),
    );
    const named = recipients.map((recipient) => withAlarm(recipient, extracted));
    const facts: MailFacts = {
      size: mail.raw.length,
      attachments: extracted.attachments.map(({ name = '' }) => name),
      html: extracted.html,
      rawHeaders: redact(extracted.rawHeaders),
      hops: 0,
      admit: (number) => this.#loops.answer(extracted.headers, mail.sender, number),
    };
    const results = await this.#submit(session, named, textFor, origin, facts, forwards);
    // The server knows the recipients that it was given.
    return results.map((result, index) => ({
      ...result,
      recipient: mail.recipients[index] ?? result.recipient,
    }));
  }

  /** A text that did not come as a mail. Resolves with the ids of its messages; throws what a mail would be told. */
  async submitText(session: Session, submission: TextSubmission): Promise<readonly string[]> {
    const { to, text, from, parameters } = submission;
    const number = normaliseNumber(to, this.#settings.country);
    const recipient = await this.#deps.admission.number(session, from, number, parameters);
    const origin = from === undefined ? {} : { sender: from, answerTo: from };
    return this.#submitTo(session, recipient, text, origin, 0);
  }

  /** A text that a rule sends to a phone: in the name of whoever sent the message that it is made from. */
  async submitRule({
    to,
    text,
    gateway,
    sender,
    origin: phone,
    hops,
    id,
  }: RuleText): Promise<readonly string[]> {
    const address = /@/.test(to) ? to : undefined;
    const { admission, gateways } = this.#deps;
    const recipient =
      address === undefined
        ? await admission.written(RULE, sender, to)
        : await admission.recipient(RULE, sender, address, {});
    if (phone !== undefined && reaches(recipient, to, phone)) this.#loops.ruleAnswer(phone);
    const pinned = gateway === undefined || !gateways.isActive(gateway) ? {} : { id: gateway };
    const targets = recipient.targets.map((target) => ({
      ...target,
      parameters: { ...pinned, ...target.parameters },
    }));
    const origin = { mailMessageId: `<${id}@${this.#settings.hostname}>`, ruleHops: hops };
    return this.#submitTo(RULE, { ...recipient, targets, dsn: { notify: ['never'] } }, text, origin, hops);
  }

  async #submitTo(
    session: Session,
    recipient: Recipient,
    text: string,
    origin: Omit<DraftOrigin, 'dsn'>,
    hops: number,
  ): Promise<readonly string[]> {
    const rawHeaders = origin.sender === undefined ? '' : `From: ${origin.sender}`;
    const facts = { size: Buffer.byteLength(text), attachments: [], rawHeaders, hops };
    const [result] = await this.#submit(session, [recipient], async () => text, origin, facts, []);
    if (result === undefined) return [];
    if ('fault' in result) throw result.fault;
    return result.ids;
  }

  async #submit(
    session: Session,
    recipients: readonly Recipient[],
    textFor: TextFor,
    from: Omit<DraftOrigin, 'dsn'>,
    facts: MailFacts,
    forwards: readonly NewEffect[],
  ): Promise<RecipientResult[]> {
    const sorted: Sorted = { drafts: [], refusals: [] };
    const { drafts, refusals } = sorted;
    for (const recipient of recipients) {
      for (const target of recipient.targets) {
        await this.#draft(session, recipient, target, textFor, from, facts, sorted);
      }
    }
    const ids = await this.#accept(drafts, refusals);
    for (const recipient of recipients) {
      if (recipient.mails.length > 0 && !ids.has(recipient)) ids.set(recipient, []);
    }
    // SMTP has one answer for all recipients, and an address may hold several numbers: whoever is not answered
    // by this call's result is told by a report.
    const answered = session.via === 'smtp' ? ids.size === 0 : true;
    const unanswered = refusals.filter(({ recipient }) => !answered || ids.has(recipient));
    const told = unanswered.flatMap(({ subject, fault }) =>
      this.#deps.reports.make(subject, 'failed', faultRecord(fault)),
    );
    if (forwards.length + told.length > 0) await this.#deps.store.enqueue([...forwards, ...told]);
    return recipients.map((recipient) => {
      const accepted = ids.get(recipient);
      if (accepted !== undefined) return { recipient, ids: accepted };
      const refusal = refusals.find((each) => each.recipient === recipient);
      const { poster } = recipient;
      const stands = poster?.kind === 'refused' ? poster.fault : undefined;
      const fault =
        refusal?.fault ?? stands ?? new Fault('internal', { detail: 'an address without a number' });
      return { recipient, fault };
    });
  }

  async #draft(
    session: Session,
    recipient: Recipient,
    target: Target,
    textFor: TextFor,
    origin: Omit<DraftOrigin, 'dsn'>,
    facts: MailFacts,
    out: Sorted,
  ): Promise<void> {
    const { admit, ...surroundings } = facts;
    const account = accountOf(target.payer);
    const text = await textFor(account);
    const from = { ...origin, dsn: recipient.dsn };
    for (const number of target.numbers) {
      const message = { target, number, text, from };
      try {
        if (target.payer.kind === 'refused') throw target.payer.fault;
        admit?.(number);
        const judged = await this.#deps.rules.judge(message, { ...surroundings, session, account });
        out.drafts.push({ recipient, item: await this.#item(session, account, judged) });
      } catch (error) {
        const fault = asFault(error);
        if (RULE_FAULTS.has(fault.code)) this.#logRefusal(fault, number, from.sender, account);
        const subject = this.#deps.drafts.subject(session, message);
        out.refusals.push({ recipient, subject, fault });
      }
    }
  }

  async #item(
    session: Session,
    account: Account | undefined,
    { message, effects, end }: Judgement,
  ): Promise<AcceptItem> {
    const { drafts } = this.#deps;
    const item =
      end === undefined
        ? drafts.draft(session, account, message, await this.#separate(message))
        : drafts.ended(session, account, message, end);
    if (effects.length === 0) return item;
    const { id, created } = item.message;
    const times = { created, expires: created + this.#settings.mailExpireMs };
    return { ...item, effects: [...(item.effects ?? []), ...effectsOf(id, effects, times)] };
  }

  /** Of what a rule refuses nothing is kept but this line. */
  #logRefusal(fault: Fault, number: string, sender: string | undefined, account: Account | undefined): void {
    const { told, detail } = fault;
    const why = { reason: redact(told), ...(detail === undefined ? {} : { detail: redact(detail) }) };
    this.#deps.log.info({ number, sender, account: account?.user, ...why }, 'refused by a rule');
  }

  /** A gateway by which the answer will be clear, where that is wanted. */
  async #separate({ number, target, from }: Wanted): Promise<string | undefined> {
    const answerTo = target.parameters.reply ?? from.answerTo;
    if (!this.#settings.separateGateways || answerTo === undefined) return undefined;
    const { store, gateways, clock } = this.#deps;
    return gateways.separate(number, answerTo, await store.links(number, clock.now()));
  }

  /** Hands the drafts to the store; those that it refuses join `refusals`. The ids of the others by recipient. */
  async #accept(drafts: readonly Draft[], refusals: Refusal[]): Promise<Map<Recipient, string[]>> {
    const { store, log } = this.#deps;
    const outcomes = drafts.length === 0 ? [] : await store.accept(drafts.map((draft) => draft.item));
    const ids = new Map<Recipient, string[]>();
    drafts.forEach(({ recipient, item: { message } }, index) => {
      const outcome = outcomes[index];
      if (outcome === undefined) throw new Error('the store left an item unanswered');
      const { number, account } = message;
      if (outcome.outcome === 'limit') {
        log.info({ account, number, limit: outcome.limit }, 'refused: a limit of the account is reached');
        const fault = limitFault(outcome.limit, account === undefined ? undefined : { user: account });
        refusals.push({ recipient, subject: message, fault });
        return;
      }
      const { state, parts, trace } = message;
      const known = { message: outcome.id, number, sender: message.origin.sender, account };
      if (outcome.outcome === 'accepted' && state !== 'queued') {
        log.info({ ...known, note: trace.at(-1)?.note }, `${state} by a rule`);
      } else log.info({ ...known, parts: parts.length }, TOLD[outcome.outcome]);
      ids.set(recipient, [...(ids.get(recipient) ?? []), outcome.id]);
    });
    return ids;
  }
}

/** Whether a text goes back to the phone that it is made from. */
function reaches({ targets }: Recipient, written: string, phone: string): boolean {
  return written === phone || targets.some(({ numbers }) => numbers.includes(phone));
}

/** The alarm that the mail's header names, where the address names none. */
function withAlarm(recipient: Recipient, { headers }: ExtractedMail): Recipient {
  const { alarmKey, alarmEnds } = headers;
  if (alarmKey === undefined) return recipient;
  const named = { key: alarmKey, ...(alarmEnds === true ? { cancel: true } : {}) };
  const targets = recipient.targets.map((target) =>
    target.parameters.key === undefined
      ? { ...target, parameters: { ...target.parameters, ...named } }
      : target,
  );
  return { ...recipient, targets };
}

function originOfMail(
  sender: string | undefined,
  { headers, rawHeaders }: ExtractedMail,
): Omit<DraftOrigin, 'dsn'> {
  const { subject, messageId, references, hops, replyTo, from } = headers;
  return {
    ...(sender === undefined ? {} : { sender, answerTo: replyTo ?? from ?? sender }),
    rawHeaders: redact(rawHeaders),
    hops,
    ...(subject === '' ? {} : { subject }),
    ...(messageId === undefined ? {} : { mailMessageId: messageId }),
    ...(references === undefined ? {} : { references }),
  };
}
