import { z } from 'zod';
import type { Section } from '../settings/section.ts';
import { listOf, path } from '../settings/values.ts';

const files = (what: string) =>
  listOf(path())
    .prefault([])
    .meta({
      description: `Rule files for ${what}, and folders of such files, in this order.`,
      examples: [['rules/']],
    });

/** The section `rules`: where the rules are (docs/rules.md). */
export const rules = z.strictObject({
  outgoing: files('mails on their way to phones'),
  incoming: files('messages from phones'),
  lists: z
    .record(z.string(), path())
    .default({})
    .meta({
      description: 'Lists that conditions name: a file with one entry a line for each.',
      examples: [{ customers: 'lists/customers.txt' }],
    }),
  folders: z
    .enum(['plus', 'header'])
    .default('plus')
    .meta({
      description:
        'How a rule names a folder to the mail server: `plus`, as in `desk+SMS@example.com`; `header`, in `X-SMS-Folder`.',
      examples: ['header'],
    }),
});

export type RulesSection = Section<typeof rules>;
