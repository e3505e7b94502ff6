import { expect } from 'chai';
import { FAULTS, Fault, type FaultKind, asFault } from '../../lib/base/errors.ts';

const entries = Object.entries(FAULTS) as [keyof typeof FAULTS, FaultKind][];

describe('the fault catalogue', () => {
  for (const [code, { smtp, enhanced, temporary, told }] of entries) {
    it(`${code}: reply, enhanced code and decision agree`, () => {
      const digit = temporary ? '4' : '5';
      expect(String(smtp)).to.match(new RegExp(`^${digit}\\d\\d$`));
      expect(enhanced).to.match(new RegExp(`^${digit}\\.\\d{1,3}\\.\\d{1,3}$`));
      expect(told).to.match(/^[a-z][^\r\n]*[^.\r\n]$/);
    });
  }

  it('keeps what only the log may see out of what the peer is told', () => {
    const fault = new Fault('auth.credentials', { detail: 'user "john"' });
    expect(fault.told).to.equal('authentication failed');
    expect(fault.message).to.equal('authentication failed (user "john")');
  });

  it('takes an unknown error as temporary, with its cause', () => {
    const cause = new TypeError('x is undefined');
    const fault = asFault(cause);
    expect([fault.code, fault.temporary, fault.cause]).to.deep.equal(['internal', true, cause]);
    expect(fault.told).not.to.contain('undefined');
  });

  it('leaves a fault as it is', () => {
    const fault = new Fault('store.full');
    expect(asFault(fault)).to.equal(fault);
  });
});
