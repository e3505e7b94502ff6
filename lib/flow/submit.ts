import type { Accounts } from '../accounts/accounts.ts';
import { normaliseNumber } from '../address/number.ts';
import type { Parameters } from '../address/parameters.ts';
import { type AddressOptions, parseRecipient } from '../address/parse.ts';
import { Fault, asFault } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { redact } from '../base/secret.ts';
import { automatic } from '../mail/automatic.ts';
import { type ExtractOptions, type ExtractedMail, extractText } from '../mail/extract.ts';
import type { AcceptItem, Store } from '../store/contract.ts';
import type { DsnRequest } from '../store/records.ts';
import { authorise } from './authorise.ts';
import type { DraftOrigin, Drafts } from './draft.ts';
import { faultRecord } from './fault-record.ts';
import type { ReportSubject, Reports } from './reports.ts';
import type { MailDoor, MailSubmission, Recipient, RecipientResult, Session } from './submission.ts';

/**
 * Submit: the first station of a mail on its way to a phone.
 *
 * Promises: nobody sends who is not known (authorise.ts has the order of proof); when `submit` resolves, every message that
 * it reports as accepted is on disk together with its charge and its reply link; a recipient that failed is told, at
 * once where the protocol can, else by a report queued before `submit` resolves. The same mail for the same number
 * within the dedupe window is one message, so an SMTP client that missed our 250 may safely send it again.
 */
export interface SubmitSettings {
  readonly address: AddressOptions;
  /** How a mail becomes text. */
  readonly text: Pick<ExtractOptions, 'strip' | 'template'>;
  /** Our name in the loop header. */
  readonly hostname: string;
  readonly maxHops: number;
  /** Kinds of automatic mail (see mail/automatic.ts) that may become a message. */
  readonly automatic: readonly string[];
}

export interface SubmitDeps {
  readonly store: Store;
  readonly accounts: Accounts;
  readonly drafts: Drafts;
  readonly reports: Reports;
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

export class Submit implements MailDoor {
  readonly #settings: SubmitSettings;
  readonly #deps: SubmitDeps;

  constructor(settings: SubmitSettings, deps: SubmitDeps) {
    this.#settings = settings;
    this.#deps = deps;
  }

  async authenticate(user: string, password: string): Promise<string> {
    return this.#deps.accounts.verify(user, password).user;
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
    const parsed = parseRecipient(address, this.#settings.address);
    if (parsed.kind === 'foreign') {
      throw new Fault('address.domain', { told: `mail for ${parsed.domain} is not taken here` });
    }
    if (parsed.kind === 'name') {
      throw new Fault('address.unknown', {
        told: `there is no "${parsed.local}" at ${parsed.domain}; a phone is written "sms:+15551234567"@${parsed.domain}`,
      });
    }
    if (sender === undefined && !this.#settings.automatic.includes('bounce')) {
      throw new Fault('mail.automatic', { told: 'bounces are not sent to phones' });
    }
    const { numbers, parameters, redacted } = parsed;
    const account = authorise(this.#deps.accounts, session, sender, parameters);
    this.#deps.drafts.checkRoutes(numbers, parameters, account);
    return {
      address: redacted,
      numbers,
      parameters,
      dsn: dsnOf(dsn, parameters),
      ...(account === undefined ? {} : { account: account.user }),
    };
  }

  async submit(session: Session, mail: MailSubmission): Promise<readonly RecipientResult[]> {
    const extracted = await extractText(mail.raw, this.#settings.text);
    this.#refuseLoops(extracted, mail.sender);
    return this.#submit(session, mail.recipients, extracted.text, originOfMail(mail.sender, extracted));
  }

  /** A text that did not come as a mail. Resolves with the ids of its messages; throws what a mail would be told. */
  async submitText(session: Session, submission: TextSubmission): Promise<readonly string[]> {
    const { to, text, from, parameters } = submission;
    const account = authorise(this.#deps.accounts, session, from, parameters);
    const number = normaliseNumber(to, this.#settings.address.country);
    this.#deps.drafts.checkRoutes([number], parameters, account);
    const recipient: Recipient = {
      address: number,
      numbers: [number],
      parameters,
      dsn: dsnOf({}, parameters),
      ...(account === undefined ? {} : { account: account.user }),
    };
    const origin = from === undefined ? {} : { sender: from, answerTo: from };
    const [result] = await this.#submit(session, [recipient], text, origin);
    if (result === undefined) return [];
    if ('fault' in result) throw result.fault;
    return result.ids;
  }

  async #submit(
    session: Session,
    recipients: readonly Recipient[],
    text: string,
    from: DraftOrigin,
  ): Promise<RecipientResult[]> {
    const drafts: Draft[] = [];
    const refusals: Refusal[] = [];
    for (const recipient of recipients) {
      for (const number of recipient.numbers) {
        try {
          drafts.push({ recipient, item: this.#deps.drafts.draft(session, recipient, number, text, from) });
        } catch (error) {
          refusals.push({
            recipient,
            subject: this.#deps.drafts.subject(session, recipient, number, text, from),
            fault: asFault(error),
          });
        }
      }
    }
    const ids = await this.#accept(drafts, refusals);
    // SMTP has one answer for all recipients, and an address may hold several numbers: whoever is not answered
    // by this call's result is told by a report.
    const answered = session.via === 'smtp' ? ids.size === 0 : true;
    const unanswered = refusals.filter(({ recipient }) => !answered || ids.has(recipient));
    const effects = unanswered.flatMap(({ subject, fault }) =>
      this.#deps.reports.make(subject, 'failed', faultRecord(fault)),
    );
    if (effects.length > 0) await this.#deps.store.enqueue(effects);
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
        log.info({ account, number }, 'refused: the monthly limit is reached');
        refusals.push({ recipient, subject: message, fault: new Fault('limit.month') });
        return;
      }
      log.info(
        { message: outcome.id, number, parts: message.parts.length, sender: message.origin.sender, account },
        outcome.outcome === 'duplicate' ? 'accepted before: not queued again' : 'accepted',
      );
      ids.set(recipient, [...(ids.get(recipient) ?? []), outcome.id]);
    });
    return ids;
  }
}

function originOfMail(sender: string | undefined, { headers, rawHeaders }: ExtractedMail): DraftOrigin {
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

/** RFC 3461's wishes, with `report=1` as one of them, and no password in ORCPT. */
function dsnOf(dsn: DsnRequest, { report }: Parameters): DsnRequest {
  const notify = dsn.notify ?? ['failure', 'delay'];
  return {
    ...dsn,
    ...(dsn.orcpt === undefined ? {} : { orcpt: redact(dsn.orcpt) }),
    ...(report === true && !notify.includes('success') ? { notify: [...notify, 'success'] } : {}),
  };
}
