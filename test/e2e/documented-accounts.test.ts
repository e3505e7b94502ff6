import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { needs, swaks } from '../support/clients.ts';
import { Product, run } from '../support/product.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const PAGE = readFileSync(resolve(ROOT, 'docs/accounts.md'), 'utf8');

/** The block after `<!-- name -->`. */
function block(name: string): string {
  const match = new RegExp(`<!-- ${name} -->\\n+\`\`\`\\w*\\n([^]*?)\`\`\``).exec(PAGE);
  if (match?.[1] === undefined) throw new Error(`docs/accounts.md has no block "${name}"`);
  return match[1];
}

/** What docs/accounts.md shows is run here. */
describe('docs/accounts.md', () => {
  let product: Product;
  before(needs('swaks'));
  before(async () => {
    product = await new Product({
      accounts: [{ user: 'night-shift' }],
      ...(parse(block('config')) as object),
    }).start();
  });
  after(() => product?.dispose());

  it('has commands that work', async () => {
    const mailsms = `${process.execPath} ${resolve(ROOT, 'dist/bin/mailsms.js')}`;
    const script = block('run').replaceAll('mailsms ', `${mailsms} `);
    const { code, stdout, stderr } = await run('sh', ['-ec', script], '', product.dir);
    expect(code, stderr).to.equal(0);
    expect(stdout)
      .to.match(/^ann +password +100 +0/m)
      .and.to.match(/^minuteLimit +5$/m);
  });

  it('has helpers and a list that reach whom it says', async () => {
    const send = async (to: string): Promise<void> => {
      const { code, stdout } = await swaks({ port: product.port(), to, text: `to ${to}` });
      expect(code, stdout).to.equal(0);
    };
    await send('boss@sms.example.com');
    await send('alerts@sms.example.com');
    await product.logged(/"number":"\+15551234567".*"accepted"/);
    await product.logged(/"number":"\+15552220002".*"account":"night-shift".*"accepted"/);
    await product.logged(/"number":"\+15552220001".*"accepted"/);
    await product.logged(/mailed: mail of a list/);
  });
});
