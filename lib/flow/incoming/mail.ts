import { fromTemplate, quoteLocal } from '../../address/print.ts';
import { lastDayOf, makeToken } from '../../address/reply-token.ts';
import { answerSubject, composeSmsMail } from '../../mail/write/compose.ts';
import { GAP } from '../../sms/reassembly.ts';
import type { IncomingMessage, NewEffect, ReplyLink } from '../../store/records.ts';
import { MAIL_EFFECT, type MailPayload } from '../effects/effects.ts';
import type { IncomingText } from './text.ts';

/** The mail that a message from a phone becomes, queued with the message's own id: made twice, it is the same mail. */
export interface IncomingMailSettings {
  readonly hostname: string;
  readonly mailExpireMs: number;
  /** Answers go to addresses that only their reader can use, for so many days. */
  readonly signed?: { readonly key: Uint8Array; readonly days: number; readonly domain: string };
}

export function incomingMail(
  message: IncomingMessage,
  text: IncomingText,
  addressed: {
    /** The gateway's From template: `sms:%s@sms.example.com` or `%s`. */
    readonly from: string;
    readonly to: string;
    /** The message that it answers. */
    readonly link?: ReplyLink;
    /** What rules have made of it. */
    readonly subject?: string;
    readonly shown?: { readonly from?: string; readonly to?: string };
    readonly fields?: readonly { readonly name: string; readonly value: string }[];
  },
  { hostname, mailExpireMs, signed }: IncomingMailSettings,
  created: number,
): NewEffect {
  const { to, link, shown = {} } = addressed;
  const { number, gateway } = message;
  const { stamp, smsc } = message.parts[0] ?? {};
  const from =
    signed === undefined || number === ''
      ? phoneAddress(addressed.from, message)
      : signedAddress(number, gateway, to, signed, created);
  const { raw } = composeSmsMail({
    from: shown.from ?? from,
    ...(number === '' || shown.from !== undefined ? {} : { fromName: number }),
    to: shown.to ?? to,
    subject: addressed.subject ?? usualSubject(message, link),
    text: `${text.text}${gapNote(text, message.total)}`,
    attachments: text.attachments,
    date: stamp?.at ?? message.received,
    offsetMinutes: stamp?.offsetMinutes ?? 0,
    messageId: `<sms.${message.id}@${hostname}>`,
    ...threadOf(link),
    sms: {
      number,
      gateway,
      ...(smsc === undefined ? {} : { smsc }),
      ...(stamp === undefined ? {} : { timestamp: rfc3339(stamp) }),
      encoding: text.encoding,
      parts: message.total,
      missing: text.missing,
      ...(text.port === undefined ? {} : { port: text.port }),
    },
    ...(text.automatic === undefined ? {} : { autoSubmitted: 'auto-generated' }),
    loop: hostname,
    ...(addressed.fields === undefined ? {} : { fields: addressed.fields }),
  });
  const what = link === undefined ? 'message' : 'answer';
  const payload: MailPayload = { from, to: [to], raw, about: message.id, what };
  const id = `mail.${message.id}.${to.toLowerCase()}`;
  return { id, kind: MAIL_EFFECT, payload, created, expires: created + mailExpireMs };
}

/** What the marks in the text stand for; of octets, it is told beside what they are. */
function gapNote({ encoding, missing }: IncomingText, total: number): string {
  if (missing.length === 0 || encoding === '8bit') return '';
  const which = missing.length === 1 ? `part ${missing.join()}` : `parts ${missing.join(', ')}`;
  return `\n\n(${GAP} stands for ${which} of ${total}: not received.)`;
}

export function usualSubject({ number }: IncomingMessage, link?: ReplyLink): string {
  return answerSubject(link?.subject ?? '') || `SMS from ${number || 'unknown'}`;
}

/** The phone's address by the gateway's template. */
export function phoneAddress(template: string, { number }: IncomingMessage): string {
  return fromTemplate(template, number === '' ? 'unknown' : number);
}

function signedAddress(
  number: string,
  gateway: string,
  holder: string,
  { key, days, domain }: NonNullable<IncomingMailSettings['signed']>,
  now: number,
): string {
  const token = makeToken({ number, gateway, lastDay: lastDayOf(now, days) }, holder, key);
  return `${quoteLocal(`sms+${token}`)}@${domain}`;
}

/** RFC 5322 3.6.4: References is the answered mail's References and then its Message-ID. */
function threadOf(link: ReplyLink | undefined): { inReplyTo?: string; references?: readonly string[] } {
  const id = link?.mailMessageId;
  return id === undefined ? {} : { inReplyTo: id, references: [...(link?.references ?? []), id] };
}

/** The stamp in the zone that it was given in: `2026-11-23T10:00:00+01:00` (RFC 3339 5.6). */
function rfc3339({ at, offsetMinutes }: { readonly at: number; readonly offsetMinutes: number }): string {
  const local = new Date(at + offsetMinutes * 60_000).toISOString().slice(0, 19);
  const two = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.abs(offsetMinutes);
  return `${local}${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
