import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { expect } from 'chai';
import { needs, smtplib, swaks } from '../support/clients.ts';
import { Exim } from '../support/exim.ts';
import { heard } from '../support/handset.ts';
import { Page } from '../support/page.ts';
import { freePort } from '../support/postfix.ts';
import { Product, until } from '../support/product.ts';
import type { Tree } from '../support/unpacked.ts';

const page = new Page('mail-servers.md');

/** Logins of the test: everybody with this password is who he says. */
const AUTHENTICATORS = `
plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = \${if eq{$auth3}{office-Zq4}}
  server_set_id = $auth2
`;

describe('beside Exim, as docs/mail-servers.md says', () => {
  let tree: Tree;
  let exim: Exim | undefined;
  let product: Product | undefined;

  before(needs('swaks', 'python3'));
  beforeEach(async function () {
    const made = await Exim.unpack();
    if (!('missing' in made)) {
      tree = made;
      return;
    }
    process.stderr.write(`    skipped: ${made.missing}\n`);
    this.skip();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') process.stderr.write((await exim?.log()) ?? '');
    await product?.dispose();
    await exim?.stop();
    exim = product = undefined;
  });

  it('by SMTP: quoted and plain addresses arrive, an unquoted sms: is refused, a mistake is reported', async () => {
    const port = await freePort();
    exim = await Exim.start(tree, {
      routers: page.block('exim: router'),
      transports: page.block('exim: transport', ['2525', String(port)]),
    });
    product = await new Product(
      page.settings('postfix: mailsms', [':2525', `:${port}`], [':25"', `:${exim.port}"`]),
    ).start();
    for (const [to, text] of [
      ['"sms:+15551230101?maxmsgs=2"@sms.example.com', 'quoted'],
      ['+15551230101?maxmsgs=2@sms.example.com', 'plain'],
    ] as const) {
      const { code, stdout, stderr } = await smtplib({ port: exim.port, to, text });
      expect(code, stdout + stderr).to.equal(0);
      await heard(product, '+15551230101', text);
    }
    // Exim was answered: it does not try again.
    await until('both answers in the log', async () => {
      const log = (await exim?.log()) ?? '';
      expect(log).to.not.contain('defer');
      return log.match(/C="250 2\.0\.0 queued as/g)?.length === 2 || undefined;
    });
    const unquoted = await swaks({ port: exim.port, to: 'sms:+15551230101@sms.example.com', text: 'x' });
    expect(unquoted.stdout).to.match(/<\*\* 501 /);

    await smtplib({ port: exim.port, to: '"sms:+1555x"@sms.example.com', text: 'x' });
    const report = await until('a report', async () => (await exim?.mailbox('john'))?.[0]);
    expect(report.replace(/\s+/g, ' ')).to.contain('is not a phone number: "x" at position 9');
  });

  it('by LMTP on a unix socket', async () => {
    exim = await Exim.start(tree, {
      routers: page.block('exim: lmtp router'),
      transports: page.block('exim: lmtp transport'),
    });
    const owner = await tree.id('Debian-exim');
    mkdirSync(tree.at('run/mailsms'), { recursive: true });
    chownSync(tree.at('run/mailsms'), 0, owner);
    chmodSync(tree.at('run/mailsms'), 0o2750);
    product = new Product({
      ...page.settings(
        'postfix: lmtp mailsms',
        ['/run/mailsms', tree.at('run/mailsms')],
        [':25"', `:${exim.port}"`],
      ),
      accounts: [{ user: 'john@office.example', monthlyLimit: 2 }],
    });
    await product.start();
    const to = [
      '"sms:+15551230111"@sms.example.com',
      '+15551230112@sms.example.com',
      '+15551230113@sms.example.com',
    ];
    const { code, stderr } = await smtplib({ port: exim.port, to, text: 'three' });
    expect(code, stderr).to.equal(0);
    await heard(product, '+15551230111', 'three');
    await heard(product, '+15551230112', 'three');
    const report = await until('a report', async () => (await exim?.mailbox('john'))?.[0]);
    expect(report).to.contain('monthly message limit').and.to.contain('+15551230113');
    expect(report).to.not.match(/^Final-Recipient:.*\+15551230112/m);
  });

  it('who has logged in at Exim is charged, whatever MAIL FROM says', async () => {
    const port = await freePort();
    exim = await Exim.start(tree, {
      routers: page.block('exim: router'),
      transports: page.block('exim: login transport', ['2525', String(port)]),
      authenticators: AUTHENTICATORS,
    });
    product = await new Product({
      ...page.settings('postfix: mailsms', [':2525', `:${port}`], [':25"', `:${exim.port}"`]),
      accounts: [{ user: 'john@office.example' }, { user: 'boss@office.example' }],
    }).start();
    const { code, stdout } = await swaks({
      port: exim.port,
      to: '"sms:+15551230121"@sms.example.com',
      from: 'boss@office.example',
      user: 'john',
      password: 'office-Zq4',
      text: 'who am I',
    });
    expect(code, stdout).to.equal(0);
    await heard(product, '+15551230121', 'who am I');
    await product.logged(/"account":"john@office\.example"/);
    expect(product.output).to.not.contain('"account":"boss');
  });
});
