import { stringify } from 'yaml';
import { z } from 'zod';
import type { Config } from './config.ts';
import { fileSchema, type FileSettings } from './schema.ts';

/** The effective configuration as a file, every default written out, secrets as `***`. */
export function printConfig(config: Config): string {
  const file = z.encode(fileSchema, config as FileSettings);
  return stringify(file, { lineWidth: 110 });
}
