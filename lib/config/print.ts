import { stringify } from 'yaml';
import { z } from 'zod';
import type { Config } from './config.ts';
import { fileSchema } from './schema.ts';

/** The effective configuration as a file: every default written out, secrets as `***`. */
export function printConfig(config: Config): string {
  const file = z.encode(fileSchema, config as z.output<typeof fileSchema>);
  return stringify(file, escapeReferences, { lineWidth: 110 });
}

/** `${NAME}` in a value is none to be replaced: it is written with two dollar signs. */
function escapeReferences(_key: unknown, value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/\$(?=\{[^{}]*\})/g, '$$$$') : value;
}
