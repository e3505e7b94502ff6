import { firstAddress } from './address-field.ts';
import { decodeText } from './headers.ts';
import type { Field } from './headers.ts';
import { parseParameters } from './parameters.ts';

/** What the header of a mail says that mailsms goes by. */
export interface MailHeaders {
  /** Address of the first mailbox in From (addr-spec). */
  readonly from?: string;
  /** From, To and Cc as people read them: encoded words decoded, on one line. */
  readonly fromText?: string;
  readonly to?: string;
  readonly cc?: string;
  /** Address of the first mailbox in Reply-To (addr-spec). */
  readonly replyTo?: string;
  /** Empty where there is none. */
  readonly subject: string;
  /** With its angle brackets. */
  readonly messageId?: string;
  readonly inReplyTo?: string;
  readonly references?: readonly string[];
  /** Milliseconds since 1970; absent where Date cannot be read. */
  readonly date?: number;
  readonly autoSubmitted?: string;
  readonly precedence?: string;
  readonly listId?: string;
  /** Name of the first List-* field (RFC 2369, RFC 2919), in lower case. */
  readonly listField?: string;
  /** Name of a field by which programs before RFC 3834 mark their answers, in lower case. */
  readonly autoReplyField?: string;
  /** X-Auto-Response-Suppress is there: an Exchange, or a program that knows one, does not want an answer. */
  readonly suppressesReplies: boolean;
  /** Return-Path is `<>`. */
  readonly returnPathNull: boolean;
  /** Content-Type in lower case with `; report-type=...` where it is a report (RFC 6522). */
  readonly contentType: string;
  /** Number of Received fields. */
  readonly hops: number;
  /** Values of our X-Mailsms-Loop fields. */
  readonly loop: readonly string[];
  /** X-SMS-Key: the alarm that it is about. */
  readonly alarmKey?: string;
  /** X-SMS-Cancel says anything but no: that alarm has ended. */
  readonly alarmEnds?: boolean;
}

type Draft = { -readonly [Name in keyof MailHeaders]: MailHeaders[Name] };

/** Fields that programs before RFC 3834 put into their answers. `X-Loop` and the like say nothing of the sort. */
const AUTO_REPLY_FIELDS = new Set(['x-autoreply', 'x-autorespond', 'x-autoresponder', 'x-mail-autoreply']);

/** More message ids than this in References belong to no conversation a phone takes part in. */
const MAX_REFERENCES = 100;

/** The fields of a header block, read. Of a field that may stand once the first counts. */
export function interpretHeaders(fields: readonly Field[]): MailHeaders {
  const loop: string[] = [];
  const draft: Draft = {
    subject: '',
    suppressesReplies: false,
    returnPathNull: false,
    contentType: 'text/plain',
    hops: 0,
    loop,
  };
  const seen = new Set<string>();
  for (const { name, value } of fields) {
    if (name === 'received') {
      draft.hops += 1;
    } else if (name === 'x-mailsms-loop') {
      if (value !== '') loop.push(value);
    } else if (!seen.has(name)) {
      seen.add(name);
      interpret(draft, name, value);
    }
  }
  return draft;
}

function interpret(draft: Draft, name: string, value: string): void {
  switch (name) {
    case 'from': {
      const address = firstAddress(value);
      if (address !== undefined) draft.from = address;
      draft.fromText = decodeText(value);
      break;
    }
    case 'reply-to': {
      const address = firstAddress(value);
      if (address !== undefined) draft.replyTo = address;
      break;
    }
    case 'to':
      draft.to = decodeText(value);
      break;
    case 'cc':
      draft.cc = decodeText(value);
      break;
    case 'subject':
      draft.subject = decodeText(value);
      break;
    case 'message-id':
      if (value !== '') draft.messageId = messageIds(value)[0] ?? value;
      break;
    case 'in-reply-to': {
      const id = messageIds(value)[0];
      if (id !== undefined) draft.inReplyTo = id;
      break;
    }
    case 'references':
      draft.references = messageIds(value).slice(-MAX_REFERENCES);
      break;
    case 'date': {
      const time = Date.parse(value);
      if (!Number.isNaN(time)) draft.date = time;
      break;
    }
    case 'auto-submitted':
      draft.autoSubmitted = value;
      break;
    case 'precedence':
      draft.precedence = value;
      break;
    case 'return-path':
      draft.returnPathNull = /^<\s*>$/.test(value);
      break;
    case 'x-sms-key':
      if (value !== '') draft.alarmKey = decodeText(value);
      break;
    case 'x-sms-cancel':
      draft.alarmEnds = !/^(?:no|false|0|)$/i.test(value.trim());
      break;
    case 'x-auto-response-suppress':
      draft.suppressesReplies = true;
      break;
    case 'content-type': {
      const { value: type, params } = parseParameters(value);
      const report = params['report-type'];
      draft.contentType = report === undefined ? type : `${type}; report-type=${report.toLowerCase()}`;
      break;
    }
    default:
      if (name.startsWith('list-')) {
        if (name === 'list-id') draft.listId = decodeText(value);
        draft.listField ??= name;
      } else if (AUTO_REPLY_FIELDS.has(name) && value.toLowerCase() !== 'no') {
        draft.autoReplyField ??= name;
      }
  }
}

/** The `<...>` in a value, RFC 5322 3.6.4; what stands between them (comments, phrases) is left out. */
function messageIds(value: string): string[] {
  return value.match(/<[^<>\s]+>/g) ?? [];
}
