import { expect } from 'chai';
import fc from 'fast-check';
import { checkRequired, checkTemplate } from '../../../lib/transports/http/template/check.ts';
import { fillText } from '../../../lib/transports/http/template/evaluate.ts';
import {
  type TemplateMessage,
  TemplateError,
  isUnicode,
  partsOf,
} from '../../../lib/transports/http/template/message.ts';
import {
  fillHeader,
  fillUrl,
  percentEncoded,
  xmlEscaped,
} from '../../../lib/transports/http/template/places.ts';
import { parseTemplate } from '../../../lib/transports/http/template/token.ts';
import { VARIABLE_NAMES, namesWith } from '../../../lib/transports/http/template/variables.ts';

const NUMBER = '+15551234567';
const BINARY = Buffer.from('0106246170706C69636174696F6E', 'hex');
const UDH = Buffer.from('05040B8423F0', 'hex');

type Given = Partial<TemplateMessage>;

function messageOf(given: Given): TemplateMessage {
  const content = given.content ?? { text: '' };
  const udh = given.udh ?? new Uint8Array();
  return {
    number: NUMBER,
    content,
    udh,
    unicode: 'text' in content && isUnicode(content.text),
    parts: partsOf(content, udh),
    report: false,
    ...{ sender: '', alias: '', msgid: '01J', key: '01J', values: [] },
    ...{ user: '', gateway: 'b', password: '', callback: '', settings: {}, now: 0 },
    ...given,
  };
}

function text(words: string): Given {
  return { content: { text: words } };
}

function binary(data: Uint8Array = BINARY, udh: Uint8Array = UDH): Given {
  return { content: { data }, udh };
}

function url(template: string, given: Given): string {
  return fillUrl(parseTemplate(template, VARIABLE_NAMES).template, messageOf(given));
}

const CLICKATELL =
  'http://api.clickatell.com/http/sendmsg?user=john&password=secret&api_id=2324231&to=%number%&udh=%udh;len;hex%' +
  '&data=%data;isascii%%data;isunicode;unicode;value=&unicode=1%&concat=%parts%';

describe('the classic Clickatell template', () => {
  const to = '&to=%2B15551234567';
  const cases: readonly [name: string, given: Given, expected: string][] = [
    ['plain text', text('Hello world'), `${to}&udh=&data=Hello%20world&concat=1`],
    [
      'characters with a meaning in URLs',
      text('50% off & more: a+b=c?'),
      `${to}&udh=&data=50%25%20off%20%26%20more%3A%20a%2Bb%3Dc%3F&concat=1`,
    ],
    ['Cyrillic', text('Привет'), `${to}&udh=&data=041F04400438043204350442&unicode=1&concat=1`],
    ['a surrogate pair', text('ok 👍'), `${to}&udh=&data=006F006B0020D83DDC4D&unicode=1&concat=1`],
    ['GSM 7-bit that is not ASCII', text('café'), `${to}&udh=&data=00630061006600E9&unicode=1&concat=1`],
    ['binary with a header', binary(), `${to}&udh=0605040B8423F0&data=AQYkYXBwbGljYXRpb24%3D&concat=1`],
  ];
  for (const [name, given, expected] of cases) {
    it(name, () => {
      expect(url(CLICKATELL, given).split('api_id=2324231')[1]).to.equal(expected);
    });
  }

  const counts: readonly [name: string, given: Given, parts: number][] = [
    ['160 x', text('x'.repeat(160)), 1],
    ['161 x', text('x'.repeat(161)), 2],
    ['306 x', text('x'.repeat(306)), 2],
    ['307 x', text('x'.repeat(307)), 3],
    ['80 €, which takes UCS-2 here', text('€'.repeat(80)), 2],
    ['70 ж', text('ж'.repeat(70)), 1],
    ['71 ж', text('ж'.repeat(71)), 2],
    ['134 ж', text('ж'.repeat(134)), 2],
    ['135 ж', text('ж'.repeat(135)), 3],
    ['81 [, two septets each', text('['.repeat(81)), 2],
    ['133 octets', binary(Buffer.alloc(133)), 1],
    ['134 octets', binary(Buffer.alloc(134)), 2],
    ['200 octets', binary(Buffer.alloc(200)), 2],
    ['300 octets', binary(Buffer.alloc(300)), 3],
  ];
  for (const [name, given, parts] of counts) {
    it(`counts ${parts} for ${name}`, () => {
      expect(url(CLICKATELL, given)).to.match(new RegExp(`&concat=${parts}$`));
    });
  }
});

