import { Ajv } from 'ajv';
import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { configJsonSchema } from '../../lib/config/json-schema.ts';
import type { JsonSchema } from '../../lib/settings/json-schema.ts';
import { loadingText } from './loading.ts';
import { holdsSettings } from './settings-table.ts';

const schema = configJsonSchema();
const validate = new Ajv({
  strict: true,
  allErrors: true,
  keywords: ['x-default'],
  allowUnionTypes: true,
}).compile(schema);

const judge = (text: string): string[] => {
  validate(parse(text));
  return (validate.errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`);
};

describe('the JSON Schema', () => {
  it('is draft 7, which editors understand', () => {
    expect(schema).to.include({ $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' });
  });

  it('takes the example of the documentation', async () => {
    const text = await readFile(new URL('../../fixtures/config/first-issue.yaml', import.meta.url), 'utf8');
    expect(judge(text)).to.deep.equal([]);
  });

  it('takes references to the environment where it wants a form', () => {
    const text =
      'country: "${MAILSMS_C}"\nqueue: { keep: "${MAILSMS_KEEP}" }\nmail: { relay: "${MAILSMS_R}" }';
    expect(judge(text)).to.deep.equal([]);
  });

  const refused: readonly (readonly [text: string, ...errors: string[]])[] = [
    ['dataDri: x', ' additionalProperties'],
    ['smtp: { listn: x }', '/smtp additionalProperties'],
    ['queue: { keep: 30 moons }', '/queue/keep pattern'],
    ['queue: { unknown: resent }', '/queue/unknown enum'],
    ['text: { maxmsgs: 129 }', '/text/maxmsgs maximum'],
    ['accounts: [{ password: x }]', '/accounts/0 required'],
    ['domains: []', '/domains minItems'],
  ];
  for (const [text, ...errors] of refused) {
    it(`refuses what loading refuses: ${text}`, async () => {
      expect(judge(text)).to.deep.equal(errors);
      expect(await loadingText(text).problems()).to.have.length(errors.length);
    });
  }

  for (const { path, setting } of settings(schema)) {
    it(`describes ${path}`, () => {
      expect(setting.description, 'description').to.match(/^\S.*[.!]$/s);
      if (holdsSettings(setting)) return;
      expect(setting.examples, 'examples').to.be.an('array').that.is.not.empty;
    });
  }
});

/** All settings; those of a list's entries have `[]` in their path. */
function* settings(group: JsonSchema, prefix = ''): Generator<{ path: string; setting: JsonSchema }> {
  for (const [name, setting] of Object.entries(group.properties ?? {})) {
    const path = `${prefix}${name}`;
    yield { path, setting };
    yield* settings(setting, `${path}.`);
    const entries = setting.items?.oneOf ?? (setting.items === undefined ? [] : [setting.items]);
    for (const entry of entries) yield* settings(entry, `${path}[].`);
  }
}
