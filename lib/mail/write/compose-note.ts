import { safeText } from './compose.ts';
import {
  addressField,
  boundaryFor,
  dateText,
  field,
  furtherFields,
  messageId,
  textField,
  textPart,
} from './mime.ts';

/** A mail of our own making, about or from a message: what rules send. */
export interface Note {
  /** addr-specs, or with a display name where it is a whole header value: `Ann <ann@example.com>`. */
  readonly from: string;
  readonly to: string;
  readonly replyTo?: string;
  readonly subject: string;
  readonly text: string;
  /** Epoch milliseconds. */
  readonly date: number;
  readonly messageId: string;
  /** Value of X-Mailsms-Loop: our name. */
  readonly loop: string;
  /** Further fields; nothing in them can start a line of its own. */
  readonly fields: readonly { readonly name: string; readonly value: string }[];
  /** A mail that it has with it, as message/rfc822. */
  readonly attached?: Uint8Array;
}

export function composeNote(note: Note): Uint8Array {
  const { fields, body } =
    note.attached === undefined
      ? textPart(safeText(note.text))
      : withMail(note.text, note.attached, note.messageId);
  const head =
    person('From', note.from) +
    addressField('To', note.to) +
    (note.replyTo === undefined ? '' : addressField('Reply-To', note.replyTo)) +
    textField('Subject', note.subject) +
    field('Date', dateText(note.date)) +
    field('Message-ID', messageId(note.messageId)) +
    field('X-Mailsms-Loop', note.loop) +
    field('Auto-Submitted', 'auto-generated') +
    furtherFields(note.fields) +
    field('MIME-Version', '1.0') +
    fields;
  return Buffer.concat([Buffer.from(`${head}\r\n`, 'utf8'), Buffer.from(body, 'latin1')]);
}

/** Body and its fields, the body as octets in a string: the mail goes in as it is (RFC 2046 5.2.1). */
function withMail(text: string, mail: Uint8Array, id: string): { fields: string; body: string } {
  const part = textPart(safeText(text));
  const octets = Buffer.from(mail).toString('latin1').replace(/\r?\n/g, '\r\n');
  const encoding = /[\x80-\xff]/.test(octets) ? '8bit' : '7bit';
  const attached =
    field('Content-Type', 'message/rfc822') +
    field('Content-Transfer-Encoding', encoding) +
    field('Content-Disposition', 'attachment') +
    `\r\n${octets}`;
  const parts = [`${part.fields}\r\n${part.body}`, attached];
  const boundary = boundaryFor('note', id, parts);
  return {
    fields: `Content-Type: multipart/mixed;\r\n boundary="${boundary}"\r\n${field('Content-Transfer-Encoding', encoding)}`,
    body: `${parts.map((each) => `--${boundary}\r\n${each}`).join('\r\n')}\r\n--${boundary}--\r\n`,
  };
}

/** A mailbox that may bear a name. */
function person(name: string, value: string): string {
  const match = /^\s*(?:"?([^"<]*)"?\s*)?<([^<>]+)>\s*$/.exec(value);
  return match === null ? addressField(name, value) : addressField(name, match[2] ?? '', match[1]?.trim());
}
