import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { systemRandom } from '../../lib/base/random.ts';
import { type DkimSettings, SigningMailer, readDkimKey, signed } from '../../lib/mailer/dkim.ts';
import { MaildirMailer } from '../../lib/mailer/maildir.ts';
import { createSenderProof } from '../../lib/senderproof/senderproof.ts';
import { ManualClock } from '../support/clock.ts';
import { DnsServer } from '../support/dns.ts';
import { MemoryLog } from '../support/log.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const edwards = generateKeyPairSync('ed25519');
const clock = new ManualClock();

const settings = (kind: 'rsa' | 'ed25519'): DkimSettings => ({
  domain: 'sms.example.com',
  selector: kind,
  key: readDkimKey(
    (kind === 'rsa' ? rsa : edwards).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  ),
});

const MAILS: readonly (readonly [name: string, raw: string])[] = [
  ['a text', 'From: "sms:+1555"@sms.example.com\r\nTo: j@x\r\nSubject: Re: Pump\r\n\r\nOn my way\r\n'],
  [
    'folded fields and white space',
    'From: a@sms.example.com\r\nSubject:  a\r\n\tb   c \r\n\r\nx  y \t\r\n\r\n\r\n',
  ],
  ['no body', 'From: a@sms.example.com\r\nSubject: x\r\n\r\n'],
  ['a header alone', 'From: a@sms.example.com\r\nSubject: x\r\n'],
  ['bare line feeds', 'From: a@sms.example.com\nSubject: x\n\nhello\nthere'],
  ['octets that are no ASCII', 'From: a@sms.example.com\r\nSubject: ü\r\n\r\nGrüße ☃\r\n'],
  ['a field twice', 'From: a@sms.example.com\r\nTo: a@x\r\nTo: b@x\r\nX-Other: y\r\n\r\nx\r\n'],
];

describe('DKIM signatures', () => {
  let dns: DnsServer;
  let prove: (raw: Uint8Array) => Promise<string | undefined>;

  before(async () => {
    dns = await DnsServer.start();
    const spki = rsa.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    const jwk = edwards.publicKey.export({ format: 'jwk' });
    const point = Buffer.from(String(jwk.x), 'base64url').toString('base64');
    dns.zone.set('rsa._domainkey.sms.example.com', { TXT: [`v=DKIM1; k=rsa; p=${spki}`] });
    dns.zone.set('ed25519._domainkey.sms.example.com', { TXT: [`v=DKIM1; k=ed25519; p=${point}`] });
    dns.zone.set('_dmarc.sms.example.com', { TXT: ['v=DMARC1; p=reject'] });
    const proof = createSenderProof(
      {
        hostname: 'mx.example.net',
        servers: [dns.address],
        lookupMs: 5000,
        totalMs: 10_000,
        maxOctets: 1e6,
        require: 'dkim',
      },
      { clock, log: new MemoryLog() },
    );
    prove = async (raw) => {
      const { dkim } = await proof.prove({ remote: '192.0.2.1', helo: 'x', raw });
      return dkim.map(({ result }) => result).join();
    };
  });
  after(() => dns?.stop());

  for (const kind of ['rsa', 'ed25519'] as const) {
    for (const [name, raw] of MAILS) {
      it(`${kind}, ${name}: verified by the key in DNS`, async () => {
        const mail = signed(Buffer.from(raw), settings(kind), clock.now());
        expect(await prove(mail)).to.equal('pass');
        expect(mail.toString().endsWith(raw.replace(/\r?\n/g, '\r\n'))).to.equal(true);
      });
    }

    it(`${kind}: a changed word, or a second From, breaks it`, async () => {
      const mail = signed(Buffer.from(MAILS[0]?.[1] ?? ''), settings(kind), clock.now()).toString();
      expect(await prove(Buffer.from(mail.replace('my way', 'MY way')))).not.to.equal('pass');
      expect(await prove(Buffer.from(mail.replace('Re: Pump', 'Re: Dump')))).not.to.equal('pass');
      const twice = mail.replace('\r\nTo:', '\r\nFrom: evil@sms.example.com\r\nTo:');
      expect(await prove(Buffer.from(twice))).not.to.equal('pass');
    });
  }

  it('are made for the Maildir too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mailsms-maildir-'));
    try {
      const maildir = new MaildirMailer(folder, { clock, random: systemRandom });
      const mailer = new SigningMailer(settings('rsa'), maildir, { clock });
      await mailer.open();
      await mailer.send({ from: 'a@sms.example.com', to: ['j@x'], raw: Buffer.from(MAILS[0]?.[1] ?? '') });
      const [name = ''] = readdirSync(join(folder, 'new'));
      const text = readFileSync(join(folder, 'new', name), 'latin1');
      expect(await prove(Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1'))).to.equal('pass');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
