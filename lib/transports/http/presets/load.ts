import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Preset, preset } from './schema.ts';

/**
 * The presets that come with mailsms, read from their files when one is asked for and kept. They are part of the program: one that
 * is not valid is a defect, which the tests find.
 */
const UP = import.meta.url.endsWith('.ts') ? '../../../../presets' : '../../../../../presets';
const FOLDER = fileURLToPath(new URL(UP, import.meta.url));

const known = new Map<string, Preset>();
let names: readonly string[] | undefined;

/** Names of all presets, in order. */
export function presetNames(): readonly string[] {
  names ??= readdirSync(FOLDER)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort();
  return names;
}

/** The preset of this name; undefined where there is none. */
export function presetNamed(name: string): Preset | undefined {
  const found = known.get(name);
  if (found !== undefined || !presetNames().includes(name)) return found;
  const read = preset.parse(parse(readFileSync(join(FOLDER, `${name}.yaml`), 'utf8')));
  known.set(name, read);
  return read;
}
