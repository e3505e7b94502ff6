import { expect } from 'chai';
import { needs, smtplib, swaks } from '../support/clients.ts';
import { Product } from '../support/product.ts';

describe('accounts and limits', () => {
  let product: Product;
  before(needs('python3', 'swaks'));
  before(async () => {
    product = await new Product({
      smtp: { listen: '127.0.0.1:0', hostname: 'sms.example.com', trusted: [] },
      addresses: { userAt: true },
      accounts: [
        { user: 'john', password: 'johnpw', monthlyLimit: 3 },
        { user: 'ann@office.example', password: 'annpw' },
      ],
    }).start();
  });
  after(() => product?.dispose());

  const to = '"sms:+15551234567"@sms.example.com';

  it('a stranger is refused at RCPT, and told why', async () => {
    const { stdout } = await swaks({ port: product.port(), to, text: 'x' });
    expect(stdout).to.match(/<\*\* 550 5\.7\.1 .*authentication/);
  });

  it('a login by AUTH may send', async () => {
    const { code, stdout } = await swaks({
      port: product.port(),
      to,
      text: 'x',
      user: 'john',
      password: 'johnpw',
    });
    expect(code, stdout).to.equal(0);
    expect(stdout).to.match(/<[-~] +250 2\.0\.0 /);
  });

  it('a wrong password is 535', async () => {
    const { stdout } = await swaks({ port: product.port(), to, text: 'x', user: 'john', password: 'guess' });
    expect(stdout).to.match(/<\*\* 535 5\.7\.8 /);
  });

  it('so may the user in the address; the fourth part of the month is refused, whatever the proof', async () => {
    const proven = '"sms:+15551234567?user=john&pass=johnpw"@sms.example.com';
    for (const text of ['second', 'third']) {
      const { code, stderr } = await smtplib({ port: product.port(), to: proven, text });
      expect(code, stderr).to.equal(0);
    }
    const fourth = await smtplib({ port: product.port(), to: proven, text: 'fourth' });
    expect(fourth.code).to.not.equal(0);
    expect(fourth.stderr).to.match(/550, b'5\.7\.1 .*monthly message limit/);
  });

  it('a user whose name is a mail address is written with % for the at sign', async () => {
    const proven = '"sms:+15551234567?user=ann%office.example&pass=annpw"@sms.example.com';
    const { code, stderr } = await smtplib({ port: product.port(), to: proven, text: 'from ann' });
    expect(code, stderr).to.equal(0);
    await product.logged(/"account":"ann@office\.example"/);
  });

  it('no password stands in any log line', () => {
    expect(product.output)
      .to.contain('accepted')
      .and.to.not.contain('johnpw')
      .and.to.not.contain('guess')
      .and.to.not.contain('annpw');
  });
});
