import { readFileSync, readdirSync } from 'node:fs';
import { expect } from 'chai';
import { automaticKind } from '../../lib/mail/automatic.ts';
import { chooseText } from '../../lib/mail/choose.ts';
import { extractText, leavesOf } from '../../lib/mail/extract.ts';
import type { Attachment, ExtractedMail } from '../../lib/mail/extract.ts';
import { readHeaderBlock } from '../../lib/mail/headers.ts';
import { singleLeaf } from '../../lib/mail/leaf.ts';

/** What fixtures/mail/NAME.json says of NAME.eml; what it leaves out is not looked at. */
interface Expected {
  readonly about: string;
  readonly text: string;
  readonly source?: ExtractedMail['source'];
  readonly path?: ExtractedMail['path'];
  readonly subject?: string;
  readonly headers?: Record<string, unknown>;
  readonly attachments?: readonly Partial<Attachment>[];
  readonly automatic?: string;
}

const folder = new URL('../../fixtures/mail/', import.meta.url);
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
      const mail = await extractText(raw);
      expect(mail.text).to.equal(expected.text);
      expect(mail.size).to.equal(raw.length);
      if (expected.source !== undefined) expect(mail.source).to.equal(expected.source);
      if (expected.path !== undefined) expect(mail.path).to.equal(expected.path);
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

describe('the two paths', () => {
  for (const name of names) {
    const { raw, expected } = read(name);
    if (expected.path !== 'fast' || name === 'bare-cr') continue;
    it(`give the same text for ${name}`, async () => {
      const header = readHeaderBlock(raw, 65_536);
      const single = singleLeaf(raw, header);
      if (single === undefined) throw new Error('not a mail for the fast path');
      const full = await leavesOf(raw, header, {});
      expect(full.map((leaf) => leaf.type)).to.deep.equal([single.type]);
      expect(await chooseText(full)).to.deep.equal(await chooseText([single]));
    });
  }
});
