import type { Lease } from '../../lease.ts';
import type { Deferral, Failure, SentPart } from '../../outgoing.ts';
import type { FaultRecord, NewEffect, Part } from '../../records.ts';
import { refund } from '../accounts/counters.ts';
import { enqueue } from '../effects/queue.ts';
import { instant } from '../disk/key.ts';
import type { MessageHead, StoredMessage } from '../disk/layout.ts';
import { noteGateway } from '../incoming/links.ts';
import { place } from './place.ts';
import { handNext, traced } from './queue.ts';
import { tallyFailed, tallySent } from './tally.ts';
import { held, type Work } from '../disk/work.ts';

/** What became of a message that somebody holds. Each says false where the caller holds it no more. */

export function progress(work: Work, lease: Lease, sent: SentPart): boolean {
  const found = holding(work, lease);
  if (found === undefined) return false;
  const { message, gateway = '' } = found;
  const entry = { at: sent.at, event: 'part', gateway, note: partNote(message, sent) };
  const parts = handNext(withSent(message.parts, [sent], gateway), gateway);
  place(work, found, { ...found, message: { ...message, parts, trace: traced(message, entry) } });
  noteSent(work, found);
  tallySent(work, gateway, 1);
  return true;
}

export function settle(work: Work, lease: Lease, sent: readonly SentPart[]): boolean {
  const found = holding(work, lease);
  if (found === undefined) return false;
  const { message, gateway = '' } = found;
  const at = Math.max(...sent.map((part) => part.at), ...(sent.length === 0 ? [work.now] : []));
  // Those nobody named were sent too: that is what this call says.
  const unnamed = message.parts
    .filter(({ state, sequence }) => isUnsent(state) && !sent.some((part) => part.sequence === sequence))
    .map(({ sequence }) => ({ sequence, at }));
  const parts = withSent(message.parts, [...sent, ...unnamed], gateway);
  const { fault: _, ...rest } = message;
  place(work, found, {
    ...released(found),
    message: {
      ...rest,
      parts,
      state: verdictOf(parts) ?? 'sent',
      settledAt: instant(at),
      trace: traced(message, { at, event: 'sent', gateway }),
    },
  });
  noteSent(work, found);
  tallySent(work, gateway, message.parts.filter(({ state }) => isUnsent(state)).length);
  return true;
}

export function defer(work: Work, lease: Lease, deferral: Deferral): boolean {
  const found = holding(work, lease);
  if (found === undefined) return false;
  const { message, gateway } = found;
  const { until, fault, attempted = true, lane = message.lane } = deferral;
  const entry = {
    at: work.now,
    event: 'deferred',
    note: fault.code,
    ...(gateway === undefined ? {} : { gateway }),
  };
  tallyFailed(work, found, fault);
  place(work, found, {
    ...released(found),
    order: work.nextOrder(),
    message: {
      ...message,
      state: 'queued',
      lane,
      fault,
      parts: notHanding(message.parts),
      attempts: message.attempts + (attempted ? 1 : 0),
      notBefore: instant(until),
      trace: traced(message, entry),
    },
  });
  return true;
}

export function fail(work: Work, lease: Lease, failure: Failure): boolean {
  const found = holding(work, lease);
  if (found === undefined) return false;
  tallyFailed(work, found, failure.fault);
  giveUp(work, found, failure);
  return true;
}

export function hold(work: Work, lease: Lease, fault: FaultRecord): boolean {
  const found = holding(work, lease);
  if (found === undefined) return false;
  const { message } = found;
  tallyFailed(work, found, fault);
  const trace = traced(message, { at: work.now, event: 'held', note: fault.code });
  place(work, found, { ...released(found), message: { ...message, state: 'held', fault, trace } });
  return true;
}

export function warn(work: Work, lease: Lease, effects: readonly NewEffect[]): boolean {
  const found = holding(work, lease);
  if (found === undefined) return false;
  const { warnAt: _, ...message } = found.message;
  const trace = traced(message, { at: work.now, event: 'warned' });
  const parts = notHanding(message.parts);
  place(work, found, { ...released(found), message: { ...message, state: 'queued', parts, trace } });
  enqueue(work, effects);
  return true;
}

/** Ends a message that was not (wholly) sent: what was not is paid back, and `effects` are queued. */
export function giveUp(
  work: Work,
  found: StoredMessage,
  { state, fault, at, effects, note = fault.code }: Failure & { readonly note?: string },
): void {
  const { message } = found;
  const parts = notHanding(message.parts);
  const refunded = payBack(work, found, parts);
  const trace = traced(message, { at, event: state, note });
  place(work, found, {
    ...released(found),
    refunded,
    message: {
      ...message,
      state,
      fault,
      parts,
      charged: message.charged - refunded,
      settledAt: instant(at),
      trace,
    },
  });
  enqueue(work, effects);
}

/** Refunds the parts that were not sent, and says how many. */
export function payBack(
  work: Work,
  { message, chargedTo, chargedDay }: StoredMessage,
  parts: readonly Part[],
): number {
  const unsent = parts.filter(({ state }) => isUnsent(state)).length;
  const back = Math.min(unsent, message.charged);
  if (chargedTo !== undefined && message.chargedPeriod !== undefined) {
    refund(work, chargedTo, back, message.chargedPeriod, chargedDay);
  }
  return back;
}

/** The message's end as its parts' status reports tell it; undefined while one of them is out. */
export function verdictOf(parts: readonly Part[]): 'delivered' | 'undelivered' | undefined {
  if (parts.length === 0) return undefined;
  if (!parts.every(({ state }) => state === 'delivered' || state === 'undelivered')) return undefined;
  return parts.every(({ state }) => state === 'delivered') ? 'delivered' : 'undelivered';
}

export function released(found: StoredMessage): StoredMessage {
  const { lease: _, ...rest } = found;
  return rest;
}

export function notHanding(parts: readonly Part[]): readonly Part[] {
  return parts.map((part) => (part.state === 'handing' ? { ...part, state: 'waiting' } : part));
}

function holding(work: Work, lease: Lease): StoredMessage | undefined {
  return held(work.read(work.tables.messages, [lease.id]), lease);
}

function isUnsent(state: Part['state']): boolean {
  return state === 'waiting' || state === 'handing';
}

function withSent(parts: readonly Part[], sent: readonly SentPart[], gateway: string): readonly Part[] {
  return parts.map((part): Part => {
    const given = sent.find(({ sequence }) => sequence === part.sequence);
    if (given === undefined || !isUnsent(part.state)) return part;
    const { reference, at } = given;
    return { ...part, state: 'sent', gateway, at, ...(reference === undefined ? {} : { reference }) };
  });
}

function noteSent(work: Work, { message, linked, gateway }: StoredMessage): void {
  if (linked !== undefined && gateway !== undefined) noteGateway(work, message.number, linked, gateway);
}

function partNote({ parts }: MessageHead, { sequence }: SentPart): string {
  return `${sequence} of ${parts.length}`;
}
