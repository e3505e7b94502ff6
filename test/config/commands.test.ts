import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const BIN = fileURLToPath(new URL('../../bin/mailsms.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

describe('mailsms check and config', () => {
  let folder: string;

  const mailsms = (...words: string[]): Promise<Outcome> =>
    new Promise((resolve) => {
      const options = { cwd: folder, env: { PATH: process.env['PATH'] } };
      execFile(process.execPath, ['--import', TSX, BIN, ...words], options, (error, out, err) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1, out, err });
      });
    });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mailsms-config-'));
    await symlink('/dev/null', join(folder, 'modem'));
    const good = [
      'domains: [{ name: sms.example.com }]',
      'smtp: { trusted: [0.0.0.0/0] }',
      'gateways:',
      `  - { id: here, type: modem, device: ${join(folder, 'modem')} }`,
      '  - { id: gone, type: modem, device: /dev/there-is-no-such-modem }',
      'accounts: [{ user: john, password: hunter2 }]',
    ].join('\n');
    await writeFile(join(folder, 'good.yaml'), good, { mode: 0o600 });
    await writeFile(join(folder, 'bad.yaml'), 'dataDri: x\nhttp: { listen: 80 }\n');
  });

  after(() => rm(folder, { recursive: true }));

  it('check says what would run, and ends with 0', async () => {
    const { code, out, err } = await mailsms('check', '--config', 'good.yaml', '--data', 'elsewhere');
    expect(code, err).to.equal(0);
    expect(err).to.match(
      /^warning: good\.yaml:2:19: smtp\.trusted\[0\]: "0\.0\.0\.0\/0" lets everybody send/,
    );
    expect(out).to.contain(`${join(folder, 'good.yaml')} is valid, with 1 warning. This would run:\n`);
    expect(out).to.contain(`data directory  ${join(folder, 'elsewhere')}\n`);
    expect(out).to.contain(`here: modem on ${join(folder, 'modem')}\n`);
    expect(out).to.contain('gone: modem on /dev/there-is-no-such-modem (not there now)\n');
    expect(out + err).not.to.contain('hunter2');
  });

  it('check without a file says so', async () => {
    const { code, out } = await mailsms('check');
    expect(code).to.equal(0);
    expect(out).to.match(/^No configuration file: the embedded defaults are valid\. This would run:\n/);
  });

  it('check says all that is wrong, and ends with 1', async () => {
    const { code, out, err } = await mailsms('check', '--config', 'bad.yaml');
    expect(code).to.equal(1);
    expect(out).to.equal('');
    expect(err).to.contain(
      'bad.yaml:1:1: dataDri: unknown setting; did you mean "dataDir"?\n    1 | dataDri: x\n',
    );
    expect(err).to.contain('bad.yaml:2:17: http.listen: "80" is not an address and port');
    expect(err).to.match(/\n2 errors\. Nothing would run\.\n$/);
  });

  it('config show prints the configuration without its secrets', async () => {
    const { code, out, err } = await mailsms('config', 'show', '--config', 'good.yaml');
    expect(code, err).to.equal(0);
    expect(parse(out)).to.deep.include({
      accounts: [{ user: 'john', password: '***', monthlyLimit: 0, active: true }],
    });
    expect(out).not.to.contain('hunter2');
  });

  it('config show of a wrong file says what is wrong, and ends with 1', async () => {
    const { code, out, err } = await mailsms('config', 'show', '--config', 'bad.yaml');
    expect([code, out]).to.deep.equal([1, '']);
    expect(err).to.contain('bad.yaml:1:1: dataDri: unknown setting; did you mean "dataDir"?');
  });

  it('config schema prints the JSON Schema', async () => {
    const { code, out, err } = await mailsms('config', 'schema');
    expect(code, err).to.equal(0);
    expect(JSON.parse(out)).to.include({ title: 'mailsms configuration' });
  });
});
