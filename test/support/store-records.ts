import type { Random } from '../../lib/base/random.ts';
import type { TakeRequest } from '../../lib/store/lease.ts';
import type { AcceptItem, LeaseRequest } from '../../lib/store/outgoing.ts';
import type {
  FaultRecord,
  IncomingPart,
  NewEffect,
  OutgoingMessage,
  Part,
  ReplyLink,
} from '../../lib/store/records.ts';

/** Records for tests of the store: small, valid, and with what the test is about put in. */
export const MINUTE = 60_000;
export const DAY = 86_400_000;

export const FAULT: FaultRecord = { code: 'gateway.busy', enhanced: '4.4.5', told: 'the gateway is busy' };

let made = 0;

export function outgoing(now: number, given: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return {
    id: `m${String(++made).padStart(8, '0')}`,
    number: '+15551234567',
    content: { kind: 'text', text: 'The kettle has boiled.' },
    options: {},
    parts: parts(1),
    concatReference: 7,
    charged: 0,
    lane: '*',
    priority: 5,
    state: 'queued',
    attempts: 0,
    created: now,
    notBefore: now,
    expires: now + 5 * DAY,
    origin: { via: 'smtp', sender: 'john@example.com' },
    trace: [{ at: now, event: 'accepted' }],
    ...given,
  };
}

export function item(
  now: number,
  given: Partial<OutgoingMessage> = {},
  more: Partial<AcceptItem> = {},
): AcceptItem {
  return { message: outgoing(now, given), ...more };
}

export function parts(count: number): Part[] {
  return Array.from({ length: count }, (_, index) => ({ sequence: index + 1, state: 'waiting' }));
}

export function linkTo(
  number: string,
  sender: string,
  at: number,
  given: Partial<ReplyLink> = {},
): ReplyLink {
  return { number, sender, at, expires: at + DAY, messageId: `m-${sender}`, gateways: [], ...given };
}

export function effect(now: number, given: Partial<NewEffect> = {}): NewEffect {
  return {
    id: `e${String(++made).padStart(8, '0')}`,
    kind: 'mail',
    payload: { to: ['john@example.com'], raw: Uint8Array.of(1, 2, 3) },
    created: now,
    expires: now + DAY,
    ...given,
  };
}

export function incomingPart(now: number, given: Partial<IncomingPart> = {}): IncomingPart {
  const id = `i${String(++made).padStart(8, '0')}`;
  return {
    id,
    gateway: 'modem1',
    fingerprint: `f-${id}`,
    number: '+15557654321',
    received: now,
    pdu: Uint8Array.of(7, 0x91, 0, 0xff),
    body: { kind: 'text', text: `text of ${id}` },
    ...given,
  };
}

export function take(now: number, limit = 100): TakeRequest {
  return { now, until: now + 10 * MINUTE, limit };
}

export function leaseOf(now: number, limit = 100, lanes: readonly string[] = ['*']): LeaseRequest {
  return { ...take(now, limit), gateway: 'modem1', lanes };
}

/** Random enough for identifiers, and the same in each run. */
export function countingRandom(seed = 1): Random {
  let state = seed;
  return {
    bytes: (count) =>
      Uint8Array.from({ length: count }, () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state >>> 24;
      }),
  };
}
