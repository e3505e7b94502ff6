import { readFileSync, readdirSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { Fault } from '../../../lib/base/errors.ts';
import { extractText } from '../../../lib/mail/text/extract.ts';
import type { ExtractOptions, ExtractedMail } from '../../../lib/mail/text/extract.ts';

/** The mail read, or the code of the Fault it ended in. Anything else thrown goes up. */
async function outcome(raw: Uint8Array | string, options?: ExtractOptions): Promise<ExtractedMail | string> {
  try {
    return await extractText(typeof raw === 'string' ? Buffer.from(raw, 'utf8') : raw, options);
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
}

function nested(levels: number): string {
  let head = 'From: a@example.com\r\nSubject: deep\r\nMIME-Version: 1.0\r\n';
  for (let level = 0; level < levels; level++) {
    head += `Content-Type: multipart/mixed; boundary="b${level}"\r\n\r\n--b${level}\r\n`;
  }
  return `${head}Content-Type: text/plain\r\n\r\nthe bottom\r\n`;
}

function attachments(count: number, size: number): string {
  const one = `--b\r\nContent-Type: application/octet-stream\r\n\r\n${'x'.repeat(size)}\r\n`;
  const text = '--b\r\nContent-Type: text/plain\r\n\r\nthe text\r\n';
  return `Content-Type: multipart/mixed; boundary=b\r\n\r\n${text}${one.repeat(count)}--b--\r\n`;
}

function coded(type: string, octets: Uint8Array | string): string {
  const body = Buffer.from(octets).toString('base64').replace(/.{76}/g, '$&\r\n');
  return `Subject: subject\r\nContent-Type: ${type}\r\nContent-Transfer-Encoding: base64\r\n\r\n${body}\r\n`;
}

function alternative(plain: string): string {
  const html = 'Content-Type: text/html\r\n\r\n<p>x</p>';
  return `Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\n${plain}\r\n--b\r\n${html}\r\n--b--\r\n`;
}

/** MS-OXTNEF: a stream with these octets for its properties. */
function tnef(properties: Uint8Array): Buffer {
  const head = Buffer.from('789f3e22010001039006000000000000', 'hex').subarray(0, 15);
  head.writeUInt32LE(properties.length, 11);
  return Buffer.concat([head, properties, Buffer.alloc(2)]);
}

/** One binary property. */
function property(id: number, octets: Uint8Array): Buffer {
  const head = Buffer.from('01000000020100000100000000000000', 'hex');
  head.writeUInt16LE(id, 6);
  head.writeUInt32LE(octets.length, 12);
  return Buffer.concat([head, octets]);
}

/** X.690 8.1: tag, a length of four octets, content. */
function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const octets = Buffer.concat(content);
  const head = Buffer.from([tag, 0x84, 0, 0, 0, 0]);
  head.writeUInt32BE(octets.length, 2);
  return Buffer.concat([head, octets]);
}

/** RFC 5652: a SignedData around an OCTET STRING. */
function signed(octetString: Uint8Array): Buffer {
  const oid = (hex: string): Buffer => der(6, Buffer.from(hex, 'hex'));
  const content = der(0x30, oid('2a864886f70d010701'), der(0xa0, octetString));
  const data = der(0x30, der(2, Uint8Array.of(1)), der(0x31), content);
  return der(0x30, oid('2a864886f70d010702'), der(0xa0, data));
}

function nestedOctets(levels: number): Buffer {
  const open = Buffer.alloc(2 * levels, Uint8Array.of(0x24, 0x80));
  return Buffer.concat([open, Uint8Array.of(4, 1, 0x41), Buffer.alloc(2 * levels)]);
}

function pieces(count: number): Buffer {
  return Buffer.concat([
    Uint8Array.of(0x24, 0x80),
    Buffer.alloc(3 * count, Uint8Array.of(4, 1, 0x41)),
    Buffer.alloc(2),
  ]);
}

function signedAgain(times: number): string {
  let mail = 'Subject: inner\r\n\r\nthe text';
  for (let count = 0; count < times; count++) {
    mail = coded('application/pkcs7-mime; smime-type=signed-data', signed(der(4, Buffer.from(mail))));
  }
  return mail;
}

describe('hostile mails', () => {
  const faults: [string, () => string, string, ExtractOptions?][] = [
    ['100,000 headers', () => 'X-A: b\r\n'.repeat(100_000) + '\r\nx', 'mail.hostile'],
    ['one header of a megabyte', () => `Subject: ${'x'.repeat(1_000_000)}\r\n\r\nx`, 'mail.hostile'],
    ['a header of folded lines only', () => `Subject: x\r\n${' y\r\n'.repeat(100_000)}\r\nx`, 'mail.hostile'],
    ['multiparts nested 100 deep', () => nested(100), 'mail.hostile'],
    ['multiparts nested 10,000 deep', () => nested(10_000), 'mail.hostile'],
    ['10,000 parts', () => attachments(10_000, 1), 'mail.hostile'],
    [
      'a part with 100,000 headers',
      () =>
        `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n${'X-A: b\r\n'.repeat(100_000)}\r\nx\r\n--b--`,
      'mail.hostile',
    ],
    ['more octets than allowed', () => 'Subject: x\r\n\r\n1234567890', 'mail.size', { maxBytes: 20 }],
    [
      'more header than allowed',
      () => 'Subject: 1234567890\r\n\r\nx',
      'mail.hostile',
      { maxHeaderBytes: 10 },
    ],
    ['more parts than allowed', () => attachments(10, 1), 'mail.hostile', { maxParts: 5 }],
    ['more depth than allowed', () => nested(4), 'mail.hostile', { maxDepth: 3 }],
  ];
  for (const [name, make, code, options] of faults) {
    it(`${name}: ${code}`, async () => {
      expect(await outcome(make(), options)).to.equal(code);
    });
  }

  const texts: [string, () => string, string][] = [
    ['multiparts nested 20 deep', () => nested(20), 'the bottom'],
    [
      '50 MB of attachments, nested',
      () => {
        const file = `Content-Type: application/pdf\r\n\r\n${'x'.repeat(6_000_000)}\r\n`;
        const level = (at: number): string => {
          const inner = at === 8 ? 'Content-Type: text/plain\r\n\r\nthe text\r\n' : level(at + 1);
          return `Content-Type: multipart/mixed; boundary=b${at}b\r\n\r\n--b${at}b\r\n${inner}\r\n--b${at}b\r\n${file}--b${at}b--\r\n`;
        };
        return level(1);
      },
      'the text',
    ],
    ['20 MB of attachments', () => attachments(20, 1_000_000), 'the text'],
    [
      '20 MB of messages in messages',
      () => {
        const inner = `Content-Type: message/rfc822\r\n\r\n`.repeat(1000) + 'z'.repeat(20_000_000);
        return `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nouter\r\n--b\r\n${inner}\r\n--b--\r\n`;
      },
      'outer',
    ],
    ['200,000 open tags', () => `Content-Type: text/html\r\n\r\nx${'<b>'.repeat(200_000)}`, 'x'],
    ['200,000 closed elements', () => `Content-Type: text/html\r\n\r\n${'<i>y</i>'.repeat(200_000)}`, 'yyy'],
    ['a megabyte of "<"', () => `Content-Type: text/html\r\n\r\nx${'<'.repeat(1_000_000)}`, 'x'],
    ['a megabyte of line breaks', () => `Content-Type: text/html\r\n\r\nx${'<br>'.repeat(250_000)}y`, 'x'],
    ['a megabyte of spaces', () => `\r\nx${' '.repeat(1_000_000)}y`, 'x'],
    [
      'a megabyte of "="',
      () => `Content-Transfer-Encoding: base64\r\n\r\n${'eA==\r\n'.repeat(100_000)}`,
      'xxx',
    ],
    ['a header of 200,000 spaces', () => `Subject: a${' '.repeat(200_000)}b\r\n\r\nx`, 'x'],
    ['a subject of 20,000 "=?"', () => `Subject: ${'=?a?q?'.repeat(20_000)}\r\n\r\nx`, 'x'],
    ['an address of 50,000 brackets', () => `From: ${'<('.repeat(50_000)}\r\n\r\nx`, 'x'],
    [
      'a winmail.dat of nothing',
      () => coded('application/ms-tnef', tnef(Buffer.alloc(5_000_000))),
      'subject',
    ],
    [
      'a winmail.dat with 4 GB of text, it says',
      () => {
        const rtf = Buffer.alloc(1_000_000, 0xff);
        rtf.writeUInt32LE(0xffffffff, 4);
        rtf.writeUInt32LE(0x75465a4c, 8);
        return coded('application/ms-tnef', tnef(property(0x1009, rtf)));
      },
      'subject',
    ],
    ['a million open groups', () => coded('text/rtf', `{\\rtf1 ${'{'.repeat(1_000_000)}x`), 'x'],
    [
      'a million characters of RTF',
      () => coded('text/rtf', `{\\rtf1 ${"\\'41{\\f1".repeat(200_000)}`),
      'AAA',
    ],
    [
      'an S/MIME signature nested 100,000 deep',
      () => coded('application/pkcs7-mime', signed(nestedOctets(100_000))),
      'subject',
    ],
    ['S/MIME signatures of signatures', () => signedAgain(8), 'subject'],
    ['a million octets, each a piece', () => coded('application/pkcs7-mime', signed(pieces(500_000))), 'AAA'],
    ['pictures that do not end', () => alternative('[http://a.png'.repeat(20_000)), '[http'],
    ['links that do not end', () => alternative('x <http://'.repeat(20_000)), 'x <http'],
    ['styles that do not end', () => `Content-Type: text/html\r\n\r\nx${'<p style="'.repeat(100_000)}`, 'x'],
    [
      'a style of 30,000 heights',
      () => `Content-Type: text/html\r\n\r\n<p style="${'height:0;'.repeat(25_000)}">x`,
      'x',
    ],
    [
      'a table of 25,000 empty cells',
      () => `Content-Type: text/html\r\n\r\n<table border=1><tr><td>x${'<td></td>'.repeat(25_000)}`,
      'x',
    ],
    ['a line of 65,000 dashes', () => `\r\n${'-'.repeat(65_000)}x`, '-----'],
    ['numbers that do not end', () => `\r\nx\r\nRegards\r\n${'a: +1 ((((((((((\r\n'.repeat(18)}`, 'x'],
    [
      'addresses that do not end',
      () => `\r\nx\r\nRegards\r\nA\r\n${`${'a@'.repeat(70)}\r\n`.repeat(18)}`,
      'x',
    ],
    [
      'protected links in protected links',
      () => `\r\nhttps://eur.safelinks.protection.outlook.com/${'?url='.repeat(12_000)}`,
      '',
    ],
    ['20,000 parameters', () => `Content-Type: text/plain${';a*1=b'.repeat(20_000)}\r\n\r\nx`, 'x'],
  ];
  for (const [name, make, start] of texts) {
    it(`${name}: text`, async () => {
      const mail = await outcome(make(), { strip: true });
      if (typeof mail === 'string') expect.fail(mail);
      expect(mail.text.slice(0, start.length)).to.equal(start);
      expect(mail.text).to.have.length.below(65_537);
    });
  }
});

const folder = new URL('../../../fixtures/mail/', import.meta.url);
const samples = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.eml'))
  .map((file) => readFileSync(new URL(file, folder)));

describe('any octets at all', () => {
  it('a sample with octets changed, cut out, doubled or swapped ends in a mail or a Fault', async () => {
    const edit = fc.record({
      at: fc.nat(),
      length: fc.nat(40),
      octets: fc.uint8Array({ maxLength: 12 }),
      kind: fc.constantFrom('replace', 'cut', 'double', 'shuffle'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...samples),
        fc.array(edit, { minLength: 1, maxLength: 6 }),
        async (sample, edits) => {
          let raw = Buffer.from(sample);
          for (const { at, length, octets, kind } of edits) {
            const start = at % (raw.length + 1);
            const head = raw.subarray(0, start);
            const middle = raw.subarray(start, start + length);
            const tail = raw.subarray(start + length);
            if (kind === 'replace') raw = Buffer.concat([head, octets, tail]);
            else if (kind === 'cut') raw = Buffer.concat([head, tail]);
            else if (kind === 'double') raw = Buffer.concat([head, middle, middle, tail]);
            else raw = Buffer.concat([tail, middle, head]);
          }
          const mail = await outcome(raw, { strip: true });
          if (typeof mail !== 'string') {
            expect(mail.size).to.equal(raw.length);
            expect(mail.text).not.to.match(/[\0\r]|\p{Surrogate}/u);
          }
        },
      ),
      { numRuns: 600 },
    );
  });

  it('random octets are a mail too', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (raw) => {
        const mail = await outcome(raw);
        if (typeof mail !== 'string') expect(mail.text).to.be.a('string');
      }),
    );
  });

  it('the Buffer that came in is not changed', async () => {
    for (const sample of samples) {
      const copy = Buffer.from(sample);
      await outcome(copy);
      expect(copy.equals(sample)).to.equal(true);
    }
  });
});
