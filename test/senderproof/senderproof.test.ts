import { createHash, createSign, generateKeyPairSync, sign as signWith } from 'node:crypto';
import { expect } from 'chai';
import { createTransport } from 'nodemailer';
import type { DkimResult } from '../../lib/senderproof/proof.ts';
import {
  type ReceivedMail,
  type SenderProof,
  type SenderProofSettings,
  createSenderProof,
} from '../../lib/senderproof/senderproof.ts';
import { ManualClock } from '../support/clock.ts';
import { type Records, DnsServer } from '../support/dns.ts';
import { MemoryLog } from '../support/log.ts';
import { until } from '../support/product.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PRIVATE = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const KEY = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;
const weak = generateKeyPairSync('rsa', { modulusLength: 768 });
const edwards = generateKeyPairSync('ed25519');

const NOW = Date.UTC(2026, 10, 23, 12, 0, 0);
const OURS = '192.0.2.25';

/** Where mails of example.com come from, and by what they are known. */
const ZONE: Readonly<Record<string, Records>> = {
  'example.com': { TXT: ['unrelated', `v=spf1 ip4:${OURS} -all`] },
  '_dmarc.example.com': { TXT: ['v=DMARC1; p=reject'] },
  's1._domainkey.example.com': { TXT: [KEY] },
  'evil.example': { TXT: ['v=spf1 +all'] },
  's1._domainkey.evil.example': { TXT: [KEY] },
};

interface Letter {
  readonly from?: string;
  readonly to?: string;
  readonly cc?: string;
  readonly domain?: string;
  readonly text?: string;
  readonly headerFieldNames?: string;
}

/** A mail as nodemailer signs it. */
async function letter({
  from = 'John <john@example.com>',
  to = 'sms:+15551234567@sms.example.net',
  cc,
  domain,
  text,
  ...more
}: Letter = {}): Promise<string> {
  const dkim = { domainName: domain ?? 'example.com', keySelector: 's1', privateKey: PRIVATE, ...more };
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const { message } = await transport.sendMail({
    from,
    to,
    ...(cc === undefined ? {} : { cc }),
    date: new Date(NOW),
    subject: 'Alarm',
    text: text ?? 'The pump is down.\n',
    dkim,
  });
  return (message as Buffer).toString('latin1');
}

/** A mail signed by hand: `tags` as they are, without `bh` and `b`. */
function signed(
  tags: string,
  more: { headers?: string; algorithm?: 'ed25519'; body?: string; hashed?: string } = {},
): string {
  const from = 'From: john@example.com';
  const body = more.body ?? 'The pump is down.\r\n';
  const bh = createHash('sha256')
    .update(more.hashed ?? body)
    .digest('base64');
  const field = `DKIM-Signature: ${tags}; bh=${bh}; b=`;
  const names = /(?:^|;)\s*h=([^;]*)/.exec(tags)?.[1]?.split(':') ?? [];
  const all: Record<string, string> = { from, subject: 'Subject: Alarm' };
  const text = [...names.map((name) => all[name.trim().toLowerCase()] ?? ''), field]
    .filter((line) => line !== '')
    .join('\r\n');
  const b =
    more.algorithm === 'ed25519'
      ? signWith(null, createHash('sha256').update(text).digest(), edwards.privateKey).toString('base64')
      : createSign('sha256').update(text).sign(PRIVATE, 'base64');
  return `${field}${b}\r\n${more.headers ?? ''}${from}\r\nSubject: Alarm\r\n\r\n${body}`;
}

