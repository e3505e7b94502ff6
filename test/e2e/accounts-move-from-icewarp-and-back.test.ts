import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect } from 'chai';
import { needs, swaks } from '../support/clients.ts';
import { Product } from '../support/product.ts';

const FIXTURES = resolve(import.meta.dirname, '../../fixtures/icewarp');

/** `mailsms import icewarp` and `export icewarp`, beside a gateway that is running. */
describe('accounts move from IceWarp and back', () => {
  let product: Product;
  const now = Math.floor(Date.now() / 1000);
  const write = (path: string, text: string): void => {
    const whole = join(product.dir, 'icewarp', path);
    mkdirSync(dirname(whole), { recursive: true });
    writeFileSync(whole, text);
  };

  before(needs('swaks'));
  before(async () => {
    product = await new Product({
      smtp: { listen: '127.0.0.1:0', hostname: 'sms.example.com', trusted: [] },
      gateways: [{ id: 'modem1', type: 'virtual', from: 'sms:%s@sms.example.com' }],
      accounts: [{ user: 'filed', password: 'filedpw' }],
    }).start();
    write(
      'config/smsusers.dat',
      [
        `john:johnpw:MODEM1:John: night shift:3:2:${now}:7:0:0`,
        'late:latepw::Gone since 2020:0:0:0:0:44000:0',
        'locked:lockedpw:::0:0:0:0:0:1',
        'open:::Nobody asks:5:0:0:0:0:0',
        'filed:otherpw:::0:0:0:0:0:0',
        '',
        '',
      ].join('\r\n'),
    );
    write('config/sms.dat', ':::Everybody:50:0:0:0:0:0\r\n');
    write('config/office.example/sms.dat', ':::Office:200:0:0:0:0:0\r\n');
    write('mail/office.example/ann/sms.dat', ':::Ann:20:0:0:0:0:0\r\n');
    write('config/smsstat.dat', `ann@office.example:::::4:${now}:9:0:0\r\n`);
    write('config/smsoutgoing.xml', readFileSync(join(FIXTURES, 'windows/Config/smsoutgoing.xml'), 'utf8'));
    write(
      'config/smsgateway.dat',
      '<G><GATEWAY><ID>Modem1</ID><DEVICE>COM3</DEVICE><PIN>7351</PIN></GATEWAY></G>',
    );
  });
  after(() => product?.dispose());

  const mailsms = (...args: string[]) => product.cli(...args);
  const said = async (user: string, password: string, text = 'x'): Promise<string> => {
    const to = '"sms:+15551234567"@sms.example.com';
    const { stdout } = await swaks({ port: product.port(), to, text, user, password });
    return /^<\*\* +(.*)$/m.exec(stdout)?.[1] ?? 'accepted';
  };
  const actions = (stdout: string): string[] =>
    [...stdout.matchAll(/^\S+\.dat +\d+ +(\S+) +(new|changed|same|skipped|refused)\b/gm)].map(
      ([, user, action]) => `${user} ${action}`,
    );
  const ALL = ['john', 'late', 'locked', 'open', 'filed', '@office.example', '*', 'ann@office.example'];
  const all = (action: string): string[] =>
    ALL.map((user) => `${user} ${user === 'filed' ? 'skipped' : action}`);

  it('a dry run shows what would be done, and does nothing', async () => {
    const before = await mailsms('accounts', 'ls', '--json');
    const { code, stdout, stderr } = await mailsms('import', 'icewarp', 'icewarp', '--dry-run');
    expect(code, stderr).to.equal(0);
    expect(actions(stdout)).to.deep.equal(all('new'));
    expect(stdout).to.contain('mailsms rules import icewarp/config/smsoutgoing.xml');
    expect(stdout).to.contain(
      'Nothing was changed (--dry-run). This would be: 7 new, 0 changed, 0 same, 1 skipped.',
    );
    expect((await mailsms('accounts', 'ls', '--json')).stdout).to.equal(before.stdout);
  });

  it('a line that cannot be read is named with its place, and then nothing is imported', async () => {
    const users = readFileSync(join(product.dir, 'icewarp/config/smsusers.dat'), 'utf8');
    write('config/smsusers.dat', users.replace('44000', 'soon'));
    const { code, stdout, stderr } = await mailsms('import', 'icewarp', 'icewarp');
    write('config/smsusers.dat', users);
    expect(code).to.equal(1);
    expect(stderr).to.contain('config/smsusers.dat:2:38: expire: "soon" is no Delphi date');
    expect(stdout).to.contain('Nothing was imported');
    expect((await mailsms('accounts', 'show', 'john')).code).to.equal(1);
  });

  it('the import takes over users, levels and counters; gateways become a piece of mailsms.yaml', async () => {
    const { code, stdout, stderr } = await mailsms(
      'import',
      'icewarp',
      'icewarp',
      '--gateways',
      'gateways.yaml',
      '--rules',
      'rules',
    );
    expect(code, stderr).to.equal(0);
    expect(actions(stdout)).to.deep.equal(all('new'));
    expect(stdout)
      .to.contain('stands in the configuration file')
      .and.to.contain('read as "John: night shift"')
      .and.to.contain('auth.blankPasswords')
      .and.to.contain('1 rule in config/smsoutgoing.xml: written to rules/smsoutgoing.yaml')
      .and.to.contain('1 gateway written to gateways.yaml');
    const snippet = readFileSync(join(product.dir, 'gateways.yaml'), 'utf8');
    expect(snippet).to.contain('pin: ${MAILSMS_GATEWAY_MODEM1_PIN}').and.to.not.contain('7351');
    const list = (await mailsms('accounts', 'ls')).stdout;
    expect(list)
      .to.match(/^john +password +3 +2 +7 +\d{4}-\S+ \S+ +- +modem1 +store +John: night shift$/m)
      .and.to.match(/^ann@office\.example +no password +20 +4 +9 /m)
      .and.to.match(/^\* +no password +50 /m);
  });

  it('a user logs in with the password it had, within what is left of its limit', async () => {
    expect(await said('john', 'guess')).to.match(/^535 5\.7\.8/);
    expect(await said('john', 'johnpw')).to.equal('accepted');
    expect(await said('john', 'johnpw', 'y')).to.match(/^550 5\.7\.1 .*monthly message limit/);
  });

  it('one that has expired, is inactive, or has no password does not get in', async () => {
    expect(await said('late', 'latepw')).to.match(/^550 5\.7\.1 this account has expired/);
    expect(await said('locked', 'lockedpw')).to.match(/^550 5\.7\.1 this account is not active/);
    expect(await said('open', 'anything')).to.match(/^535/);
  });

  it('a second import finds everything the same, and takes back nothing that was sent since', async () => {
    const { code, stdout } = await mailsms(
      'import',
      'icewarp',
      'icewarp',
      '--gateways',
      'gateways.yaml',
      '--rules',
      'rules',
    );
    expect(code).to.equal(0);
    expect(actions(stdout)).to.deep.equal(all('same'));
    expect(await said('john', 'johnpw', 'z')).to.match(/^550 5\.7\.1 .*monthly message limit/);
  });

  it('--skip-bad imports the rest', async () => {
    appendFileSync(
      join(product.dir, 'icewarp/config/smsusers.dat'),
      'jane:janepw::Jane:x:0:0:0:0:0\r\nbad name:badpw:::0:0:0:0:0:0\r\njim:jimpw:::0:0:0:0:0:0\r\n',
    );
    const { code, stdout, stderr } = await mailsms('import', 'icewarp', 'icewarp', '--skip-bad', '--json');
    expect(code, stderr).to.equal(0);
    const { applied, accounts, bad } = JSON.parse(stdout) as {
      applied: boolean;
      accounts: { user: string; action: string }[];
      bad: { file: string; line: number; column?: number; field?: string; message: string }[];
    };
    expect(applied).to.equal(true);
    expect(accounts.filter(({ action }) => action === 'new').map(({ user }) => user)).to.deep.equal(['jim']);
    expect(bad.map(({ line, message }) => `${line} ${message}`)).to.deep.equal([
      '7 "x" is no whole number',
      '8 user: must be a name without spaces',
    ]);
    expect(await said('jim', 'jimpw')).to.equal('accepted');
  });

  it('the export is the same accounts without their passwords, which it says loudly', async () => {
    const { code, stdout, stderr } = await mailsms('export', 'icewarp', 'out');
    expect(code, stderr).to.equal(0);
    expect(stdout.trimEnd().split('\n').sort()).to.deep.equal([
      'config/office.example/sms.dat',
      'config/sms.dat',
      'config/smsstat.dat',
      'config/smsusers.dat',
      'mail/office.example/ann/sms.dat',
    ]);
    expect(stderr)
      .to.contain('WARNING: 6 PASSWORDS ARE BLANK in smsusers.dat')
      .and.to.contain('john: description: colons and line breaks replaced');
    const users = readFileSync(join(product.dir, 'out/config/smsusers.dat'), 'utf8');
    expect(users).to.match(/^john::modem1:John; night shift:3:3:\d{10}:7:0:0\r$/m);
    expect(users).to.match(/^late:::Gone since 2020:0:0:0:0:44000:0\r$/m);
    const back = await mailsms('import', 'icewarp', 'out', '--dry-run');
    expect(actions(back.stdout).filter((each) => !/ (?:same|skipped)$/.test(each))).to.deep.equal([
      'john changed',
    ]);
    expect(back.stdout).to.contain('description John: night shift -> John; night shift');
  });

  it('the export replaces nothing that it did not write, unless it is told to', async () => {
    const { code, stderr } = await mailsms('export', 'icewarp', 'icewarp');
    expect(code).to.equal(1);
    expect(stderr).to.contain('config/smsusers.dat: is there already').and.to.contain('--force');
    expect(readFileSync(join(product.dir, 'icewarp/config/smsusers.dat'), 'utf8')).to.contain('johnpw');
    expect((await mailsms('export', 'icewarp', 'out', '--lock')).code).to.equal(0);
    const users = readFileSync(join(product.dir, 'out/config/smsusers.dat'), 'utf8');
    expect(users).to.match(/^jim:.*:1\r$/m);
    expect((await mailsms('export', 'icewarp', 'icewarp', '--force')).code).to.equal(0);
  });

  it('no password stands in any log line', () => {
    expect(product.output).to.contain('accounts changed together');
    for (const word of ['johnpw', 'latepw', 'jimpw', '7351', '$scrypt'])
      expect(product.output).to.not.contain(word);
  });
});
