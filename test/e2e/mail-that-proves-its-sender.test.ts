import { generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import { createTransport } from 'nodemailer';
import { DnsServer } from '../support/dns.ts';
import { Product } from '../support/product.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PRIVATE = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const KEY = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');

const PHONE = '+15551234567@sms.example.com';

interface Letter {
  readonly text: string;
  readonly from?: string;
  readonly to?: string;
  readonly envelopeTo?: string;
  readonly signer?: string;
}

describe('mail that proves its sender', () => {
  let dns: DnsServer;
  let product: Product;
  before(async () => {
    dns = await DnsServer.start();
    for (const domain of ['office.example', 'evil.example']) {
      dns.zone.set(`_dmarc.${domain}`, { TXT: ['v=DMARC1; p=reject'] });
      dns.zone.set(`s1._domainkey.${domain}`, { TXT: [`v=DKIM1; k=rsa; p=${KEY}`] });
    }
    product = await new Product({
      smtp: { listen: '127.0.0.1:0', hostname: 'sms.example.com', trusted: [] },
      accounts: [{ user: 'ann', mailFrom: ['ann@office.example'] }],
      senderProof: { accept: 'dmarc', dns: [dns.address] },
    }).start();
  });
  after(async () => {
    await product?.dispose();
    await dns?.stop();
  });

  /** What becomes of it: `250`, or the answer that refused it. */
  async function send(letter: Letter): Promise<string> {
    const { text, from = 'ann@office.example', to = PHONE, signer = 'office.example' } = letter;
    const transport = createTransport({ host: '127.0.0.1', port: product.port(), ignoreTLS: true });
    const dkim = { domainName: signer, keySelector: 's1', privateKey: PRIVATE };
    const mail = { from, to, subject: 'x', text, ...(signer === '' ? {} : { dkim }) };
    try {
      await transport.sendMail({ ...mail, envelope: { from, to: letter.envelopeTo ?? to } });
      return '250';
    } catch (error) {
      return (error as { response?: string }).response ?? String(error);
    } finally {
      transport.close();
    }
  }

  it('is sent, and charged to the account that waits for it', async () => {
    expect(await send({ text: 'signed' })).to.equal('250');
    await product.logged(/"account":"ann".*accepted/);
    const { stdout } = await product.cli('accounts', 'show', 'ann', '--json');
    expect(JSON.parse(stdout)).to.include({ sent: 1 });
  });

  const refused: [name: string, letter: Letter, answer: RegExp][] = [
    ['it is not signed', { text: 'a', signer: '' }, /^550 5\.7\.1 .*does not prove its sender \(dmarc=fail/],
    ['somebody else has signed it', { text: 'b', signer: 'evil.example' }, /^550 5\.7\.1 .*dmarc=fail/],
    [
      'it was written to somebody else and is sent on to a phone',
      { text: 'c', to: 'mallory@evil.example', envelopeTo: PHONE },
      /^550 5\.7\.1 .*dkim=policy/,
    ],
    [
      'nobody waits for mail from its author',
      { text: 'd', from: 'mallory@evil.example', signer: 'evil.example' },
      /^550 5\.7\.1 .*authentication is needed/,
    ],
  ];
  for (const [name, letter, answer] of refused) {
    it(`is refused where ${name}`, async () => {
      expect(await send(letter)).to.match(answer);
    });
  }

  it('is to come again where the DNS has no answer', async () => {
    dns.failing.add('*');
    try {
      expect(await send({ text: 'e' })).to.match(/^454 4\.7\.0 /);
    } finally {
      dns.failing.clear();
    }
  });
});