describe('the proof of a sender', () => {
  let dns: DnsServer;
  const clock = new ManualClock(NOW);
  const log = new MemoryLog();

  before(async () => {
    dns = await DnsServer.start();
  });
  after(() => dns.stop());
  beforeEach(() => {
    dns.reset();
    for (const [name, records] of Object.entries(ZONE)) dns.zone.set(name, records);
  });

  const prover = (settings: Partial<SenderProofSettings> = {}): SenderProof =>
    createSenderProof(
      {
        hostname: 'sms.example.net',
        servers: [dns.address],
        lookupMs: 3000,
        totalMs: 10_000,
        maxOctets: 1_000_000,
        require: 'dmarc',
        ...settings,
      },
      { clock, log },
    );

  const prove = (
    raw: string,
    mail: Partial<ReceivedMail> = {},
    settings: Partial<SenderProofSettings> = {},
  ) =>
    prover(settings).prove({
      remote: '198.51.100.7',
      helo: 'mail.example.com',
      sender: 'john@example.com',
      raw: Buffer.from(raw, 'latin1'),
      ...mail,
    });

  it('holds for a mail that is signed by the domain of its author', async () => {
    const proof = await prove(await letter());
    expect(proof).to.deep.equal({
      spf: { result: 'fail', domain: 'example.com', identity: 'mailfrom' },
      dkim: [{ result: 'pass', domain: 'example.com', selector: 's1' }],
      dmarc: { result: 'pass', domain: 'example.com', policy: 'reject', aligned: { spf: false, dkim: true } },
      authenticatedFrom: 'john@example.com',
      header:
        'Authentication-Results: sms.example.net;\r\n' +
        ' spf=fail smtp.mailfrom=example.com;\r\n' +
        ' dkim=pass header.d=example.com header.s=s1;\r\n' +
        ' dmarc=pass (p=reject) header.from=example.com',
    });
  });

  it('holds for a mail that comes from where its domain sends', async () => {
    const proof = await prove('From: john@example.com\r\n\r\nhello\r\n', { remote: OURS });
    expect(proof.dmarc.aligned).to.deep.equal({ spf: true, dkim: false });
    expect(proof.authenticatedFrom).to.equal('john@example.com');
  });

  it('does not hold by SPF where a signature is required', async () => {
    const plain = 'From: john@example.com\r\n\r\nhello\r\n';
    const proof = await prove(plain, { remote: OURS }, { require: 'dkim' });
    expect(proof.dmarc.result).to.equal('pass');
    expect(proof.authenticatedFrom).to.equal(undefined);
    expect((await prove(await letter(), {}, { require: 'dkim' })).authenticatedFrom).to.equal(
      'john@example.com',
    );
  });

  it('holds for a mail with bare line feeds, as its lines are sent with CRLF', async () => {
    const unix = (await letter()).replaceAll('\r\n', '\n');
    expect((await prove(unix)).authenticatedFrom).to.equal('john@example.com');
  });

  describe('by SPF', () => {
    const hello = 'From: john@example.com\r\n\r\nhello\r\n';
    const includes = (depth: number): Record<string, Records> =>
      Object.fromEntries(
        Array.from({ length: depth }, (_, i) => [
          i === 0 ? 'example.com' : `i${i}.example.com`,
          {
            TXT: [i === depth - 1 ? `v=spf1 ip4:${OURS} -all` : `v=spf1 include:i${i + 1}.example.com -all`],
          },
        ]),
      );
    const cases: readonly [
      name: string,
      record: string | undefined,
      result: string,
      zone?: Record<string, Records>,
    ][] = [
      ['an address', `v=spf1 ip4:${OURS} -all`, 'pass'],
      ['a network', 'v=spf1 ip4:192.0.2.0/24 -all', 'pass'],
      ['another address', 'v=spf1 ip4:192.0.2.26 -all', 'fail'],
      ['another address, softly', 'v=spf1 ip4:192.0.2.26 ~all', 'softfail'],
      ['another address, neutrally', 'v=spf1 ?all', 'neutral'],
      ['no record', undefined, 'none'],
      ['two records', 'TWO', 'permerror'],
      ['a typing error', 'v=spf1 ip4:192.0.2.999 -all', 'permerror'],
      ['its own address record', 'v=spf1 a -all', 'pass'],
      ['its mail exchanger', 'v=spf1 mx -all', 'pass'],
      [
        'an include',
        'v=spf1 include:other.example -all',
        'pass',
        { 'other.example': { TXT: [`v=spf1 ip4:${OURS} -all`] } },
      ],
      ['an include of nothing', 'v=spf1 include:nothing.example -all', 'permerror'],
      [
        'a redirect',
        'v=spf1 redirect=other.example',
        'pass',
        { 'other.example': { TXT: [`v=spf1 ip4:${OURS} -all`] } },
      ],
      ['an include loop', 'v=spf1 include:example.com -all', 'permerror'],
      ['nine includes in a row', undefined, 'pass', includes(10)],
      ['eleven includes in a row', undefined, 'permerror', includes(12)],
    ];
    for (const [name, record, result, zone] of cases) {
      it(`reads a policy with ${name} as ${result}`, async () => {
        const mx = { A: [OURS], MX: ['mx.example.com'] };
        const texts = record === 'TWO' ? ['v=spf1 -all', `v=spf1 ip4:${OURS} -all`] : [record ?? 'nothing'];
        dns.zone.set('example.com', { ...mx, TXT: texts });
        dns.zone.set('mx.example.com', { A: [OURS] });
        for (const [each, records] of Object.entries(zone ?? {})) dns.zone.set(each, records);
        const proof = await prove(hello, { remote: OURS });
        expect(proof.spf.result).to.equal(result);
        expect(proof.authenticatedFrom).to.equal(result === 'pass' ? 'john@example.com' : undefined);
      });
    }

    it('asks for the name of the client where there is no sender', async () => {
      dns.zone.set('mail.example.com', { TXT: [`v=spf1 ip4:${OURS} -all`] });
      const bounce = { remote: OURS, helo: 'mail.example.com', raw: Buffer.from(hello) };
      const proof = await prover().prove(bounce);
      expect(proof.spf).to.deep.equal({ result: 'pass', domain: 'mail.example.com', identity: 'helo' });
      expect(proof.header).to.include('spf=pass smtp.helo=mail.example.com');
      expect(proof.authenticatedFrom).to.equal('john@example.com');
    });

    it('takes an IPv4 address in its IPv6 form for what it is', async () => {
      expect((await prove(hello, { remote: `::ffff:${OURS}` })).spf.result).to.equal('pass');
    });

    it('says nothing of a client without an address', async () => {
      expect((await prove(hello, { remote: 'unix' })).spf.result).to.equal('none');
    });

    it('does not let the envelope of another domain prove the author', async () => {
      const proof = await prove(hello, { sender: 'me@evil.example' });
      expect(proof.spf.result).to.equal('pass');
      expect(proof.dmarc).to.deep.include({ result: 'fail', policy: 'reject' });
      expect(proof.authenticatedFrom).to.equal(undefined);
    });

    it('asks no more than a bounded number of questions', async () => {
      const many = Array.from({ length: 10 }, (_, i) => `mx:m${i}.example.com`);
      dns.zone.set('example.com', { TXT: [`v=spf1 ${many.join(' ')} -all`] });
      for (let i = 0; i < 10; i++) {
        const hosts = Array.from({ length: 10 }, (__, j) => `h${i}-${j}.example.com`);
        dns.zone.set(`m${i}.example.com`, { MX: hosts });
        for (const host of hosts) dns.zone.set(host, { A: ['203.0.113.1'] });
      }
      expect((await prove(hello, { remote: OURS })).authenticatedFrom).to.equal(undefined);
      expect(dns.asked.length).to.be.lessThan(140);
    });
  });

  describe('by DKIM', () => {
    const result = async (raw: string): Promise<[DkimResult | undefined, string | undefined]> => {
      const { dkim, authenticatedFrom } = await prove(raw);
      return [dkim[0]?.result, authenticatedFrom];
    };

    it('reads a signature made by hand, plain and folded as the standard has it', async () => {
      expect(
        await result(signed('v=1; a=rsa-sha256; c=simple/simple; d=example.com; s=s1; h=From:Subject')),
      ).to.deep.equal(['pass', 'john@example.com']);
    });

    it('reads an Ed25519 signature (RFC 8463)', async () => {
      const octets = edwards.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
      dns.zone.set('ed._domainkey.example.com', {
        TXT: [`v=DKIM1; k=ed25519; p=${octets.toString('base64')}`],
      });
      const raw = signed('v=1; a=ed25519-sha256; c=simple/simple; d=example.com; s=ed; h=From', {
        algorithm: 'ed25519',
      });
      expect(await result(raw)).to.deep.equal(['pass', 'john@example.com']);
    });

    const altered: readonly [name: string, alter: (raw: string) => string][] = [
      ['another word in the text', (raw) => raw.replace('pump', 'bank')],
      ['another line at its end', (raw) => `${raw}And more.\r\n`],
      ['another author', (raw) => raw.replace('john@', 'jane@')],
      ['another subject', (raw) => raw.replace('Alarm', 'Alarm over')],
      ['another signature', (raw) => raw.replace(/b=(\w)/, (_, c: string) => `b=${c === 'A' ? 'B' : 'A'}`)],
    ];
    for (const [name, alter] of altered) {
      it(`does not hold for a mail with ${name} since it was signed`, async () => {
        const raw = await letter();
        const changed = alter(raw);
        expect(changed).not.to.equal(raw);
        const proof = await prove(changed);
        expect(proof.dkim[0]?.result).to.be.oneOf(['fail', 'neutral', 'permerror']);
        expect(proof.dmarc.result).to.equal('fail');
        expect(proof.authenticatedFrom).to.equal(undefined);
      });
    }

    const seconds = NOW / 1000;
    const refused: readonly [name: string, tags: string, result: DkimResult][] = [
      [
        'is over',
        `v=1; a=rsa-sha256; d=example.com; s=s1; h=From; t=${seconds - 900}; x=${seconds - 600}`,
        'neutral',
      ],
      [
        'ends before it begins',
        `v=1; a=rsa-sha256; d=example.com; s=s1; h=From; t=${seconds + 900}; x=${seconds + 600}`,
        'permerror',
      ],
      ['does not cover From', 'v=1; a=rsa-sha256; d=example.com; s=s1; h=Subject', 'permerror'],
      ['covers a part of the text', 'v=1; a=rsa-sha256; d=example.com; s=s1; h=From; l=19', 'policy'],
      ['is of another version', 'v=2; a=rsa-sha256; d=example.com; s=s1; h=From', 'permerror'],
      ['has no version', 'a=rsa-sha256; d=example.com; s=s1; h=From', 'permerror'],
      ['uses SHA-1', 'v=1; a=rsa-sha1; d=example.com; s=s1; h=From', 'policy'],
      ['has a domain twice', 'v=1; a=rsa-sha256; d=evil.example; d=example.com; s=s1; h=From', 'permerror'],
      ['has a domain in quotes', 'v=1; a=rsa-sha256; d="example.com"; s=s1; h=From', 'permerror'],
      ['has a comment', 'v=1; a=rsa-sha256; d=example.com(x); s=s1; h=From', 'permerror'],
      [
        'speaks for another domain',
        'v=1; a=rsa-sha256; d=example.com; i=@evil.example; s=s1; h=From',
        'permerror',
      ],
      ['has a key that is not there', 'v=1; a=rsa-sha256; d=example.com; s=s2; h=From', 'neutral'],
      ['looks for its key elsewhere', 'v=1; a=rsa-sha256; d=example.com; s=s1; q=http; h=From', 'permerror'],
      ['has a selector that is no name', 'v=1; a=rsa-sha256; d=example.com; s=s1.; h=From', 'permerror'],
    ];
    for (const [name, tags, word] of refused) {
      it(`does not hold by a signature that ${name}`, async () => {
        expect(await result(signed(tags))).to.deep.equal([word, undefined]);
      });
    }

    it('does not hold for text that was added behind what l= covers', async () => {
      const raw = signed('v=1; a=rsa-sha256; d=example.com; s=s1; h=From; l=19', {
        hashed: 'The pump is down.\r\n',
        body: 'The pump is down.\r\nSend money to the following account.\r\n',
      });
      expect(await result(raw)).to.deep.equal(['policy', undefined]);
    });

    it('does not hold by a key that was taken back or is too short', async () => {
      const raw = await letter();
      dns.zone.set('s1._domainkey.example.com', { TXT: ['v=DKIM1; p='] });
      expect(await result(raw)).to.deep.equal(['neutral', undefined]);
      const short = weak.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
      dns.zone.set('s1._domainkey.example.com', { TXT: [`v=DKIM1; p=${short}`] });
      expect(await result(raw)).to.deep.equal(['policy', undefined]);
    });

    const plain = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    const keys: readonly [name: string, records: readonly string[], word: DkimResult][] = [
      ['with nothing but a key', [`p=${plain}`], 'pass'],
      [
        'in the form of PKCS #1',
        [`p=${publicKey.export({ type: 'pkcs1', format: 'der' }).toString('base64')}`],
        'pass',
      ],
      ['with spaces in it', [`v=DKIM1 ; p=${plain.slice(0, 40)} ${plain.slice(40)}`], 'pass'],
      ['beside something else', ['hello', KEY], 'pass'],
      ['for mail alone', [`${KEY}; s=email; h=sha1:sha256; t=y; n=a note`], 'pass'],
      ['for another service', [`${KEY}; s=chat`], 'neutral'],
      ['for SHA-1', [`${KEY}; h=sha1`], 'neutral'],
      ['for another kind of signature', [`v=DKIM1; k=ed25519; p=${plain}`], 'neutral'],
      ['of another version', [`v=DKIM2; p=${plain}`], 'neutral'],
      ['that is none', ['v=DKIM1; p=AAAA'], 'neutral'],
    ];
    for (const [name, records, word] of keys) {
      it(`says ${word} for a key ${name}`, async () => {
        dns.zone.set('s1._domainkey.example.com', { TXT: records });
        expect(await result(await letter())).to.deep.equal([
          word,
          word === 'pass' ? 'john@example.com' : undefined,
        ]);
      });
    }

    it('keeps a key that is not for subdomains to its domain (t=s)', async () => {
      dns.zone.set('s1._domainkey.example.com', { TXT: [`${KEY}; t=s`] });
      const tags = 'v=1; a=rsa-sha256; d=example.com; s=s1; h=From';
      expect(await result(signed(`${tags}; i=john@example.com`))).to.deep.equal(['pass', 'john@example.com']);
      expect(await result(signed(`${tags}; i=@news.example.com`))).to.deep.equal(['permerror', undefined]);
    });

    it('does not hold by a valid signature of another domain', async () => {
      const proof = await prove(await letter({ domain: 'evil.example' }), { sender: 'me@evil.example' });
      expect(proof.dkim[0]).to.deep.include({ result: 'pass', domain: 'evil.example' });
      expect(proof.dmarc.result).to.equal('fail');
      expect(proof.authenticatedFrom).to.equal(undefined);
    });

    describe('for the recipients here', () => {
      const HERE = '"sms:+15551234567"@sms.example.net';
      const replayed = (headers: string, recipients = [HERE]) =>
        prove(headers, { sender: 'bounce@evil.example', recipients });
      const NONE = { result: 'policy' };

      it('holds where To, signed, names one of them, whatever the case', async () => {
        const proof = await replayed(await letter({ to: 'Sms <sms.15551234567@SMS.example.net>' }));
        expect(proof.authenticatedFrom).to.equal('john@example.com');
      });

      it('holds where Cc does', async () => {
        const proof = await replayed(
          await letter({ to: 'ann@example.org', cc: 'x@example.org, sms.15551234567@sms.example.net' }),
        );
        expect(proof.authenticatedFrom).to.equal('john@example.com');
      });

      it('holds for a domain that is not ASCII, in the form that mail has', async () => {
        const raw = await letter({ to: 'sms.15551234567@sms.xn--bcher-kva.example' });
        const proof = await replayed(raw, ['"sms:+15551234567"@sms.b\u00fccher.example']);
        expect(proof.authenticatedFrom).to.equal('john@example.com');
      });

      for (const to of [
        '"sms:+15551234567"@sms.example.net',
        'On call <"sms:+15551234567?maxmsgs=2"@sms.example.net>',
        'Team: ann@example.org, sms.15551234567@sms.example.net;',
        'ann@example.org (with a comment), <sms.15551234567@sms.example.net>',
      ]) {
        it(`holds for To: ${to}`, async () => {
          expect((await replayed(await letter({ to }))).authenticatedFrom).to.equal('john@example.com');
        });
      }

      const others: [name: string, given: () => Promise<string>][] = [
        [
          'as an answer to a stranger who calls himself so',
          () => letter({ to: '"sms:+15551234567@sms.example.net" <mallory@evil.example>' }),
        ],
        [
          'as an answer to a stranger who calls himself so without quotes',
          () => letter({ to: 'sms.15551234567@sms.example.net <mallory@evil.example>' }),
        ],
        [
          'to a stranger, with a comment',
          () => letter({ to: 'mallory@evil.example (sms.15551234567@sms.example.net)' }),
        ],
        [
          'to a stranger whose local part is such an address',
          () => letter({ to: '"x@sms.example.net"@evil.example' }),
        ],
        ['to somebody else', () => letter({ to: 'mallory@evil.example' })],
        ['to a domain that ends alike', () => letter({ to: 'mallory@notsms.example.net' })],
        ['to a domain that begins alike', () => letter({ to: 'mallory@sms.example.net.evil.example' })],
        [
          'with a To that was added after it was signed',
          async () =>
            `To: sms.15551234567@sms.example.net\r\n${await letter({ to: 'mallory@evil.example' })}`,
        ],
        [
          'without To among the signed fields',
          () => letter({ to: 'sms.15551234567@sms.example.net', headerFieldNames: 'from:subject' }),
        ],
      ];
      for (const [name, given] of others) {
        it(`does not hold for a mail that was written ${name} and is sent on to a phone`, async () => {
          const raw = await given();
          const proof = await replayed(raw);
          expect(proof.authenticatedFrom).to.equal(undefined);
          expect(proof.dkim[0]).to.include(NONE);
          // Its signature is good all the same.
          expect((await prove(raw, { sender: 'bounce@evil.example' })).dkim[0]?.result).to.equal('pass');
        });
      }

      it('does not matter where the mail comes from where its domain sends', async () => {
        const raw = await letter({ to: 'ann@example.org' });
        const proof = await prove(raw, { remote: OURS, recipients: [HERE] });
        expect(proof.authenticatedFrom).to.equal('john@example.com');
      });
    });

    it('finds the good signature among bad ones, and tells of each', async () => {
      const bad = 'DKIM-Signature: v=1; a=rsa-sha256; d=list.example; s=x; h=From; bh=AAAA; b=AAAA\r\n';
      const proof = await prove(`${bad}DKIM-Signature: nonsense\r\n${await letter()}`);
      expect(proof.dkim.map((each) => each.result)).to.deep.equal(['neutral', 'permerror', 'pass']);
      expect(proof.authenticatedFrom).to.equal('john@example.com');
    });

    it('looks at ten signatures and no more', async () => {
      const bad = 'DKIM-Signature: v=1; a=rsa-sha256; d=list.example; s=x; h=From; bh=AAAA; b=AAAA\r\n';
      const proof = await prove(bad.repeat(10) + (await letter()));
      expect(proof.dkim).to.have.lengthOf(11);
      expect(proof.dkim[10]?.result).to.equal('policy');
      expect(proof.authenticatedFrom).to.equal(undefined);
    });

    it('does not believe in ARC or in results that came with the mail', async () => {
      const raw =
        'Authentication-Results: sms.example.net; dmarc=pass header.from=example.com\r\n' +
        'ARC-Seal: i=1; a=rsa-sha256; cv=none; d=example.com; s=s1; b=AAAA\r\n' +
        'ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s1; h=From; bh=AAAA; b=AAAA\r\n' +
        'ARC-Authentication-Results: i=1; sms.example.net; dmarc=pass\r\n' +
        'From: john@example.com\r\n\r\nhello\r\n';
      const proof = await prove(raw);
      expect(proof.dkim).to.deep.equal([]);
      expect(proof.dmarc.result).to.equal('fail');
    });

    it('does not verify the signatures of a mail that is too large', async () => {
      const raw = await letter({ text: 'x'.repeat(2000) });
      const proof = await prove(raw, {}, { maxOctets: 2000 });
      expect(proof.dkim).to.deep.equal([
        { result: 'policy', domain: '', selector: '', reason: 'the mail is too large' },
      ]);
      expect(proof.authenticatedFrom).to.equal(undefined);
      expect((await prove(raw, { remote: OURS }, { maxOctets: 2000 })).authenticatedFrom).to.equal(
        'john@example.com',
      );
    });
  });

  describe('by DMARC', () => {
    const policies: readonly [name: string, record: string, from: string, domain: string, result: string][] =
      [
        ['a subdomain signs, relaxed', 'v=DMARC1; p=reject', 'a@example.com', 'news.example.com', 'pass'],
        [
          'a subdomain signs, strict',
          'v=DMARC1; p=reject; adkim=s',
          'a@example.com',
          'news.example.com',
          'fail',
        ],
        [
          'a subdomain signs, strict with spaces',
          'v=DMARC1; p=reject; adkim = s ',
          'a@example.com',
          'news.example.com',
          'fail',
        ],
        ['the domain signs, strict', 'v=DMARC1; p=reject; adkim=s', 'a@example.com', 'example.com', 'pass'],
        [
          'the domain signs for a subdomain, relaxed',
          'v=DMARC1; p=reject',
          'a@news.example.com',
          'example.com',
          'pass',
        ],
        [
          'the domain signs for a subdomain, strict',
          'v=DMARC1; p=none; adkim=s',
          'a@news.example.com',
          'example.com',
          'fail',
        ],
        ['the policy asks for nothing', 'v=DMARC1; p=none', 'a@example.com', 'example.com', 'pass'],
        ['there is no policy', 'nothing', 'a@example.com', 'example.com', 'none'],
      ];
    for (const [name, record, from, domain, result] of policies) {
      it(`says ${result} where ${name}`, async () => {
        dns.zone.set('_dmarc.example.com', { TXT: [record] });
        dns.zone.set(`s1._domainkey.${domain}`, { TXT: [KEY] });
        const proof = await prove(await letter({ from, domain }), { sender: 'x@evil.example' });
        expect(proof.dkim[0]?.result).to.equal('pass');
        expect(proof.dmarc.result).to.equal(result);
        expect(proof.authenticatedFrom).to.equal(result === 'pass' ? from : undefined);
      });
    }

    for (const [aspf, result] of [
      ['r', 'pass'],
      ['s', 'fail'],
    ] as const) {
      it(`says ${result} for a sender in a subdomain with aspf=${aspf}`, async () => {
        dns.zone.set('_dmarc.example.com', { TXT: [`v=DMARC1; p=quarantine; aspf=${aspf}`] });
        dns.zone.set('news.example.com', { TXT: [`v=spf1 ip4:${OURS} -all`] });
        const sent = { remote: OURS, sender: 'x@news.example.com' };
        const proof = await prove('From: john@example.com\r\n\r\nhello\r\n', sent);
        expect(proof.dmarc).to.deep.include({ result, policy: 'quarantine' });
      });
    }

    it('knows that names below a public suffix are strangers', async () => {
      for (const domain of ['victim.co.uk', 'attacker.co.uk']) {
        dns.zone.set(`_dmarc.${domain}`, { TXT: ['v=DMARC1; p=reject'] });
        dns.zone.set(`s1._domainkey.${domain}`, { TXT: [KEY] });
      }
      dns.zone.set('s1._domainkey.co.uk', { TXT: [KEY] });
      for (const domain of ['attacker.co.uk', 'co.uk']) {
        const proof = await prove(await letter({ from: 'a@victim.co.uk', domain }));
        expect(proof.dkim[0]?.result).to.equal('pass');
        expect(proof.dmarc.result).to.equal('fail');
      }
    });

    it('takes the policy of the organisation for a subdomain', async () => {
      dns.zone.set('_dmarc.example.com', { TXT: ['v=DMARC1; p=none; sp=reject'] });
      const proof = await prove(await letter({ from: 'a@x.y.example.com', domain: 'evil.example' }));
      expect(proof.dmarc).to.deep.include({ result: 'fail', policy: 'reject' });
    });
  });

  describe('for a header From', () => {
    const readable: readonly [written: string, address: string][] = [
      ['john@example.com', 'john@example.com'],
      ['John Doe <john@example.com>', 'john@example.com'],
      ['"Doe, John <x@y.example>" <john@example.com>', 'john@example.com'],
      ['john@EXAMPLE.com (John (the) Doe)', 'john@example.com'],
      ['=?utf-8?q?J=C3=B6hn?= <john@example.com>', 'john@example.com'],
      ['John\r\n <john@example.com>', 'john@example.com'],
    ];
    for (const [written, address] of readable) {
      it(`that says ${JSON.stringify(written)}, it names ${address}`, async () => {
        const proof = await prove(`From: ${written}\r\n\r\nhello\r\n`, { remote: OURS });
        expect(proof.authenticatedFrom).to.equal(address);
      });
    }

    const ambiguous: readonly [name: string, header: string][] = [
      ['is missing', 'Subject: x'],
      ['is empty', 'From:'],
      ['is there twice', 'From: john@example.com\r\nFrom: john@example.com'],
      ['is there twice, once with a space', 'From: john@example.com\r\nFrom : me@evil.example'],
      ['is there twice, once without an address', 'From: john@example.com\r\nFrom: nobody'],
      ['has two addresses', 'From: john@example.com, me@evil.example'],
      ['has two addresses of one domain', 'From: john@example.com, jane@example.com'],
      ['has a group', 'From: us: john@example.com;'],
      ['has an address for a name', 'From: me@evil.example <john@example.com>'],
      ['has two pairs of brackets', 'From: <me@evil.example> <john@example.com>'],
      ['has an open quote', 'From: "John <john@example.com>'],
      ['has an open comment', 'From: (John <john@example.com>'],
      ['has a quoted local part', 'From: "john"@example.com'],
      ['has a route', 'From: <@evil.example:john@example.com>'],
      ['has no domain', 'From: john'],
      ['has a space in the address', 'From: <john @example.com>'],
      ['has a NUL', 'From: john\0@example.com'],
      [
        'stands after a field with a carriage return in it',
        'Subject: x\rFrom: me@evil.example\r\nFrom: john@example.com',
      ],
      ['has an open comment behind it', 'From: john@example.com (John'],
      ['has a carriage return', 'From: me@evil.example\rFrom: john@example.com'],
      ['stands after a line that is no field', 'nonsense\r\nFrom: john@example.com'],
      ['begins with a fold', ' x\r\nFrom: john@example.com'],
      ['stands in a header of 3000 lines', `${'X: y\r\n'.repeat(3000)}From: john@example.com`],
      ['stands in a header of 200 KB', `X: ${'y'.repeat(200_000)}\r\nFrom: john@example.com`],
    ];
    for (const [name, header] of ambiguous) {
      it(`that ${name}, it proves nothing`, async () => {
        const proof = await prove(`${header}\r\n\r\nhello\r\n`, { remote: OURS });
        expect(proof.dmarc.result).to.equal('permerror');
        expect(proof.authenticatedFrom).to.equal(undefined);
      });
    }

    it('that is signed and then preceded by another, it proves nothing', async () => {
      const proof = await prove(`From: boss@example.com\r\n${await letter()}`, { remote: OURS });
      expect(proof.authenticatedFrom).to.equal(undefined);
    });

    it('that was made up to look like results, its results are still well formed', async () => {
      const proof = await prove('From: "x;\r\n dmarc=pass" <a@evil.example>\r\n\r\n', {
        sender: 'a;dkim=pass@evil.example',
        helo: 'x; spf=pass',
      });
      expect(proof.header.split('\r\n').slice(1)).to.deep.equal([
        ' spf=pass smtp.mailfrom=evil.example;',
        ' dkim=none;',
        ' dmarc=none header.from=evil.example',
      ]);
    });
  });

  describe('where DNS has trouble', () => {
    const failures: readonly [name: string, fail: () => void, settings?: Partial<SenderProofSettings>][] = [
      ['answers SERVFAIL', () => dns.failing.add('*')],
      ['is not there', () => undefined, { servers: ['127.0.0.1:1'], lookupMs: 300 }],
    ];
    for (const [name, fail, settings] of failures) {
      it(`and ${name}, is unknown and not refused`, async () => {
        fail();
        const proof = await prove(await letter(), { remote: OURS }, settings);
        expect(proof.spf.result).to.equal('temperror');
        expect(proof.dkim[0]?.result).to.equal('temperror');
        expect(proof.dmarc.result).to.equal('temperror');
        expect(proof.authenticatedFrom).to.equal(undefined);
      });
    }

    const parts: readonly [name: string, sender: string, result: string][] = [
      ['s1._domainkey.example.com', 'x@evil.example', 'temperror'],
      ['_dmarc.example.com', 'x@evil.example', 'temperror'],
      ['example.com', 'john@example.com', 'pass'],
    ];
    for (const [name, sender, result] of parts) {
      it(`with ${name} alone, says ${result}`, async () => {
        dns.failing.add(name);
        const proof = await prove(await letter(), { sender });
        expect(proof.dmarc.result).to.equal(result);
      });
    }

    it('with an include, is unknown and not refused', async () => {
      dns.zone.set('example.com', { TXT: ['v=spf1 include:other.example -all'] });
      dns.failing.add('other.example');
      const proof = await prove('From: john@example.com\r\n\r\nhello\r\n', { remote: OURS });
      expect(proof.spf.result).to.equal('temperror');
      expect(proof.dmarc.result).to.equal('temperror');
    });

    it('and a look-up has no answer, ends within the time of a look-up', async () => {
      dns.silent.add('*');
      const waiting = prove(await letter(), { remote: OURS }, { lookupMs: 1000, totalMs: 60_000 });
      for (const name of ['TXT example.com', 'TXT _dmarc.example.com']) {
        await until(name, () => dns.asked.includes(name) || undefined);
        await clock.advance(1000);
      }
      const proof = await waiting;
      expect([proof.spf.result, proof.dkim[0]?.result, proof.dmarc.result]).to.deep.equal([
        'temperror',
        'temperror',
        'temperror',
      ]);
    });

    it('and all of it takes too long, ends in its time', async () => {
      dns.silent.add('*');
      const waiting = prove(await letter(), { remote: OURS }, { lookupMs: 60_000, totalMs: 5000 });
      await until('a question', () => dns.asked.length > 0 || undefined);
      await clock.advance(5000);
      const proof = await waiting;
      expect(proof.dmarc).to.deep.include({ result: 'temperror', domain: 'example.com' });
      expect(proof.authenticatedFrom).to.equal(undefined);
      expect(log.lines.join('\n')).to.include("a mail's author can't be checked");
    });

    it('and an answer is too long for a packet, asks again over TCP', async () => {
      dns.overTcpOnly.add('s1._domainkey.example.com');
      expect((await prove(await letter())).authenticatedFrom).to.equal('john@example.com');
    });
  });
});
