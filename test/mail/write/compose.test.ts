import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { answerSubject, composeSmsMail, safeText } from '../../../lib/mail/write/compose.ts';
import type { SmsMail } from '../../../lib/mail/write/compose.ts';
import { extractText } from '../../../lib/mail/text/extract.ts';

const plain: SmsMail = {
  from: '"sms:+15551234567"@sms.example.com',
  to: 'desk@example.com',
  subject: 'SMS from +15551234567',
  text: 'ok',
  date: Date.UTC(2025, 6, 1, 8, 52, 37),
  offsetMinutes: 120,
  messageId: '<m1@sms.example.com>',
};

function lines(mail: SmsMail): string[] {
  return Buffer.from(composeSmsMail(mail).raw).toString('utf8').split('\r\n');
}

/** The header fields of a composed mail, unfolded. */
function fields(mail: SmsMail): string[] {
  const text = Buffer.from(composeSmsMail(mail).raw).toString('utf8');
  return text
    .slice(0, text.indexOf('\r\n\r\n'))
    .replace(/\r\n(?=[ \t])/g, '')
    .split('\r\n');
}

describe('a text message as a mail', () => {
  it('is this, octet for octet', () => {
    const sms = {
      number: '+15551234567',
      gateway: 'modem1',
      smsc: '+15550000000',
      timestamp: '2025-07-01T10:52:37+02:00',
      encoding: 'gsm7',
      parts: 2,
    };
    expect(
      lines({
        ...plain,
        fromName: 'Anna',
        inReplyTo: '<b@example.com>',
        references: ['<a@example.com>', '<b@example.com>'],
        sms,
        loop: 'sms.example.com',
      }),
    ).to.deep.equal([
      'From: Anna <"sms:+15551234567"@sms.example.com>',
      'To: desk@example.com',
      'Subject: SMS from +15551234567',
      'Date: Tue, 1 Jul 2025 10:52:37 +0200',
      'Message-ID: <m1@sms.example.com>',
      'In-Reply-To: <b@example.com>',
      'References: <a@example.com> <b@example.com>',
      'X-SMS-From: +15551234567',
      'X-SMS-Gateway: modem1',
      'X-SMS-SMSC: +15550000000',
      'X-SMS-Timestamp: 2025-07-01T10:52:37+02:00',
      'X-SMS-Encoding: gsm7',
      'X-SMS-Parts: 2',
      'X-Mailsms-Loop: sms.example.com',
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=us-ascii',
      'Content-Transfer-Encoding: 7bit',
      '',
      'ok',
      '',
    ]);
  });

  it('gives its message id with angle brackets, whether it came with them or not', () => {
    expect(composeSmsMail({ ...plain, messageId: 'm1@sms.example.com' }).messageId).to.equal(
      '<m1@sms.example.com>',
    );
  });

  it('takes In-Reply-To for References where there are none', () => {
    expect(fields({ ...plain, inReplyTo: '<b@c>' })).to.include('References: <b@c>');
  });

  it('keeps the first and the last of many References', () => {
    const references = Array.from({ length: 50 }, (_, index) => `<${index}@c>`);
    const line = fields({ ...plain, references }).find((one) => one.startsWith('References:'));
    expect(line?.split(' ').slice(1)).to.deep.equal(['<0@c>', ...references.slice(-19)]);
  });

  it('says Auto-Submitted only where told', () => {
    expect(fields(plain).join('\n')).not.to.match(/^Auto-Submitted/m);
    expect(fields({ ...plain, autoSubmitted: 'auto-generated' })).to.include(
      'Auto-Submitted: auto-generated',
    );
  });

  const encodings: [string, string, string][] = [
    ['plain ASCII', 'See you at 8.', '7bit'],
    ['a few umlauts', 'Grüße aus München, wir kommen später an', 'quoted-printable'],
    ['Greek', 'Καλημέρα σε όλους', 'base64'],
    ['a line longer than relays like', 'x'.repeat(2000), 'quoted-printable'],
    ['a line that mailbox files change', 'From here on', 'quoted-printable'],
    ['white space at the end', 'wait \nfor it', 'quoted-printable'],
  ];
  for (const [name, text, encoding] of encodings) {
    it(`sends ${name} as ${encoding}`, async () => {
      const mail = { ...plain, text };
      expect(fields(mail)).to.include(`Content-Transfer-Encoding: ${encoding}`);
      for (const line of lines(mail)) expect(line).to.have.length.below(79);
      expect((await simpleParser(Buffer.from(composeSmsMail(mail).raw))).text).to.equal(`${text}\n`);
    });
  }

  it('makes control characters of a phone safe', () => {
    expect(safeText('a\0b\x1bc\x7fd\x85e\ff\rg\r\nh\ti\ud800j\x9b')).to.equal(
      'a␀b␛c␡d\ne\nf\ng\nh\ti\ufffdj\ufffd',
    );
  });

  const injections: [keyof SmsMail, unknown][] = [
    ['from', 'a@b.c>\r\nBcc: evil@example.com\r\nX: <x@y'],
    ['fromName', 'Eve\r\nBcc: evil@example.com'],
    ['to', 'a@b.c\nBcc: evil@example.com'],
    ['subject', 'hi\r\n\r\nBcc: evil@example.com'],
    ['messageId', '<a@b>\r\nBcc: evil@example.com'],
    ['inReplyTo', '<a@b>\rBcc: evil@example.com'],
    ['references', ['<a@b>\r\nBcc: evil@example.com']],
    ['sms', { gateway: 'x\r\nBcc: evil@example.com' }],
    ['loop', 'x\u2028Bcc: evil@example.com\x85Bcc: evil'],
    ['autoSubmitted', 'no\r\nBcc: evil@example.com'],
  ];
  for (const [name, value] of injections) {
    it(`lets no line in through ${name}`, async () => {
      const mail = { ...plain, [name]: value };
      expect(fields(mail).filter((line) => /^Bcc/i.test(line))).to.deep.equal([]);
      expect((await simpleParser(Buffer.from(composeSmsMail(mail).raw))).text).to.equal('ok\n');
    });
  }

  const character = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom(...'abc .,=?_\n\r\t-éßñ@£$¥èΔΦΓ€[]{}\\^~|\f\x1b😀👩‍👩‍👧אבعر\u202e世界\0'),
    },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 5 }) },
    { weight: 1, arbitrary: fc.nat(0xffff).map((code) => String.fromCharCode(code)) },
  );
  const phoneText = fc.array(character, { maxLength: 200 }).map((pieces) => pieces.join(''));

  it('for any text from a phone, parses back to the same text', async () => {
    await fc.assert(
      fc.asyncProperty(phoneText, async (text) => {
        const { raw } = composeSmsMail({ ...plain, text });
        const parsed = await simpleParser(Buffer.from(raw));
        // simpleParser leaves a byte order mark at the beginning out, as text.
        expect((parsed.text ?? '').replace(/\n$/, '')).to.equal(safeText(text));
      }),
      { numRuns: 300 },
    );
  });

  describe("as Python's email package reads it", () => {
    before(function () {
      if (spawnSync('python3', ['-c', 'import email.policy']).status === 0) return;
      process.stderr.write('    skipped: python3 not installed\n');
      this.skip();
    });

    it('any text from a phone is the same text', () => {
      const texts = fc.sample(phoneText, { numRuns: 400, seed: 11 });
      const mails = texts.map((text) => composeSmsMail({ ...plain, text }).raw);
      const read = readByPython(mails);
      expect(read.map(({ text }) => text.replace(/\n$/, ''))).to.deep.equal(texts.map(safeText));
      expect(read.flatMap(({ defects }) => defects)).to.deep.equal([]);
    });

    it('any octets are the same octets, under their name, beside the text', () => {
      const octets = fc.sample(fc.uint8Array({ maxLength: 300 }), { numRuns: 60, seed: 12 });
      const names = [
        'contact.vcf',
        'a "quoted" name.bin',
        'Grüße 😀.txt',
        '../../etc/passwd',
        '',
        'x'.repeat(300),
      ];
      const shown = [
        'contact.vcf',
        'a "quoted" name.bin',
        'Grüße 😀.txt',
        '.._.._etc_passwd',
        'file',
        'x'.repeat(100),
      ];
      const mails = octets.map((content, index) => {
        const name = names[index % names.length] ?? '';
        const attachment = { name, type: 'application/octet-stream', content };
        return composeSmsMail({ ...plain, text: 'See the file. 😀', attachments: [attachment] }).raw;
      });
      for (const [index, { type, text, files, defects }] of readByPython(mails).entries()) {
        expect({ type, text, defects }).to.deep.equal({
          type: 'multipart/mixed',
          text: 'See the file. 😀\n',
          defects: [],
        });
        expect(files).to.deep.equal([
          {
            name: shown[index % shown.length],
            type: 'application/octet-stream',
            hex: Buffer.from(octets[index] ?? []).toString('hex'),
          },
        ]);
      }
    });
  });

  it('takes no type from outside that is none', async () => {
    const attachment = { name: 'a', type: 'text/plain\r\nBcc: evil@example.com', content: Uint8Array.of(1) };
    const { attachments, headers } = await simpleParser(
      Buffer.from(composeSmsMail({ ...plain, attachments: [attachment] }).raw),
    );
    expect(attachments.map(({ contentType }) => contentType)).to.deep.equal(['application/octet-stream']);
    expect(headers.has('bcc')).to.equal(false);
  });

  it('answers under the subject of the mail it answers, once', () => {
    const subjects = {
      Alarm: 'Re: Alarm',
      'Re: Alarm': 'Re: Alarm',
      'AW: Alarm': 'AW: Alarm',
      'a\r\nb': 'Re: a b',
    };
    for (const [subject, answer] of Object.entries(subjects)) expect(answerSubject(subject)).to.equal(answer);
    expect(answerSubject('')).to.equal('');
  });

  it('for any subject and name, has the same fields and shows them', async () => {
    await fc.assert(
      fc.asyncProperty(phoneText, phoneText, async (subject, fromName) => {
        const mail = { ...plain, subject, fromName };
        expect(fields(mail).map((line) => line.split(':')[0])).to.deep.equal(
          fields({ ...plain, fromName: 'x' }).map((line) => line.split(':')[0]),
        );
        const { headers } = await extractText(composeSmsMail(mail).raw);
        const shown = (text: string): string => safeText(text).replace(/[\n\t\u2400-\u2421\ufffd\s]+/g, '');
        expect(shown(headers.subject)).to.equal(shown(oneLineOf(subject)));
        expect(headers.from).to.equal(plain.from);
      }),
      { numRuns: 300 },
    );
  });
});

const READER = `
import sys, json, email
from email import policy
out = []
for line in sys.stdin:
    m = email.message_from_bytes(bytes.fromhex(line), policy=policy.default)
    body = m.get_body(('plain',))
    files = [dict(name=a.get_filename(), type=a.get_content_type(), hex=a.get_payload(decode=True).hex()) for a in m.iter_attachments()]
    out.append(dict(type=m.get_content_type(), text=body.get_content().replace('\\r\\n', '\\n'), files=files,
        defects=[repr(d) for p in m.walk() for d in p.defects]))
json.dump(out, sys.stdout)
`;

interface Read {
  readonly type: string;
  readonly text: string;
  readonly files: readonly { readonly name: string; readonly type: string; readonly hex: string }[];
  readonly defects: readonly string[];
}

function readByPython(mails: readonly Uint8Array[]): Read[] {
  const input = mails.map((raw) => `${Buffer.from(raw).toString('hex')}\n`).join('');
  const run = spawnSync('python3', ['-c', READER], { input, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout) as Read[];
}

function oneLineOf(text: string): string {
  return text.replace(/[\0-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ').trim();
}
