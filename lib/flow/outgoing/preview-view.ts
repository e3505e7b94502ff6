import type { Fault } from '../../base/errors.ts';
import type { Automatic } from '../../mail/read/automatic.ts';
import type { Attachment } from '../../mail/text/extract.ts';
import type { Dropped } from '../../mail/text/strip.ts';
import type { Trace } from '../../rules/verdict.ts';
import type { Segment } from '../../sms/segment.ts';
import { CAPACITY } from '../../sms/user-data.ts';
import { accountOf } from './door.ts';
import type { Draft, Drafts, PartLimit } from './draft.ts';
import type { Gateways } from './gateways.ts';
import type { Outcome } from './outcome.ts';
import type { Planned } from './plan.ts';

/** An answer of the SMTP server. */
export interface Reply {
  readonly smtp: number;
  readonly enhanced: string;
  readonly told: string;
}

export interface MailPreview {
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
  readonly refused?: Reply;
  /** The gateway's answer to the mail; to the first recipient, where it takes none. */
  readonly reply: Reply;
  readonly recipients: readonly PreviewRecipient[];
}

export interface PreviewRecipient {
  /** As it was given, its password redacted. */
  readonly address: string;
  readonly refused?: Reply;
  /** Mail members of a list. */
  readonly mails: readonly string[];
  readonly messages: readonly PreviewMessage[];
}

export interface PreviewMessage {
  readonly number: string;
  readonly refused?: Reply;
  /** What the store makes of it, where it does not simply queue it (store/outgoing.ts `Accepted`). */
  readonly outcome?: 'duplicate' | 'collapsed' | 'withdrawn';
  /** The account that pays. */
  readonly account?: string;
  /** The text that is sent; octets have none. */
  readonly text?: string;
  readonly encoding?: 'gsm7' | 'ucs2' | '8bit';
  readonly parts: readonly PreviewPart[];
  readonly limit: PartLimit;
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

/** The answer to a mail that is taken. */
export const TAKEN: Reply = { smtp: 250, enhanced: '2.0.0', told: 'queued' };

const NO_PARTS = { parts: [], cut: 0, forcedUnicode: [], replaced: [] };

const PINNED: Readonly<Record<NonNullable<Draft['pinned']>, string>> = {
  address: 'the address asks for it (id=)',
  account: 'its account is bound to it',
  answers: 'nobody else writes to that phone through it, so that its answer is clear',
};

function whyFree(able: number, prefix: boolean): string {
  if (able === 1) return prefix ? 'the only one that takes numbers with this prefix' : 'the only one';
  return `the best free one${prefix ? ' of those that take numbers with this prefix' : ''}, by weight and load`;
}

/** What a preview shows of one number. */
export function messageView(outcome: Outcome, deps: ViewDeps): PreviewMessage {
  const { planned } = outcome;
  const { asked } = planned;
  const request = planned.kind === 'message' ? planned.request : asked;
  const trace = request.from.rules as Trace | undefined;
  const account = accountOf(asked.target.payer)?.user;
  return {
    number: request.number,
    ...('fault' in outcome ? { refused: replyOf(outcome.fault) } : {}),
    ...('taken' in outcome && outcome.taken.outcome !== 'accepted' ? { outcome: outcome.taken.outcome } : {}),
    ...(account === undefined ? {} : { account }),
    limit: deps.drafts.limitOf(request),
    ...draftView(planned, deps.gateways),
    ...(trace === undefined ? {} : { rules: trace }),
    effects: planned.kind === 'message' ? planned.effects.map(({ kind }) => kind) : [],
  };
}

export interface ViewDeps {
  readonly drafts: Drafts;
  readonly gateways: Gateways;
}

function draftView(
  planned: Planned,
  gateways: Gateways,
): Omit<PreviewMessage, 'number' | 'limit' | 'effects'> {
  if (planned.kind === 'refused') return NO_PARTS;
  const { draft, asked, request } = planned;
  if (draft === undefined) return { ...NO_PARTS, diverted: true };
  const { cut, whole } = draft;
  const { content, encoding, segments, text, truncated } = cut;
  const lost = truncated && whole.kind === 'text' ? whole.text.length - (text?.text.length ?? 0) : 0;
  const ruled = request.target.parameters.id !== asked.target.parameters.id;
  return {
    ...(content.kind === 'text' ? { text: content.text } : {}),
    encoding,
    parts: segments.map(partOf),
    cut: Math.max(0, lost),
    forcedUnicode: text?.forcedUnicode ?? [],
    replaced: text?.replaced ?? [],
    route: routeView(draft, ruled, gateways),
  };
}

function routeView(
  { item, pinned }: Draft,
  ruled: boolean,
  gateways: Gateways,
): NonNullable<PreviewMessage['route']> {
  const { lane } = item.message;
  const able = gateways.serving(lane);
  if (pinned === 'address' && ruled) return { gateways: able, why: 'a rule chose it' };
  if (pinned !== undefined) return { gateways: able, why: PINNED[pinned] };
  return { gateways: able, why: whyFree(able.length, !gateways.isAny(lane)) };
}

function partOf({ sequence, userDataLength, encoding }: Segment): PreviewPart {
  const septets = encoding === 'gsm7';
  const room = septets ? CAPACITY.septets : CAPACITY.octets;
  return { sequence, length: userDataLength, unit: septets ? 'septets' : 'octets', room };
}

export function replyOf({ smtp, enhanced, told }: Fault): Reply {
  return { smtp, enhanced, told };
}
