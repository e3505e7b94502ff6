import { expect } from 'chai';
import { needs, smtplib } from '../support/clients.ts';
import { heard } from '../support/handset.ts';
import { OpenSmtpd } from '../support/opensmtpd.ts';
import { Page } from '../support/page.ts';
import { freePort } from '../support/postfix.ts';
import { Product, until } from '../support/product.ts';
import type { Tree } from '../support/unpacked.ts';

const page = new Page('mail-servers.md');

describe('beside OpenSMTPD, as docs/mail-servers.md says', () => {
  let tree: Tree;
  let server: OpenSmtpd | undefined;
  let product: Product | undefined;

  before(needs('python3'));
  beforeEach(async function () {
    const made = await OpenSmtpd.unpack();
    if (!('missing' in made)) {
      tree = made;
      return;
    }
    process.stderr.write(`    skipped: ${made.missing}\n`);
    this.skip();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') process.stderr.write(server?.log ?? '');
    await product?.dispose();
    await server?.stop();
    server = product = undefined;
  });

  it('by SMTP: a plain address arrives, one loses its sms:, a quoted one is refused', async () => {
    const port = await freePort();
    server = await OpenSmtpd.start(tree, page.block('opensmtpd: smtp', [':2525', `:${port}`]));
    product = await new Product(
      page.settings('postfix: mailsms', [':2525', `:${port}`], [':25"', `:${server.port}"`]),
    ).start();
    for (const [to, text] of [
      ['+15551230201@sms.example.com', 'plain'],
      ['+15551230201?maxmsgs=2@sms.example.com', 'with a parameter'],
      ['sms:+15551230201?maxmsgs=2@sms.example.com', 'with sms:'],
    ] as const) {
      const { code, stderr } = await smtplib({ port: server.port, to, text });
      expect(code, stderr).to.equal(0);
      await heard(product, '+15551230201', text);
    }
    const quoted = await smtplib({ port: server.port, to: '"sms:+15551230201"@sms.example.com', text: 'x' });
    expect(quoted.stderr).to.match(/501, b'5\.1\.3/);
    const wrong = await smtplib({ port: server.port, to: '+1555x@sms.example.com', text: 'x' });
    expect(wrong.code, wrong.stderr).to.equal(0);
    const log = await until('the refusal in its log', () =>
      server?.log.split('\n').find((line) => /result="PermFail"/.test(line)),
    );
    expect(log).to.contain('553 5.1.3').and.to.contain('is not a phone number');
  });

  it('by LMTP over TCP', async () => {
    const port = await freePort();
    server = await OpenSmtpd.start(tree, page.block('opensmtpd: lmtp', [':2424', `:${port}`]));
    product = await new Product({
      lmtp: { listen: `127.0.0.1:${port}` },
      accounts: [{ user: 'john@office.example' }],
    }).start();
    const { code, stderr } = await smtplib({
      port: server.port,
      to: ['+15551230211@sms.example.com', '+15551230212@sms.example.com'],
      text: 'both',
    });
    expect(code, stderr).to.equal(0);
    await heard(product, '+15551230211', 'both');
    await heard(product, '+15551230212', 'both');
    await product.logged(/"account":"john@office\.example"/);
  });
});
