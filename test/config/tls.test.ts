import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loading } from './loading.ts';

const run = promisify(execFile);

describe('a certificate', () => {
  let files: Readonly<Record<string, string>>;

  before(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mailsms-tls-'));
    const made: Record<string, string> = {};
    for (const name of ['a', 'b']) {
      const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
      const subject = ['-subj', `/CN=${name}.example`, '-days', '2'];
      const options = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
      await run('openssl', ['req', ...options, ...subject, '-keyout', key, '-out', cert]);
      made[`/etc/mailsms/tls/${name}.key`] = await readFile(key, 'utf8');
      made[`/etc/mailsms/tls/${name}.crt`] = await readFile(cert, 'utf8');
    }
    await rm(folder, { recursive: true });
    made['/etc/mailsms/tls/broken.key'] = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n';
    files = made;
  });

  const using = (cert: string, key: string) =>
    loading({
      ...files,
      '/etc/mailsms/mailsms.yaml': `smtp:\n  tls:\n    cert: tls/${cert}\n    key: tls/${key}\n`,
    });

  it('is taken with its key; paths begin where the file is', async () => {
    const { config } = await using('a.crt', 'a.key').load();
    expect(config.smtp.tls).to.deep.equal({ cert: '/etc/mailsms/tls/a.crt', key: '/etc/mailsms/tls/a.key' });
  });

  for (const [name, cert, key, ...problems] of [
    [
      'the key of another',
      'a.crt',
      'b.key',
      'mailsms.yaml:4:10: smtp.tls.key: is not the key of the certificate in smtp.tls.cert',
    ],
    [
      'files that are not there, both named',
      'x.crt',
      'x.key',
      "mailsms.yaml:3:11: smtp.tls.cert: cannot be read: ENOENT: no such file, open '/etc/mailsms/tls/x.crt'",
      "mailsms.yaml:4:10: smtp.tls.key: cannot be read: ENOENT: no such file, open '/etc/mailsms/tls/x.key'",
    ],
    [
      'both files changed round',
      'a.key',
      'a.crt',
      'mailsms.yaml:3:11: smtp.tls.cert: holds no PEM certificate; it begins with -----BEGIN CERTIFICATE-----',
      'mailsms.yaml:4:10: smtp.tls.key: holds no PEM private key; it begins with -----BEGIN PRIVATE KEY-----',
    ],
  ] as const) {
    it(`is refused with ${name}`, async () => {
      expect(await using(cert, key).problems()).to.deep.equal(problems);
    });
  }

  it('is refused with a key that is no key', async () => {
    const [problem] = await using('a.crt', 'broken.key').problems();
    expect(problem).to.match(
      /^mailsms\.yaml:4:10: smtp\.tls\.key: cannot be used together with smtp\.tls\.cert: /,
    );
  });
});
