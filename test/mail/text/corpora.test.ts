import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { Fault } from '../../../lib/base/errors.ts';
import { extractText } from '../../../lib/mail/text/extract.ts';
import type { ExtractedMail } from '../../../lib/mail/text/extract.ts';

/**
 * Mails of other projects' test suites, where they lie beside this repository: nothing is expected of their text but
 * what holds for any mail at all. They are tried damaged too.
 */
const FOLDER = resolve(import.meta.dirname, '../../../../shared/corpora');
const MAX_FILE = 512 * 1024;
const LONGEST_TEXT = 65_536;

function filesUnder(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile() && statSync(path).size <= MAX_FILE);
}

/** What holds for any mail: an answer or a Fault, and a text that can be sent. */
async function check(raw: Buffer, what: string): Promise<void> {
  for (const strip of [false, true]) {
    let mail: ExtractedMail;
    try {
      mail = await extractText(raw, { strip, template: '{subject} {text} {attachments}' });
    } catch (error) {
      if (error instanceof Fault) continue;
      throw new Error(`${what}: ${error instanceof Error ? error.stack : String(error)}`, { cause: error });
    }
    for (const text of [mail.text, mail.body, mail.headers.subject]) {
      expect(text.length, what).to.be.at.most(Math.max(LONGEST_TEXT, raw.length));
      expect(text, what).not.to.match(/[\0\r]|\p{Surrogate}/u);
    }
    expect(mail.text.length, what).to.be.at.most(LONGEST_TEXT);
  }
}

describe("mails of other projects' suites", function () {
  const files = filesUnder(FOLDER);
  before(function () {
    if (files.length > 0) return;
    process.stderr.write('    skipped: there is no folder ../shared/corpora\n');
    this.skip();
  });

  it('all become texts that can be sent, or are refused', async () => {
    for (const file of files) await check(readFileSync(file), relative(FOLDER, file));
  });

  it('do so damaged as well', async () => {
    const edit = fc.record({ at: fc.nat(), length: fc.nat(40), octets: fc.uint8Array({ maxLength: 8 }) });
    const small = files.filter((file) => statSync(file).size < 20_000);
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.array(edit, { minLength: 1, maxLength: 4 }), async (index, edits) => {
        const file = small[index % small.length] ?? '';
        let raw = readFileSync(file);
        for (const { at, length, octets } of edits) {
          const start = at % (raw.length + 1);
          raw = Buffer.concat([raw.subarray(0, start), octets, raw.subarray(start + length)]);
        }
        await check(raw, relative(FOLDER, file));
      }),
      { numRuns: 300 },
    );
  });
});
