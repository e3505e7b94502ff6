import { expect } from 'chai';
import fc from 'fast-check';
import { lastDayOf, makeToken, readToken, tokenIn } from '../../lib/address/reply-token.ts';

const KEY = Buffer.alloc(32, 7);
const NOW = Date.parse('2026-11-23T23:59:59Z');
const target = { number: '+15551234567', gateway: 'modem1', lastDay: lastDayOf(NOW, 30) };

describe('a reply token', () => {
  const token = makeToken(target, 'Ann@Office.example', KEY);
  const read = (text: string, holder = 'ann@office.example', now = NOW) => readToken(text, holder, now, KEY);

  it('is a local part that no mail system spoils', () => {
    expect(`sms+${token}`).to.match(/^[a-z0-9+]{1,64}$/);
    expect(tokenIn(`SMS+${token.toUpperCase()}`)).to.equal(token.toUpperCase());
    for (const local of ['sms+15551234567', 'sms+r1', `page+${token}`, `sms+${token}!`]) {
      expect(tokenIn(local)).to.equal(undefined);
    }
  });

  it('gives its holder, in any case of letters, what it was made for', () => {
    expect(read(token)).to.deep.equal(target);
    expect(read(token.toUpperCase(), 'ANN@OFFICE.EXAMPLE')).to.deep.equal(target);
  });

  it('is refused to anybody else, under another key, and after its last day', () => {
    expect(read(token, 'bob@office.example')).to.equal('refused');
    expect(readToken(token, 'ann@office.example', NOW, Buffer.alloc(32, 8))).to.equal('refused');
    expect(read(token, undefined, NOW + 30 * 86_400_000)).to.deep.equal(target);
    expect(read(token, undefined, NOW + 31 * 86_400_000)).to.equal('refused');
  });

  it('with any letter changed is refused', () => {
    for (let index = 2; index < token.length; index++) {
      const other = token.charAt(index) === 'a' ? 'b' : 'a';
      const changed = token.slice(0, index) + other + token.slice(index + 1);
      expect(read(changed), changed).to.be.oneOf(['refused', 'foreign']);
    }
  });

  it('brings back a name that is no number', () => {
    const made = { ...target, number: 'ACME' };
    expect(read(makeToken(made, 'ann@office.example', KEY))).to.deep.equal(made);
  });

  it('brings back any number and gateway, in the room that a local part has', () => {
    const number = fc.stringMatching(/^\+?[0-9]{3,15}$/);
    const gateway = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/);
    fc.assert(
      fc.property(number, gateway, fc.integer({ min: 1, max: 3650 }), fc.emailAddress(), (...given) => {
        const made = { number: given[0], gateway: given[1], lastDay: lastDayOf(NOW, given[2]) };
        const text = makeToken(made, given[3], KEY);
        expect(`sms+${text}`).to.have.length.at.most(64);
        const { gateway: kept, ...rest } = read(text, given[3]) as typeof made;
        expect({ ...rest, gateway: made.gateway }).to.deep.equal(made);
        expect(kept).to.be.oneOf(made.gateway.length <= 15 ? [made.gateway] : [made.gateway, '']);
      }),
    );
  });

  it('anything at all is read without a throw', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(read(text)).to.be.oneOf(['refused', 'foreign']);
        expect(read(`r1${text}`)).to.be.oneOf(['refused', 'foreign']);
      }),
    );
  });
});
