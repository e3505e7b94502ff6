import type { Parameters } from '../../address/parameters.ts';
import { redactAddress } from '../../address/quoting.ts';
import { Fault, asFault } from '../../base/errors.ts';
import { redact } from '../../base/secret.ts';
import { type Automatic, automatic } from '../../mail/read/automatic.ts';
import {
  type Attachment,
  type ExtractOptions,
  type ExtractedMail,
  extractText,
} from '../../mail/text/extract.ts';
import type { Dropped } from '../../mail/text/strip.ts';
import type { Trace } from '../../rules/verdict.ts';
import { segmentBinary } from '../../sms/binary.ts';
import { EncodeError } from '../../sms/errors.ts';
import { type Segment, segment } from '../../sms/segment.ts';
import { CAPACITY } from '../../sms/user-data.ts';
import { contentOf } from './content.ts';
import type { Directory } from './directory.ts';
import type { DraftOrigin, DraftSettings } from './draft.ts';
import type { Gateways } from './gateways.ts';
import type { OutgoingRules, Surroundings } from './rules.ts';
import type { Target } from './door.ts';

/**
 * Preview: what would become of a mail, without a store, a gateway or a network.
 *
 * It goes the way of submit.ts with the same functions, so that what it shows is what happens; it asks no account
 * for permission and counts nothing. What the mail would be refused for is part of the answer, not thrown.
 */
export interface PreviewSettings {
  readonly text: Pick<ExtractOptions, 'strip' | 'template'>;
  /** Kinds of automatic mail that may become a message. */
  readonly automatic: readonly string[];
  readonly gateways: Gateways;
  readonly drafts: Pick<DraftSettings, 'maxmsgs' | 'smart'>;
  readonly directory: Directory;
  /** Accounts by name, as far as they change a message. */
  readonly accounts: ReadonlyMap<string, PreviewAccount>;
  /** Absent where there are no rules. */
  readonly rules?: Pick<OutgoingRules, 'judge'>;
}

export interface PreviewAccount {
  readonly gateway?: string;
  readonly maxmsgs?: number;
  readonly template?: string;
}

/** Why it would not be sent: the SMTP answer. */
export interface Refusal {
  readonly smtp: number;
  readonly enhanced: string;
  readonly told: string;
}

export interface Preview {
  readonly from?: string;
  readonly subject?: string;
  readonly text?: string;
  /** Where the text comes from. */
  readonly source?: 'plain' | 'html' | 'subject' | 'none';
  readonly dropped: readonly Dropped[];
  readonly attachments: readonly Attachment[];
  /** Set where a program sent the mail. */
  readonly automatic?: Automatic;
  /** Set where the mail as a whole would be refused. */
  readonly refused?: Refusal;
  readonly recipients: readonly PreviewRecipient[];
}

export interface PreviewRecipient {
  /** As it was given, its password redacted. */
  readonly address: string;
  readonly refused?: Refusal;
  /** Mail members of a list. */
  readonly mails: readonly string[];
  readonly messages: readonly PreviewMessage[];
}

export interface PreviewMessage {
  readonly number: string;
  readonly refused?: Refusal;
  /** The text that is sent; octets have none. */
  readonly text?: string;
  readonly encoding?: 'gsm7' | 'ucs2' | '8bit';
  readonly parts: readonly PreviewPart[];
  /** How many parts the text may take, and who says so. */
  readonly limit: { readonly parts: number; readonly by: 'address' | 'account' | 'configuration' };
  /** Characters that did not fit. */
  readonly cut: number;
  /** Characters that made the text Unicode. */
  readonly forcedUnicode: readonly string[];
  /** What was written in place of typographic characters. */
  readonly replaced: readonly { readonly from: string; readonly to: string }[];
  /** What the rules saw and did. */
  readonly rules?: Trace;
  /** What rules want done besides, or instead. */
  readonly effects: readonly string[];
  /** A rule takes it off the way to its phone. */
  readonly diverted?: true;
  readonly route?: {
    /** The gateways that may take it. */
    readonly gateways: readonly string[];
    readonly why: string;
  };
}

