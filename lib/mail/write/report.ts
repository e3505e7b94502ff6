import { redact } from '../../base/secret.ts';
import type { ComposedMail } from './compose.ts';
import { safeText } from './compose.ts';
import {
  addrSpec,
  addressField,
  boundaryFor,
  dateText,
  field,
  idField,
  messageId,
  oneLine,
  textField,
  textPart,
} from './mime.ts';

/**
 * What became of a message, told to its sender: a multipart/report with a delivery status (RFC 6522, RFC 3464).
 *
 * Promises: a person can read the first part and knows what happened, to which number, why, and what can be done;
 * a program finds the same in the second; the third has the original header, and with it the original text unless
 * RET=HDRS was asked for (RFC 3461 4.3). Nothing in it shows a password: every value goes through `redact`.
 *
 * The caller decides whether a report may be sent at all; it goes out with the null sender.
 */
export interface ReportFields {
  /** `relayed` (RFC 3464 2.3.3): the network has it, and does not say what became of it. */
  readonly action: 'failed' | 'delayed' | 'delivered' | 'relayed';
  /** Our host name. */
  readonly reportingMta: string;
  /** addr-spec that the report comes from: `MAILER-DAEMON@sms.example.com`. */
  readonly from: string;
  /** addr-spec of the sender of the message. */
  readonly to: string;
  readonly messageId: string;
  /** Now, epoch milliseconds. */
  readonly date: number;
  /** Offset from UTC in minutes, east positive, of the time zone in which people read times; default UTC. */
  readonly offsetAt?: (time: number) => number;
  /** When the message came in, epoch milliseconds. */
  readonly arrival?: number;
  /** The recipient address as the mail had it, its password redacted. */
  readonly recipient: string;
  /** The phone number. */
  readonly number: string;
  /** RFC 3463 code: `5.1.1`. */
  readonly status: string;
  /** What the gateway said, in its own words. */
  readonly diagnostic?: string;
  /** One sentence for people: why it failed or is late. */
  readonly cause?: string;
  /** Id of the gateway that the message went by. */
  readonly gateway?: string;
  /** Until when it is tried again; for a delay. Epoch milliseconds. */
  readonly retryUntil?: number;
  readonly lastAttempt?: number;
  /** ENVID with its xtext decoded (RFC 3461 4.4, RFC 3464 2.2.1). */
  readonly envelopeId?: string;
  /** ORCPT with its xtext decoded: `rfc822;user@example.com` (RFC 3461 4.2, RFC 3464 2.3.1). */
  readonly originalRecipient?: string;
  /** The header block of the original mail as received. */
  readonly originalHeaders?: string;
  readonly originalMessageId?: string;
  readonly originalSubject?: string;
  /** The text that was to be sent. */
  readonly originalText: string;
  readonly ret?: 'full' | 'hdrs';
  /** Of a failed or delayed one: it may have gone out all the same. Delayed, it waits for the operator's word. */
  readonly uncertain?: boolean;
  /** How many parts reached the phone, where not all did. */
  readonly partial?: { readonly delivered: number; readonly total: number };
}

/** The report as a mail. */
export function composeReport(report: ReportFields): ComposedMail {
  const id = messageId(report.messageId);
  const parts = [humanPart(report), statusPart(report), originalPart(report)];
  const boundary = boundaryFor('report', id, parts);
  const head =
    addressField('From', report.from, 'Mail Delivery System') +
    addressField('To', report.to) +
    textField('Subject', subjectOf(report)) +
    field('Date', dateText(report.date, report.offsetAt?.(report.date))) +
    field('Message-ID', id) +
    (report.originalMessageId === undefined
      ? ''
      : idField('In-Reply-To', [report.originalMessageId]) +
        idField('References', [report.originalMessageId])) +
    field('Auto-Submitted', 'auto-replied') +
    field('MIME-Version', '1.0') +
    `Content-Type: multipart/report; report-type=delivery-status;\r\n boundary="${boundary}"\r\n`;
  const body = parts.map((part) => `--${boundary}\r\n${part}`).join('\r\n');
  return { raw: Buffer.from(`${head}\r\n${body}\r\n--${boundary}--\r\n`, 'utf8'), messageId: id };
}

const HEADLINE = {
  failed: 'Undelivered',
  delayed: 'Delayed',
  delivered: 'Delivered',
  relayed: 'Unconfirmed',
} as const;

