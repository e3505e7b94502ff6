import { expect } from 'chai';
import { needs, swaks } from '../support/clients.ts';
import { Product } from '../support/product.ts';

/** `mailsms accounts`, beside a gateway that is running: what it changes counts for the next mail. */
describe('accounts are kept and changed at runtime', () => {
  let product: Product;
  before(needs('swaks'));
  before(async () => {
    product = await new Product({
      smtp: { listen: '127.0.0.1:0', hostname: 'sms.example.com', trusted: [] },
      auth: { blankPasswords: true },
      accounts: [{ user: 'filed', password: 'filedpw', monthlyLimit: 10, description: 'from the file' }],
    }).start();
  });
  after(() => product?.dispose());

  const to = '"sms:+15551234567"@sms.example.com';
  const said = async (user: string, password: string, text = 'x'): Promise<string> => {
    const { stdout } = await swaks({ port: product.port(), to, text, user, password });
    return /^<\*\* +(.*)$/m.exec(stdout)?.[1] ?? 'accepted';
  };
  const mailsms = async (...args: string[]) => {
    const { code, stdout, stderr } = await product.cli('accounts', ...args);
    return code === 0 ? stdout : `${code}: ${stderr.trim()}`;
  };

  it('one that is added with a password may send, within its limits', async () => {
    const added = await product.cliWith(
      'annpw\n',
      ...['accounts', 'add', 'ann', '--password', '--monthly-limit', '2', '--expire', '2099-01-01'],
    );
    expect(added).to.deep.equal({ code: 0, stdout: '', stderr: '' });
    expect(await said('ann', 'annpw')).to.equal('accepted');
    expect(await said('ann', 'annpw', 'y')).to.equal('accepted');
    expect(await said('ann', 'annpw', 'z')).to.match(/^550 5\.7\.1 .*monthly message limit/);
    expect(await said('ann', 'wrong')).to.match(/^535 5\.7\.8/);
  });

  it('a counter that is reset lets it send again', async () => {
    expect(await mailsms('reset', 'ann')).to.equal('');
    expect(await said('ann', 'annpw', 'again')).to.equal('accepted');
  });

  it('ls is a table of those of the file and those of the store', async () => {
    const lines = (await mailsms('ls')).trimEnd().split('\n');
    expect(lines[0]).to.match(/^ACCOUNT +STATE +LIMIT +SENT +PREVIOUS +LAST SENT +EXPIRES +GATEWAY +FROM/);
    expect(lines[1]).to.match(/^filed +password +10 +0 +0 +- +- +- +file +from the file$/);
    expect(lines[2]).to.match(/^ann +password +2 +1 +0 +\d{4}-\d\d-\d\d \S+ +2099-01-01 +- +store$/);
    expect(lines).to.have.length(3);
  });

  it('settings are changed one by one, and taken away', async () => {
    expect(await mailsms('set', 'ann', '--allowed', '+49,AT', '--collapse', '10m')).to.equal('');
    expect(await said('ann', 'annpw')).to.match(/^550 5\.7\.1 this account may send to \+49, AT only/);
    const shown = await mailsms('show', 'ann');
    expect(shown)
      .to.match(/^allowed +\+49, AT$/m)
      .and.to.match(/^collapse +10m$/m);
    expect(shown)
      .to.match(/^monthlyLimit +2$/m)
      .and.to.match(/^password +set$/m);
    expect(
      await mailsms('set', 'ann', '--clear', 'allowed,collapse,expire', '--monthly-limit', '0'),
    ).to.equal('');
    expect(JSON.parse(await mailsms('show', 'ann', '--json'))).to.deep.include({
      settings: { user: 'ann', monthlyLimit: 0, active: true },
    });
    expect(await said('ann', 'annpw', 'free')).to.equal('accepted');
  });

  it('a password that is changed or taken away counts at once', async () => {
    expect(await product.cliWith('newpw\n', 'accounts', 'passwd', 'ann')).to.deep.include({ code: 0 });
    expect(await said('ann', 'annpw')).to.match(/^535/);
    expect(await said('ann', 'newpw', 'new')).to.equal('accepted');
    expect(await mailsms('passwd', 'ann', '--none')).to.equal('');
    expect(await said('ann', 'newpw')).to.match(/^535/);
  });

  it('one with a blank password need not log in', async () => {
    const named = (user: string): string => `"sms:+15551234567?user=${user}"@sms.example.com`;
    const reply = async (user: string): Promise<string> => {
      const { stdout } = await swaks({ port: product.port(), to: named(user), text: user });
      return /^<\*\* +(.*)$/m.exec(stdout)?.[1] ?? 'accepted';
    };
    expect(await mailsms('add', 'open', '--blank-password', '--monthly-limit', '1')).to.equal('');
    expect(await reply('open')).to.equal('accepted');
    expect(await reply('open')).to.match(/^550 5\.7\.1 .*monthly message limit/);
    expect(await product.cliWith('key\n', 'accounts', 'add', 'shut', '--password')).to.deep.include({
      code: 0,
    });
    expect(await reply('shut')).to.match(/^535/);
    expect(await mailsms('passwd', 'shut', '--blank')).to.equal('');
    expect(await reply('shut')).to.equal('accepted');
    expect(await mailsms('passwd', 'shut', '--none')).to.equal('');
    expect(await reply('shut')).to.match(/^5/);
    expect(await mailsms('rm', 'open', 'shut')).to.equal('');
  });

  it('one that is locked or gone may not send', async () => {
    await product.cliWith('bobpw\n', 'accounts', 'add', 'bob', '--password');
    expect(await said('bob', 'bobpw')).to.equal('accepted');
    await mailsms('set', 'bob', '--inactive');
    expect(await said('bob', 'bobpw')).to.match(/^550 5\.7\.1 this account is not active/);
    await mailsms('set', 'bob', '--active');
    expect(await said('bob', 'bobpw', 'b')).to.equal('accepted');
    await mailsms('rm', 'bob');
    expect(await said('bob', 'bobpw')).to.match(/^535/);
  });

  it('what cannot be done is told', async () => {
    expect(await mailsms('add', 'ann')).to.contain('there is an account "ann" already');
    expect(await mailsms('set', 'filed', '--inactive')).to.contain('stands in the configuration file');
    expect(await mailsms('rm', 'nobody')).to.contain('there is no account "nobody"');
    expect(await mailsms('add', 'x', '--gateway', 'modem9')).to.contain('there is no gateway "modem9"');
    expect(await mailsms('add', 'x', '--group', 'nobody')).to.contain('the group "nobody" is no account');
    expect(await mailsms('set', 'ann', '--expire', 'tomorrow')).to.contain(
      'expire: "tomorrow" is not a date; write it as 2027-01-31',
    );
    expect(await mailsms('add', 'x', '--allowed', 'XX')).to.contain('"XX" is neither a prefix nor');
    expect(await mailsms('set', 'ann')).to.contain('nothing to change');
  });

  it('they outlive a restart, and a hash for the file can be made', async () => {
    const { stdout: hash } = await product.cliWith('secret7\n', 'accounts', 'hash');
    await product.stop();
    product.configure({
      smtp: { listen: '127.0.0.1:0', hostname: 'sms.example.com', trusted: [] },
      accounts: [{ user: 'hashed', password: hash.trim() }],
    });
    await product.start();
    expect(await mailsms('ls')).to.match(/^ann /m);
    expect(await said('hashed', 'secret7')).to.equal('accepted');
    expect(await said('hashed', hash.trim())).to.match(/^535/);
  });

  it('no password stands in any log line', () => {
    for (const word of ['annpw', 'newpw', 'bobpw', 'secret7', '$scrypt']) {
      expect(product.output).to.not.contain(word);
    }
  });
});
