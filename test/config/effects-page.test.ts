import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'chai';
import { loadingText } from './loading.ts';

describe('docs/effects.md', () => {
  it('shows settings that are valid', async () => {
    const page = readFileSync(resolve(import.meta.dirname, '../../docs/effects.md'), 'utf8');
    const block = /<!-- config -->\n+```yaml\n([^]*?)```/.exec(page)?.[1] ?? '';
    const { config } = await loadingText(block).load();
    expect(Object.keys(config.sql)).to.deep.equal(['crm', 'shop', 'log']);
    expect(config.outside.programs).to.have.length(2);
  });
});
