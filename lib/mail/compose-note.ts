import { safeText } from './compose.ts';
import { addressField, dateText, field, furtherFields, messageId, textField, textPart } from './write.ts';

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
}

export function composeNote(note: Note): Uint8Array {
  const { fields, body } = textPart(safeText(note.text));
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
  return Buffer.from(`${head}\r\n${body}`, 'utf8');
}

/** A mailbox that may bear a name. */
function person(name: string, value: string): string {
  const match = /^\s*(?:"?([^"<]*)"?\s*)?<([^<>]+)>\s*$/.exec(value);
  return match === null ? addressField(name, value) : addressField(name, match[2] ?? '', match[1]?.trim());
}
