import { offsetIn } from '../../base/calendar.ts';
import type { Clock } from '../../base/clock.ts';
import { type Random, newId } from '../../base/random.ts';
import { type ReportFields, composeReport } from '../../mail/write/report.ts';
import type { FaultRecord, NewEffect, OutgoingMessage } from '../../store/records.ts';
import { MAIL_EFFECT, type MailPayload } from './effects.ts';

/**
 * What is told to the sender of a message: RFC 3464 reports.
 *
 * A report goes to the envelope sender and never to the null sender, comes from the null sender itself, and only
 * where RFC 3461's NOTIFY asks for it: without one, failures and delays are told and successes are not.
 */
export type ReportKind = 'failed' | 'delayed' | 'delivered' | 'relayed';

/** What a report is about: a message, or one that could not be made. */
export type ReportSubject = Pick<
  OutgoingMessage,
  'id' | 'number' | 'content' | 'created' | 'expires' | 'origin'
> &
  Partial<Pick<OutgoingMessage, 'parts' | 'state'>>;

export interface ReportSettings {
  /** The name in Reporting-MTA. */
  readonly hostname: string;
  /** The From of reports: `MAILER-DAEMON@sms.example.com`. */
  readonly from: string;
  /** IANA time zone of the times in it. */
  readonly zone: string;
  /** How long a report is tried for. */
  readonly expireMs: number;
}

export class Reports {
  readonly #settings: ReportSettings;
  readonly #offsetAt: (time: number) => number;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(settings: ReportSettings, deps: { clock: Clock; random: Random }) {
    this.#settings = settings;
    this.#offsetAt = offsetIn(settings.zone);
    this.#clock = deps.clock;
    this.#random = deps.random;
  }

  /** Whether the sender of this message is to hear of that. */
  wanted(message: ReportSubject, kind: ReportKind): boolean {
    const { sender, dsn } = message.origin;
    if (sender === undefined) return false;
    const notify = dsn?.notify;
    if (notify === undefined) return kind === 'failed' || kind === 'delayed';
    if (notify.includes('never')) return false;
    return notify.includes(NOTIFY_WORD[kind]);
  }

  /** The report as something to be mailed; nothing where none is wanted. */
  make(message: ReportSubject, kind: ReportKind, fault: FaultRecord | undefined): NewEffect[] {
    const { sender } = message.origin;
    if (sender === undefined || !this.wanted(message, kind)) return [];
    const now = this.#clock.now();
    const id = newId(this.#clock, this.#random);
    const { hostname, from, expireMs } = this.#settings;
    const { origin, content } = message;
    const { raw } = composeReport({
      action: kind,
      reportingMta: hostname,
      from,
      to: sender,
      messageId: `<${id}@${hostname}>`,
      date: now,
      offsetAt: this.#offsetAt,
      arrival: message.created,
      recipient: origin.recipient ?? message.number,
      number: message.number,
      status: kind === 'delivered' || kind === 'relayed' ? '2.0.0' : (fault?.enhanced ?? '5.0.0'),
      ...(fault === undefined ? {} : { diagnostic: fault.detail ?? fault.told, cause: fault.told }),
      ...(isUncertain(message, kind, fault) ? { uncertain: true } : {}),
      ...attemptOf(message),
      ...(kind === 'delayed' ? { retryUntil: message.expires } : {}),
      ...(origin.dsn?.envid === undefined ? {} : { envelopeId: origin.dsn.envid }),
      ...(origin.dsn?.orcpt === undefined ? {} : { originalRecipient: origin.dsn.orcpt }),
      ...(origin.rawHeaders === undefined ? {} : { originalHeaders: origin.rawHeaders }),
      ...(origin.mailMessageId === undefined ? {} : { originalMessageId: origin.mailMessageId }),
      ...(origin.dsn?.ret === undefined ? {} : { ret: origin.dsn.ret }),
      ...(origin.subject === undefined ? {} : { originalSubject: origin.subject }),
      ...(kind === 'failed' || kind === 'relayed' ? partialOf(message) : {}),
      originalText:
        content.kind === 'text'
          ? (origin.wholeText ?? content.text)
          : `${content.data.length} octets of binary data`,
    });
    const payload: MailPayload = { from: '', to: [sender], raw, about: message.id, what: `${kind} report` };
    return [{ id, kind: MAIL_EFFECT, payload, created: now, expires: now + expireMs }];
  }
}

const NOTIFY_WORD = {
  failed: 'failure',
  delayed: 'delay',
  delivered: 'success',
  relayed: 'success',
} as const;

/** What waits to be sent again comes to an end by itself; what is held does so by the operator. */
function isUncertain({ state }: ReportSubject, kind: ReportKind, fault: FaultRecord | undefined): boolean {
  return fault?.code === 'gateway.unknown' && (kind === 'failed' || (kind === 'delayed' && state === 'held'));
}

/** The gateway that had it last, and when it took a part of it. */
function attemptOf({ parts = [] }: ReportSubject): Pick<ReportFields, 'gateway' | 'lastAttempt'> {
  const gateway = parts.findLast((part) => part.gateway !== undefined)?.gateway;
  const times = parts.flatMap(({ at }) => at ?? []);
  return {
    ...(gateway === undefined ? {} : { gateway }),
    ...(times.length === 0 ? {} : { lastAttempt: Math.max(...times) }),
  };
}

/** How many parts reached the phone, where some did and some did not. */
function partialOf({ parts = [] }: ReportSubject): Pick<ReportFields, 'partial'> {
  const delivered = parts.filter((part) => part.state === 'delivered').length;
  return delivered === 0 || delivered === parts.length ? {} : { partial: { delivered, total: parts.length } };
}
