import type { Accounts } from '../../accounts/accounts.ts';
import { redactAddress } from '../../address/quoting.ts';
import { Fault, asFault } from '../../base/errors.ts';
import { automatic } from '../../mail/read/automatic.ts';
import { type ExtractOptions, type ExtractedMail, extractText } from '../../mail/text/extract.ts';
import type { Outgoing } from '../../store/outgoing.ts';
import type { Admission } from './admit.ts';
import type { Caller, Recipient, Session } from './door.ts';
import { itemsOf, outcomesOf, resultsOf } from './outcome.ts';
import type { Planner } from './plan.ts';
import {
  type MailPreview,
  type PreviewRecipient,
  TAKEN,
  type ViewDeps,
  messageView,
  replyOf,
} from './preview-view.ts';
import { type Submitted, asMail } from './submitted.ts';

/**
 * Preview: what the gateway would answer to a mail, and what would become of it.
 *
 * It goes the way of submission.ts: the same admission, the same plan, and the store's own word on what it would take. Nothing
 * is kept or counted, no gateway is asked, and rules ask no program and no database. What the mail would be refused for is
 * part of the answer, not thrown.
 */
export class Preview {
  readonly #settings: PreviewSettings;
  readonly #deps: PreviewDeps;

  constructor(settings: PreviewSettings, deps: PreviewDeps) {
    this.#settings = settings;
    this.#deps = deps;
  }

