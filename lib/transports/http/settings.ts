import { readFile } from 'node:fs/promises';
import { Fault, messageOf } from '../../base/errors.ts';
import type { Complete } from '../../routing/kind.ts';
import { presetNamed } from './presets/load.ts';
import type { Preset } from './presets/schema.ts';
import { openSettings } from './presets/settings.ts';
import { AnswerReader } from './request/answer.ts';
import { compileRequest } from './request/compile.ts';
import { Redactor } from './request/redactor.ts';
import type { RequestDescription } from './request/schema.ts';
import { secretsOf } from './request/secrets.ts';
import type { httpSchema } from './schema.ts';
import { TemplateError } from './template/message.ts';
import { namesWith } from './template/variables.ts';
import type { HttpSettings } from './transport.ts';

type HttpGateway = Complete<typeof httpSchema>;

/**
 * From a gateway of the configuration to what its transport wants to know. Throws Fault `config.invalid` for what cannot be: a
 * key file that is not there or holds no key.
 *
 * @param callback where the provider reports to; absent where it has no way to reach us
 */
export async function httpSettings(gateway: HttpGateway, callback = ''): Promise<HttpSettings> {
  const preset = gateway.preset === undefined ? undefined : presetNamed(gateway.preset);
  const settings = preset === undefined ? {} : await readSettings(preset, gateway);
  const description = preset?.send ?? descriptionOf(gateway);
  const secret = Object.entries(preset?.settings ?? {})
    .filter(([, each]) => each.secret)
    .map(([name]) => settings[name] ?? '');
  const { id, password, proxy, clientCert, clientKey, clientKeyPassword, ca, split, concurrency } = gateway;
  const opened = password?.open() ?? '';
  const redactor = new Redactor([
    ...secret,
    ...secretsOf(description, settings),
    opened,
    clientKeyPassword?.open() ?? '',
    ...proxySecrets(proxy?.open()),
  ]);
  try {
    return {
      id,
      request: compileRequest(description, { names: namesWith(Object.keys(settings)), settings }),
      answers: new AnswerReader(description),
      message: {
        ...{ id, split, callback, settings, password: opened },
        binary: preset?.can.binary ?? 'yes',
        sender: gateway.sender ?? settings['sender'] ?? '',
      },
      idempotent: description.idempotent === true,
      concurrency,
      timeoutMs: gateway.timeouts.send,
      client: {
        ...(clientCert === undefined
          ? {}
          : {
              clientCert: {
                cert: clientCert,
                ...(clientKey === undefined ? {} : { key: clientKey }),
                ...(clientKeyPassword === undefined ? {} : { passphrase: clientKeyPassword }),
              },
            }),
        ...(ca === undefined ? {} : { ca }),
        ...(proxy === undefined ? {} : { proxy }),
      },
      redactor,
      trace: gateway.trace,
    };
  } catch (error) {
    if (error instanceof TemplateError) throw wrong(id, error.message);
    throw error;
  }
}

function descriptionOf({ id, url, request }: HttpGateway): RequestDescription {
  if (request !== undefined) return request;
  if (url === undefined) throw wrong(id, 'it has no URL');
  return { url };
}

/** A preset's settings, opened; of those that are files what is in them. */
async function readSettings(
  preset: Preset,
  { id, settings = {} }: HttpGateway,
): Promise<Record<string, string>> {
  const opened = openSettings(preset, settings);
  for (const [name, { file }] of Object.entries(preset.settings)) {
    const value = opened[name] ?? '';
    if (!file || value === '' || value.includes('\n') || value.startsWith('-----')) continue;
    try {
      opened[name] = await readFile(value, 'utf8');
    } catch (error) {
      throw wrong(id, `settings.${name}: ${messageOf(error)}`);
    }
  }
  return opened;
}

function proxySecrets(proxy: string | undefined): string[] {
  if (proxy === undefined) return [];
  const { username, password } = new URL(proxy);
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return password === '' ? [] : [decodeURIComponent(password), Buffer.from(pair).toString('base64')];
}

function wrong(id: string, detail: string): Fault {
  return new Fault('config.invalid', { told: `the gateway "${id}" cannot be used: ${detail}` });
}
