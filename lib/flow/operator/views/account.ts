import { z } from 'zod';
import { given } from '../../../base/given.ts';
import type { Usage } from '../../../store/records.ts';
import { count, next, time } from './fields.ts';

/** Who may send: its settings in the words of the configuration file, and what is known beside them. Never its password. */
export const accountView = z
  .strictObject({
    settings: z.record(z.string(), z.unknown()).readonly(),
    source: z
      .enum(['file', 'store'])
      .meta({ description: 'Those of the configuration file cannot be changed here.' }),
    hasPassword: z.boolean(),
    sent: count.meta({ description: 'Parts this calendar month; a member of a group is counted there.' }),
    previous: count.meta({ description: 'Parts the month before.' }),
    lastSent: time.exactOptional(),
  })
  .readonly();

export type AccountView = z.output<typeof accountView>;

/** Those of the configuration file come with the first page. */
export const accountPage = z.strictObject({ accounts: z.array(accountView).readonly(), next }).readonly();

export type AccountViewPage = z.output<typeof accountPage>;

/** What came of a list of accounts, or would come of it. */
export const batchView = z
  .strictObject({
    applied: z.boolean(),
    results: z
      .array(
        z
          .strictObject({
            user: z.string(),
            action: z.enum(['new', 'changed', 'same', 'skipped', 'refused']).meta({
              description: '`skipped`: it stands in the configuration file. `refused`: so nothing is done.',
            }),
            changes: z
              .array(z.string())
              .readonly()
              .meta({ description: 'For people: `monthlyLimit 10 -> 20`.' }),
            why: z.string().exactOptional(),
          })
          .readonly(),
      )
      .readonly()
      .meta({ description: 'In the order of the accounts that were given.' }),
  })
  .readonly();

export type BatchView = z.output<typeof batchView>;

export function viewAccount(
  settings: Readonly<Record<string, unknown>>,
  { sent, previous, lastSent }: Usage,
  known: Pick<AccountView, 'source' | 'hasPassword'>,
): AccountView {
  const { source, hasPassword } = known;
  return given({ settings, source, hasPassword, sent, previous, lastSent });
}
