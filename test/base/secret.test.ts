import { inspect } from 'node:util';
import { expect } from 'chai';
import { Secret, redact } from '../../lib/base/secret.ts';

describe('a secret', () => {
  const secret = new Secret('hunter2');
  const ways: Record<string, string> = {
    'as a string': String(secret),
    'in a template': `${secret.toString()}`,
    'as JSON': JSON.stringify({ secret }),
    inspected: inspect({ deep: { secret } }, { depth: 9, showHidden: true }),
  };
  for (const [way, printed] of Object.entries(ways)) {
    it(`does not show ${way}`, () => {
      expect(printed).to.contain('***').and.not.contain('hunter2');
    });
  }

  it('opens for those who ask', () => {
    expect(secret.open()).to.equal('hunter2');
  });
});

describe('redact', () => {
  const cases: [name: string, text: string, redacted: string][] = [
    ['an sms address', 'sms:+1555?user=john&pass=hunter2@d', 'sms:+1555?user=john&pass=***@d'],
    ['a quoted one', '"sms:+1555?pass=hunter2&id=a"@d', '"sms:+1555?pass=***"@d'],
    ['an encoded one', 'sms%3A+1555%3Fuser%3Du&pass%3Dhunter2@d', 'sms%3A+1555%3Fuser%3Du&pass%3D***@d'],
    [
      'one encoded whole',
      'sms%3A+1555%3Fuser%3Du%26pass%3Dhunter2@d',
      'sms%3A+1555%3Fuser%3Du%26pass%3D***@d',
    ],
    ['a password with separators in it', '"sms:+1555?pass=hun,ter;2=x"@d', '"sms:+1555?pass=***"@d'],
    ['a URL', 'http://h/?password=hunter2&x=1', 'http://h/?password=***&x=1'],
    ['several', 'pin=b token=c pass=a&b', 'pin=*** token=*** pass=***'],
    ['one that is masked already', '"sms:+1555?pass=***&id=a"@d', '"sms:+1555?pass=***&id=a"@d'],
    ['no secret', 'bypass=1 compass=2', 'bypass=1 compass=2'],
  ];
  for (const [name, text, redacted] of cases) {
    it(name, () => {
      expect(redact(text)).to.equal(redacted);
    });
  }
});

describe('a password in an address', () => {
  const names = ['pass', 'PASS', 'password', '%70ass', 'p%61ss', '%2570ass', '\\pass', 'pa\\ss'];
  const equals = ['=', '%3D', '%3d', '%253D', '\\='];
  const values = [
    'geheim',
    'ge heim',
    'ge&heim',
    'x@heim',
    "ge'heim",
    'ge"heim',
    'ge,heim;',
    'ge%20heim',
    'ge.heim',
    'ge>heim',
  ];
  const before = ['?', '?user=u&', '.', '+', '=', '-', '_', '!', '%3F', '%26', '/'];
  it('is shown in no spelling, with or without a domain, quotes and a fold', () => {
    for (const name of names) {
      for (const equal of equals) {
        for (const value of values) {
          for (const separator of before) {
            const local = `sms.15551234567${separator}${name}${equal}${value}`;
            for (const address of [
              `${local}@d.example`,
              `"${local}&user=u"@d.example`,
              local,
              `To: <${local}@d.example>, b@c.example\r\n`,
              `To: "${local.replace(' ', '\r\n ')}"@d.example\r\n`,
            ]) {
              // Without a domain what stands behind the last @ cannot be told from one.
              if (address === local && value.includes('@')) continue;
              expect(redact(address), address).to.not.match(/ge|heim/);
            }
          }
        }
      }
    }
  });
});
