import { z } from 'zod';
import type { Section } from '../../settings/section.ts';
import { listeners } from '../listen.ts';

/** The section `http`. */
export const http = z.strictObject({
  listen: listeners()
    .prefault('127.0.0.1:8025')
    .meta({
      description: 'An address and port, a list of them, or `false` for none.',
      examples: ['127.0.0.1:8080', false],
    }),
});

export type HttpSettings = Section<typeof http>;
