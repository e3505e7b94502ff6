import { stringify } from 'yaml';
import type { Found } from './found.ts';
import { readGammu } from './gammu.ts';
import { readKannel } from './kannel.ts';
import { readSmstools } from './smstools.ts';

/** A daemon whose configuration is read: one line adds one. */
export const DAEMONS: Readonly<Record<string, { readonly about: string; read(text: string): Found }>> = {
  smstools: { about: 'smsd.conf of SMS Server Tools', read: readSmstools },
  gammu: { about: 'gammu-smsdrc of Gammu SMSD', read: readGammu },
  kannel: { about: 'kannel.conf', read: readKannel },
};

/** What was found, as a piece of mailsms.yaml; passwords and PINs stand in it. */
export function settingsText({ gateways, accounts }: Found): string {
  const settings = {
    ...(gateways.length > 0 && { gateways }),
    ...(accounts.length > 0 && { accounts }),
  };
  // Numbers and PINs stay words: 0123 is not 123.
  return Object.keys(settings).length === 0 ? '' : stringify(settings, { lineWidth: 0 });
}
