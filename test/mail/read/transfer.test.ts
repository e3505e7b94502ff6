import { expect } from 'chai';
import fc from 'fast-check';
import { encode, wrap } from 'nodemailer/lib/qp';
import { decodeTransfer, transferEncoding } from '../../../lib/mail/read/transfer.ts';

function decoded(encoding: string, text: string): string {
  const named = transferEncoding(encoding) ?? 'identity';
  return decodeTransfer(Buffer.from(text, 'latin1'), named).toString('latin1');
}

describe('transfer encodings', () => {
  const quoted: [string, string, string][] = [
    ['escapes in either case', '=E4=e4', '\xe4\xe4'],
    ['a soft break, CRLF', 'a=\r\nb', 'ab'],
    ['a soft break, LF', 'a=\nb', 'ab'],
    ['a soft break with white space after it', 'a= \t\r\nb', 'ab'],
    ['a soft break at the end', 'a=', 'a'],
    ['a soft break with white space inside its line end', 'a=\r \nb', 'ab'],
    ['an equals sign before a CR of its own', 'a=\rb', 'a=\rb'],
    ['an escape cut in two by a soft break', 'a=4=\r\n1b', 'aAb'],
    ['white space at a line end', 'a \t\r\nb  ', 'a\r\nb'],
    ['encoded white space at a line end', 'a=20\r\nb', 'a \r\nb'],
    ['an equals sign that escapes nothing', 'a=zb =', 'a=zb '],
    ['half an escape at the end', 'a=4', 'a=4'],
    ['8-bit octets as they are', '\xe4', '\xe4'],
    ['a CR of its own', 'a\rb', 'a\rb'],
  ];
  for (const [name, text, expected] of quoted) {
    it(`quoted-printable: ${name}`, () => expect(decoded('quoted-printable', text)).to.equal(expected));
  }

  const base64: [string, string, string][] = [
    ['lines', 'YWJj\r\nZGVm\r\n', 'abcdef'],
    ['no padding', 'YWI', 'ab'],
    ['one digit too few', 'YWJjZ', 'abc'],
    ['what is no digit', 'YW!J*j -_', 'abc'],
    ['padded pieces in a row', 'YQ==YmM=\r\nZA==', 'abcd'],
    ['nothing', '', ''],
  ];
  for (const [name, text, expected] of base64) {
    it(`base64: ${name}`, () => expect(decoded('base64', text)).to.equal(expected));
  }

  it('any other encoding is none', () => {
    for (const name of ['', '7bit', 'binary', 'x-rot13']) expect(decoded(name, 'a=20b')).to.equal('a=20b');
  });

  it("quoted-printable undoes nodemailer's", () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const octets = Buffer.from(text, 'utf8');
        const sent = Buffer.from(wrap(encode(octets)), 'latin1');
        expect(decodeTransfer(sent, 'quoted-printable').equals(octets)).to.equal(true);
      }),
    );
  });

  it("base64 undoes Node's, however its lines are cut", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.integer({ min: 1, max: 20 }), (octets, width) => {
        const text = Buffer.from(octets)
          .toString('base64')
          .replace(new RegExp(`(.{${width}})`, 'g'), '$1\r\n');
        expect(decodeTransfer(Buffer.from(text), 'base64').equals(octets)).to.equal(true);
      }),
    );
  });
});
