import { z } from 'zod';
import { mostParts } from '../../../address/settings.ts';
import { layout } from '../../../mail/text/template.ts';
import type { Section } from '../../../settings/section.ts';
import { listOf } from '../../../settings/values.ts';

/** The section `text`: how a mail becomes a text. */
export const text = z.strictObject({
  maxmsgs: mostParts()
    .default(3)
    .meta({ description: 'The most SMS one mail may take; longer text is cut.', examples: [5] }),
  smart: z
    .boolean()
    .default(true)
    .meta({
      description: 'Replace typographic quotes, dashes and spaces where that saves parts.',
      examples: [false],
    }),
  strip: z
    .boolean()
    .default(true)
    .meta({
      description:
        'Leave out quoted replies, signatures, disclaimers and all after the end tag `##`: only what was written goes to the phone.',
      examples: [false],
    }),
  automatic: listOf(z.enum(['auto-generated', 'auto-replied', 'bounce', 'list', 'bulk']))
    .prefault(['auto-generated'])
    .meta({
      description:
        'Kinds of mail by programs that may become a message: `auto-generated` (alerts, cron), `auto-replied` (absence notices), `bounce`, `list`, `bulk`.',
      examples: [['auto-generated', 'list']],
    }),
  template: layout()
    .exactOptional()
    .meta({
      description:
        'Layout of the text, made of `{subject}`, `{from}`, `{text}`, `{size}` and `{attachments}`.',
      examples: ['{subject}: {text}'],
      'x-default': 'the text; the subject where there is none',
    }),
});

export type TextSettings = Section<typeof text>;
