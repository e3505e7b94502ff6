import { isAbsolute, resolve } from 'node:path';
import type { GatewayConfig } from '../transports/kinds.ts';
import type { Config } from './config.ts';
import { DEFAULT_DOMAIN, type FileSettings } from './schema.ts';

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
export function complete(settings: FileSettings, surroundings: Surroundings): Config {
  const { base, terminal } = surroundings;
  const at = (path: string): string => (isAbsolute(path) ? path : resolve(base, path));
  const { smtp, lmtp, mail, log } = settings;
  const dataDir = surroundings.dataDir ?? at(settings.dataDir);
  const domain = settings.domains[0]?.name ?? DEFAULT_DOMAIN;
  const { tls } = smtp;
  const socket = lmtp !== undefined && 'path' in lmtp.listen ? { path: at(lmtp.listen.path) } : undefined;
  return {
    ...settings,
    dataDir,
    zone: settings.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    smtp: {
      ...smtp,
      hostname: smtp.hostname ?? domain,
      ...(tls === undefined ? {} : { tls: { cert: at(tls.cert), key: at(tls.key) } }),
    },
    ...(socket === undefined ? {} : { lmtp: { listen: socket } }),
    mail: {
      ...mail,
      from: mail.from ?? `MAILER-DAEMON@${domain}`,
      ...(mail.ca === undefined ? {} : { ca: at(mail.ca) }),
      ...(mail.dkim === undefined ? {} : { dkim: { ...mail.dkim, keyFile: at(mail.dkim.keyFile) } }),
      maildir: mail.maildir === undefined ? resolve(dataDir, 'Maildir') : at(mail.maildir),
    },
    gateways: settings.gateways.map((gateway): GatewayConfig => ({
      ...gateway,
      from: gateway.from ?? `sms:%s@${domain}`,
    })),
    rules: {
      ...settings.rules,
      outgoing: settings.rules.outgoing.map(at),
      incoming: settings.rules.incoming.map(at),
      lists: Object.fromEntries(Object.entries(settings.rules.lists).map(([name, file]) => [name, at(file)])),
    },
    sql: Object.fromEntries(
      Object.entries(settings.sql).map(([name, each]) => [
        name,
        each.type === 'sqlite' ? { ...each, file: at(each.file) } : each,
      ]),
    ),
    auth: {
      ...settings.auth,
      backends: settings.auth.backends.map((each) =>
        'ca' in each && each.ca !== undefined ? { ...each, ca: at(each.ca) } : each,
      ),
    },
    log: { ...log, format: log.format ?? (terminal ? 'pretty' : 'json') },
  };
}