function subjectOf(report: ReportFields): string {
  const headline =
    report.uncertain === true && report.action === 'failed' ? HEADLINE.relayed : HEADLINE[report.action];
  return `${headline}: SMS to ${redact(oneLine(report.number))}`;
}

function humanPart(report: ReportFields): string {
  const { fields, body } = textPart(safeText(redact(humanText(report))));
  return `${field('Content-Description', 'Notification')}${fields}\r\n${body}`;
}

function humanText(report: ReportFields): string {
  const { cause, ret, originalText } = report;
  const paragraphs = [opening(report)];
  if (cause !== undefined) paragraphs.push(`Reason: ${oneLine(cause)}.`);
  paragraphs.push(advice(report), particulars(report));
  if (ret !== 'hdrs') paragraphs.push(`Your text was:\n\n${originalText}`);
  return paragraphs.filter((paragraph) => paragraph !== '').join('\n\n');
}

function opening({ action, number, partial, uncertain = false }: ReportFields): string {
  const message = `Your text message to ${oneLine(number)}`;
  const some =
    partial === undefined ? '' : ` ${partial.delivered} of its ${partial.total} parts did reach the phone.`;
  switch (action) {
    case 'failed':
      return `${message} ${uncertain ? 'may not have been' : 'could not be'} delivered.${some}`;
    case 'delayed':
      return `${message} ${uncertain ? 'may not have' : 'has not'} been delivered yet.${some}`;
    case 'relayed':
      return `${message} was handed to the mobile network, which has not confirmed that it reached the phone.${some}`;
    case 'delivered':
      return `${message} was delivered to the phone.`;
  }
}

/** What the reader can do, by the subject of the status code (RFC 3463 3). */
function advice(report: ReportFields): string {
  const { action, status, retryUntil } = report;
  if (action === 'delivered') return '';
  if (action === 'relayed') {
    return 'It may have arrived all the same: not every network and not every phone confirms. It is not sent again.';
  }
  if (action === 'delayed' && report.uncertain === true) {
    return 'The administrator of this service decides whether it is sent again.';
  }
  if (action === 'delayed') {
    const until = retryUntil === undefined ? '' : ` until ${moment(report, retryUntil)}`;
    return `You need not do anything: it is tried again${until}. If it cannot be delivered, you will be told.`;
  }
  if (report.uncertain === true) return UNCERTAIN;
  return ADVICE[status.split('.')[1] ?? ''] ?? 'It is not tried again. You may send it again.';
}

const UNCERTAIN = 'It may have arrived all the same. It is not tried again, so that nobody gets it twice.';

const ADVICE: Readonly<Record<string, string>> = {
  1: 'Please check the number. Write it with its country code, as in +15551234567.',
  3: 'It is not tried again. Please show this report to the administrator of this service.',
  4: 'The phone or the network could not be reached in time. It is not tried again. You may send it again.',
  6: 'It is not tried again. You may change the message and send it again.',
  7: 'It is not tried again. Please ask the administrator of this service.',
};

/** What tells this message from others, and what an administrator wants to know. */
function particulars(report: ReportFields): string {
  const { arrival, cause, diagnostic, gateway, status, originalSubject: subject } = report;
  const lines: string[] = [];
  if (arrival !== undefined) lines.push(`Sent: ${moment(report, arrival)}`);
  if (subject !== undefined && subject !== '') lines.push(`Subject of your mail: ${oneLine(subject)}`);
  if (gateway !== undefined) lines.push(`Gateway: ${oneLine(gateway)}`);
  if (diagnostic !== undefined && diagnostic !== cause) lines.push(`It said: ${oneLine(diagnostic)}`);
  lines.push(`Status: ${oneLine(status)}`);
  return lines.join('\n');
}

/** A time as people read it: to the minute, in their zone. */
function moment({ offsetAt }: ReportFields, time: number): string {
  return dateText(time, offsetAt?.(time)).replace(/:\d\d (?=[+-])/, ' ');
}

