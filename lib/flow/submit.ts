import { createHash } from 'node:crypto';
import type { Accounts, Account } from '../accounts/accounts.ts';
import type { Parameters } from '../address/parameters.ts';
import { type AddressOptions, parseRecipient } from '../address/parse.ts';
import { normaliseNumber } from '../address/number.ts';
import type { Clock } from '../base/clock.ts';
import { Fault, asFault } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { type Random, newId } from '../base/random.ts';
import { automaticKind } from '../mail/automatic.ts';
import { type ExtractedMail, extractText } from '../mail/extract.ts';
import { type LaneGateway, laneFor } from '../routing/lanes.ts';
import type { AcceptItem, Store } from '../store/contract.ts';
import type { DsnRequest, OutgoingMessage } from '../store/records.ts';
import { contentOf, measure } from './content.ts';
import { faultRecord } from './fault-record.ts';
import type { Reports } from './reports.ts';
import type { MailDoor, MailSubmission, Recipient, RecipientResult, Session } from './submission.ts';

/**
 * Submit: the first station of a mail on its way to a phone.
 *
 * Promises: nobody sends who is not known (`#authorise` has the order of proof); when `submit` resolves, every message that
 * it reports as accepted is on disk together with its charge and its reply link; a recipient that failed is told, at
 * once where the protocol can, else by a report queued before `submit` resolves. The same mail for the same number
 * within the dedupe window is one message, so an SMTP client that missed our 250 may safely send it again.
 */
export interface SubmitSettings {
  readonly address: AddressOptions;
  readonly gateways: readonly (LaneGateway & { readonly referenceBits: 8 | 16 })[];
  /** Parts a mail may take where neither address nor account says otherwise. */
  readonly maxmsgs: number;
  readonly smart: boolean;
  readonly template?: string;
  readonly expireMs: number;
  readonly warnMs: number;
  readonly dedupeMs: number;
  readonly replyLinkMs: number;
  /** Our name in the loop header. */
  readonly hostname: string;
  readonly maxHops: number;
  /** Kinds of automatic mail (see mail/automatic.ts) that may become a message. */
  readonly automatic: readonly string[];
}

export interface SubmitDeps {
  readonly store: Store;
  readonly accounts: Accounts;
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

interface Draft {
  readonly recipient: Recipient;
  readonly number: string;
  readonly item: AcceptItem;
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
    const account = this.#authorise(session, sender, parameters);
    this.#checkGateway(parameters, account);
    return {
      address: redacted,
      numbers,
      parameters,
      dsn: parameters.report === true ? withSuccess(dsn) : dsn,
      ...(account === undefined ? {} : { account: account.user }),
    };
  }

  async submit(session: Session, mail: MailSubmission): Promise<readonly RecipientResult[]> {
    const extracted = await extractText(mail.raw, templateOption(this.#settings.template));
    this.#refuseLoops(extracted, mail.sender);
    const sender = mail.sender;
    const { headers } = extracted;
    const drafts: Draft[] = [];
    const faults = new Map<Recipient, Fault>();
    for (const recipient of mail.recipients) {
      try {
        for (const number of recipient.numbers) {
          drafts.push(
            this.#draft(session, recipient, number, extracted.text, {
              ...(sender === undefined
                ? {}
                : { sender, answerTo: headers.replyTo ?? headers.from ?? sender }),
              rawHeaders: extracted.rawHeaders,
              hops: headers.hops,
              ...(headers.subject === '' ? {} : { subject: headers.subject }),
              ...(headers.messageId === undefined ? {} : { mailMessageId: headers.messageId }),
              ...(headers.references === undefined ? {} : { references: headers.references }),
            }),
          );
        }
      } catch (error) {
        faults.set(recipient, asFault(error));
      }
    }
    const results = await this.#accept(drafts, mail.recipients, faults);
    if (session.via === 'smtp') await this.#reportRefused(results, drafts);
    return results;
  }

