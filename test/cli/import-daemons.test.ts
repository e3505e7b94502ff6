import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';

const MAILSMS = resolve(import.meta.dirname, '../../dist/bin/mailsms.js');
const FIXTURES = resolve(import.meta.dirname, '../../fixtures/daemons');

function mailsms(...args: readonly string[]) {
  return spawnSync(process.execPath, [MAILSMS, ...args], { encoding: 'utf8' });
}

describe('mailsms import smstools, gammu and kannel', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mailsms-import-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('writes settings that mailsms check takes, and names what it leaves', () => {
    const file = join(FIXTURES, 'smsd.conf');
    const { status, stdout, stderr } = mailsms('import', 'smstools', file);
    expect(status).to.equal(0);
    expect(stderr).to.include(`${file}:7: is neither a setting nor a comment`);
    const config = join(folder, 'mailsms.yaml');
    writeFileSync(config, `dataDir: ${folder}/data\n${stdout}`, { mode: 0o600 });
    const check = mailsms('check', '--config', config);
    expect(check.stdout).to.match(/NIGHT: modem on \/dev\/ttyUSB0/);
  });

  it('writes a file that its owner alone may read, and takes no other away', () => {
    const out = join(folder, 'gateways.yaml');
    const made = mailsms('import', 'kannel', join(FIXTURES, 'kannel.conf'), '--out', out);
    expect(made.stdout).to.match(/^4 gateways, 1 account written to /);
    expect(made.stdout + made.stderr).not.to.match(/s3cret|foobar|9876|not-to-be-shown/);
    expect(statSync(out).mode & 0o777).to.equal(0o600);
    expect(parse(readFileSync(out, 'utf8'))).to.have.keys('gateways', 'accounts');
    writeFileSync(out, 'mine');
    const again = mailsms('import', 'kannel', join(FIXTURES, 'kannel.conf'), '--out', out);
    expect(again.status).to.equal(1);
    expect(again.stderr).to.include('is there already');
    expect(readFileSync(out, 'utf8')).to.equal('mine');
  });

  it('gives JSON', () => {
    const { stdout } = mailsms('import', 'gammu', join(FIXTURES, 'gammu-smsdrc'), '--json');
    expect(JSON.parse(stdout)).to.have.keys('gateways', 'accounts', 'notes', 'settings');
  });

  it('says where a file has nothing, and where there is none', () => {
    const empty = join(folder, 'empty');
    writeFileSync(empty, '# nothing\n');
    expect(mailsms('import', 'smstools', empty).stderr).to.include(
      'has no gateway and no account that can be used',
    );
    const missing = mailsms('import', 'smstools', join(folder, 'missing'));
    expect(missing.status).to.equal(1);
    expect(missing.stderr).not.to.match(/^\s+at /m);
  });
});
