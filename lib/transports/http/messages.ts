import type { Job } from '../../routing/transport.ts';
import { decodeDcs, encodeDcs } from '../../sms/dcs.ts';
import { Reader } from '../../sms/reader.ts';
import type { Segment } from '../../sms/segment.ts';
import { decodeUdh, portsOf } from '../../sms/udh.ts';
import { readUserData } from '../../sms/user-data.ts';
import {
  type RequestContent,
  type TemplateMessage,
  TemplateError,
  isUnicode,
  partsOf,
} from './template/message.ts';

/** What is the same in all messages of a gateway. */
export interface MessageSettings {
  readonly id: string;
  /** Who splits long messages: the provider, in one request for all of it, or we, in a request for each part. */
  readonly split: 'provider' | 'us';
  /** Whether octets can be sent; `ports`: only those to an application port. */
  readonly binary: 'yes' | 'ports' | 'no';
  /** The sender where a message has none of its own. */
  readonly sender: string;
  readonly password: string;
  readonly callback: string;
  readonly settings: Readonly<Record<string, string>>;
}

export interface MessageRequest {
  readonly message: TemplateMessage;
  /** The parts that it carries. */
  readonly sequences: readonly number[];
  /** How many parts the whole message has, as we count them. */
  readonly total: number;
}

/** The requests that a job takes, in order. Throws TemplateError for what this gateway cannot carry. */
export function requestsOf(job: Job, settings: MessageSettings, now: number): MessageRequest[] {
  const { segments, content } = job;
  const [first] = segments;
  if (first === undefined) return [];
  if (content.kind === 'binary' && settings.binary === 'no')
    throw new TemplateError(`the gateway "${settings.id}" sends no binary messages`);
  if (content.kind === 'binary' && settings.binary === 'ports' && !hasPort(content.udh))
    throw new TemplateError(`the gateway "${settings.id}" sends binary messages to application ports alone`);
  if (settings.split === 'us') return segments.map((segment) => requestFor(segment, job, settings, now));
  const whole: RequestContent = content.kind === 'text' ? { text: content.text } : { data: content.data };
  const udh = content.kind === 'binary' ? (content.udh ?? NO_OCTETS) : NO_OCTETS;
  const message = {
    ...commonOf(job, settings, now),
    content: whole,
    udh,
    unicode: 'text' in whole && isUnicode(whole.text),
    parts: partsOf(whole, udh),
    key: job.messageId,
  };
  // Of a message that began to go out elsewhere all is sent: a phone shows no text of which parts are missing.
  return [{ message, sequences: segments.map(({ sequence }) => sequence), total: first.total }];
}

function requestFor(segment: Segment, job: Job, settings: MessageSettings, now: number): MessageRequest {
  const { sequence, total, udh = NO_OCTETS } = segment;
  const message = {
    ...commonOf(job, settings, now),
    content: contentOf(segment),
    udh,
    unicode: segment.encoding === 'ucs2',
    parts: total,
    key: total === 1 ? job.messageId : `${job.messageId}.${sequence}`,
  };
  return { message, sequences: [sequence], total };
}

function commonOf(
  job: Job,
  { id, sender, password, callback, settings }: MessageSettings,
  now: number,
): Omit<TemplateMessage, 'content' | 'udh' | 'unicode' | 'parts' | 'key'> {
  const { number, messageId, account = '', options } = job;
  const { pid, dcs, validityMinutes } = options;
  return {
    number,
    ...(pid === undefined ? {} : { pid }),
    ...(dcs === undefined ? {} : { dcs }),
    ...(options.class === undefined ? {} : { messageClass: options.class }),
    ...(validityMinutes === undefined ? {} : { validityMinutes }),
    report: options.statusReport === true,
    sender: options.sender ?? sender,
    alias: options.alias ?? '',
    msgid: options.msgid ?? messageId,
    values: options.values ?? [],
    user: account,
    gateway: id,
    password,
    callback,
    settings,
    now,
  };
}

function hasPort(udh: Uint8Array | undefined): boolean {
  return udh !== undefined && portsOf(decodeUdh(udh)) !== undefined;
}

/** What a part says, without its header. */
function contentOf({ encoding, udh, userData, userDataLength }: Segment): RequestContent {
  const octets = Buffer.concat([Uint8Array.of(userDataLength), userData]);
  const dcs = decodeDcs(encodeDcs({ alphabet: encoding }));
  const { text, data } = readUserData({}, new Reader(octets), dcs, udh !== undefined, false);
  return text === undefined ? { data: data ?? NO_OCTETS } : { text };
}

const NO_OCTETS = new Uint8Array();
