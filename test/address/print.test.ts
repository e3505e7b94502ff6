import { expect } from 'chai';
import { Secret } from '../../lib/base/secret.ts';
import { parseRecipient } from '../../lib/address/parse.ts';
import { fromTemplate, printAddress, quoteLocal, type AddressStyle } from '../../lib/address/print.ts';
import { redactAddress, unquoteLocal } from '../../lib/address/quoting.ts';
import { thrownBy } from './opened.ts';

describe('printed addresses', () => {
  const styles: [AddressStyle, string][] = [
    ['quoted', '"sms:+15551234567?user=j%40x&maxmsgs=3"@sms.test'],
    ['bare', '+15551234567?user=j%40x&maxmsgs=3@sms.test'],
    ['encoded', 'sms%3A+15551234567%3Fuser%3Dj%2540x%26maxmsgs%3D3@sms.test'],
    ['equals', 'sms=+15551234567=user=j%40x=maxmsgs=3@sms.test'],
  ];
  for (const [style, address] of styles) {
    it(`have a spelling ${style}: ${address}`, () => {
      const printed = printAddress(['+15551234567'], { maxmsgs: 3, user: 'j@x' }, 'sms.test', style);
      expect(printed).to.equal(address);
    });
  }

  it('hide the password unless it is asked for', () => {
    const parameters = { user: 'u', pass: new Secret('p q') };
    expect(printAddress(['+15551234567'], parameters, 'd')).to.equal('"sms:+15551234567?user=u&pass=***"@d');
    expect(printAddress(['+15551234567'], parameters, 'd', 'quoted', 'open')).to.equal(
      '"sms:+15551234567?user=u&pass=p%20q"@d',
    );
  });

  it('have no dots that a mail server refuses', () => {
    const printed = printAddress(['+15551234567'], { msgid: 'a..b.', key: '.c' }, 'd', 'bare');
    expect(printed).to.equal('+15551234567?msgid=a%2E.b%2E&key=.c@d');
  });

  it('refuse a value that has no UTF-8', () => {
    expect(thrownBy(() => printAddress(['+15551234567'], { id: '\udc00' }, 'd')).problem).to.contain(
      'surrogate',
    );
  });
});

describe('quoted local parts', () => {
  const cases: [string, string, string][] = [
    ['an atom stays', 'a+b', 'a+b'],
    ['dots between atoms stay', 'a.b', 'a.b'],
    ['a colon needs quotes', 'sms:1', '"sms:1"'],
    ['a dot at the start', '.a', '".a"'],
    ['a dot at the end', 'a.', '"a."'],
    ['two dots', 'a..b', '"a..b"'],
    ['a space', 'a b', '"a b"'],
    ['a comma', '+1,+2', '"+1,+2"'],
    ['quotes and backslashes are escaped', 'a"b\\c', '"a\\"b\\\\c"'],
    ['an at sign', 'a@b', '"a@b"'],
    ['nothing at all', '', '""'],
    ['RFC 6531 characters stay', 'jürgen', 'jürgen'],
  ];
  for (const [name, local, expected] of cases) {
    it(`${name}: ${local}`, () => {
      expect(quoteLocal(local)).to.equal(expected);
      expect(unquoteLocal(expected)).to.equal(local);
    });
  }

  it('cannot hold control characters', () => {
    expect(thrownBy(() => quoteLocal('a\nb'))).to.include({ part: 'local part', position: 1 });
  });
});

describe("a gateway's From", () => {
  const cases: [string, string, string, string][] = [
    ['the usual template', 'sms:%s@sms.test', '+15551234567', '"sms:+15551234567"@sms.test'],
    ['a quoted template', '"sms:%s"@sms.test', '+15551234567', '"sms:+15551234567"@sms.test'],
    ['a template that needs no quotes', 'sms+%s@sms.test', '15551234567', 'sms+15551234567@sms.test'],
    ['the number and a domain', '%s@sms.test', '+15551234567', '+15551234567@sms.test'],
    ['the number only', '%s', '+15551234567', '+15551234567'],
    ['no number', 'desk@sms.test', '+15551234567', 'desk@sms.test'],
    ['a short code', 'sms:%s@sms.test', '12345', '"sms:12345"@sms.test'],
    ['a name', 'sms:%s@sms.test', 'INFO', '"sms:INFO"@sms.test'],
    ['a name with a space', 'sms:%s@sms.test', 'My Bank', '"sms:My%20Bank"@sms.test'],
    ['a name that is not ASCII', 'sms:%s@sms.test', 'MÜLLER', '"sms:M%C3%9CLLER"@sms.test'],
    ['a name that would be parameters', 'sms:%s@sms.test', '1234?id=x&y', '"sms:1234%3Fid%3Dx%26y"@sms.test'],
    [
      'a name that would be an address',
      'sms:%s@sms.test',
      'a"@b, <c>',
      '"sms:a%22%40b%2C%20%3Cc%3E"@sms.test',
    ],
    ['a name with a line break', 'sms:%s@sms.test', 'A\r\nBcc: x', '"sms:A%0D%0ABcc%3A%20x"@sms.test'],
    ['a name with a placeholder', 'sms:%s@sms.test', '%s$&', '"sms:%25s%24%26"@sms.test'],
    ['half a surrogate pair', 'sms:%s@sms.test', 'a\ud800', '"sms:a%EF%BF%BD"@sms.test'],
    ['no sender', 'sms:%s@sms.test', '', '"sms:"@sms.test'],
  ];
  for (const [name, template, number, expected] of cases) {
    it(`${name}: ${template}, ${JSON.stringify(number)}`, () => {
      expect(fromTemplate(template, number)).to.equal(expected);
    });
  }

  it('can be answered: it parses to the number it was made from', () => {
    const options = { domains: [{ name: 'sms.test', country: 'DE' }] };
    for (const template of ['sms:%s@sms.test', '%s@sms.test', 'sms.%s@sms.test', 'sms=%s@sms.test']) {
      for (const number of ['+15551234567', '+4901712345678', '81190']) {
        expect(parseRecipient(fromTemplate(template, number), options)).to.include({ kind: 'sms' });
        expect(parseRecipient(fromTemplate(template, number), options)).to.deep.include({
          numbers: [number],
        });
      }
    }
  });

  it('refuses a template whose quotes are not closed', () => {
    expect(thrownBy(() => fromTemplate('"sms:%s@sms.test', '+15551234567')).problem).to.equal(
      'has no closing quote',
    );
  });
});

describe('addresses for the log', () => {
  const cases: [string, string][] = [
    ['sms:+1555@d', 'sms:+1555@d'],
    ['sms:+1555?user=u&pass=p&id=x@d', 'sms:+1555?user=u&pass=***@d'],
    ['"sms:+1555?user=u&PASS=p"@d', '"sms:+1555?user=u&PASS=***"@d'],
    ['sms:+1555?pass=p@q&r=s@d', 'sms:+1555?pass=***@d'],
    ['sms%3A+1555%3Fpass%3Dp@d', 'sms%3A+1555%3Fpass%3D***@d'],
    ['sms%253A+1555%253Fpass%253Dp@d', 'sms%253A+1555%253Fpass%253D***@d'],
    ['sms=1555=pass=p=id=x@d', 'sms=1555=pass=***@d'],
    ['+1555?password=p', '+1555?password=***'],
    ['a\nb@d', '"a\\u{a}b@d"'],
  ];
  for (const [address, expected] of cases) {
    it(JSON.stringify(address), () => {
      expect(redactAddress(address)).to.equal(expected);
    });
  }
});
