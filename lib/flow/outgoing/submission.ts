import type { Accounts } from '../../accounts/accounts.ts';
import { normaliseNumber } from '../../address/number.ts';
import type { Parameters } from '../../address/parameters.ts';
import type { Clock } from '../../base/clock.ts';
import { type FaultCode, asFault } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { type Random, newId } from '../../base/random.ts';
import { redact } from '../../base/secret.ts';
import type { ExtractOptions } from '../../mail/text/extract.ts';
import type { Accepted, Outgoing } from '../../store/outgoing.ts';
import type { Effects } from '../../store/effects.ts';
import type { DsnRequest, NewEffect } from '../../store/records.ts';
import { faultRecord } from '../effects/fault-record.ts';
import { forwardMail } from '../effects/forward.ts';
import type { Reports } from '../effects/reports.ts';
import type { RuleText } from '../effects/rule-effects.ts';
import type { Admission } from './admit.ts';
import { clientOf } from './authorise.ts';
import {
  type Credential,
  type MailDoor,
  type MailSubmission,
  type Recipient,
  type RecipientResult,
  type Session,
  accountOf,
} from './door.ts';
import type { Drafts } from './draft.ts';
import type { Gateways } from './gateways.ts';
import type { Loops } from './loops.ts';
import { type Outcome, type Refused, itemsOf, outcomesOf, resultsOf, untold } from './outcome.ts';
import type { Plan, Planned, Planner } from './plan.ts';
import { type Submitted, asSubmitted, readMail } from './submitted.ts';

/**
 * Submission: the first station of a mail on its way to a phone.
 *
 * Promises: nobody sends who is not known (authorise.ts has the order of proof); when `submit` resolves, every message that
 * it reports as accepted is on disk together with its charge and its reply link; a recipient that failed is told, at
 * once where the protocol can, else by a report queued before `submit` resolves. The same mail for the same number
 * within the dedupe window is one message, so an SMTP client that missed our 250 may safely send it again.
 *
 * What becomes of a mail is decided in plan.ts; here the plan is kept.
 */
export class Submission implements MailDoor {
  readonly #settings: SubmissionSettings;
  readonly #deps: SubmissionDeps;

  constructor(settings: SubmissionSettings, deps: SubmissionDeps) {
    this.#settings = settings;
    this.#deps = deps;
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

  recipient(
    session: Session,
    sender: string | undefined,
    address: string,
    dsn: DsnRequest,
  ): Promise<Recipient> {
    return this.#deps.admission.recipient(
      { session, ...(sender === undefined ? {} : { sender }) },
      address,
      dsn,
    );
  }