export interface PreviewPart {
  readonly sequence: number;
  /** TP-UDL: septets in GSM 7-bit, octets else, the header included. */
  readonly length: number;
  readonly unit: 'septets' | 'octets';
  /** How many there is room for. */
  readonly room: number;
}

/** What would become of the mail `raw` for these recipient addresses. */
export async function preview(
  raw: Uint8Array,
  recipients: readonly string[],
  settings: PreviewSettings,
): Promise<Preview> {
  try {
    const mail = await extractText(raw, settings.text);
    const { headers, text, source, dropped, attachments } = mail;
    const kind = automatic(headers, headers.returnPathNull ? '' : (headers.from ?? 'unknown'));
    const refused =
      kind !== undefined && !settings.automatic.includes(kind.kind)
        ? {
            smtp: 550,
            enhanced: '5.7.1',
            told: `mail of the kind "${kind.kind}" is not sent to phones (${kind.because})`,
          }
        : undefined;
    const textFor = async (template: string | undefined): Promise<string> =>
      template === undefined || template === settings.text.template
        ? text
        : (await extractText(raw, { ...settings.text, template })).text;
    return {
      ...(headers.fromText === undefined ? {} : { from: headers.fromText }),
      subject: headers.subject,
      text,
      source,
      dropped,
      attachments,
      ...(kind === undefined ? {} : { automatic: kind }),
      ...(refused === undefined ? {} : { refused }),
      recipients: await Promise.all(
        recipients.map((each) => recipientOf(each, textFor, factsOf(raw, mail), settings)),
      ),
    };
  } catch (error) {
    return { dropped: [], attachments: [], recipients: [], refused: refusalOf(asFault(error)) };
  }
}

type TextFor = (template: string | undefined) => Promise<string>;

/** What rules look at beside the text; a mail that is previewed comes from here. */
function factsOf(raw: Uint8Array, { headers, rawHeaders, attachments, html }: ExtractedMail): Facts {
  const { from, subject } = headers;
  return {
    around: {
      session: { via: 'smtp', remote: '127.0.0.1', trusted: true },
      account: undefined,
      size: raw.length,
      attachments: attachments.map(({ name = '' }) => name),
      html,
      rawHeaders: redact(rawHeaders),
      hops: 0,
    },
    from: {
      dsn: {},
      ...(from === undefined ? {} : { sender: from }),
      ...(subject === '' ? {} : { subject }),
    },
  };
}

interface Facts {
  readonly around: Surroundings;
  readonly from: DraftOrigin;
}

async function recipientOf(
  address: string,
  textFor: TextFor,
  facts: Facts,
  settings: PreviewSettings,
): Promise<PreviewRecipient> {
  try {
    const { phones, mails, redacted } = settings.directory.reach(address);
    const messages: PreviewMessage[] = [];
    for (const { numbers, parameters, account: listed } of phones) {
      const account = settings.accounts.get(listed ?? parameters.user ?? '');
      const text = await textFor(account?.template);
      const target: Target = { address: redacted, numbers, parameters, payer: { kind: 'nobody' } };
      for (const number of numbers)
        messages.push(await judged(target, number, text, account, facts, settings));
    }
    return { address: redacted, mails, messages };
  } catch (error) {
    return { address: redactAddress(address), mails: [], messages: [], refused: refusalOf(asFault(error)) };
  }
}

