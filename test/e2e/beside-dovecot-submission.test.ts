import { expect } from 'chai';
import { Authority } from '../support/authority.ts';
import { needs, smtplib, swaks } from '../support/clients.ts';
import { Dovecot, hashed } from '../support/dovecot.ts';
import { heard } from '../support/handset.ts';
import { Page } from '../support/page.ts';
import { freePort } from '../support/postfix.ts';
import { Product } from '../support/product.ts';

const page = new Page('mail-servers.md');

describe("beside Dovecot's submission service, as docs/mail-servers.md says", () => {
  let authority: Authority;
  let dovecot: Dovecot;
  let product: Product;

  before(needs('swaks', 'python3', 'dovecot', 'doveadm', 'openssl'));
  before(function () {
    if (process.getuid?.() === 0) return;
    process.stderr.write('    skipped: Dovecot is only started by root\n');
    this.skip();
  });
  before(async () => {
    const port = await freePort();
    authority = await Authority.make();
    const password = await hashed('SSHA512', 'office-Zq5');
    dovecot = await Dovecot.start({
      authority,
      users: ['john', 'eve'].map((user) => `${user}:${password}::::::`),
      settings: page.block('dovecot: submission', ['2525', String(port)]),
    });
    product = await new Product(page.settings('dovecot: mailsms', [':2525', `:${port}`])).start();
  });
  after(async () => {
    await product?.dispose();
    await dovecot?.stop();
    authority?.remove();
  });

  const to = '"sms:+15551230301"@sms.example.com';
  const letter = { tls: true, to, password: 'office-Zq5' };

  it('who has logged in there is charged, whoever MAIL FROM is, and is not asked again', async () => {
    const sent = await swaks({
      ...letter,
      port: dovecot.submissionPort,
      user: 'john',
      from: 'boss@office.example',
      text: 'carried over',
    });
    expect(sent.code, sent.stdout).to.equal(0);
    await heard(product, '+15551230301', 'carried over');
    await product.logged(/"account":"john"/);
  });

  it('a plain address arrives, an unquoted sms: is refused', async () => {
    const sent = await smtplib({
      ...letter,
      port: dovecot.submissionPort,
      user: 'john',
      to: '+15551230302?maxmsgs=2@sms.example.com',
      text: 'plain',
    });
    expect(sent.code, sent.stderr).to.equal(0);
    await heard(product, '+15551230302', 'plain');
    const unquoted = 'sms:+15551230302@sms.example.com';
    const { stdout } = await swaks({
      ...letter,
      port: dovecot.submissionPort,
      user: 'john',
      to: unquoted,
      text: 'x',
    });
    expect(stdout).to.match(/<~\* 501 5\.5\.4 /);
  });

  it('who has no account is refused', async () => {
    const { stdout } = await swaks({ ...letter, port: dovecot.submissionPort, user: 'eve', text: 'x' });
    expect(stdout).to.match(/<~\*+ 550 5\.7\.1 /);
  });
});
