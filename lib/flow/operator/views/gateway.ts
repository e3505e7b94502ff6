import { z } from 'zod';
import { given } from '../../../base/given.ts';
import type { PhoneView as SimulatedPhone, TransportStatus } from '../../../routing/transport.ts';
import type { Tally } from '../../../store/archive.ts';
import type { FaultRecord } from '../../../store/records.ts';
import { count, instant, isoTime, time } from './fields.ts';

/** A gateway: its own word beside what the store counted. */
export const gatewayView = z
  .strictObject({
    id: z.string(),
    type: z.string(),
    waiting: count.meta({
      description:
        'Messages that wait and that it may take, those that another gateway may take as well included.',
    }),
    today: z.strictObject({ sent: count, failed: count }).readonly().meta({
      description: 'Parts sent and hand-overs that failed on this calendar day, in the configured zone.',
    }),
    lastError: z
      .strictObject({ at: instant, cause: z.string() })
      .readonly()
      .exactOptional()
      .meta({ description: 'What went wrong last, a hand-over or the gateway itself.' }),
    status: z
      .strictObject({
        state: z
          .enum(['starting', 'up', 'down', 'off'])
          .meta({ description: '`off`: the configuration has switched it off.' }),
        reason: z.string().exactOptional(),
        facts: z
          .record(z.string(), z.union([z.string(), z.number()]))
          .readonly()
          .exactOptional(),
      })
      .readonly(),
  })
  .readonly();

export type GatewayView = z.output<typeof gatewayView>;

export const gatewayList = z.strictObject({ gateways: z.array(gatewayView).readonly() }).readonly();

/** An answer of the network to a USSD code. */
export const ussdView = z
  .strictObject({
    answer: z.string(),
    more: z.boolean().meta({ description: 'The network waits for an entry into the menu that `answer` is.' }),
  })
  .readonly();

/** A simulated phone behind a gateway. */
export const phoneView = z
  .strictObject({
    gateway: z.string(),
    number: z.string(),
    messages: z
      .array(
        z
          .strictObject({
            at: time,
            direction: z.enum(['in', 'out']).meta({ description: '`in` is what the phone received.' }),
            text: z.string(),
            parts: count,
            encoding: z.string(),
          })
          .readonly(),
      )
      .readonly(),
  })
  .readonly();

export type PhoneView = z.output<typeof phoneView>;

export const phoneList = z.strictObject({ phones: z.array(phoneView).readonly() }).readonly();

/** What is known of a gateway, before it is shown. */
export interface KnownGateway {
  readonly id: string;
  readonly type: string;
  readonly status: TransportStatus | { readonly state: 'off' };
  /** Why it is given nothing though nothing is wrong with it. */
  readonly held: string | undefined;
  readonly waiting: number;
  readonly tally: Tally | undefined;
}

export function viewGateway({ id, type, status, held, waiting, tally }: KnownGateway): GatewayView {
  const {
    lastError: lost,
    facts,
    reason,
  } = { lastError: undefined, facts: undefined, reason: undefined, ...status };
  const failed = tally?.lastError;
  const errors = [
    ...(lost === undefined ? [] : [{ at: lost.at, cause: lost.reason }]),
    ...(failed === undefined ? [] : [{ at: failed.at, cause: printFault(failed.fault) }]),
  ].sort((a, b) => b.at - a.at);
  const [last] = errors;
  return given({
    id,
    type,
    waiting,
    today: { sent: tally?.sent ?? 0, failed: tally?.failed ?? 0 },
    lastError: last === undefined ? undefined : { at: isoTime(last.at), cause: last.cause },
    status: given({ state: status.state, reason: reason ?? held, facts }),
  });
}

export function viewPhone(gateway: string, { number, messages }: SimulatedPhone): PhoneView {
  return {
    gateway,
    number,
    messages: messages.map(({ at, direction, text, parts, encoding }) => ({
      at,
      direction,
      text,
      parts,
      encoding,
    })),
  };
}

function printFault({ told, detail }: FaultRecord): string {
  return detail === undefined ? told : `${told} (${detail})`;
}
