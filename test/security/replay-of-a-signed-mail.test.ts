import { generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import { createTransport } from 'nodemailer';
import { DnsServer } from '../support/dns.ts';
import { Product } from '../support/product.ts';

/** Somebody who got a copy of a signed mail sends it again, to other phones or with other words. */
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PRIVATE = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const KEY = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
const DAY_MS = 86_400_000;

describe('a signed mail that a stranger has a copy of', () => {
  let dns: DnsServer;
  let product: Product;
  let count = 0;
  before(async () => {
    dns = await DnsServer.start();
    dns.zone.set('_dmarc.office.example', { TXT: ['v=DMARC1; p=reject'] });
    dns.zone.set('s1._domainkey.office.example', { TXT: [`v=DKIM1; k=rsa; p=${KEY}`] });
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

  /** A mail of Ann's as it is on the wire; `l=` and other tags cannot be asked of the signer. */
  async function letter(to: string, more: { date?: Date; fields?: string } = {}): Promise<string> {
    const signer = createTransport({
      streamTransport: true,
      buffer: true,
      newline: 'windows',
      dkim: {
        domainName: 'office.example',
        keySelector: 's1',
        privateKey: PRIVATE,
        ...(more.fields === undefined ? {} : { headerFieldNames: more.fields }),
      },
    });
    const { message } = await signer.sendMail({
      from: 'ann@office.example',
      to,
      cc: 'mallory@evil.example',
      subject: 'Pump',
      text: `The pump is down ${++count}.`,
      ...(more.date === undefined ? {} : { date: more.date }),
    });
    return (message as Buffer).toString('latin1');
  }

  async function send(raw: string, to: string): Promise<string> {
    const transport = createTransport({ host: '127.0.0.1', port: product.port(), ignoreTLS: true });
    try {
      const { response } = await transport.sendMail({ raw, envelope: { from: 'm@evil.example', to } });
      return response;
    } catch (error) {
      return (error as { response?: string }).response ?? String(error);
    } finally {
      transport.close();
    }
  }

  /** MAIL FROM decides whose proof is waited for. */
  async function replay(raw: string, to: string): Promise<string> {
    const transport = createTransport({ host: '127.0.0.1', port: product.port(), ignoreTLS: true });
    try {
      return (await transport.sendMail({ raw, envelope: { from: 'ann@office.example', to } })).response;
    } catch (error) {
      return (error as { response?: string }).response ?? String(error);
    } finally {
      transport.close();
    }
  }

  const sent = async (number: string): Promise<number> => {
    const { stdout } = await product.cli('queue', 'ls', '--state', 'all', '--json');
    return stdout.split('\n').filter((line) => line.includes(number)).length;
  };

  it('goes through once as its author sent it, and the copy is no second text', async () => {
    const raw = await letter('"sms:+15551230001"@sms.example.com');
    expect(await replay(raw, '+15551230001@sms.example.com')).to.match(/^250/);
    expect(await replay(raw, '+15551230001@sms.example.com')).to.match(/^250/);
    expect(await replay(raw, '+15551230001?flash=1&maxmsgs=9@sms.example.com')).to.match(/^250/);
    expect(await sent('+15551230001')).to.equal(1);
    expect(await send(raw, '+15551230001@sms.example.com')).to.match(/^550/);
  });

  it('reaches no phone that it does not name', async () => {
    const raw = await letter('"sms:+15551230002"@sms.example.com');
    expect(await replay(raw, '+15551239999@sms.example.com')).to.match(/^550 .*dkim=policy/);
    expect(await sent('+15551239999')).to.equal(0);
  });

  const PHONE = '+15551230003';
  const TO = `"sms:${PHONE}"@sms.example.com`;
  for (const field of [
    'Subject: call +1 900 5551234',
    'Content-Type: application/x-none',
    'Content-Transfer-Encoding: base64',
    'MIME-Version: 1.0',
    'Message-ID: <other@evil.example>',
    'Date: Mon, 23 Nov 2026 12:00:00 +0000',
    `To: ${TO}`,
    'Reply-To: mallory@evil.example',
    'X-SMS-Key: pump',
    'X-SMS-Cancel: 1',
  ]) {
    it(`gets no other words or way by a new field: ${field}`, async () => {
      const raw = await letter(TO);
      expect(await replay(`${field}\r\n${raw}`, `${PHONE}@sms.example.com`)).to.match(/^550 .*dkim=policy/);
      const [header = '', ...body] = raw.split('\r\n\r\n');
      const below = [`${header}\r\n${field}`, ...body].join('\r\n\r\n');
      expect(await replay(below, `${PHONE}@sms.example.com`)).to.match(/^550/);
      expect(await sent(PHONE)).to.equal(0);
    });
  }

  it('gets no other words by a Content-Type in place of one that was not signed', async () => {
    const fields = 'from:to:cc:subject:date:message-id';
    const number = '+15551230004';
    const raw = await letter(`${number}@sms.example.com`, { fields });
    const other = raw.replace(/^Content-Type:.*$/m, 'Content-Type: application/x-none');
    expect(await replay(other, `${number}@sms.example.com`)).to.match(/^550 .*dkim=policy/);
    expect(await replay(raw, `${number}@sms.example.com`)).to.match(/^250/);
    expect(await sent(number)).to.equal(1);
  });

  it('proves nothing after some days, nor where it was signed for the future', async () => {
    for (const days of [-10, -4, 3, 365]) {
      const date = new Date(Date.now() + days * DAY_MS);
      const raw = await letter('+15551230005@sms.example.com', { date });
      expect(await replay(raw, '+15551230005@sms.example.com'), `${days} days`).to.match(
        /^550 .*dkim=policy/,
      );
    }
    const date = new Date(Date.now() - DAY_MS);
    const raw = await letter('+15551230005@sms.example.com', { date });
    expect(await replay(raw, '+15551230005@sms.example.com')).to.match(/^250/);
  });

  it('proves nothing where neither t= nor a signed Date says when', async () => {
    const raw = await letter('+15551230006@sms.example.com', { fields: 'from:to:cc:subject:message-id' });
    const undated = raw.replace(/^Date:.*\r\n/m, '');
    expect(await replay(undated, '+15551230006@sms.example.com')).to.match(/^550 .*dkim=policy/);
  });
});
