import { readFileSync, readdirSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { Fault } from '../../../lib/base/errors.ts';
import { automaticKind } from '../../../lib/mail/read/automatic.ts';
import { chooseText } from '../../../lib/mail/text/choose.ts';
import { extractText, fastLeaves, fullLeaves } from '../../../lib/mail/text/extract.ts';
import type { Attachment, ExtractedMail } from '../../../lib/mail/text/extract.ts';
import { readHeaderBlock } from '../../../lib/mail/read/headers.ts';
import type { Leaf } from '../../../lib/mail/read/leaf.ts';

/** What fixtures/mail/NAME.json says of NAME.eml; what it leaves out is not looked at. */
interface Expected {
  readonly about: string;
  readonly text: string;
  /** The text without quotes, signatures and the like, where that differs. */
  readonly stripped?: string;
  readonly source?: ExtractedMail['source'];
  readonly path?: ExtractedMail['path'];
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

/** What both paths must agree on. */
function essence(leaves: readonly Leaf[]): unknown[] {
  return leaves.map(({ type, disposition, name, path, size, related }) => {
    // mailparser counts the line end before a boundary where the part is empty.
    return { type, disposition, name, path, related, size: type.startsWith('text/') ? undefined : size };
  });
}

describe('the two paths', () => {
  const fast = names.filter((name) => read(name).expected.path === 'fast' && name !== 'bare-cr');
  for (const name of fast) {
    it(`find the same parts and text in ${name}`, async () => {
      const { raw } = read(name);
      const header = readHeaderBlock(raw, 65_536);
      const ours = fastLeaves(raw, header, {});
      if (ours === undefined) throw new Error('not a mail for the fast path');
      const theirs = await fullLeaves(raw, header, {});
      expect(essence(theirs)).to.deep.equal(essence(ours));
      expect(await chooseText(theirs)).to.deep.equal(await chooseText(ours));
    });
  }

  it('read damaged quoted-printable alike', async () => {
    const piece = fc.constantFrom('=', '\r', '\n', ' ', '\t', '4', '1', 'x', '=41', '=\r\n', '\r\n');
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        const head = 'Subject: x\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n';
        const raw = Buffer.from(`${head}${pieces.join('')}`);
        const header = readHeaderBlock(raw, 65_536);
        const [ours] = fastLeaves(raw, header, {}) ?? [];
        const [theirs] = await fullLeaves(raw, header, {});
        expect(ours?.content.toString('latin1')).to.equal(theirs?.content.toString('latin1'));
      }),
      { numRuns: 400 },
    );
  });

  it('find the same text wherever the fast one does not give up', async () => {
    const cut = fc.record({ at: fc.nat(), length: fc.nat(30), octets: fc.string({ maxLength: 6 }) });
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...fast), fc.array(cut, { maxLength: 3 }), async (name, cuts) => {
        let raw = read(name).raw;
        for (const { at, length, octets } of cuts) {
          const start = at % raw.length;
          raw = Buffer.concat([raw.subarray(0, start), Buffer.from(octets), raw.subarray(start + length)]);
        }
        const header = readHeaderBlock(raw, 65_536);
        const ours = fastLeaves(raw, header, {});
        if (ours === undefined) return;
        const theirs = await fullLeaves(raw, header, {});
        // A parameter that an edit has spoiled may be read in more than one way.
        const parameters = (leaves: readonly Leaf[]): string =>
          JSON.stringify(leaves.map(({ params }) => params));
        if (parameters(ours) !== parameters(theirs)) return;
        compared += 1;
        expect(await chooseText(theirs)).to.deep.equal(await chooseText(ours));
      }),
      { numRuns: 400 },
    );
    expect(compared).to.be.above(100);
  });
});
