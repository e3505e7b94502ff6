import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Authority } from '../support/authority.ts';
import { needs, smtplib, swaks } from '../support/clients.ts';
import { Dovecot, hashed } from '../support/dovecot.ts';
import { heard } from '../support/handset.ts';
import { Page } from '../support/page.ts';
import { Postfix, freePort, postfixVersion } from '../support/postfix.ts';
import { Product, until } from '../support/product.ts';

const page = new Page('mail-servers.md');

/** What Postfix delivers to people. */
const MAILBOXES = `
virtual_mailbox_domains = office.example
virtual_mailbox_base = $folder/mailboxes
virtual_mailbox_maps = inline:{ john@office.example=john/, ann@office.example=ann/ }
virtual_minimum_uid = 1
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
`;

describe('beside Postfix, as docs/mail-servers.md says', () => {
  let product: Product;
  let postfix: Postfix;

  before(needs('swaks', 'python3'));
  before(async function () {
    const found = await postfixVersion();
    if (!('missing' in found)) return;
    process.stderr.write(`    skipped: ${found.missing}\n`);
    this.skip();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') process.stderr.write(product?.output ?? '');
  });

  /** Both at once: each takes a while. */
  const start = async (mainCf: string, settings: Record<string, unknown>, relay: number): Promise<void> => {
    [postfix, product] = await Promise.all([
      Postfix.start(mainCf + MAILBOXES, tmpdir(), relay),
      new Product(settings).start(),
    ]);
  };
  const bounce = (count: number): Promise<string> =>
    until('a report in the mailbox', async () => {
      const mails = await postfix.mailbox('john');
      const found = mails.filter((mail) => mail.includes('multipart/report'));
      return found.length >= count ? found.at(-1)?.replace(/\s+/g, ' ') : undefined;
    });

  describe('by SMTP', () => {
    before(async () => {
      const [port, relay] = [await freePort(), await freePort()];
      await start(
        page.block('postfix: smtp', [':2525', `:${port}`]),
        page.settings('postfix: mailsms', [':2525', `:${port}`], [':25"', `:${relay}"`]),
        relay,
      );
    });
    after(async () => {
      await Promise.all([product?.dispose(), postfix?.stop()]);
    });

    for (const [name, to, number] of [
      ['quoted', '"sms:+15551230001?maxmsgs=2"@sms.example.com', '+15551230001'],
      ['without quotes', 'sms:+15551230002?maxmsgs=2@sms.example.com', '+15551230002'],
      ['without sms:', '+15551230003?maxmsgs=2@sms.example.com', '+15551230003'],
      ['percent-encoded', 'sms%3A+15551230004%3Fmaxmsgs%3D2@sms.example.com', '+15551230004'],
    ] as const) {
      it(`an address ${name} arrives`, async () => {
        const { code, stderr } = await smtplib({ port: postfix.port, to, text: `Hello ${name}` });
        expect(code, stderr).to.equal(0);
        await heard(product, number, `Hello ${name}`);
      });
    }

    it('of several recipients the good ones are reached and the bad one is reported', async () => {
      const to = [
        '+15551230005@sms.example.com',
        '"sms:+1555x"@sms.example.com',
        '+15551230006@sms.example.com',
      ];
      const { code, stderr } = await smtplib({ port: postfix.port, to, text: 'three' });
      expect(code, stderr).to.equal(0);
      await heard(product, '+15551230005', 'three');
      await heard(product, '+15551230006', 'three');
      const report = await bounce(1);
      expect(report).to.contain('Status: 5.1.3').and.to.not.contain('+15551230006');
    });
  });

  describe('by LMTP on a unix socket', () => {
    let folder: string;

    before(async () => {
      folder = mkdtempSync(join(tmpdir(), 'mailsms-lmtp-'));
      chmodSync(folder, 0o755);
      const run = join(folder, 'run');
      mkdirSync(run);
      execFileSync('chgrp', ['postfix', run]);
      chmodSync(run, 0o2750);
      const socket = ['/run/mailsms/lmtp.sock', join(run, 'lmtp.sock')] as const;
      const relay = await freePort();
      await start(
        page.block('postfix: lmtp', socket),
        {
          ...page.settings('postfix: lmtp mailsms', socket, [':25"', `:${relay}"`]),
          accounts: [{ user: 'john@office.example', monthlyLimit: 2 }],
        },
        relay,
      );
    });
    after(async () => {
      await Promise.all([product?.dispose(), postfix?.stop()]);
      rmSync(folder, { recursive: true, force: true });
    });

    it('a quoted address arrives, and is charged to its sender', async () => {
      const to = '"sms:+15551230011"@sms.example.com';
      const { code, stdout } = await swaks({ port: postfix.port, to, text: 'by LMTP' });
      expect(code, stdout).to.equal(0);
      await heard(product, '+15551230011', 'by LMTP');
      await product.logged(/"account":"john@office\.example"/);
    });

    it('each recipient has an answer of its own: the one beyond the limit is reported', async () => {
      const to = ['+15551230012@sms.example.com', '+15551230013@sms.example.com'];
      const { code, stderr } = await smtplib({ port: postfix.port, to, text: 'two' });
      expect(code, stderr).to.equal(0);
      const report = await bounce(1);
      expect(report).to.contain('monthly message limit').and.to.contain('Status: 5.7.1');
      expect(report.match(/Final-Recipient:/g)).to.have.length(1);
    });
  });

  describe('with logins at Postfix', () => {
    let authority: Authority;
    let dovecot: Dovecot;

    before(needs('dovecot', 'doveadm', 'openssl'));
    before(async () => {
      authority = await Authority.make();
      const password = await hashed('SSHA512', 'office-Zq3');
      dovecot = await Dovecot.start({
        authority,
        users: ['john', 'ann'].map((user) => `${user}:${password}::::::`),
      });
      const [port, relay] = [await freePort(), await freePort()];
      await start(
        `${page.block('postfix: smtp', [':2525', `:${port}`])}${page.block('postfix: senders')}
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:${dovecot.authPort}
smtpd_delay_reject = yes
`,
        {
          ...page.settings('postfix: mailsms', [':2525', `:${port}`], [':25"', `:${relay}"`]),
          ...page.settings('postfix: accounts'),
        },
        relay,
      );
    });
    after(async () => {
      await Promise.all([product?.dispose(), postfix?.stop()]);
      await dovecot?.stop();
      authority?.remove();
    });

    const to = '"sms:+15551230021"@sms.example.com';
    const asJohn = { user: 'john', password: 'office-Zq3', to };

    it('who has logged in is charged', async () => {
      const { code, stdout } = await swaks({ ...asJohn, port: postfix.port, text: 'from john' });
      expect(code, stdout).to.equal(0);
      await heard(product, '+15551230021', 'from john');
      await product.logged(/"account":"john@office\.example"/);
    });

    it('nobody sends as somebody else, logged in or not', async () => {
      const from = 'ann@office.example';
      const other = await swaks({ ...asJohn, port: postfix.port, from, text: 'not ann' });
      expect(other.stdout).to.match(/<\*\* 553 5\.7\.1 .*not owned by user john/);
      const nobody = await swaks({ to, port: postfix.port, from, text: 'not ann' });
      expect(nobody.stdout).to.match(/<\*\* 553 5\.7\.1 .*not logged in/);
    });

    it('a sender without an account is refused by mailsms, and told', async () => {
      const { stderr } = await smtplib({ port: postfix.port, to, from: 'guest@office.example', text: 'x' });
      expect(stderr).to.equal('');
      const line = await product.logged(/recipient refused/);
      expect(line).to.contain('550 5.7.1');
    });
  });

  describe('with the domain of a closed carrier service', () => {
    before(async () => {
      const port = await freePort();
      await start(
        page.block('postfix: carrier', [':2525', `:${port}`]),
        page.settings('postfix: carrier mailsms', [':2525', `:${port}`]),
        await freePort(),
      );
    });
    after(async () => {
      await Promise.all([product?.dispose(), postfix?.stop()]);
    });

    it('a national number reaches its phone', async () => {
      const to = '5551230031@vtext.com';
      const { code, stdout } = await swaks({ port: postfix.port, to, text: 'disk is full' });
      expect(code, stdout).to.equal(0);
      await heard(product, '+15551230031', 'disk is full');
    });
  });
});
