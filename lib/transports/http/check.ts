import type { Secret } from '../../base/secret.ts';
import type { Finding } from '../../settings/finding.ts';
import { suggestion } from '../../settings/suggestion.ts';
import { presetNamed, presetNames } from './presets/load.ts';
import { checkSettings, openSettings } from './presets/settings.ts';
import { checkRequest } from './request/check.ts';
import type { RequestDescription } from './request/schema.ts';
import { cutUrl } from './auth/url.ts';
import { TemplateError } from './template/message.ts';
import { VARIABLE_NAMES } from './template/variables.ts';

/** What the settings of a gateway say of what it sends. */
export interface RequestSource {
  readonly preset?: string;
  readonly settings?: Readonly<Record<string, Secret>>;
  readonly url?: string;
  readonly request?: RequestDescription;
  readonly clientCert?: string;
  readonly clientKey?: string;
}

/** What is wrong with the settings of a gateway taken together. */
export function checkHttpGateway(gateway: RequestSource): Finding[] {
  const ways = (['preset', 'url', 'request'] as const).filter((name) => gateway[name] !== undefined);
  const [first, second] = ways;
  if (first === undefined) {
    return [
      {
        path: [],
        message: 'needs a preset, a url or a request',
        hint: 'mailsms gateways presets lists presets',
      },
    ];
  }
  if (second !== undefined)
    return [{ path: [second], message: `there is "${first}" already`, hint: 'use one of them' }];
  return [...wrongSource(gateway), ...wrongFiles(gateway)];
}

function wrongSource({ preset, settings, url, request }: RequestSource): Finding[] {
  if (preset !== undefined) return wrongPreset(preset, settings ?? {});
  if (settings !== undefined)
    return [
      { path: ['settings'], message: 'are for a preset', hint: 'write values into the request itself' },
    ];
  if (url !== undefined) return checkRequest({ url }, { names: VARIABLE_NAMES, whole: ['url'] });
  if (request === undefined) return [];
  return checkRequest(request, { names: VARIABLE_NAMES }).map(({ path, ...problem }) => ({
    path: ['request', ...path],
    ...problem,
  }));
}

function wrongPreset(name: string, settings: Readonly<Record<string, Secret>>): Finding[] {
  const preset = presetNamed(name);
  if (preset === undefined) {
    const near = suggestion(name, presetNames());
    const hint = near === undefined ? `there are ${presetNames().join(', ')}` : `did you mean "${near}"?`;
    return [{ path: ['preset'], message: `there is no preset "${name}"`, hint }];
  }
  const problems = checkSettings(preset, settings);
  if (problems.length > 0)
    return problems.map(({ name: setting, ...problem }) => ({
      path: setting === undefined ? ['settings'] : ['settings', setting],
      ...problem,
    }));
  try {
    cutUrl(preset.send.url, openSettings(preset, settings));
    return [];
  } catch (error) {
    if (error instanceof TemplateError) return [{ path: ['settings'], message: error.message }];
    throw error;
  }
}

function wrongFiles({ clientCert, clientKey }: RequestSource): Finding[] {
  return clientKey !== undefined && clientCert === undefined
    ? [{ path: ['clientKey'], message: 'is of no use without "clientCert"' }]
    : [];
}
