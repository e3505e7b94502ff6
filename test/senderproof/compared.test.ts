import { generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { dkimSign } from 'mailauth/lib/dkim/sign.js';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import type { Lookup } from '../../lib/senderproof/lookup.ts';
import { splitMail } from '../../lib/senderproof/mail-header.ts';
import { verifySignatures } from '../../lib/senderproof/signatures.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
const edwards = generateKeyPairSync('ed25519');
const der = (key: typeof rsa.publicKey, from = 0): string =>
  key.export({ type: 'spki', format: 'der' }).subarray(from).toString('base64');
const KEYS: Readonly<Record<string, string>> = {
  'rsa._domainkey.example.com': `v=DKIM1; k=rsa; p=${der(rsa.publicKey)}`,
  'ed._domainkey.example.com': `v=DKIM1; k=ed25519; p=${der(edwards.publicKey, -32)}`,
};
const lookup: Lookup = async (name) => [[KEYS[name] ?? '']];
const NOW = Date.UTC(2026, 10, 23, 12, 0, 0);

const piece = fc.constantFrom(
  'word',
  'W',
  ' ',
  '  ',
  '\t',
  '.',
  '\r\n',
  '\r\n\r\n',
  ' \r\n',
  '=20',
  '\x80\xff',
);
const body = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));
const subject = fc.array(fc.constantFrom('word', ' ', '\t', '  ', '\r\n ', ':', ';'), { maxLength: 8 });
const form = fc.constantFrom('relaxed/relaxed', 'simple/simple', 'relaxed/simple', 'simple/relaxed');

/** The same signature, looked at by two programs. */
async function bothWords(mail: Buffer): Promise<[ours: boolean, theirs: boolean]> {
  const split = splitMail(mail);
  if (split === undefined) throw new Error('not a mail');
  const [ours] = await verifySignatures(split, lookup, NOW);
  const { results } = await dkimVerify(mail, { resolver: lookup as never, curTime: new Date(NOW) });
  return [ours?.result === 'pass', results[0]?.status.result === 'pass'];
}

async function signedMail(text: string, canonicalization: string, kind: 'rsa' | 'ed'): Promise<Buffer> {
  const mail = Buffer.from(text, 'latin1');
  const { privateKey } = kind === 'rsa' ? rsa : edwards;
  const { signatures, errors } = await dkimSign(mail, {
    canonicalization,
    signTime: new Date(NOW - 1000),
    signatureData: [
      {
        signingDomain: 'example.com',
        selector: kind,
        privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        algorithm: kind === 'rsa' ? 'rsa-sha256' : 'ed25519-sha256',
      },
    ],
  } as never);
  expect(errors).to.deep.equal([]);
  return Buffer.concat([Buffer.from(signatures, 'latin1'), mail]);
}

describe('the DKIM verifier beside that of mailauth', () => {
  const mails = fc.record({ body, subject, form, kind: fc.constantFrom('rsa' as const, 'ed' as const) });
  const textOf = (mail: { body: string; subject: string[] }): string =>
    `From: john@example.com\r\nTo: x@example.net\r\nSubject:x ${mail.subject.join('')}y\r\n\r\n${mail.body}\r\n`;

  it('accepts what mailauth has signed', async () => {
    await fc.assert(
      fc.asyncProperty(mails, async (mail) => {
        const signed = await signedMail(textOf(mail), mail.form, mail.kind);
        expect(await bothWords(signed)).to.deep.equal([true, true]);
      }),
      { numRuns: 150 },
    );
  });

  it('agrees about mails that were altered on their way', async () => {
    const alteration = fc.record({ at: fc.nat(), put: fc.constantFrom(' ', '\t', 'x', '\r\n', '') });
    await fc.assert(
      fc.asyncProperty(mails, alteration, async (mail, { at, put }) => {
        const text = textOf(mail);
        const signed = (await signedMail(text, mail.form, mail.kind)).toString('latin1');
        // Somewhere behind the author's line, and not within a line end.
        const first = signed.indexOf('To: x@') + 3;
        let place = first + (at % (signed.length - first - 1));
        if (signed[place] === '\n') place++;
        const end = put === '' && !/[\r\n]/.test(signed[place] ?? '\n') ? place + 1 : place;
        const altered = Buffer.from(signed.slice(0, place) + put + signed.slice(end), 'latin1');
        fc.pre(splitMail(altered) !== undefined);
        const [ours, theirs] = await bothWords(altered);
        expect(ours).to.equal(theirs);
      }),
      { numRuns: 300 },
    );
  });
});
