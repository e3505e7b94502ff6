import { expect } from 'chai';
import { parseDestination } from '../../lib/rules/actions/destination.ts';

const GATEWAYS = ['us', 'EU-1'];

describe('To of an outgoing message', () => {
  const good: readonly (readonly [written: string, text: string])[] = [
    ['+15551234567', '+15551234567'],
    ['12345', '12345'],
    ['+15551234567@us', '+15551234567@us'],
    ['+15551234567@US', '+15551234567@us'],
    ['+15551234567@eu-1', '+15551234567@EU-1'],
    ['+15551234567&maxmsgs=2', '+15551234567&maxmsgs=2'],
    ['+15551234567?maxmsgs=2&flash', '+15551234567&maxmsgs=2&flash=1'],
    ['+15551234567@us&sender=%2B1555', '+15551234567@us&sender=%2B1555'],
    ['+15551234567&sender=a%26b@us', '+15551234567@us&sender=a%26b'],
    ['+15551234567&sender=', '+15551234567'],
    ['+15551234567&sender=50%', '+15551234567&sender=50%25'],
    ['sms:+15551234567', '+15551234567'],
    ['  +1 (555) 123-4567 ', '+1 (555) 123-4567'],
  ];
  for (const [written, text] of good) {
    it(`reads ${JSON.stringify(written)}`, () => {
      expect(parseDestination(written, GATEWAYS)).to.include({ kind: 'phone', text });
    });
    it(`reads what it printed for ${JSON.stringify(written)}`, () => {
      expect(parseDestination(text, GATEWAYS)).to.include({ kind: 'phone', text });
    });
  }

  const addresses = [
    'jane@example.com',
    '"sms:+15551234567"@sms.example.com',
    'sms:+15551234567@sms.example.com',
  ];
  for (const address of [...addresses, 'sms:+15551234567?maxmsgs=2@sms.example.com']) {
    it(`takes ${address} for an address`, () => {
      expect(parseDestination(address, GATEWAYS)).to.deep.equal({ kind: 'mail', address, text: address });
    });
  }

  const refused: readonly (readonly [written: string, why: string])[] = [
    ['', '"" is neither a number nor an address'],
    ['jane', '"jane" is neither a number nor an address'],
    ['+15551234567\r\nBcc: x@y.z', '"+15551234567 Bcc: x@y.z" is neither a number nor an address'],
    ['a b@example.com', '"a b@example.com" is neither a number nor an address'],
    ['+15551234567@uz', 'there is no gateway "uz"; did you mean "us"?'],
    ['+15551234567@elsewhere', 'there is no gateway "elsewhere"'],
    ['+15551234567@us@eu-1', 'there is no gateway "us@eu-1"'],
    ['+15551234567&user=jane', 'a rule cannot set the parameter "user"'],
    ['+15551234567&authenticated=1', 'a rule cannot set the parameter "authenticated"'],
    ['+15551234567&nonsense=1', 'a rule cannot set the parameter "nonsense"'],
    [`+15551234567${'&value=x'.repeat(31)}`, '31 parameters are too many'],
  ];
  for (const [written, why] of refused) {
    it(`refuses ${JSON.stringify(written).slice(0, 50)}`, () => {
      expect(parseDestination(written, GATEWAYS)).to.deep.equal({ refused: why });
    });
  }

  it('takes any word for a gateway where none is known, but no domain', () => {
    expect(parseDestination('+15551234567@us', 'any')).to.include({ gateway: 'us' });
    expect(parseDestination('+15551234567@example.com', 'any')).to.have.property('refused');
  });
});