describe('the template for another server', () => {
  const template =
    'http://b.example/sms/?user=b&pass=t&number=%number%&data=%data%&udh=%udh%&binary=%binary%&pid=%pid%&dcs=%dcs%' +
    '&sender=%sender%&msgid=%msgid%';
  const to = '&number=%2B15551234567';
  const cases: readonly [name: string, given: Given, expected: string][] = [
    [
      'text with a sender',
      { ...text('Hello world'), sender: '+420776047467' },
      `${to}&data=Hello%20world&udh=&binary=0&pid=&dcs=&sender=%2B420776047467&msgid=01J`,
    ],
    [
      'text as UTF-8',
      text('Žluťoučký'),
      `${to}&data=%C5%BDlu%C5%A5ou%C4%8Dk%C3%BD&udh=&binary=0&pid=&dcs=&sender=&msgid=01J`,
    ],
    [
      'binary with PID and DCS',
      { ...binary(), pid: 0, dcs: 245 },
      `${to}&data=AQYkYXBwbGljYXRpb24%3D&udh=BQQLhCPw&binary=1&pid=0&dcs=245&sender=&msgid=01J`,
    ],
  ];
  for (const [name, given, expected] of cases) {
    it(name, () => {
      expect(url(template, given).split('pass=t')[1]).to.equal(expected);
    });
  }
});

describe('template tokens', () => {
  const conditions = 'x=1%condition;isunicode;value=&unicode=1%%condition;isbinary;value=&mode=bin%';
  const cases: readonly [template: string, given: Given, expected: string][] = [
    ['num=%number;interprefix=00%', { number: '+4205452544' }, 'num=004205452544'],
    ['num=%number;interprefix=%', { number: '+4205452544' }, 'num=4205452544'],
    ['num=%number;interprefix=00%', { number: '1234' }, 'num=1234'],
    ['%data;charset=ISO-8859-1%', text('café'), 'caf%E9'],
    ['%data;charset=ISO-8859-1;hex%', text('café'), '636166E9'],
    ['%data;charset=ISO-8859-1%', text('ж'), '%3F'],
    ['%data;hex%', text('café'), '636166C3A9'],
    ['%data;b64%', text('café?'), 'Y2Fmw6k%2F'],
    ['%data;unicode;b64%', text('é'), 'AOk%3D'],
    ['%data;unicode;hex%', text('é'), '00E9'],
    [conditions, text('ж'), 'x=1&unicode=1'],
    [conditions, text('a'), 'x=1'],
    [conditions, binary(), 'x=1&mode=bin'],
    ['%data;isascii%', binary(), 'AQYkYXBwbGljYXRpb24%3D'],
    ['%data;istext%', binary(), ''],
    ['a%data;isascii;isbinary;value=&x%', text('t'), 'a'],
    ['%udh%', binary(), 'BQQLhCPw'],
    ['%udh;hex%', binary(), '05040B8423F0'],
    ['%udh;len;hex%', binary(), '0605040B8423F0'],
    ['%udh;hex;len%', binary(), '0605040B8423F0'],
    ['%udh;len%', binary(), 'BgUEC4Qj8A%3D%3D'],
    ['%data;hex%', binary(), '0106246170706C69636174696F6E'],
    ['%data;len;hex%', binary(), '0E0106246170706C69636174696F6E'],
    ['%body;len%', text('Hello'), '%05Hello'],
    ['%udh;len;raw%', binary(), '%06%05%04%0B%84%23%F0'],
    ['u=%2B%data%&x=%41%', text('a'), 'u=%2Ba&x=%41%'],
    ['data=%data&concat=%parts%', text('a'), 'data=%data&concat=1'],
    ['%NUMBER;InterPrefix=%%Data;HEX%', { ...text('a'), number: '+1' }, '161'],
    ['t=%condition;value=a;b=c d%', text('a'), 't=a;b=c%20d'],
    ['say="%data%"', text('a'), 'say=%22a%22'],
    ['%sender_phonealias%', { alias: '+1555' }, '%2B1555'],
    ['%user%:%pass%@%id%', { user: 'a b', password: 'p&', gateway: 'g' }, 'a%20b:p%26@g'],
    ['%port%', binary(), '2948'],
    [
      '%validity_s%|%validity_ms%|%validity%',
      { validityMinutes: 2 },
      '120%7C120000%7C2'.replaceAll('%7C', '|'),
    ],
  ];
  for (const [template, given, expected] of cases) {
    it(`${template} gives ${expected}`, () => {
      expect(url(template, given)).to.equal(expected.replaceAll('|', '%7C'));
    });
  }

  it('makes the same key the same UUID and number', () => {
    const [uuid, number] = url('%key_uuid%/%key_number%', { key: 'k1' }).split('/');
    expect(uuid).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(number).to.match(/^\d{1,19}$/);
    expect(url('%key_uuid%/%key_number%', { key: 'k1' })).to.equal(`${uuid}/${number}`);
    expect(url('%key_uuid%', { key: 'k2' })).not.to.equal(uuid);
  });

  it('refuses a length that no octet can hold', () => {
    expect(() => url('%data;len%', text('x'.repeat(256)))).to.throw(TemplateError, '256 octets');
  });

  it('has variables for settings only where there are such', () => {
    const names = namesWith(['apiKey']);
    const message = messageOf({ settings: { apiKey: 'k&y' } });
    expect(fillUrl(parseTemplate('%settings.apiKey%', names).template, message)).to.equal('k%26y');
    expect(url('%settings.apiKey%', { settings: { apiKey: 'k&y' } })).to.equal('%settings.apiKey%');
  });
});

