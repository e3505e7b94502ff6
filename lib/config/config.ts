import type { With } from '../settings/section.ts';
import type { GatewayConfig } from '../transports/kinds.ts';
import type { FileSettings } from './schema.ts';

/**
 * The configuration as the rest of mailsms sees it: complete and checked.
 *
 * It has the shape and the names of the file, as its sections' schemas say them; here is only what they leave to
 * complete.ts. Paths are absolute, names of domains in lower case.
 */
export interface Config extends Omit<FileSettings, 'zone' | 'smtp' | 'mail' | 'gateways' | 'log'> {
  /** IANA time zone of calendar months and dates. */
  readonly zone: string;
  readonly smtp: With<FileSettings['smtp'], 'hostname'>;
  readonly mail: With<FileSettings['mail'], 'from' | 'maildir'>;
  readonly gateways: readonly GatewayConfig[];
  readonly log: With<FileSettings['log'], 'format'>;
}