/** The message as the rules leave it. */
async function judged(
  target: Target,
  number: string,
  text: string,
  account: PreviewAccount | undefined,
  { around, from }: Facts,
  { rules, drafts, gateways }: PreviewSettings,
): Promise<PreviewMessage> {
  if (rules === undefined) return messageOf(number, text, target.parameters, account, drafts, gateways);
  const nothing = { number, parts: [], limit: limitOf(target.parameters, account, drafts), ...NOTHING };
  try {
    const result = await rules.judge({ target, number, text, from }, around);
    const { message, end } = result;
    const trace = message.from.rules as Trace | undefined;
    const ruled = {
      effects: result.effects.map(({ kind }) => kind),
      ...(trace === undefined ? {} : { rules: trace }),
    };
    if (end !== undefined) return { ...nothing, ...ruled, diverted: true };
    const { id } = message.target.parameters;
    const { gateway: _, ...free } = account ?? {};
    const payer = message.unpinned === true ? free : account;
    const made = messageOf(message.number, message.text, message.target.parameters, payer, drafts, gateways);
    const routed = id !== undefined && id !== target.parameters.id && made.route !== undefined;
    return {
      ...made,
      ...(routed ? { route: { ...made.route, why: 'a rule chose it' } } : {}),
      ...ruled,
    };
  } catch (error) {
    return { ...nothing, refused: refusalOf(asFault(error)) };
  }
}

const NOTHING = { cut: 0, forcedUnicode: [], replaced: [], effects: [] };

function limitOf(
  parameters: Parameters,
  account: PreviewAccount | undefined,
  { maxmsgs }: PreviewSettings['drafts'],
): PreviewMessage['limit'] {
  if (parameters.maxmsgs !== undefined) return { parts: parameters.maxmsgs, by: 'address' };
  if (account?.maxmsgs !== undefined) return { parts: account.maxmsgs, by: 'account' };
  return { parts: maxmsgs, by: 'configuration' };
}

function messageOf(
  number: string,
  text: string,
  parameters: Parameters,
  account: PreviewAccount | undefined,
  drafts: PreviewSettings['drafts'],
  gateways: Gateways,
): PreviewMessage {
  const { smart } = drafts;
  const limit = limitOf(parameters, account, drafts);
  const nothing = { number, parts: [], limit, ...NOTHING };
  try {
    const { route, referenceBits } = routeOf(number, parameters, account, gateways);
    const content = contentOf(text, parameters);
    if (content.kind === 'binary') {
      const { parts } = segmentBinary(content.data, {
        maxParts: limit.parts,
        referenceBits,
        ...(content.udh === undefined ? {} : { udh: content.udh }),
      });
      return { ...nothing, route, encoding: '8bit', parts: parts.map(partOf) };
    }
    const cut = segment(content.text, { maxParts: limit.parts, smart, referenceBits });
    const { encoding, forcedUnicode, replaced } = cut;
    return {
      number,
      text: cut.text,
      encoding,
      parts: cut.parts.map(partOf),
      limit,
      cut: cut.truncated ? Math.max(0, content.text.length - cut.text.length) : 0,
      forcedUnicode,
      replaced,
      effects: [],
      route,
    };
  } catch (error) {
    if (error instanceof EncodeError) {
      return { ...nothing, refused: refusalOf(new Fault('message.content', { told: error.message })) };
    }
    return { ...nothing, refused: refusalOf(asFault(error)) };
  }
}

function partOf({ sequence, userDataLength, encoding }: Segment): PreviewPart {
  const septets = encoding === 'gsm7';
  const room = septets ? CAPACITY.septets : CAPACITY.octets;
  return { sequence, length: userDataLength, unit: septets ? 'septets' : 'octets', room };
}

function routeOf(
  number: string,
  { id }: Parameters,
  account: PreviewAccount | undefined,
  gateways: Gateways,
): { route: NonNullable<PreviewMessage['route']>; referenceBits: 8 | 16 } {
  const pinned = id ?? account?.gateway;
  const lane = gateways.lane(number, pinned);
  const able = gateways.serving(lane);
  const why =
    id !== undefined
      ? 'the address asks for it (id=)'
      : pinned !== undefined
        ? 'its account is bound to it'
        : whyFree(able.length, !gateways.isAny(lane));
  return { route: { gateways: able, why }, referenceBits: gateways.referenceBits(lane) };
}

function whyFree(able: number, prefix: boolean): string {
  if (able === 1) return prefix ? 'the only one that takes numbers with this prefix' : 'the only one';
  return `the best free one${prefix ? ' of those that take numbers with this prefix' : ''}, by weight and load`;
}

function refusalOf({ smtp, enhanced, told }: Fault): Refusal {
  return { smtp, enhanced, told };
}
