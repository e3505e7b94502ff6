import type { Account } from '../accounts/account.ts';
import { type Accounts, limitFault } from '../accounts/accounts.ts';
import { normaliseNumber } from '../address/number.ts';
import type { Parameters } from '../address/parameters.ts';
import type { Clock } from '../base/clock.ts';
import { Fault, asFault } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { type Random, newId } from '../base/random.ts';
import { redact } from '../base/secret.ts';
import { automatic } from '../mail/automatic.ts';
import { type ExtractOptions, type ExtractedMail, extractText } from '../mail/extract.ts';
import type { AcceptItem, Accepted, Store } from '../store/contract.ts';
import type { DsnRequest, NewEffect } from '../store/records.ts';
import { type Admission, accountOf } from './admit.ts';
import { clientOf } from './authorise.ts';
import type { DraftOrigin, Drafts } from './draft.ts';
import { faultRecord } from './fault-record.ts';
import { forwardMail } from './forward.ts';
import type { ReportSubject, Reports } from './reports.ts';
import type { SenderProof } from './sender-proof.ts';
import type {
  Credential,
  MailDoor,
  MailSubmission,
  Recipient,
  RecipientResult,
  Session,
  Target,
} from './submission.ts';

/**
 * Submit: the first station of a mail on its way to a phone.
 *
 * Promises: nobody sends who is not known (authorise.ts has the order of proof); when `submit` resolves, every message that
 * it reports as accepted is on disk together with its charge and its reply link; a recipient that failed is told, at
 * once where the protocol can, else by a report queued before `submit` resolves. The same mail for the same number
 * within the dedupe window is one message, so an SMTP client that missed our 250 may safely send it again.
 */
export interface SubmitSettings {
  /** The country of national numbers that are given without an address. */
  readonly country?: string;
  /** How a mail becomes text. */
  readonly text: Pick<ExtractOptions, 'strip' | 'template'>;
  /** Our name in the loop header. */
  readonly hostname: string;
  readonly maxHops: number;
  /** Kinds of automatic mail (see mail/automatic.ts) that may become a message. */
  readonly automatic: readonly string[];
  /** How long a mail to the mail members of a list is tried for. */
  readonly mailExpireMs: number;
  /** Send by a gateway through which nobody else writes to that phone, where one is free. */
  readonly separateGateways: boolean;
}

export interface SubmitDeps {
  readonly store: Store;
  readonly accounts: Accounts;
  readonly admission: Admission;
  readonly drafts: Drafts;
  readonly reports: Reports;
  readonly senderProof?: SenderProof;
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

/** A number that gets no message, and why. */
interface Refusal {
  readonly recipient: Recipient;
  readonly subject: ReportSubject;
  readonly fault: Fault;
}

/** The text for an account: each may have a layout of its own. */
type TextFor = (account: Account | undefined) => Promise<string>;

const TOLD: Readonly<Record<Exclude<Accepted['outcome'], 'limit'>, string>> = {
  accepted: 'accepted',
  duplicate: 'accepted before: not queued again',
  collapsed: 'accepted: counted by one that waits',
  withdrawn: 'accepted: it ends an alarm that was still waiting, and neither is sent',
};

export class Submit implements MailDoor {
  readonly #settings: SubmitSettings;
  readonly #deps: SubmitDeps;

  constructor(settings: SubmitSettings, deps: SubmitDeps) {
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
    this.#refuseLoops(extracted, mail.sender);
    const recipients = await this.#proved(session, mail);
    const origin = originOfMail(mail.sender, extracted);
    const textFor: TextFor = async (account) => {
      const { template } = account ?? {};
      if (template === undefined || template === text.template) return extracted.text;
      return (await extractText(mail.raw, { ...text, template })).text;
    };
    const { clock, random } = this.#deps;
    const forwards = mail.recipients.flatMap((recipient) =>
      recipient.mails.map((to) =>
        forwardMail(
          { ...mail, to, hostname },
          { id: newId(clock, random), created: clock.now(), expireMs: mailExpireMs },
        ),
      ),
    );
    const named = recipients.map((recipient) => withAlarm(recipient, extracted));
    const results = await this.#submit(session, named, textFor, origin, forwards);
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
    const [result] = await this.#submit(session, [recipient], async () => text, origin, []);
    if (result === undefined) return [];
    if ('fault' in result) throw result.fault;
    return result.ids;
  }

