import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { Fault } from '../../lib/base/errors.ts';
import { extractText } from '../../lib/mail/extract.ts';
import type { ExtractOptions, ExtractedMail } from '../../lib/mail/extract.ts';

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
    ['20,000 parameters', () => `Content-Type: text/plain${';a*1=b'.repeat(20_000)}\r\n\r\nx`, 'x'],
  ];
  for (const [name, make, start] of texts) {
    it(`${name}: text`, async () => {
      const mail = await outcome(make());
      if (typeof mail === 'string') expect.fail(mail);
      expect(mail.text.slice(0, start.length)).to.equal(start);
      expect(mail.text).to.have.length.below(65_537);
    });
  }
});

const folder = new URL('../../fixtures/mail/', import.meta.url);
const samples = readdirSync(folder)
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
          const mail = await outcome(raw);
          if (typeof mail !== 'string') expect(mail.size).to.equal(raw.length);
        },
      ),
      { numRuns: 1500 },
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

const corpora = new URL('../../../shared/corpora/', import.meta.url);

describe('mails from other projects', () => {
  it('each ends in a mail or a Fault', async function () {
    if (!existsSync(corpora)) {
      this.test!.title += ' (skipped: ../shared/corpora is not here)';
      this.skip();
    }
    let read = 0;
    for (const project of readdirSync(corpora, { withFileTypes: true })) {
      if (!project.isDirectory()) continue;
      for (const file of readdirSync(new URL(`${project.name}/`, corpora))) {
        const mail = await outcome(readFileSync(new URL(`${project.name}/${file}`, corpora)));
        if (typeof mail !== 'string') read += 1;
      }
    }
    expect(read).to.be.above(0);
  });
});
