import { expect } from 'chai';
import { z } from 'zod';
import { loadingText } from '../config/loading.ts';
import { printConfig } from '../../lib/config/print.ts';

/** Settings that are lists, each with one entry that may stand alone. */
const LISTS: readonly (readonly [setting: string, entry: string, read?: unknown])[] = [
  ['smtp.trusted', '192.0.2.0/24'],
  ['rules.outgoing', '/etc/rules'],
  ['rules.incoming', '/etc/rules'],
  ['queue.retry', '5m', 300_000],
  ['incoming.addressTag.allow', 'office.example'],
  ['incoming.mailbox', 'desk@example.com'],
  ['text.automatic', 'list'],
  ['senderProof.dns', '192.0.2.53'],
  ['outside.programs', '/usr/local/bin/x'],
  ['outside.urls', 'hook.example'],
  ['gateways.0.prefixes', '"+1"', '+1'],
  ['gateways.0.mailbox', 'desk@example.com'],
  ['gateways.0.init', 'AT+CSCS="GSM"'],
  ['accounts.0.allowed', 'us', 'US'],
  ['accounts.0.denied', '"+1900"', '+1900'],
  ['accounts.0.mailFrom', 'john@example.com'],
  ['lists.0.members', 'sms:+15551234567'],
];

describe('a setting that is a list', () => {
  for (const [setting, entry, read = entry] of LISTS) {
    it(`takes one entry without a list around it: ${setting}`, async () => {
      const config = async (value: string) => {
        const { load } = loadingText(fileWith(setting.split('.'), value));
        return (await load()).config;
      };
      const alone = await config(entry);
      expect(alone).to.deep.equal(await config(`[${entry}]`));
      const values = setting
        .split('.')
        .reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], alone);
      expect(values).to.deep.equal([read]);
      const { config: again } = await loadingText(printConfig(alone)).load();
      expect(again).to.deep.equal(alone);
    });
  }

  it('is any of the schema whose entries are written as one word', async () => {
    const { configJsonSchema } = await import('../../lib/config/json-schema.ts');
    const missing: string[] = [];
    const visit = (schema: unknown, path: string): void => {
      const { properties = {}, items, anyOf = [], oneOf = [] } = Shape.parse(schema);
      const isWord =
        typeof items === 'object' && items !== null && 'type' in items && items.type === 'string';
      if (isWord) missing.push(path);
      for (const [name, inner] of Object.entries(properties)) visit(inner, `${path}.${name}`);
      for (const each of anyOf) if (anyOf.length === 1) visit(each, path);
      for (const each of oneOf) visit(each, path);
      if (items !== undefined && !isWord) visit(items, path);
    };
    visit(configJsonSchema(), '');
    expect(missing).to.deep.equal([]);
  });
});

const Shape = z.looseObject({
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
});

/** What an entry of these lists needs beside the setting. */
const NEEDED: Readonly<Record<string, string>> = {
  gateways: 'id: a, type: modem, device: COM1',
  accounts: 'user: j',
  lists: 'address: night',
};

function fileWith([first = '', second = '', ...rest]: readonly string[], value: string): string {
  if (second === '0') return `${first}: [{ ${NEEDED[first] ?? ''}, ${rest.join('.')}: ${value} }]`;
  return rest.length === 0
    ? `${first}: { ${second}: ${value} }`
    : `${first}: { ${second}: { ${rest.join('.')}: ${value} } }`;
}
