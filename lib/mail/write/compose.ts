import { isAnswer } from '../read/subject.ts';
import {
  addressField,
  boundaryFor,
  dateText,
  field,
  filePart,
  furtherFields,
  idField,
  messageId,
  oneLine,
  textField,
  textPart,
} from './mime.ts';

/**
 * A text message as a mail: what `deliver` hands to the mailer.
 *
 * Promises: the text a mail reader shows is the text the phone sent (`safeText` says what is made safe in it), no
 * value from a phone or from a gateway can add a header or a line, and the same fields always give the same octets.
 */
export interface SmsMail {
  /** addr-spec of the phone: the gateway's From template filled in. */
  readonly from: string;
  readonly fromName?: string;
  /** addr-spec of the final recipient. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly attachments?: readonly MailAttachment[];
  /** The SMS centre's time stamp, epoch milliseconds. */
  readonly date: number;
  /** Its offset from UTC in minutes, east positive; default 0. */
  readonly offsetMinutes?: number;
  /** Stable: the same message always has the same. With or without angle brackets. */
  readonly messageId: string;
  readonly inReplyTo?: string;
  readonly references?: readonly string[];
  /** For filters: the X-SMS-* fields. */
  readonly sms?: {
    readonly number?: string;
    readonly gateway?: string;
    readonly smsc?: string;
    /** The time stamp with the PDU's own offset, RFC 3339. */
    readonly timestamp?: string;
    /** `gsm7`, `ucs2` or `8bit`. */
    readonly encoding?: string;
    readonly parts?: number;
    /** The application port that it was sent to. */
    readonly port?: number;
    /** Sequence numbers of parts that did not come. */
    readonly missing?: readonly number[];
  };
  /** Value of X-Mailsms-Loop: our name. */
  readonly loop?: string;
  /** Value of Auto-Submitted (RFC 3834), where no person wrote the text. */
  readonly autoSubmitted?: string;
  /** Further fields; nothing in them can start a line of its own. */
  readonly fields?: readonly { readonly name: string; readonly value: string }[];
}

/** A file in a mail: its octets as they are. */
export interface MailAttachment {
  readonly name: string;
  /** `type/subtype`, for text with `; charset=`. */
  readonly type: string;
  readonly content: Uint8Array;
}

export interface ComposedMail {
  readonly raw: Uint8Array;
  /** With its angle brackets. */
  readonly messageId: string;
}

/** Message ids kept in References: the first, which names the thread, and the last of them. */
const MAX_REFERENCES = 20;

/** The mail of a text message. */
export function composeSmsMail(mail: SmsMail): ComposedMail {
  const id = messageId(mail.messageId);
  const { fields, body } = content(mail, id);
  const { sms = {} } = mail;
  const references = mail.references ?? (mail.inReplyTo === undefined ? [] : [mail.inReplyTo]);
  const head =
    addressField('From', mail.from, mail.fromName) +
    addressField('To', mail.to) +
    textField('Subject', mail.subject) +
    field('Date', dateText(mail.date, mail.offsetMinutes)) +
    field('Message-ID', id) +
    idField('In-Reply-To', mail.inReplyTo === undefined ? [] : [mail.inReplyTo]) +
    idField('References', shortened(references)) +
    optional('X-SMS-From', sms.number) +
    optional('X-SMS-Gateway', sms.gateway) +
    optional('X-SMS-SMSC', sms.smsc) +
    optional('X-SMS-Timestamp', sms.timestamp) +
    optional('X-SMS-Encoding', sms.encoding) +
    optional('X-SMS-Parts', sms.parts === undefined ? undefined : String(sms.parts)) +
    optional('X-SMS-Port', sms.port === undefined ? undefined : String(sms.port)) +
    optional('X-SMS-Missing-Parts', sms.missing?.join(', ')) +
    optional('X-Mailsms-Loop', mail.loop) +
    optional('Auto-Submitted', mail.autoSubmitted) +
    furtherFields(mail.fields ?? []) +
    field('MIME-Version', '1.0') +
    fields;
  return { raw: Buffer.from(`${head}\r\n${body}`, 'utf8'), messageId: id };
}

/** The subject of an answer to a mail: `Re: ` in front, unless there is one already, in whatever language. */
export function answerSubject(subject: string): string {
  const line = oneLine(subject);
  return line === '' || isAnswer(line) ? line : `Re: ${line}`;
}

/** The text alone, or the text and the files after it. */
function content({ text, attachments = [] }: SmsMail, id: string): { fields: string; body: string } {
  const part = textPart(safeText(text));
  if (attachments.length === 0) return part;
  const parts = [`${part.fields}\r\n${part.body}`, ...attachments.map(filePart)];
  const boundary = boundaryFor('sms', id, parts);
  return {
    fields: `Content-Type: multipart/mixed;\r\n boundary="${boundary}"\r\n`,
    body: `${parts.map((each) => `--${boundary}\r\n${each}`).join('\r\n')}\r\n--${boundary}--\r\n`,
  };
}

/**
 * A phone's text as a mail can carry it: line ends as LF (CR, the GSM page break and the Unicode separators are
 * line ends too, 3GPP TS 23.038 6.2.1.1), other control characters as the pictures Unicode has for them, half a
 * surrogate pair as U+FFFD. Everything else stays as it is.
 */
export function safeText(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/\r\n?|[\v\f\x85\u2028\u2029]/g, '\n')
    .replace(/[\0-\x08\x0e-\x1f]/g, (control) => String.fromCharCode(0x2400 + control.charCodeAt(0)))
    .replaceAll('\x7f', '\u2421')
    .replace(/[\x80-\x9f]/g, '\ufffd');
}

function optional(name: string, value: string | undefined): string {
  return value === undefined || value === '' ? '' : textField(name, value);
}

function shortened(ids: readonly string[]): readonly string[] {
  return ids.length <= MAX_REFERENCES ? ids : [...ids.slice(0, 1), ...ids.slice(1 - MAX_REFERENCES)];
}
