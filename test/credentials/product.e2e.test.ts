import { generateKeyPairSync } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { createTransport } from 'nodemailer';
import { Authority } from '../support/authority.ts';
import { needs } from '../support/clients.ts';
import { DnsServer } from '../support/dns.ts';
import { Dovecot, hashed } from '../support/dovecot.ts';
import { Product } from '../support/product.ts';

const TO = '+15551234567@sms.example.com';
const smtp = { listen: '127.0.0.1:0', hostname: 'sms.example.com', trusted: [] };

interface Attempt {
  readonly product: Product;
  readonly pass?: string;
  readonly dkim?: { domainName: string; keySelector: string; privateKey: string };
  readonly from?: string;
}

/** Sends a mail with nodemailer; resolves with the code of the answer that ended it. */
async function send({ product, pass, dkim, from = 'john@example.com' }: Attempt): Promise<number> {
  const transport = createTransport({
    host: '127.0.0.1',
    port: product.port(),
    ignoreTLS: true,
    ...(pass === undefined ? {} : { auth: { user: 'john', pass } }),
  });
  try {
    await transport.sendMail({ from, to: TO, text: 'hello', ...(dkim === undefined ? {} : { dkim }) });
    return 250;
  } catch (error) {
    return error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : 0;
  } finally {
    transport.close();
  }
}

describe('users of a mail server', () => {
  let product: Product | undefined;
  afterEach(async () => {
    await product?.dispose();
    product = undefined;
  });

  describe('with their passwords in Dovecot', () => {
    let authority: Authority;
    let dovecot: Dovecot;

    before(needs('dovecot', 'doveadm', 'openssl'));
    before(function () {
      if (process.getuid?.() === 0) return;
      process.stderr.write('    skipped: Dovecot is only started by root\n');
      this.skip();
    });
    before(async () => {
      authority = await Authority.make();
      dovecot = await Dovecot.start({
        authority,
        users: [`john:${await hashed('SSHA512', 'right-Zq7')}::::::`],
      });
    });
    after(async () => {
      await dovecot?.stop();
      authority?.remove();
    });

    it('send as they log in there; while Dovecot is down they are told to try later', async () => {
      product = await new Product({
        smtp,
        accounts: [{ user: 'john' }],
        auth: { backends: [{ type: 'dovecot', socket: dovecot.socket, timeout: '2s' }], cache: '0s' },
      }).start();
      expect(await send({ product, pass: 'right-Zq7' })).to.equal(250);
      expect(await send({ product, pass: 'wrong-Zq8' })).to.equal(535);
      expect(await send({ product })).to.equal(550);
      await dovecot.halt();
      expect(await send({ product, pass: 'right-Zq7' })).to.equal(454);
      await dovecot.resume();
      expect(await send({ product, pass: 'right-Zq7' })).to.equal(250);

      const code = await product.stop();
      expect(code).to.equal(0);
      expect(product.output)
        .to.include("passwords can't be checked")
        .and.not.match(/Zq[78]/);
      const found = execFileSync('sh', ['-c', 'grep -rlE "Zq[78]" . || true'], { cwd: product.dir });
      expect(found.toString()).to.equal('');
    });
  });

  describe('whose domain signs their mails', () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const record = `v=DKIM1; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;
    const dkim = { domainName: 'example.com', keySelector: 's1', privateKey: key };
    let dns: DnsServer;

    before(async () => {
      dns = await DnsServer.start();
      dns.zone.set('_dmarc.example.com', { TXT: ['v=DMARC1; p=reject'] });
      dns.zone.set('s1._domainkey.example.com', { TXT: [record] });
    });
    after(() => dns.stop());

    it('send without a login, and nobody else does in their name', async () => {
      product = await new Product({
        smtp,
        accounts: [{ user: 'john', mailFrom: ['john@example.com'] }],
        senderProof: { accept: 'dmarc', dns: [dns.address] },
      }).start();
      expect(await send({ product, dkim })).to.equal(250);
      expect(await send({ product })).to.equal(550);
      expect(await send({ product, dkim, from: 'jane@example.com' })).to.equal(550);
      expect(await send({ product, dkim: { ...dkim, domainName: 'evil.example' } })).to.equal(550);
      dns.failing.add('s1._domainkey.example.com');
      expect(await send({ product, dkim })).to.be.within(400, 499);
    });
  });
});
