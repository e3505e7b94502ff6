import { z } from 'zod';
import type { Section } from '../../../settings/section.ts';
import { request } from '../request/schema.ts';

/** A provider as data: `presets/*.yaml`. One file adds one. */

const setting = () =>
  z.strictObject({
    /** What it is and where it is found, in a few words. */
    about: z.string().min(1),
    secret: z.boolean().default(false),
    /** It may be left out: it is empty then. */
    optional: z.boolean().default(false),
    /** May name other settings: `https://%settings.region%.api.example.com`. */
    default: z.string().exactOptional(),
    /** A regular expression that its value must match as a whole. */
    pattern: z.string().exactOptional(),
    /** A value that is a path is read: the setting is what the file holds. */
    file: z.boolean().default(false),
  });

/** What a provider can do, for the table in the documentation. */
const abilities = () =>
  z.strictObject({
    /** Octets: any, only those to an application port, none. */
    binary: z.enum(['yes', 'ports', 'no']),
  });

export const preset = z.strictObject({
  title: z.string().min(1),
  docs: z.url(),
  /** When its facts were looked at last. */
  checked: z.iso.date(),
  settings: z.record(z.string().regex(/^[a-z][A-Za-z0-9]*$/), setting()),
  can: abilities(),
  send: request(),
  /** What to do at the provider, in order. */
  setup: z.array(z.string().min(1)).min(1),
  /** What else is good to know; what is not certain says so. */
  notes: z.array(z.string().min(1)).default([]),
});

export type Preset = Section<typeof preset>;
export type PresetSetting = Section<ReturnType<typeof setting>>;
