import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/errors.ts';
import { RateLimit } from '../../base/rate.ts';
import { type Automatic, automatic } from '../../mail/read/automatic.ts';
import type { MailHeaders } from '../../mail/read/mail-headers.ts';

/**
 * What keeps mail and texts from going round and round.
 *
 * A mail with our name in X-Mailsms-Loop was made here and has come back: it is refused. So is one that has passed too many
 * servers, and one that a program wrote, but for the kinds that are wanted. An alert may be such a kind; an automatic mail that
 * answers a mail made from a text is an answer whatever it calls itself, since a phone would answer it in turn.
 *
 * An SMS has no header, so that none of this sees a machine at the phone that answers each text, and a machine at the mailbox that
 * answers each mail as a person would. For these the answers of one sender, and of rules, to one phone are counted: more than a person
 * writes in an hour are refused for good. Nothing is sent then, and nothing comes back. What was counted is kept in memory.
 */
export interface LoopSettings {
  /** Our name in the loop header, and after the `@` in the Message-IDs that we make. */
  readonly hostname: string;
  readonly maxHops: number;
  /** Kinds of automatic mail (mail/automatic.ts) that may become a message. */
  readonly automatic: readonly string[];
  /** Answers by one sender to one phone within an hour; 0: no limit. */
  readonly answersPerNumber: number;
}

const WINDOW_MS = 3_600_000;

export class Loops {
  readonly #settings: LoopSettings;
  readonly #answers: RateLimit;

  constructor(settings: LoopSettings, clock: Clock) {
    this.#settings = settings;
    this.#answers = new RateLimit(settings.answersPerNumber, WINDOW_MS, clock);
  }

  /** Throws `mail.loop` or `mail.automatic`. @param sender in MAIL FROM; absent for the null sender */
  check(headers: MailHeaders, sender: string | undefined): void {
    const { hostname, maxHops } = this.#settings;
    if (headers.loop.some((each) => each.toLowerCase() === hostname.toLowerCase())) {
      throw new Fault('mail.loop', { told: 'this mail was made from a text message here and came back' });
    }
    if (headers.hops > maxHops) {
      throw new Fault('mail.loop', { told: `the mail has passed ${headers.hops} servers` });
    }
    const found = this.#kind(headers, sender ?? '');
    if (found !== undefined && !this.#settings.automatic.includes(found.kind)) {
      throw new Fault('mail.automatic', {
        told: `mail of the kind "${found.kind}" is not sent to phones (${found.because})`,
      });
    }
  }

  /** Counts an answer, or a text that another gateway has made a mail of. Throws `mail.loop`. */
  answer(mail: AnswerMail, number: string): void {
    if (this.#isAnswer(mail) && !this.#answers.take(keyOf(mail, number))) throw this.#tooMany();
  }

  /** Throws where `answer` would; counts nothing. */
  mayAnswer(mail: AnswerMail, number: string): void {
    if (this.#isAnswer(mail) && !this.#answers.allows(keyOf(mail, number))) throw this.#tooMany();
  }

  /** Counts a text that a rule sends to a phone because of a text from that phone. Throws `mail.loop`. */
  ruleAnswer(number: string): void {
    if (this.#answers.take(`rule\0${number}`)) return;
    const { answersPerNumber } = this.#settings;
    throw new Fault('mail.loop', {
      told: `rules have answered ${number} more than ${answersPerNumber} times within an hour: two machines seem to answer each other`,
    });
  }

  #tooMany(): Fault {
    const { answersPerNumber } = this.#settings;
    return new Fault('mail.loop', {
      told: `more than ${answersPerNumber} answers to this phone within an hour: two machines seem to answer each other`,
    });
  }

  /** An answer to one of our mails, or a text that another gateway has made a mail of. */
  #isAnswer({ extracted: { headers } }: AnswerMail): boolean {
    // What a list of another gateway hands on bears its name too, and is nobody's answer.
    const fromText = headers.loop.length > 0 && isOfText(headers.messageId ?? '');
    return fromText || this.#answersUs(headers);
  }

  #kind(headers: MailHeaders, sender: string): Automatic | undefined {
    const found = automatic(headers, sender);
    if (found?.kind !== 'auto-generated' || !this.#answersUs(headers)) return found;
    return { kind: 'auto-replied', because: `${found.because}, in answer to a text message` };
  }

  /** Whether it answers a mail that we have made from a text. */
  #answersUs({ inReplyTo, references = [] }: MailHeaders): boolean {
    const end = `@${this.#settings.hostname}>`.toLowerCase();
    return [inReplyTo ?? '', ...references].some((id) => isOfText(id) && id.toLowerCase().endsWith(end));
  }
}

/** A mail, as far as it matters whether it answers another. */
export interface AnswerMail {
  readonly sender?: string;
  readonly extracted: { readonly headers: MailHeaders };
}

function keyOf({ sender = '' }: AnswerMail, number: string): string {
  return `${sender.toLowerCase()}\0${number}`;
}

/** Whether a Message-ID has the form of those that mailsms gives mails made from texts. */
function isOfText(id: string): boolean {
  return id.toLowerCase().startsWith('<sms.');
}
