import { generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import { loading } from './loading.ts';

const pem = (key: { export(options: { type: 'pkcs8'; format: 'pem' }): string | Buffer }): string =>
  key.export({ type: 'pkcs8', format: 'pem' }).toString();

describe('the files of mail out', () => {
  const withKey = (key: string) =>
    loading({
      '/etc/mailsms/dkim.pem': key,
      '/etc/mailsms/mailsms.yaml':
        'mail:\n  dkim: { domain: sms.example.com, selector: s1, keyFile: dkim.pem }\n',
    });

  for (const [name, key] of [
    ['RSA', pem(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)],
    ['Ed25519', pem(generateKeyPairSync('ed25519').privateKey)],
  ] as const) {
    it(`an ${name} key can sign; its path begins where the file is`, async () => {
      const { config } = await withKey(key).load();
      expect(config.mail.dkim?.keyFile).to.equal('/etc/mailsms/dkim.pem');
    });
  }

  for (const [name, key, said] of [
    ['no key', 'hello', 'holds no PEM private key'],
    [
      'a damaged one',
      '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
      'holds a private key that cannot be read: ',
    ],
    [
      'one of another kind',
      pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey),
      'holds a key of type ec',
    ],
    [
      'a short one',
      pem(generateKeyPairSync('rsa', { modulusLength: 512 }).privateKey),
      'holds an RSA key of 512 bits',
    ],
  ] as const) {
    it(`${name} is refused, with its place`, async () => {
      const [problem] = await withKey(key).problems();
      expect(problem).to.contain(`mailsms.yaml:2:59: mail.dkim.keyFile: ${said}`);
    });
  }

  it('authorities that are none are refused', async () => {
    const files = { '/etc/mailsms/ca.pem': 'x', '/etc/mailsms/mailsms.yaml': 'mail: { ca: ca.pem }\n' };
    expect(await loading(files).problems()).to.deep.equal([
      'mailsms.yaml:1:13: mail.ca: holds no PEM certificate; it begins with -----BEGIN CERTIFICATE-----',
    ]);
  });
});
