import { z } from 'zod';
import { given } from '../../../base/given.ts';
import type { Trace } from '../../../rules/verdict.ts';
import type { FaultRecord, TraceEntry } from '../../../store/records.ts';

/** Fields that several views have. */

export const time = z.int().meta({ description: 'Milliseconds since 1970 (UTC).' });

export const instant = z.string().meta({ format: 'date-time', description: 'RFC 3339, in UTC.' });

export const octets = z.string().meta({ description: 'Octets in hexadecimal.' });

export const count = z.int().min(0);

export const next = z.string().exactOptional().meta({
  description:
    'Absent on the last page; else the `after` of the page that follows. A page that has it may be short, or empty.',
});

/** What went wrong, in words. `detail` is not for those who sent it. */
export const faultView = z
  .strictObject({
    code: z.string(),
    enhanced: z.string().meta({ description: 'RFC 3463.' }),
    told: z.string(),
    detail: z.string().exactOptional(),
  })
  .readonly();

/** One station of a message on its way. */
export const stationView = z
  .strictObject({
    at: time,
    event: z.string(),
    gateway: z.string().exactOptional(),
    note: z.string().exactOptional(),
  })
  .readonly();

/** What the rules saw and did, rule by rule. */
export const rulesView = z
  .strictObject({
    rules: z
      .array(
        z
          .strictObject({
            title: z.string(),
            place: z.string().exactOptional(),
            applied: z.boolean(),
            conditions: z
              .array(
                z
                  .strictObject({
                    text: z.string(),
                    depth: count,
                    result: z.enum(['true', 'false', 'skipped']),
                    seen: z.string().exactOptional(),
                    warning: z.string().exactOptional(),
                  })
                  .readonly(),
              )
              .readonly(),
            actions: z
              .array(
                z
                  .strictObject({
                    text: z.string(),
                    result: z.enum(['done', 'skipped']),
                    note: z.string().exactOptional(),
                  })
                  .readonly(),
              )
              .readonly(),
          })
          .readonly(),
      )
      .readonly(),
    left: count.meta({
      description: 'Rules that did not apply and are left out of the list for its length.',
    }),
  })
  .readonly();

export function viewFault({ code, enhanced, told, detail }: FaultRecord): z.output<typeof faultView> {
  return given({ code, enhanced, told, detail });
}

export function viewStation({ at, event, gateway, note }: TraceEntry): z.output<typeof stationView> {
  return given({ at, event, gateway, note });
}

/** The store keeps what the rules said without knowing its shape. */
export function viewRules(kept: unknown): z.output<typeof rulesView> {
  return kept as Trace;
}

export function hex(data: Uint8Array): string {
  return Buffer.from(data).toString('hex');
}

export function isoTime(at: number): string {
  return new Date(at).toISOString();
}
