import { redact } from '../../base/secret.ts';
import { type ExtractOptions, type ExtractedMail, extractText } from '../../mail/text/extract.ts';
import type { Origin } from '../../store/records.ts';
import type { MailSubmission, Session, Target } from './door.ts';

/** A mail or a text as it was handed in, by whichever door: what all the messages that are made of it have in common. */
export interface Submitted {
  readonly session: Session;
  readonly origin: SubmittedOrigin;
  /** What rules may look at besides the text. */
  readonly facts: SubmittedFacts;
  /** Absent where the text did not come as a mail. */
  readonly mail?: ReadMail;
  /** The text in the layout of an account; the usual one where it has none of its own. */
  textFor(template: string | undefined): Promise<string>;
}

/** What a message keeps of the mail, or of the caller where there is none. */
export interface SubmittedOrigin extends Omit<Origin, 'via' | 'remote' | 'recipient' | 'dsn' | 'wholeText'> {
  /** Who gets answers. */
  readonly answerTo?: string;
}

export interface SubmittedFacts {
  /** Octets of the mail, or of the text. */
  readonly size: number;
  readonly attachments: readonly string[];
  readonly html?: () => string | undefined;
  /** The whole header block. */
  readonly rawHeaders: string;
  /** How often it has been made from another message by a rule. */
  readonly hops: number;
  /** The rules that made it, which are not applied to it. */
  readonly madeBy?: readonly string[];
}

export interface SubmittedMail extends Submitted {
  readonly mail: ReadMail;
}

export interface ReadMail {
  readonly sender?: string;
  readonly raw: Uint8Array;
  readonly extracted: ExtractedMail;
}

/** One message that is wanted of it: before the rules have seen it, and as they have left it. */
export interface MessageRequest {
  readonly submitted: Submitted;
  readonly target: Target;
  readonly number: string;
  readonly text: string;
  readonly from: MessageOrigin;
  /** The id that it is to have, where rules have seen it. Default: a new one. */
  readonly id?: string;
  /** A rule took it off the gateway that it was pinned to, be that by its address or its account. */
  readonly unpinned?: true;
}

export interface MessageOrigin extends SubmittedOrigin, Pick<Origin, 'dsn'> {
  /** Names a mail that proved its sender: it counts once for each number. */
  readonly once?: string;
}

/** Reads a mail. Throws `mail.malformed`, `mail.hostile`, `mail.size`. */
export async function readMail(
  session: Session,
  mail: Pick<MailSubmission, 'sender' | 'raw'>,
  options: ExtractOptions,
): Promise<SubmittedMail> {
  return asMail(session, mail, await extractText(mail.raw, options), options);
}

/** A mail that has been read already. */
export function asMail(
  session: Session,
  { sender, raw }: Pick<MailSubmission, 'sender' | 'raw'>,
  extracted: ExtractedMail,
  options: ExtractOptions,
): SubmittedMail {
  const { attachments, html, rawHeaders } = extracted;
  // A large mail takes long to read: it is read once for each layout, and not for each recipient.
  const layouts = new Map([[options.template, extracted.text]]);
  return {
    session,
    origin: originOf(sender, extracted),
    facts: {
      size: raw.length,
      attachments: attachments.map(({ name = '' }) => name),
      html,
      rawHeaders: redact(rawHeaders),
      hops: 0,
    },
    mail: { ...(sender === undefined ? {} : { sender }), raw, extracted },
    textFor: async (template) => {
      if (template === undefined) return extracted.text;
      const laidOut = layouts.get(template) ?? (await extractText(raw, { ...options, template })).text;
      layouts.set(template, laidOut);
      return laidOut;
    },
  };
}

/** A text that did not come as a mail. */
export function asSubmitted(
  session: Session,
  text: string,
  origin: SubmittedOrigin,
  made: Pick<SubmittedFacts, 'hops' | 'madeBy'> = { hops: 0 },
): Submitted {
  const rawHeaders = origin.sender === undefined ? '' : `From: ${origin.sender}`;
  return {
    session,
    origin,
    facts: { size: Buffer.byteLength(text), attachments: [], rawHeaders, ...made },
    textFor: async () => text,
  };
}

function originOf(sender: string | undefined, { headers, rawHeaders }: ExtractedMail): SubmittedOrigin {
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
