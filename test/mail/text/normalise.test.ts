import { expect } from 'chai';
import fc from 'fast-check';
import { unfoldFlowed } from '../../../lib/mail/read/flowed.ts';
import { normaliseText } from '../../../lib/mail/text/normalise.ts';

describe('normalised text', () => {
  const cases: [string, string, string][] = [
    ['line ends', 'a\r\nb\rc\nd\u2028e\x85f\x0bg\x0ch', 'a\nb\nc\nd\ne\nf\ng\nh'],
    ['white space at line ends', 'a  \t\nb\u00a0\n', 'a\nb'],
    ['white space at line beginnings stays', '  a\n    b', '  a\n    b'],
    ['runs of blank lines', '\n\na\n\n \n\nb\n\n', 'a\n\nb'],
    ['spaces of other widths', 'a\u00a0b\u2009c\u202fd\te', 'a b c d e'],
    ['the ideographic space stays', '日\u3000本', '日\u3000本'],
    ['invisible characters', 'a\u200bb\ufeffc\u00add\0e\x1bf', 'abcdef'],
    ['joiners stay where they join', '👩‍💻 می‌روم', '👩‍💻 می‌روم'],
    ['padding with non-joiners', 'Preview\u200c\u00a0\u200c\u00a0\u200c\nText', 'Preview\nText'],
    ['joiners alone on a line do not', 'a\n\u200c \u200d\nb', 'a\n\nb'],
    ['nothing but blanks', ' \n\t\n', ''],
  ];
  for (const [name, text, expected] of cases) it(name, () => expect(normaliseText(text)).to.equal(expected));

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const once = normaliseText(text);
        expect(normaliseText(once)).to.equal(once);
      }),
    );
  });
});

describe('format=flowed (RFC 3676)', () => {
  const cases: [string, string, boolean, string][] = [
    ['soft breaks join', 'one \ntwo \nthree\nfour', false, 'one two three\nfour'],
    ['DelSp takes the space away', 'one \ntwo', true, 'onetwo'],
    ['space-stuffing', ' From here\n >no quote\n  two spaces', false, 'From here\n>no quote\n two spaces'],
    ['quotes join at their own depth', '> a \n> b\n>> c \n> d', false, '> a b\n>> c \n> d'],
    ['the signature separator is not flowed', 'a \n-- \nAnn', false, 'a \n-- \nAnn'],
    ['a signature separator in a quote', '> a \n> -- \n> Ann', false, '> a \n> -- \n> Ann'],
    ['a soft break at the end', 'a ', false, 'a '],
    ['CRLF', 'a \r\nb\r\n', false, 'a b\n'],
  ];
  for (const [name, text, deleteSpace, expected] of cases) {
    it(name, () => expect(unfoldFlowed(text, deleteSpace)).to.equal(expected));
  }
});