  async submit(session: Session, mail: MailSubmission): Promise<readonly RecipientResult[]> {
    const submitted = await readMail(session, mail, this.#settings.text);
    const results = await this.#send(submitted, mail.recipients);
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
    const sender = from === undefined ? {} : { sender: from };
    const recipient = await this.#deps.admission.number({ session, ...sender }, number, parameters);
    const origin = from === undefined ? {} : { ...sender, answerTo: from };
    return this.#sendTo(asSubmitted(session, text, origin), recipient);
  }

  /** A text that a rule sends to a phone: in the name of whoever sent the message that it is made from. */
  async submitRule(made: RuleText): Promise<readonly string[]> {
    const { to, text, gateway, origin: phone, hops, madeBy, id } = made;
    // Whoever paid for the message pays for what is made of it.
    const sender = made.account ?? made.sender;
    const { admission, gateways, loops } = this.#deps;
    const caller = { session: RULE, ...(sender === undefined ? {} : { sender }) };
    const recipient = to.includes('@')
      ? await admission.address(caller, to, {})
      : await admission.written(caller, to);
    if (phone !== undefined && reaches(recipient, to, phone)) loops.ruleAnswer(phone);
    const pinned = gateway === undefined || !gateways.isActive(gateway) ? {} : { id: gateway };
    const targets = recipient.targets.map((target) => ({
      ...target,
      parameters: { ...pinned, ...target.parameters },
    }));
    const origin = { mailMessageId: `<${id}@${this.#settings.hostname}>`, ruleHops: hops };
    return this.#sendTo(asSubmitted(RULE, text, origin, { hops, madeBy }), {
      ...recipient,
      targets,
      dsn: { notify: ['never'] },
    });
  }

  async #sendTo(submitted: Submitted, recipient: Recipient): Promise<readonly string[]> {
    const [result] = await this.#send(submitted, [recipient]);
    if (result === undefined) return [];
    if ('fault' in result) throw result.fault;
    return result.ids;
  }

  /** Plans, and keeps the plan. */
  async #send(submitted: Submitted, recipients: readonly Recipient[]): Promise<RecipientResult[]> {
    const { planner, store } = this.#deps;
    const made = await planner.plan(submitted, recipients);
    const plan: Plan = { ...made, messages: made.messages.map((each) => this.#counted(each)) };
    const items = itemsOf(plan.messages);
    const answers = items.length === 0 ? [] : await store.accept(items);
    const outcomes = outcomesOf(plan.messages, answers);
    for (const each of outcomes) this.#log(each);
    const results = resultsOf(plan, outcomes);
    const mails = [
      ...this.#forwards(plan),
      ...untold(submitted.session, outcomes, results).flatMap((each) => this.#report(each)),
    ];
    if (mails.length > 0) await store.enqueue(mails);
    return results;
  }

  /** Counts an answer to a phone; the refusal, where it is one too many by now. */
  #counted(planned: Planned): Planned {
    const { recipient, asked } = planned;
    const { mail } = asked.submitted;
    if (planned.kind === 'refused' || mail === undefined) return planned;
    try {
      this.#deps.loops.answer(mail, asked.number);
      return planned;
    } catch (error) {
      return { kind: 'refused', recipient, asked, fault: asFault(error) };
    }
  }

  /** The mail itself, for the members of lists who are no phones. */
  #forwards({ submitted: { mail }, recipients }: Plan): NewEffect[] {
    if (mail === undefined) return [];
    const { hostname, mailExpireMs } = this.#settings;
    const { clock, random } = this.#deps;
    const { raw, sender } = mail;
    return recipients.flatMap(({ mails }) =>
      mails.map((to) =>
        forwardMail(
          { ...(sender === undefined ? {} : { sender }), raw, to, hostname },
          { id: newId(clock, random), created: clock.now(), expireMs: mailExpireMs },
        ),
      ),
    );
  }

  #report({ planned, fault }: Refused): NewEffect[] {
    const { drafts, reports } = this.#deps;
    const subject = planned.kind === 'message' ? planned.item.message : drafts.subject(planned.asked);
    return reports.make(subject, 'failed', faultRecord(fault));
  }

  #log(outcome: Outcome): void {
    const { log } = this.#deps;
    const { planned } = outcome;
    const account = accountOf(planned.asked.target.payer)?.user;
    if ('fault' in outcome) {
      const { fault, limit } = outcome;
      const { number, from } = planned.asked;
      if (limit !== undefined)
        log.info({ account, number, limit }, 'refused: a limit of the account is reached');
      // Of what a rule refuses nothing is kept but this line.
      if (!RULE_FAULTS.has(fault.code)) return;
      const { told, detail } = fault;
      const why = { reason: redact(told), ...(detail === undefined ? {} : { detail: redact(detail) }) };
      log.info({ number, sender: from.sender, account, ...why }, 'refused by a rule');
      return;
    }
    const { taken } = outcome;
    const { number, origin, state, parts, trace } = outcome.planned.item.message;
    const known = { message: taken.id, number, sender: origin.sender, account };
    if (taken.outcome === 'accepted' && state !== 'queued') {
      log.info({ ...known, note: trace.at(-1)?.note }, `${state} by a rule`);
    } else log.info({ ...known, parts: parts.length }, TOLD[taken.outcome]);
  }
}

export interface SubmissionSettings {
  /** The country of national numbers that are given without an address. */
  readonly country?: string;
  /** How a mail becomes text. */
  readonly text: Pick<ExtractOptions, 'strip' | 'template'>;
  /** Our name in the loop header, and after the `@` in the Message-IDs that we make. */
  readonly hostname: string;
  /** How long a mail to the mail members of a list is tried for. */
  readonly mailExpireMs: number;
}

export interface SubmissionDeps {
  readonly store: Pick<Outgoing, 'accept'> & Pick<Effects, 'enqueue'>;
  readonly accounts: Accounts;
  readonly admission: Admission;
  readonly planner: Planner;
  readonly gateways: Gateways;
  readonly drafts: Drafts;
  readonly loops: Loops;
  readonly reports: Reports;
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

/** Rules speak for the operator. */
const RULE: Session = { via: 'rule', remote: 'local', trusted: true };

/** Refusals that a rule is the cause of. */
const RULE_FAULTS: ReadonlySet<string> = new Set<FaultCode>(['rule.rejected', 'rule.destination']);

const TOLD: Readonly<Record<Exclude<Accepted['outcome'], 'limit'>, string>> = {
  accepted: 'accepted',
  duplicate: 'accepted before: not queued again',
  collapsed: 'accepted: counted by one that waits',
  withdrawn: 'accepted: it ends an alarm that was still waiting, and neither is sent',
};

/** Whether a text goes back to the phone that it is made from. */
function reaches({ targets }: Recipient, written: string, phone: string): boolean {
  return written === phone || targets.some(({ numbers }) => numbers.includes(phone));
}
