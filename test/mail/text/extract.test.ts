import { readFileSync, readdirSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { Fault } from '../../../lib/base/errors.ts';
import { automaticKind } from '../../../lib/mail/read/automatic.ts';
import { extractText } from '../../../lib/mail/text/extract.ts';
import { decodeTransfer } from '../../../lib/mail/read/transfer.ts';
import type { Attachment, ExtractedMail } from '../../../lib/mail/text/extract.ts';
import { readHeaderBlock } from '../../../lib/mail/read/headers.ts';
import { readEntity } from '../../../lib/mail/read/multipart.ts';
import { leavesOf } from '../../../lib/mail/read/entity.ts';

/** What fixtures/mail/NAME.json says of NAME.eml; what it leaves out is not looked at. */
interface Expected {
  readonly about: string;
  readonly text: string;
  /** The text without quotes, signatures and the like, where that differs. */
  readonly stripped?: string;
  readonly source?: ExtractedMail['source'];
  readonly subject?: string;
  readonly headers?: Record<string, unknown>;
  readonly attachments?: readonly Partial<Attachment>[];
  readonly automatic?: string;
  /** What the sender is told of a mail that is refused. */
  readonly fault?: string;
}

const folder = new URL('../../../fixtures/mail/', import.meta.url);
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.eml'))
  .map((file) => file.slice(0, -4));

function read(name: string): { raw: Buffer; expected: Expected } {
  return {
    raw: readFileSync(new URL(`${name}.eml`, folder)),
    expected: JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as Expected,
  };
}

describe('extractText on sample mails', () => {
  for (const name of names) {
    const { raw, expected } = read(name);
    it(`${name}: ${expected.about}`, async () => {
      if (expected.fault !== undefined) {
        const error = await extractText(raw).catch((reason: unknown) => reason);
        expect(error)
          .to.be.instanceOf(Fault)
          .and.to.include({ code: 'mail.malformed', told: expected.fault });
        return;
      }
      const mail = await extractText(raw);
      expect(mail.text).to.equal(expected.text);
      expect((await extractText(raw, { strip: true })).text).to.equal(expected.stripped ?? expected.text);
      expect(mail.size).to.equal(raw.length);
      if (expected.source !== undefined) expect(mail.source).to.equal(expected.source);
      if (expected.subject !== undefined) expect(mail.headers.subject).to.equal(expected.subject);
      for (const [field, value] of Object.entries(expected.headers ?? {})) {
        expect(mail.headers, field).to.have.property(field).that.deep.equals(value);
      }
      if (expected.attachments !== undefined) {
        expect(mail.attachments).to.have.lengthOf(expected.attachments.length);
        expected.attachments.forEach((one, index) => expect(mail.attachments[index]).to.include(one));
      }
      const envelope = expected.automatic === 'bounce' ? '' : (mail.headers.from ?? 'x@example.com');
      expect(automaticKind(mail.headers, envelope)).to.equal(expected.automatic);
    });
  }

  it('there are at least forty, each with what is expected of it', () => {
    expect(names).to.have.length.above(40);
    const described = readdirSync(folder).filter((file) => file.endsWith('.json'));
    expect(described.map((file) => file.slice(0, -5))).to.have.members(names);
  });
});

/** What mailparser finds of a mail: the type, name and octets of each attachment, and its texts. */
async function secondOpinion(raw: Buffer): Promise<unknown> {
  const { attachments } = await simpleParser(raw, { skipHtmlToText: true, skipTextToHtml: true });
  return attachments
    .filter(({ contentType }) => contentType !== 'message/rfc822')
    .map(({ contentType, filename, size }) => ({ type: contentType, name: filename, size }));
}

describe('the parts of a mail', () => {
  const limits = { maxHeaderBytes: 65_536, maxParts: 500, maxDepth: 30 };
  // Attachments without any type, and text in attachments, are told apart in another way there.
  const files = names.filter((name) => (read(name).expected.attachments?.length ?? 0) > 0);
  for (const name of files) {
    it(`are those that mailparser finds in ${name}`, async () => {
      const { raw } = read(name);
      const leaves = leavesOf(readEntity(raw, readHeaderBlock(raw, 65_536), limits));
      const ours = leaves
        .filter(
          ({ type, disposition }) => disposition === 'attachment' || !/^text\/(?:plain|html)$/.test(type),
        )
        .filter(({ type }) => type !== 'message/rfc822')
        .map(({ type, name, size }) => ({ type, name, size }));
      expect(ours).to.deep.equal(await secondOpinion(raw));
    });
  }

  it('read damaged quoted-printable as mailparser does', async () => {
    const piece = fc.constantFrom('=', '\r', '\n', ' ', '\t', '4', '1', 'x', '=41', '=\r\n', '\r\n');
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        const type = 'Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: quoted-printable';
        const raw = Buffer.from(`${type}\r\n\r\n${pieces.join('')}`);
        const { attachments } = await simpleParser(raw);
        const { content } = { content: decodeTransfer(Buffer.from(pieces.join('')), 'quoted-printable') };
        expect(content.toString('latin1')).to.equal(attachments[0]?.content.toString('latin1'));
      }),
      { numRuns: 400 },
    );
  });
});
