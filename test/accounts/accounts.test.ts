import { expect } from 'chai';
import { type Account, Accounts } from '../../lib/accounts/accounts.ts';
import { periodOf } from '../../lib/accounts/period.ts';
import { Fault } from '../../lib/base/errors.ts';
import { Secret } from '../../lib/base/secret.ts';
import { ManualClock } from '../support/clock.ts';

const NOW = Date.parse('2026-11-30T23:30:00Z');

describe('accounts', () => {
  const account = (more: Partial<Account> = {}): Account => ({
    user: 'john',
    password: new Secret('hunter2'),
    monthlyLimit: 100,
    active: true,
    ...more,
  });
  const accounts = (more: Partial<Account> = {}): Accounts =>
    new Accounts([account(more)], { clock: new ManualClock(NOW), zone: 'Europe/Berlin' });
  const refusal = (act: () => unknown): string => {
    try {
      act();
    } catch (error) {
      if (error instanceof Fault) return `${error.code}: ${error.told}`;
    }
    return 'none';
  };

  it('knows the right password', () => {
    expect(accounts().verify('john', 'hunter2').user).to.equal('john');
  });

  it('takes the user name in any case', () => {
    expect(accounts().verify('John', 'hunter2').user).to.equal('john');
  });

  const refused: [name: string, act: () => unknown, fault: string][] = [
    [
      'a wrong password',
      () => accounts().verify('john', 'hunter3'),
      'auth.credentials: authentication failed',
    ],
    ['an empty one', () => accounts().verify('john', ''), 'auth.credentials: authentication failed'],
    [
      'an unknown user',
      () => accounts().verify('jane', 'hunter2'),
      'auth.credentials: authentication failed',
    ],
    [
      'an account that is not active',
      () => accounts({ active: false }).verify('john', 'hunter2'),
      'auth.denied: this account is not active',
    ],
    [
      'one that has expired, to the millisecond',
      () => accounts({ expires: NOW }).verify('john', 'hunter2'),
      'auth.denied: this account has expired',
    ],
  ];
  for (const [name, act, fault] of refused) {
    it(`refuses ${name}`, () => {
      expect(refusal(act)).to.equal(fault);
    });
  }

  it('does not let anybody log in to an account without a password', () => {
    const { password: _, ...without } = account();
    const open = new Accounts([without], { clock: new ManualClock(NOW), zone: 'UTC' });
    expect(refusal(() => open.verify('john', ''))).to.contain('auth.credentials');
  });

  it('lets an account send until the moment it expires', () => {
    expect(accounts({ expires: NOW + 1 }).verify('john', 'hunter2').user).to.equal('john');
  });

  it('charges to the calendar month of its zone', () => {
    const some = accounts();
    expect(some.charge(some.verify('john', 'hunter2'), 3)).to.deep.equal({
      account: 'john',
      parts: 3,
      limit: 100,
      period: '2026-12',
      at: NOW,
    });
    expect(periodOf(NOW, 'America/New_York')).to.equal('2026-11');
  });
});
