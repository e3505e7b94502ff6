import { isAbsolute, resolve } from 'node:path';
import { withPaths } from '../settings/paths.ts';
import type { GatewayConfig } from '../transports/kinds.ts';
import type { Config } from './config.ts';
import { DEFAULT_DOMAIN, fileSchema, type FileSettings } from './schema.ts';

/** What the settings that depend on the surroundings are completed from. */
export interface Surroundings {
  /** Relative paths of the file begin here. Absolute. */
  readonly base: string;
  /** Replaces `dataDir`. Absolute. */
  readonly dataDir?: string;
  /** Output goes to a terminal. */
  readonly terminal: boolean;
}

/** The whole configuration: paths made absolute, and the defaults that depend on something filled in. */
export function complete(read: FileSettings, surroundings: Surroundings): Config {
  const { base, terminal } = surroundings;
  const at = (path: string): string => (isAbsolute(path) ? path : resolve(base, path));
  const { lmtp, ...settings } = withPaths<FileSettings>(fileSchema, read, at);
  const { smtp, mail, log } = settings;
  const dataDir = surroundings.dataDir ?? settings.dataDir;
  const domain = settings.domains[0]?.name ?? DEFAULT_DOMAIN;
  return {
    ...settings,
    dataDir,
    zone: settings.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    smtp: { ...smtp, hostname: smtp.hostname ?? domain },
    ...(lmtp === undefined
      ? {}
      : { lmtp: 'path' in lmtp.listen ? { listen: { path: at(lmtp.listen.path) } } : lmtp }),
    mail: {
      ...mail,
      from: mail.from ?? `MAILER-DAEMON@${domain}`,
      maildir: mail.maildir ?? resolve(dataDir, 'Maildir'),
    },
    gateways: settings.gateways.map((gateway): GatewayConfig => ({
      ...gateway,
      from: withDomain(gateway.from ?? 'sms:%s', domain),
    })),
    log: { ...log, format: log.format ?? (terminal && log.file === undefined ? 'pretty' : 'json') },
  };
}

/** `%s` alone is the number, which is no mail address until a domain follows. */
function withDomain(template: string, domain: string): string {
  return template.includes('@') ? template : `${template}@${domain}`;
}