/** RFC 3464 2.2 and 2.3. */
function statusPart(report: ReportFields): string {
  const message =
    typed('Reporting-MTA', 'dns', report.reportingMta) +
    optional('Original-Envelope-Id', report.envelopeId) +
    dated('Arrival-Date', report.arrival);
  const recipient =
    optional('Original-Recipient', originalRecipient(report.originalRecipient)) +
    typed('Final-Recipient', 'rfc822', redact(addrSpec(report.recipient))) +
    field('Action', report.action) +
    field('Status', /^[245]\.\d{1,3}\.\d{1,3}$/.test(report.status) ? report.status : '5.0.0') +
    typed('Diagnostic-Code', 'X-SMS', report.diagnostic) +
    dated('Last-Attempt-Date', report.lastAttempt) +
    dated('Will-Retry-Until', report.action === 'delayed' ? report.retryUntil : undefined) +
    optional('X-SMS-Number', report.number) +
    optional('X-SMS-Gateway', report.gateway) +
    optional('X-SMS-Parts-Delivered', partsDelivered(report));
  const head =
    field('Content-Description', 'Delivery report') + field('Content-Type', 'message/delivery-status');
  return `${head}\r\n${message}\r\n${recipient}`;
}

function partsDelivered({ partial }: ReportFields): string | undefined {
  return partial === undefined ? undefined : `${partial.delivered}/${partial.total}`;
}

/** ORCPT's value has a type in front already (RFC 3461 4.2); one without gets rfc822. */
function originalRecipient(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  return /^[\w.+-]+;/.test(value) ? value : `rfc822;${value}`;
}

/** RFC 6522 3: the message, or only its header as text/rfc822-headers. */
function originalPart(report: ReportFields): string {
  const header = originalHeader(report);
  if (report.ret === 'hdrs') {
    const head =
      field('Content-Description', 'Header of your mail') + eightBitField(header, 'text/rfc822-headers');
    return `${head}\r\n${header}`;
  }
  const { fields, body } = textPart(safeText(redact(report.originalText)));
  const inner = `${header}${field('MIME-Version', '1.0')}${fields}\r\n${body}`;
  const head = field('Content-Description', 'Your mail, with the text as it was to be sent');
  return `${head}${eightBitField(inner, 'message/rfc822')}\r\n${inner}`;
}

function eightBitField(content: string, type: string): string {
  const encoding = /^[\0-\x7f]*$/.test(content) ? '7bit' : '8bit';
  return field('Content-Type', type) + field('Content-Transfer-Encoding', encoding);
}

/** Fields that say how the original body was encoded: the text goes back decoded and would contradict them. */
const REPLACED = /^(?:content-|mime-version$)/i;

/** The original fields, each on lines of its own, passwords redacted; where there are none, what else is known. */
function originalHeader(report: ReportFields): string {
  const fields = splitFields(report.originalHeaders ?? '')
    .filter(({ name }) => report.ret === 'hdrs' || !REPLACED.test(name))
    .map(({ name, lines }) => `${name}:${lines.map((line) => redact(line)).join('\r\n')}\r\n`);
  if (fields.length > 0) return fields.join('');
  return (
    addressField('From', report.to) +
    field('To', redact(addrSpec(report.recipient))) +
    (report.arrival === undefined ? '' : field('Date', dateText(report.arrival))) +
    (report.originalMessageId === undefined ? '' : idField('Message-ID', [report.originalMessageId])) +
    textField('Subject', redact(report.originalSubject ?? ''))
  );
}

interface RawField {
  readonly name: string;
  /** The value and its continuation lines as they were, without line ends and control characters. */
  readonly lines: readonly string[];
}

/** A header block by its fields; what is neither a field nor the continuation of one is left out. */
function splitFields(block: string): RawField[] {
  const fields: { name: string; lines: string[] }[] = [];
  for (const raw of block.split(/\r\n|\n|\r/)) {
    const line = raw.replace(/[\0-\x08\x0b-\x1f\x7f]/g, ' ').slice(0, 998);
    const match = /^([!-9;-~]+)[ \t]*:(.*)$/.exec(line);
    if (match !== null) fields.push({ name: match[1] ?? '', lines: [match[2] ?? ''] });
    else if (/^[ \t]+\S/.test(line)) fields.at(-1)?.lines.push(line);
  }
  return fields;
}

function typed(name: string, type: string, value: string | undefined): string {
  return value === undefined ? '' : optional(name, `${type}; ${oneLine(value)}`);
}

/** Fields of a delivery status are US-ASCII (RFC 3464 2.1.1): what is not is written as encoded words. */
function optional(name: string, value: string | undefined): string {
  return value === undefined || value === '' ? '' : textField(name, redact(value));
}

function dated(name: string, time: number | undefined): string {
  return time === undefined ? '' : field(name, dateText(time));
}
