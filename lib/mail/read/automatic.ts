import type { MailHeaders } from './mail-headers.ts';

/**
 * Is a mail sent by a program rather than a person, and which kind of program?
 *
 * - `bounce`: a delivery report. Null envelope sender (RFC 5321 4.5.5), or a report by its type (RFC 6522).
 * - `auto-replied`: an answer nobody wrote (RFC 3834 5), a vacation notice, a read receipt (RFC 8098).
 * - `auto-generated`: a mail a program sent of its own accord (RFC 3834 5). Monitoring systems mark their alerts
 *   so; these are what a phone should get, so it is for the caller to tell them from the rest.
 * - `list`: came through a mailing list (RFC 2369, RFC 2919).
 * - `bulk`: Precedence says so.
 *
 * Where several apply the first of this order counts.
 */
export type AutomaticKind = 'bounce' | 'auto-replied' | 'auto-generated' | 'list' | 'bulk';

export interface Automatic {
  readonly kind: AutomaticKind;
  /** What says so, for logs and answers: `MAIL FROM:<>`, `Precedence: bulk`. */
  readonly because: string;
}

/**
 * The kind of an automatic mail and what gave it away; undefined for a mail by a person.
 * @param envelopeFrom address in MAIL FROM; empty or undefined for the null sender.
 */
export function automatic(headers: MailHeaders, envelopeFrom: string | undefined): Automatic | undefined {
  return bounce(headers, envelopeFrom) ?? reply(headers) ?? generated(headers) ?? bulk(headers);
}

/** Only the kind of `automatic`. */
export function automaticKind(
  headers: MailHeaders,
  envelopeFrom: string | undefined,
): AutomaticKind | undefined {
  return automatic(headers, envelopeFrom)?.kind;
}

function bounce(headers: MailHeaders, envelopeFrom: string | undefined): Automatic | undefined {
  const isReceipt = headers.contentType.includes('disposition-notification');
  if (isReceipt) return { kind: 'auto-replied', because: `Content-Type: ${headers.contentType}` };
  if (envelopeFrom === undefined || envelopeFrom === '' || envelopeFrom === '<>')
    return { kind: 'bounce', because: 'MAIL FROM:<>' };
  if (headers.returnPathNull) return { kind: 'bounce', because: 'Return-Path: <>' };
  if (headers.contentType.startsWith('multipart/report')) {
    return { kind: 'bounce', because: `Content-Type: ${headers.contentType}` };
  }
  return undefined;
}

function reply(headers: MailHeaders): Automatic | undefined {
  const submitted = keyword(headers.autoSubmitted);
  if (submitted === 'auto-replied') return { kind: 'auto-replied', because: 'Auto-Submitted: auto-replied' };
  if (headers.autoReplyField !== undefined) return { kind: 'auto-replied', because: headers.autoReplyField };
  if (keyword(headers.precedence) === 'auto_reply') {
    return { kind: 'auto-replied', because: 'Precedence: auto_reply' };
  }
  // Exchange calls its absence notices auto-generated. They answer a mail and forbid answers to themselves;
  // alerts may do the second (X-Auto-Response-Suppress alone says nothing about the mail it stands in), not the first.
  if (submitted === 'auto-generated' && headers.suppressesReplies && headers.inReplyTo !== undefined) {
    return {
      kind: 'auto-replied',
      because: 'Auto-Submitted: auto-generated, In-Reply-To and X-Auto-Response-Suppress',
    };
  }
  return undefined;
}

/** RFC 3834 5: every keyword but `no` means automatic, unknown ones too. RFC 5436 adds `auto-notified`. */
function generated(headers: MailHeaders): Automatic | undefined {
  const submitted = keyword(headers.autoSubmitted);
  if (submitted === '' || submitted === 'no') return undefined;
  return { kind: 'auto-generated', because: `Auto-Submitted: ${submitted}` };
}

function bulk(headers: MailHeaders): Automatic | undefined {
  const precedence = keyword(headers.precedence);
  if (headers.listField !== undefined) return { kind: 'list', because: headers.listField };
  if (precedence === 'list') return { kind: 'list', because: 'Precedence: list' };
  if (precedence === 'bulk' || precedence === 'junk')
    return { kind: 'bulk', because: `Precedence: ${precedence}` };
  return undefined;
}

/** The word a field begins with, in lower case; comments and parameters (RFC 3834 5.1) left out. */
function keyword(value: string | undefined): string {
  return /^[\s]*([\w-]*)/.exec(value ?? '')?.[1]?.toLowerCase() ?? '';
}