  async mail(request: PreviewRequest): Promise<MailPreview> {
    const { remote = LOCAL, as: user } = request;
    const trusted = this.#settings.trusts(remote);
    const session: Session = { via: 'smtp', remote, trusted, ...(user === undefined ? {} : { user }) };
    const { text } = this.#settings;
    const { paths } = this.#deps;
    const read = await attempt(async () => extractText(request.raw, text));
    const sender = await attempt(async () => paths.sender(request.from ?? senderIn(read)));
    const shown = seen(read, sender);
    const asked: Asked[] = [];
    // In the order in which a client is answered: login, MAIL, RCPT, and the mail at last.
    try {
      await this.#logIn(session);
      if (sender instanceof Fault) throw sender;
      const caller: Caller = { session, ...(sender === undefined ? {} : { sender }) };
      for (const path of new Set(request.to)) asked.push(await this.#recipient(caller, path, asked));
      if (asked.length > 0 && admitted(asked).length === 0) return { ...shown, ...turnedAway(asked) };
      this.#requireSize(request.raw);
      if (read instanceof Fault) throw read;
      const mail = asMail(session, { ...caller, raw: request.raw }, read, text);
      return { ...shown, ...(await this.#planned(mail, asked)) };
    } catch (error) {
      const reply = replyOf(asFault(error));
      return { ...shown, ...turnedAway(asked), refused: reply, reply };
    }
  }

  /** Throws what SMTP AUTH, or MAIL without it, would be answered. */
  async #logIn({ user, trusted }: Session): Promise<void> {
    const { accounts } = this.#deps;
    if (user === undefined) {
      if (this.#settings.authRequired && !trusted) throw new Fault('smtp.login');
      return;
    }
    const found = await accounts.find(user);
    if (found === undefined && !this.#settings.otherUsers) {
      throw new Fault('auth.credentials', { told: `there is no account "${user}"` });
    }
    if (found !== undefined) accounts.admit(found);
  }

  #requireSize({ length }: Uint8Array): void {
    const { mailOctets } = this.#settings;
    if (length <= mailOctets) return;
    throw new Fault('mail.size', { told: `the mail is larger than the ${mailOctets} octets allowed here` });
  }

  async #recipient(caller: Caller, path: string, before: readonly Asked[]): Promise<Asked> {
    const { paths, admission } = this.#deps;
    try {
      const address = paths.recipient(path);
      if (admitted(before).length >= this.#settings.recipients) throw new Fault('smtp.recipients');
      return { recipient: await admission.recipient(caller, address, {}) };
    } catch (error) {
      return { address: redactAddress(path), fault: asFault(error) };
    }
  }

  /** What became of each number of those who were let in, and the answer to the mail. */
  async #planned(
    submitted: Submitted,
    asked: readonly Asked[],
  ): Promise<Pick<MailPreview, 'recipients' | 'reply'>> {
    const plan = await this.#deps.planner.plan(submitted, admitted(asked));
    const outcomes = outcomesOf(plan.messages, await this.#deps.store.foresee(itemsOf(plan.messages)));
    const results = resultsOf(plan, outcomes);
    const left = [...plan.recipients];
    const recipients = asked.map((each): PreviewRecipient => {
      const recipient = 'recipient' in each ? left.shift() : undefined;
      const own = outcomes.filter(({ planned }) => planned.recipient === recipient);
      const result = results.find((one) => one.recipient === recipient);
      const refused =
        own.length === 0 && result !== undefined && 'fault' in result
          ? { refused: replyOf(asFault(result.fault)) }
          : {};
      return {
        ...addressed(recipient === undefined ? each : { recipient }),
        ...refused,
        messages: own.map((outcome) => messageView(outcome, this.#deps)),
      };
    });
    if (results.some((each) => 'ids' in each)) return { reply: TAKEN, recipients };
    const [refused] = results.flatMap((each) => ('fault' in each ? [asFault(each.fault)] : []));
    return refused === undefined ? turnedAway(asked) : { reply: replyOf(refused), recipients };
  }
}

/** A mail as it would be handed in. */
export interface PreviewRequest {
  readonly raw: Uint8Array;
  /** Recipients, as in RCPT TO. */
  readonly to: readonly string[];
  /**
   * MAIL FROM; empty for the null sender. Default: the address in From, and the null sender where the mail bears the mark of
   * one (`Return-Path: <>`).
   */
  readonly from?: string;
  /** Who has logged in. */
  readonly as?: string;
  /** The client's IP address; default: this machine's own. */
  readonly remote?: string;
}

export interface PreviewSettings {
  readonly text: Pick<ExtractOptions, 'strip' | 'template'>;
  /** Whether a client at this address is trusted to vouch for its senders. */
  readonly trusts: (remote: string) => boolean;
  /** A client that is not trusted must log in before MAIL. */
  readonly authRequired: boolean;
  /** Users may log in for whom nothing is configured here: others know their passwords. */
  readonly otherUsers: boolean;
  /** The largest mail. */
  readonly mailOctets: number;
  /** The most recipients of a mail. */
  readonly recipients: number;
}

export interface PreviewDeps extends ViewDeps {
  readonly accounts: Accounts;
  /** One that counts nothing. */
  readonly admission: Admission;
  readonly planner: Planner;
  readonly store: Pick<Outgoing, 'foresee'>;
  /** How the paths of MAIL FROM and RCPT TO are read; each throws a Fault where one is wrong. */
  readonly paths: {
    readonly sender: (path: string) => string | undefined;
    readonly recipient: (path: string) => string;
  };
}

/** What became of one RCPT TO. */
type Asked = { readonly recipient: Recipient } | { readonly address: string; readonly fault: Fault };

const LOCAL = '127.0.0.1';
/** Stands in MAIL FROM where the mail does not say who it is from. */
const SOMEBODY = 'somebody@localhost';

async function attempt<T>(work: () => Promise<T>): Promise<T | Fault> {
  try {
    return await work();
  } catch (error) {
    return asFault(error);
  }
}

/** Who would stand in MAIL FROM, by what the mail says. */
function senderIn(read: ExtractedMail | Fault): string {
  if (read instanceof Fault) return SOMEBODY;
  const { from, returnPathNull } = read.headers;
  return returnPathNull ? '' : (from ?? SOMEBODY);
}

function admitted(asked: readonly Asked[]): Recipient[] {
  return asked.flatMap((each) => ('recipient' in each ? [each.recipient] : []));
}

/** The recipients of a mail that did not come to be taken, with what the first of them was answered. */
function turnedAway(asked: readonly Asked[]): Pick<MailPreview, 'reply' | 'recipients'> {
  const first = asked.find((each) => 'fault' in each);
  return {
    reply: replyOf(first?.fault ?? new Fault('smtp.sequence', { told: 'there is no valid recipient' })),
    recipients: asked.map((each) => ({ ...addressed(each), messages: [] })),
  };
}

/** What the mail itself says, as far as it can be read. */
function seen(
  mail: ExtractedMail | Fault,
  sender: string | Fault | undefined,
): Omit<MailPreview, 'reply' | 'recipients'> {
  if (mail instanceof Fault) return { dropped: [], attachments: [] };
  const { headers, text, source, dropped, attachments } = mail;
  const { fromText, subject } = headers;
  const kind = automatic(headers, sender instanceof Fault ? SOMEBODY : sender);
  return {
    ...(fromText === undefined ? {} : { from: fromText }),
    subject,
    text,
    source,
    dropped,
    attachments,
    ...(kind === undefined ? {} : { automatic: kind }),
  };
}

function addressed(asked: Asked): Omit<PreviewRecipient, 'messages'> {
  if ('fault' in asked) return { address: asked.address, mails: [], refused: replyOf(asked.fault) };
  const { address, mails } = asked.recipient;
  return { address, mails };
}