  async #submit(
    session: Session,
    recipients: readonly Recipient[],
    textFor: TextFor,
    from: Omit<DraftOrigin, 'dsn'>,
    effects: readonly NewEffect[],
  ): Promise<RecipientResult[]> {
    const drafts: Draft[] = [];
    const refusals: Refusal[] = [];
    for (const recipient of recipients) {
      for (const target of recipient.targets) {
        await this.#draft(session, recipient, target, textFor, from, { drafts, refusals });
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
    if (effects.length + told.length > 0) await this.#deps.store.enqueue([...effects, ...told]);
    return recipients.map((recipient) => {
      const accepted = ids.get(recipient);
      if (accepted !== undefined) return { recipient, ids: accepted };
      const refusal = refusals.find((each) => each.recipient === recipient);
      return {
        recipient,
        fault: refusal?.fault ?? new Fault('internal', { detail: 'an address without a number' }),
      };
    });
  }

  async #draft(
    session: Session,
    recipient: Recipient,
    target: Target,
    textFor: TextFor,
    origin: Omit<DraftOrigin, 'dsn'>,
    out: { readonly drafts: Draft[]; readonly refusals: Refusal[] },
  ): Promise<void> {
    const account = accountOf(target.payer);
    const text = await textFor(account);
    const from = { ...origin, dsn: recipient.dsn };
    for (const number of target.numbers) {
      try {
        if (target.payer.kind === 'refused') throw target.payer.fault;
        const preferred = await this.#separate(number, target.parameters.reply ?? from.answerTo);
        const item = this.#deps.drafts.draft(session, target, account, number, text, from, preferred);
        out.drafts.push({ recipient, item });
      } catch (error) {
        const subject = this.#deps.drafts.subject(session, target, number, text, from);
        out.refusals.push({ recipient, subject, fault: asFault(error) });
      }
    }
  }

  /** A gateway by which the answer will be clear, where that is wanted. */
  async #separate(number: string, answerTo: string | undefined): Promise<string | undefined> {
    if (!this.#settings.separateGateways || answerTo === undefined) return undefined;
    const { store, drafts, clock } = this.#deps;
    return drafts.separateGateway(number, answerTo, await store.links(number, clock.now()));
  }

  /** The recipients, those that wait for the mail's own proof with the account that it proves. */
  async #proved(session: Session, mail: MailSubmission): Promise<readonly Recipient[]> {
    const waits = ({ payer }: Target): boolean => payer.kind === 'unproven';
    if (!mail.recipients.some(({ targets }) => targets.some(waits))) return mail.recipients;
    const account = await this.#provenAccount(session, mail);
    return mail.recipients.map((recipient) => ({
      ...recipient,
      targets: recipient.targets.map((target) =>
        waits(target)
          ? {
              ...target,
              payer:
                account instanceof Fault
                  ? { kind: 'refused' as const, fault: account }
                  : { kind: 'account' as const, account },
            }
          : target,
      ),
    }));
  }

  /** The account whose mail this is, or why there is none. Throws where that cannot be said now. */
  async #provenAccount(session: Session, { sender, raw }: MailSubmission): Promise<Account | Fault> {
    const { senderProof, accounts, log } = this.#deps;
    if (senderProof === undefined) return new Fault('auth.required');
    const { remote, helo = '' } = session;
    const proof = await senderProof.prove({
      remote,
      helo,
      ...(sender === undefined ? {} : { sender }),
      raw,
    });
    log.info({ sender, from: proof.from, proof: proof.summary }, 'looked at the proof of the sender');
    if (proof.temporary) throw new Fault('auth.unavailable', { told: 'the sender cannot be checked now' });
    let refused = new Fault('auth.required', {
      told: `authentication is needed to send to a phone, and the mail does not prove its sender (${proof.summary})`,
    });
    for (const user of proof.from === undefined ? [] : await accounts.provenBy(proof.from)) {
      try {
        return accounts.admit(await accounts.of(user));
      } catch (error) {
        refused = asFault(error);
      }
    }
    return refused;
  }

  #refuseLoops(mail: ExtractedMail, sender: string | undefined): void {
    const { headers } = mail;
    if (headers.loop.includes(this.#settings.hostname)) {
      throw new Fault('mail.loop', { told: 'this mail was made from a text message here and came back' });
    }
    if (headers.hops > this.#settings.maxHops) {
      throw new Fault('mail.loop', { told: `the mail has passed ${headers.hops} servers` });
    }
    const found = automatic(headers, sender ?? '');
    if (found !== undefined && !this.#settings.automatic.includes(found.kind)) {
      throw new Fault('mail.automatic', {
        told: `mail of the kind "${found.kind}" is not sent to phones (${found.because})`,
      });
    }
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
      log.info(
        { message: outcome.id, number, parts: message.parts.length, sender: message.origin.sender, account },
        TOLD[outcome.outcome],
      );
      ids.set(recipient, [...(ids.get(recipient) ?? []), outcome.id]);
    });
    return ids;
  }
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