  /** A text that did not come as a mail. Resolves with the ids of its messages; throws what a mail would be told. */
  async submitText(session: Session, submission: TextSubmission): Promise<readonly string[]> {
    const { to, text, from, parameters } = submission;
    const account = this.#authorise(session, from, parameters);
    this.#checkGateway(parameters, account);
    const recipient: Recipient = {
      address: to,
      numbers: [normaliseNumber(to, this.#settings.address.country)],
      parameters,
      dsn: parameters.report === true ? withSuccess({}) : {},
      ...(account === undefined ? {} : { account: account.user }),
    };
    const sender = from === undefined ? {} : { sender: from, answerTo: from };
    const drafts = recipient.numbers.map((number) => this.#draft(session, recipient, number, text, sender));
    const [result] = await this.#accept(drafts, [recipient], new Map());
    if (result === undefined) return [];
    if ('fault' in result) throw result.fault;
    return result.ids;
  }

  /**
   * The account that pays, by the first proof that holds: SMTP AUTH; user and pass in the address (where they match
   * nobody the next is tried); a trusted relay's word for the sender. A trusted relay's sender without an account sends unaccounted.
   */
  #authorise(session: Session, sender: string | undefined, parameters: Parameters): Account | undefined {
    const { accounts } = this.#deps;
    if (session.user !== undefined) {
      const account = accounts.find(session.user);
      if (account !== undefined) return accounts.admit(account);
    }
    let refused: Fault | undefined;
    if (parameters.user !== undefined) {
      try {
        return accounts.verify(parameters.user, parameters.pass?.open() ?? '');
      } catch (error) {
        refused = asFault(error);
        if (refused.code !== 'auth.credentials') throw refused;
      }
    }
    if (session.trusted) {
      const account = sender === undefined ? undefined : accounts.find(sender);
      return account === undefined ? undefined : accounts.admit(account);
    }
    throw refused ?? new Fault('auth.required');
  }

  #checkGateway(parameters: Parameters, account: Account | undefined): void {
    const id = parameters.id ?? account?.gateway;
    if (id !== undefined && !this.#settings.gateways.some((gateway) => gateway.id === id)) {
      throw new Fault('address.syntax', { told: `there is no gateway "${id}" here` });
    }
  }

  #refuseLoops(mail: ExtractedMail, sender: string | undefined): void {
    const { headers } = mail;
    if (headers.loop.includes(this.#settings.hostname)) {
      throw new Fault('mail.loop', { told: 'this mail was made from a text message here and came back' });
    }
    if (headers.hops > this.#settings.maxHops) {
      throw new Fault('mail.loop', { told: `the mail has passed ${headers.hops} servers` });
    }
    const automatic = automaticKind(headers, sender ?? '');
    if (automatic !== undefined && !this.#settings.automatic.includes(automatic.kind)) {
      throw new Fault('mail.automatic', {
        told: `mail of the kind "${automatic.kind}" is not sent to phones (${automatic.because})`,
      });
    }
  }

  #draft(session: Session, recipient: Recipient, number: string, text: string, from: DraftOrigin): Draft {
    const { clock, random, accounts } = this.#deps;
    const { parameters } = recipient;
    const account = recipient.account === undefined ? undefined : accounts.find(recipient.account);
    const now = clock.now();
    const gateway = parameters.id ?? account?.gateway;
    const lane = laneFor(number, gateway, this.#settings.gateways);
    if (lane === undefined)
      throw new Fault('gateway.refused', { told: `no gateway takes messages to ${number}` });
    const content = contentOf(text, parameters);
    const maxmsgs = parameters.maxmsgs ?? account?.maxmsgs ?? this.#settings.maxmsgs;
    const wide = this.#settings.gateways.some((each) => each.referenceBits === 16);
    const [high = 0, low = 0] = random.bytes(2);
    const concatReference = wide ? (high << 8) | low : low;
    const options = {
      statusReport: recipient.dsn.notify?.includes('success') ?? false,
      smart: this.#settings.smart,
      ...contentOptions(parameters),
    };
    const measured = measure(content, options, maxmsgs);
    const expires = Math.min(
      (parameters.at ?? now) + this.#settings.expireMs,
      parameters.validity === undefined ? Infinity : (parameters.at ?? now) + parameters.validity * 60_000,
    );
    const id = newId(clock, random);
    const answerTo = parameters.reply ?? from.answerTo;
    const message: OutgoingMessage = {
      id,
      number,
      content: measured.content,
      options,
      parts: measured.parts,
      concatReference,
      ...(account === undefined ? {} : { account: account.user }),
      charged: account === undefined ? 0 : measured.parts.length,
      ...(gateway === undefined ? {} : { gateway }),
      lane,
      priority: parameters.priority ?? DEFAULT_PRIORITY,
      state: 'queued',
      attempts: 0,
      created: now,
      notBefore: Math.max(parameters.at ?? now, now),
      expires,
      ...(from.sender === undefined ? {} : { warnAt: (parameters.at ?? now) + this.#settings.warnMs }),
      origin: {
        via: session.via,
        remote: session.remote,
        recipient: recipient.address,
        dsn: recipient.dsn,
        ...originOf(from),
      },
      trace: [{ at: now, event: 'accepted', note: measured.note }],
    };
    return {
      recipient,
      number,
      item: {
        message,
        ...(account === undefined ? {} : { charge: accounts.charge(account, measured.parts.length) }),
        ...(answerTo === undefined
          ? {}
          : {
              link: {
                number,
                sender: answerTo,
                at: now,
                expires: now + this.#settings.replyLinkMs,
                messageId: id,
                gateways: [],
                ...threadOf(from),
              },
            }),
        ...(from.mailMessageId === undefined
          ? {}
          : {
              dedupe: {
                key: dedupeKey(from.mailMessageId, number, measured.content),
                until: now + this.#settings.dedupeMs,
              },
            }),
      },
    };
  }

  async #accept(
    drafts: readonly Draft[],
    recipients: readonly Recipient[],
    faults: Map<Recipient, Fault>,
  ): Promise<RecipientResult[]> {
    const { store, log } = this.#deps;
    const outcomes = drafts.length === 0 ? [] : await store.accept(drafts.map((draft) => draft.item));
    const ids = new Map<Recipient, string[]>();
    drafts.forEach((draft, index) => {
      const outcome = outcomes[index];
      if (outcome === undefined) throw new Error('the store left an item unanswered');
      const { message } = draft.item;
      if (outcome.outcome === 'limit') {
        log.info({ account: message.account, number: draft.number }, 'refused: the monthly limit is reached');
        faults.set(
          draft.recipient,
          new Fault('limit.month', { detail: `account "${message.account ?? ''}"` }),
        );
        return;
      }
      const duplicate = outcome.outcome === 'duplicate';
      log.info(
        {
          message: outcome.id,
          number: draft.number,
          parts: message.parts.length,
          sender: message.origin.sender,
          account: message.account,
          via: message.origin.via,
        },
        duplicate ? 'accepted before: not queued again' : 'accepted',
      );
      ids.set(draft.recipient, [...(ids.get(draft.recipient) ?? []), outcome.id]);
    });
    return recipients.map((recipient) => {
      const accepted = ids.get(recipient);
      if (accepted !== undefined) return { recipient, ids: accepted };
      return {
        recipient,
        fault: faults.get(recipient) ?? new Fault('internal', { detail: 'no number was drafted' }),
      };
    });
  }

  /** SMTP has one answer for all recipients: where some were taken, the others are told by a report. */
  async #reportRefused(results: readonly RecipientResult[], drafts: readonly Draft[]): Promise<void> {
    if (!results.some((result) => 'ids' in result)) return;
    const refused = new Map<Recipient, Fault>();
    for (const result of results) if ('fault' in result) refused.set(result.recipient, asFault(result.fault));
    const effects = drafts.flatMap((draft) => {
      const fault = refused.get(draft.recipient);
      return fault === undefined
        ? []
        : this.#deps.reports.make(draft.item.message, 'failed', faultRecord(fault));
    });
    if (effects.length > 0) await this.#deps.store.enqueue(effects);
  }
}

/** What a draft takes from the mail, or from the caller where there is none. */
interface DraftOrigin {
  readonly sender?: string;
  readonly answerTo?: string;
  readonly subject?: string;
  readonly rawHeaders?: string;
  readonly hops?: number;
  readonly mailMessageId?: string;
  readonly references?: readonly string[];
}

const DEFAULT_PRIORITY = 5;

function originOf(from: DraftOrigin): Omit<DraftOrigin, 'answerTo'> {
  const { answerTo: _, ...origin } = from;
  return origin;
}

function threadOf(from: DraftOrigin): Pick<DraftOrigin, 'subject' | 'mailMessageId' | 'references'> {
  return {
    ...(from.subject === undefined ? {} : { subject: from.subject }),
    ...(from.mailMessageId === undefined ? {} : { mailMessageId: from.mailMessageId }),
    ...(from.references === undefined ? {} : { references: from.references }),
  };
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

function withSuccess(dsn: DsnRequest): DsnRequest {
  const notify = dsn.notify ?? ['failure', 'delay'];
  return { ...dsn, notify: notify.includes('success') ? notify : [...notify, 'success'] };
}

function templateOption(template: string | undefined): { template?: string } {
  return template === undefined ? {} : { template };
}

/** The same Message-ID, number and words: the same message. Words too, for senders whose Message-ID never changes. */
function dedupeKey(mailMessageId: string, number: string, content: OutgoingMessage['content']): string {
  const words = content.kind === 'text' ? content.text : content.data;
  return createHash('sha256').update(`${mailMessageId}\0${number}\0`).update(words).digest('base64url');
}
