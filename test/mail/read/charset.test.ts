import { expect } from 'chai';
import fc from 'fast-check';
import { decodeCharset } from '../../../lib/mail/read/charset.ts';

describe('charsets', () => {
  const cases: [string, string | undefined, string, string][] = [
    ['nothing named, ASCII', undefined, '68690a', 'hi\n'],
    ['nothing named, UTF-8', undefined, 'c3bc', 'ü'],
    ['nothing named, windows-1252', undefined, 'fc80', 'ü€'],
    ['UTF-8 with a byte order mark', 'utf-8', 'efbbbfc3bc', 'ü'],
    ['UTF-8 with one stray octet', 'utf-8', 'c3bcc3a4c3b6ff', 'üäö\ufffd'],
    ['UTF-8 that is windows-1252', 'utf-8', '46fc72', 'Für'],
    ['US-ASCII that is UTF-8', 'us-ascii', 'e282ac', '€'],
    ['iso-8859-1 with the C1 range used', 'ISO-8859-1', '9384', '“„'],
    ['iso-8859-1 that is UTF-8', 'iso-8859-1', 'c3a9', 'é'],
    ['iso-8859-15', 'iso-8859-15', 'a4bd', '€œ'],
    ['iso-8859-9 is windows-1254', 'iso-8859-9', 'dd80', 'İ€'],
    ['windows-1250 as cp1250', 'cp1250', 'f8', 'ř'],
    ['windows-1250 as win-1250', 'win-1250', 'f8', 'ř'],
    ['a label in quotes and spaces', ' "Windows-1251" ', 'cf', 'П'],
    ['koi8-u', 'koi8-u', 'a4', 'є'],
    ['ibm850', 'ibm850', '81', 'ü'],
    ['macintosh', 'x-mac-roman', '8a', 'ä'],
    ['thai', 'tis-620', 'a1', 'ก'],
    ['UTF-16 with a byte order mark', 'utf-16', 'fffe2000ac20', ' €'],
    ['UTF-7', 'utf-7', '2b414f6b2d', 'é'],
    ['UTF-7 by its old name', 'unicode-1-1-utf-7', '2b414f6b2d', 'é'],
    ['big5', 'big5', 'a4a4', '中'],
    ['euc-jp', 'euc-jp', 'c6fc', '日'],
    ['shift_jis with an NEC character', 'shift_jis', '8740', '①'],
    ['gb2312 that is GBK', 'gb2312', '9946', '橣'],
    ['gb18030, four octets', 'gb18030', '95328236', '𠀀'],
    ['iso-2022-jp', 'iso-2022-jp', '1b2442467c1b284241', '日A'],
    ['iso-2022-jp, an NEC character', 'ISO-2022-JP', '1b24422d211b2842', '①'],
    ['iso-2022-jp, half-width kana', 'iso-2022-jp', '1b2849361b2842', 'ｶ'],
    ['iso-2022-jp, JIS X 0212', 'iso-2022-jp-1', '1b242844307e1b2842', '侄'],
    ['iso-2022-jp, no escape back before the line ends', 'iso-2022-jp', '1b2442467c0a4142', '日\nAB'],
    ['iso-2022-jp, cut in a character', 'iso-2022-jp', '1b2442467c46', '日'],
    ['iso-2022-kr', 'iso-2022-kr', '1b2429430e3e4833670f41', '안녕A'],
    ['hz', 'hz-gb-2312', '7e7b56507e7d7e7e41', '中~A'],
    ['a charset nobody knows', 'x-nobody', 'c3bc', 'ü'],
    ['a transfer encoding is no charset', 'base64', '51513d3d', 'QQ=='],
    ['a name from a prototype', 'constructor', 'c3bc', 'ü'],
  ];
  for (const [name, label, hex, text] of cases) {
    it(name, () => expect(decodeCharset(Buffer.from(hex, 'hex'), label)).to.equal(text));
  }

  it('never throws', () => {
    const label = fc.oneof(
      fc.string(),
      fc.constantFrom('iso-2022-jp', 'hz-gb-2312', 'utf-7', 'utf-16', 'gb18030'),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), label, (octets, name) => {
        expect(decodeCharset(Buffer.from(octets), name)).to.be.a('string');
      }),
    );
  });
});
