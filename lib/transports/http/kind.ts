import { readFile } from 'node:fs/promises';
import { Fault, messageOf } from '../../base/errors.ts';
import type { Complete, GatewayKind } from '../../routing/kind.ts';
import { checkHttpGateway } from './check.ts';
import { presetNamed } from './presets/load.ts';
import { cutUrl } from './auth/url.ts';
import { openSettings } from './presets/settings.ts';
import { httpSchema } from './schema.ts';

/** A provider's HTTP interface. Its code is loaded where a gateway of this kind is configured. */
export const http: GatewayKind<typeof httpSchema> = {
  type: 'http',
  schema: httpSchema,
  secrets: ['password'],
  problems: checkHttpGateway,
  create: async (gateway, deps) => {
    const { HttpTransport } = await import('./transport.ts');
    const { httpSettings } = await import('./settings.ts');
    return new HttpTransport(await httpSettings(gateway), deps);
  },
  describe: (gateway) => {
    const { preset } = gateway;
    const title = preset === undefined ? 'HTTP' : (presetNamed(preset)?.title ?? preset);
    return `${title} at ${originOf(gateway)}`;
  },
  check: async ({ clientCert, clientKey, ca }) => {
    for (const path of [clientCert, clientKey, ca]) {
      try {
        if (path !== undefined) await readFile(path);
      } catch (error) {
        return `cannot be used now: ${messageOf(error)}`;
      }
    }
    return undefined;
  },
};

function originOf({ preset, settings, url, request }: Complete<typeof httpSchema>): string {
  const found = preset === undefined ? undefined : presetNamed(preset);
  const opened = found === undefined ? {} : openSettings(found, settings ?? {});
  const template = found?.send.url ?? url ?? request?.url;
  if (template === undefined) throw new Fault('config.invalid', { detail: 'a gateway without a URL' });
  return cutUrl(template, opened).origin;
}
