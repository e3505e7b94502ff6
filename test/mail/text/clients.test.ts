import { readFileSync, readdirSync } from 'node:fs';
import { expect } from 'chai';
import { extractText } from '../../../lib/mail/text/extract.ts';

/** fixtures/mail/clients: mails as the usual programs make them, and what a phone should get of each. */
const folder = new URL('../../../fixtures/mail/clients/', import.meta.url);
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.eml'))
  .map((file) => file.slice(0, -4));

describe('mails of the usual programs', () => {
  for (const name of names) {
    it(name, async () => {
      const raw = readFileSync(new URL(`${name}.eml`, folder));
      const expected = readFileSync(new URL(`${name}.txt`, folder), 'utf8');
      expect(`${(await extractText(raw, { strip: true })).text}\n`).to.equal(expected);
    });
  }

  it('are many, each with what is expected of it', () => {
    expect(names).to.have.length.above(60);
    const texts = readdirSync(folder).filter((file) => file.endsWith('.txt'));
    expect(texts.map((file) => file.slice(0, -4))).to.have.members(names);
  });

  it('list the files in a winmail.dat in its place', async () => {
    const { attachments } = await extractText(readFileSync(new URL('winmail-rtf.eml', folder)));
    expect(attachments).to.deep.equal([{ name: 'plan.pdf', type: 'application/octet-stream', size: 8 }]);
  });
});
