import { expect } from 'chai';
import { firstAddress } from '../../../lib/mail/read/address-field.ts';
import { decodeWords } from '../../../lib/mail/read/encoded-word.ts';
import { readHeaderBlock } from '../../../lib/mail/read/headers.ts';
import { parseParameters } from '../../../lib/mail/read/parameters.ts';

describe('header fields with parameters', () => {
  const cases: [string, string, string, Record<string, string>][] = [
    ['nothing but a value', ' Text/Plain ', 'text/plain', {}],
    [
      'parameters',
      'text/plain; charset=utf-8; format=flowed',
      'text/plain',
      { charset: 'utf-8', format: 'flowed' },
    ],
    ['names in upper case', 'text/plain; CHARSET=X', 'text/plain', { charset: 'X' }],
    ['quoted strings', 'a/b; name="a;b\\"c"', 'a/b', { name: 'a;b"c' }],
    ['a quoted string not closed', 'a/b; name="abc', 'a/b', { name: 'abc' }],
    ['comments', '(x) a/b (y (z)); name=c (d; e=f)', 'a/b', { name: 'c' }],
    ['the first of two', 'a/b; x=1; x=2', 'a/b', { x: '1' }],
    ['semicolons to spare', 'a/b;; x=1;', 'a/b', { x: '1' }],
    ['RFC 2231, charset', "a/b; name*=utf-8'de'Gr%C3%BC%C3%9Fe.pdf", 'a/b', { name: 'Grüße.pdf' }],
    ['RFC 2231, latin1', "a/b; name*=iso-8859-1''%FC", 'a/b', { name: 'ü' }],
    ['RFC 2231, pieces out of order', 'a/b; name*1=bar; name*0=foo', 'a/b', { name: 'foobar' }],
    [
      'RFC 2231, pieces of both kinds',
      "a/b; name*0*=utf-8''%C3%BC; name*1=x; name*2*=%C3%A4",
      'a/b',
      { name: 'üxä' },
    ],
    ['RFC 2231 before the plain one', "a/b; name=x; name*=utf-8''y", 'a/b', { name: 'y' }],
  ];
  for (const [name, value, expected, params] of cases) {
    it(name, () => expect(parseParameters(value)).to.deep.equal({ value: expected, params }));
  }
});

describe('header blocks', () => {
  const read = (text: string): ReturnType<typeof readHeaderBlock> =>
    readHeaderBlock(Buffer.from(text, 'latin1'), 1000);

  const starts: [string, string][] = [
    ['a byte order mark', '\xef\xbb\xbfSubject: x\r\n\r\nbody'],
    ['a line of spaces', '      \nSubject: x\r\n\r\nbody'],
    ['white space before the first field', ' \tSubject: x\r\n\r\nbody'],
  ];
  for (const [name, text] of starts) {
    it(`begin after ${name}`, () => {
      const { fields, bodyAt, headerAt } = read(text);
      expect(fields).to.deep.equal([{ name: 'subject', value: 'x' }]);
      const octets = Buffer.from(text, 'latin1');
      expect(octets.subarray(headerAt, headerAt + 8).toString()).to.equal('Subject:');
      expect(octets.subarray(bodyAt).toString()).to.equal('body');
    });
  }

  it('a text that is indented is no header', () => {
    expect(read('  just words\r\n\r\nmore')).to.include({ bodyAt: 0 });
  });

  it('unfolds, lowers names and says where the body begins', () => {
    const block = read('Subject: a\r\n  b\r\n\tc\r\nTo : d\r\n\r\nbody');
    expect(block.fields).to.deep.equal([
      { name: 'subject', value: 'a b c' },
      { name: 'to', value: 'd' },
    ]);
    expect(block).to.include({ bodyAt: 31, closed: true, text: 'Subject: a\r\n  b\r\n\tc\r\nTo : d' });
  });

  it('begins the body at the first line that is no field', () => {
    expect(read('A: b\nno field here\nC: d\n')).to.deep.include({ bodyAt: 5, closed: false });
  });

  it('leaves out blank lines and the From line of a mailbox in front', () => {
    expect(read('\r\n\r\nA: b\r\n\r\nx').fields).to.deep.equal([{ name: 'a', value: 'b' }]);
    expect(read('From a@b Thu Jan 1 00:00:00 2025\nA: b\n\nx').fields).to.deep.equal([
      { name: 'a', value: 'b' },
    ]);
  });

  it('takes a blank first line without a field after it for an empty header', () => {
    expect(read('\r\nbody text')).to.deep.include({ fields: [], bodyAt: 2, closed: true });
  });
});

describe('encoded words', () => {
  const cases: [string, string, string][] = [
    ['none', 'a=b ?= c', 'a=b ?= c'],
    ['Q', '=?utf-8?Q?a_=C3=BC=5F?=', 'a ü_'],
    ['B', '=?UTF-8?b?w7w=?=', 'ü'],
    ['two with space between', '=?utf-8?Q?a?= \t =?utf-8?Q?b?=', 'ab'],
    ['two charsets', '=?utf-8?Q?=C3=BC?= =?iso-8859-1?Q?=FC?=', 'üü'],
    ['text between', '=?utf-8?Q?a?= x =?utf-8?Q?b?=', 'a x b'],
    ['no space around', 'x=?utf-8?Q?a?=y', 'xay'],
    ['spaces inside, which is wrong and common', '=?utf-8?Q?a b?=', 'a b'],
    ['an unknown encoding', '=?utf-8?X?a?=', '=?utf-8?X?a?='],
    ['an unknown charset', '=?x-y?Q?=C3=BC?=', 'ü'],
    ['empty', '=?utf-8?Q??=', ''],
  ];
  for (const [name, value, expected] of cases) it(name, () => expect(decodeWords(value)).to.equal(expected));
});

describe('the first address of a field', () => {
  const cases: [string, string | undefined][] = [
    ['a@b.c', 'a@b.c'],
    ['<a@b.c>', 'a@b.c'],
    ['Ann Lee <a@b.c>', 'a@b.c'],
    ['"Lee, Ann" <a@b.c>, x@y.z', 'a@b.c'],
    ['a@b.c (Ann)', 'a@b.c'],
    ['"sms:+15551234567?user=x"@sms.example.com', '"sms:+15551234567?user=x"@sms.example.com'],
    ['=?utf-8?Q?J=C3=BCrgen?= <j@b.c>', 'j@b.c'],
    ['Team: a@b.c, d@e.f;', 'a@b.c'],
    ['undisclosed-recipients:;', undefined],
    ['nobody', undefined],
    ['', undefined],
  ];
  for (const [value, expected] of cases) {
    it(value === '' ? 'an empty field' : value, () => expect(firstAddress(value)).to.equal(expected));
  }
});