describe('value= parameters in a template', () => {
  const template = 'http://h/?user=u&to=%number%&%condition;isunicode;value=coding=2%%value%';

  it('are added, escaped anew', () => {
    const { length } = 'http://h/?user=u&to=%2B15551234567&';
    expect(url(template, { values: ['&flash=1', '&note=a b/é&x=1'] }).slice(length)).to.equal(
      '&flash=1&note=a%20b%2F%C3%A9&x=1',
    );
  });

  for (const value of ['&user=other', '&USER=other', '&coding=2', 'a=1', '&', '&a', '&=1', '&a b=1', '']) {
    it(`refuses ${JSON.stringify(value)}`, () => {
      expect(() => url(template, { values: [value] })).to.throw(TemplateError, 'value=');
    });
  }

  it('change nothing where the template has no %value%', () => {
    expect(url('http://h/?to=%number%', { values: ['&user=x'] })).to.equal('http://h/?to=%2B15551234567');
  });
});

describe('escaping by place', () => {
  it('leaves nothing in a URL but unreserved characters, and all of it comes back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (words) => {
        const shown = percentEncoded(words);
        expect(shown).to.match(/^(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})*$/);
        expect(decodeURIComponent(shown)).to.equal(words);
      }),
    );
  });

  it('escapes octets and text alike', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (words) => {
        expect(percentEncoded(Buffer.from(words))).to.equal(percentEncoded(words));
      }),
    );
  });

  it('lets no text end a header field', () => {
    const { template } = parseTemplate('X %data%', VARIABLE_NAMES);
    for (const bad of ['a\r\nEvil: 1', 'a\nb', 'a\0b'])
      expect(() => fillHeader(template, messageOf(text(bad)))).to.throw(TemplateError, 'control character');
    expect(Buffer.from(fillHeader(template, messageOf(text('é'))), 'latin1').toString()).to.equal('X é');
  });

  it('escapes XML and drops what it cannot hold', () => {
    expect(xmlEscaped(`a<b>&"c"'d'\0\x1b\n\ufffe`)).to.equal('a&lt;b&gt;&amp;&quot;c&quot;&#39;d&#39;\n');
  });

  it('refuses octets where only text can stand', () => {
    const { template } = parseTemplate('%data;charset=latin1%', VARIABLE_NAMES);
    expect(() => fillText(template, messageOf(text('é')))).to.throw(TemplateError, 'URL or a form');
  });
});

describe('checking a template', () => {
  const said = (template: string, place: 'url' | 'pair' | 'text' = 'url'): string[] =>
    checkTemplate(template, VARIABLE_NAMES, place).map(({ message, hint }) => `${message}; ${hint ?? ''}`);

  it('finds nothing wrong with the templates of the manual', () => {
    expect(said(CLICKATELL)).to.deep.equal([]);
    expect(said('a=%41%42&b=%AB%CD&u=%2B%data%&n=%number;interprefix=%')).to.deep.equal([]);
    expect(said('%callback%?id=%key%&type=%d&answer=%A&smsc=%i&fid=%F', 'pair')).to.deep.equal([]);
    expect(said('100% sure; %data% (50%off%)', 'text')).to.deep.equal([]);
  });

  const cases: readonly [template: string, message: string][] = [
    ['t=%data&concat=%parts%', '%data has no closing %; write %data%'],
    ['t=%data', '%data has no closing %; write %data%'],
    ['t=%data;hex', '%data has no closing %; write %data%'],
    ['toNumber=Nnumber%&text=%data%', 'Nnumber% has no opening %; write %number%'],
    ['number=%nubmer%', 'there is no variable %nubmer%; did you mean %number%?'],
    ['number=%recipient%3', 'there is no variable %recipient%; there are number'],
    ['t=%data;isacsii%', '%data;isacsii% has an attribute ";isacsii" that is none; did you mean ";isascii"?'],
    ['t=%data;charset=klingon%', '%data;charset=klingon%: the charset klingon is not known; '],
    [
      't=%data;unicode;charset=utf8%',
      '%data;unicode;charset=utf8%: ;unicode and ;charset= exclude each other',
    ],
  ];
  for (const [template, message] of cases) {
    it(`${template}: ${message}`, () => {
      const found = said(template);
      expect(found).to.have.lengthOf(1);
      expect(found[0]).to.match(new RegExp(`^${message.replace(/[;.*+?^$(){}|[\]\\]/g, '\\$&')}`));
    });
  }

  it('finds octets and added parameters where they cannot stand', () => {
    expect(said('%data;raw%', 'text')[0]).to.include('URL or a form');
    expect(said('%value%', 'text')[0]).to.include('can only stand in a URL');
    expect(said('%data;raw%', 'pair')).to.deep.equal([]);
  });

  it('asks for number and text', () => {
    const missing = (...texts: string[]) =>
      checkRequired(texts, VARIABLE_NAMES).map(({ message }) => message);
    expect(missing('a=%number%', '%body%')).to.deep.equal([]);
    expect(missing('a=%number%&data=%data&concat=%parts%')).to.deep.equal(['has no %data%']);
    expect(missing('Nnumber%', '%data%')).to.deep.equal(['has no %number%']);
  });
});
