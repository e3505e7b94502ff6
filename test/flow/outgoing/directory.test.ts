import { expect } from 'chai';
import { Fault } from '../../../lib/base/errors.ts';
import { Secret } from '../../../lib/base/secret.ts';
import { readNames } from '../../../lib/flow/outgoing/settings/read-names.ts';
import { Directory } from '../../../lib/flow/outgoing/directory.ts';
import { World } from '../../support/world.ts';

const options = { domains: [{ name: 'sms.example.com' }, { name: 'other.example' }], country: 'US' };

const names = readNames(
  {
    helpers: [
      { address: 'sms', forward: 'sms:%%extensionnose%%?maxmsgs=7' },
      { address: 'page@sms.example.com', forward: 'sms:%%extensionnosep%%?flash=1' },
      { address: 'boss', forward: 'sms:+15550001111?maxmsgs=2' },
    ],
    lists: [
      {
        address: 'alerts',
        senders: 'known',
        members: [
          'sms:+15552220001',
          'sms:+15552220002?user=paid&pass=paidpw',
          { sms: '+1 555 222 0003', account: 'rich' },
          'desk@office.example',
          'night',
          'boss@sms.example.com',
        ],
      },
      {
        address: 'night',
        senders: 'anyone',
        members: ['alerts', 'sms:+15552220001', 'sms:+15552220004@sms.example.com'],
      },
    ],
  },
  options,
);

describe('helper accounts and lists', () => {
  const directory = new Directory(names, options);
  const reached = (address: string) => {
    const { phones, mails } = directory.reach(address);
    return { phones: phones.map(({ numbers, parameters }) => ({ numbers, ...parameters })), mails };
  };
  const refusal = (address: string): string => {
    try {
      directory.reach(address);
    } catch (error) {
      if (error instanceof Fault) return `${error.code}: ${error.told}`;
    }
    return 'none';
  };

  it('are read without a finding', () => {
    expect(names.findings).to.deep.equal([]);
  });

  const helpers: [address: string, phone: object][] = [
    ['"sms:+15551234567"@sms.example.com', { numbers: ['+15551234567'], maxmsgs: 7 }],
    ['"sms:+15551234567?maxmsgs=1"@sms.example.com', { numbers: ['+15551234567'], maxmsgs: 1 }],
    ['+15551234567@other.example', { numbers: ['+15551234567'], maxmsgs: 7 }],
    ['page:+15551234567@sms.example.com', { numbers: ['+15551234567'], flash: true }],
    ['PAGE+15551234567@sms.example.com', { numbers: ['+15551234567'], flash: true }],
    [
      '"page:555-123-4567?flash=0&maxmsgs=2"@sms.example.com',
      { numbers: ['+15551234567'], flash: false, maxmsgs: 2 },
    ],
    ['boss@other.example', { numbers: ['+15550001111'], maxmsgs: 2 }],
    ['"boss?maxmsgs=9"@other.example', { numbers: ['+15550001111'], maxmsgs: 9 }],
  ];
  for (const [address, phone] of helpers) {
    it(`${address} is ${JSON.stringify(phone)}`, () => {
      expect(reached(address)).to.deep.equal({ phones: [phone], mails: [] });
    });
  }

  const refused: [address: string, code: string][] = [
    ['page@sms.example.com', 'address.syntax: the address "page" needs a number'],
    ['page:+15551234567@other.example', 'address.unknown'],
    ['bossy@other.example', 'address.unknown'],
    ['page:nobody@sms.example.com', 'address.syntax'],
  ];
  for (const [address, code] of refused) {
    it(`${address} is refused: ${code}`, () => {
      expect(refusal(address)).to.contain(code);
    });
  }

  describe('a template that pays', () => {
    const paid = readNames(
      { helpers: [{ address: 'sms', forward: 'sms:%%extensionnose%%?user=house&pass=housepw' }], lists: [] },
      options,
    );
    const own = new Directory(paid, options);
    const cases: [written: string, user: string | undefined, pass: string | undefined, open: boolean][] = [
      ['', 'house', 'housepw', true],
      ['?maxmsgs=2', 'house', 'housepw', true],
      ['?user=house', 'house', 'housepw', false],
      ['?user=john&pass=johnpw', 'john', 'johnpw', false],
      // Whoever guesses a user with the same password would send at that one's cost.
      ['?user=john', 'john', undefined, false],
    ];
    for (const [written, user, pass, open] of cases) {
      it(`sms:+15551234567${written} is ${user} with ${pass ?? 'no password'}`, () => {
        const { phones, open: isOpen } = own.reach(`"sms:+15551234567${written}"@sms.example.com`);
        const { parameters } = phones[0] ?? {};
        expect([parameters?.user, parameters?.pass?.open(), isOpen]).to.deep.equal([user, pass, open]);
      });
    }
  });

  it('a list reaches each of its members once, whatever circles its lists go in', () => {
    expect(reached('alerts@sms.example.com')).to.deep.equal({
      phones: [
        { numbers: ['+15552220001'] },
        { numbers: ['+15552220002'], user: 'paid', pass: new Secret('paidpw') },
        { numbers: ['+15552220003'] },
        { numbers: ['+15552220004'] },
        { numbers: ['+15550001111'], maxmsgs: 2 },
      ],
      mails: ['desk@office.example'],
    });
    expect(directory.reach('night@other.example').phones).to.have.length(5);
  });

  it('no password of a member is printed', () => {
    const printed = directory.reach('alerts@sms.example.com').phones.map(({ address }) => address);
    expect(printed.join()).to.contain('pass=***').and.to.not.contain('paidpw');
  });

  it('what cannot be read is told with its place', () => {
    const { findings } = readNames(
      {
        helpers: [{ address: 'a', forward: 'mail@office.example' }],
        lists: [
          { address: 'b', senders: 'known', members: ['sms:+1555', 'nobody', 'x@sms.example.com', 'a'] },
        ],
      },
      options,
    );
    expect(findings.map(({ path, message }) => `${path.join('.')}: ${message}`)).to.deep.equal([
      'helpers.0.forward: "mail@office.example" is no sms: address; write sms:%%extensionnose%%?maxmsgs=7 or sms:+15551234567',
      'lists.0.members.0: the number "+1555" has only 4 digits; a number with + has at least 7, a short code has no +',
      'lists.0.members.1: there is no list or helper "nobody" at sms.example.com',
      'lists.0.members.2: there is no list or helper "x" at sms.example.com',
    ]);
  });

  describe('in the flow', () => {
    let world: World;
    before(async () => {
      world = await World.start({
        names,
        accounts: [
          { user: 'paid', password: new Secret('paidpw') },
          { user: 'rich', denied: ['+1555222'] },
          { user: 'ann', password: new Secret('annpw'), monthlyLimit: 50 },
        ],
      });
    });
    after(async () => {
      await world.stop();
      world.remove();
    });
    const stranger = { remote: '192.0.2.1', trusted: false };

    it('each member is charged to its own account, else to who writes; mail members get the mail', async () => {
      const [result] = await world.mail('alerts@sms.example.com', 'fire', {
        session: { ...stranger, user: 'ann' },
      });
      expect(result !== undefined && 'ids' in result && result.ids).to.have.length(4);
      const sent = async (user: string) => (await world.store.usage(user, '2026-11')).sent;
      expect([await sent('ann'), await sent('paid'), await sent('rich')]).to.deep.equal([3, 1, 0]);
      const mails = await world.mails(2);
      const forward = mails.find(({ to }) => to.includes('desk@office.example'));
      expect(forward?.raw)
        .to.match(/^X-Mailsms-Loop: sms\.example\.com\r\n/)
        .and.to.contain('fire');
      expect(forward?.from).to.equal('john@office.example');
      const report = mails.find(({ to }) => to.includes('john@office.example'));
      expect(report?.raw).to.contain('this account may not send to +1555222');
    });

    it('many members with one user and pass cost one look at the password', async () => {
      const many = Array.from({ length: 300 }, (_, n) => ({
        kind: 'phone' as const,
        numbers: [`+1555222${String(n).padStart(4, '0')}`],
        parameters: { user: 'night', pass: new Secret('pw') },
      }));
      const crowd = await World.start({
        names: { lists: [{ name: 'crowd', senders: 'known', members: many }] },
        accounts: [{ user: 'night', password: new Secret('pw') }],
      });
      try {
        const [result] = await crowd.mail('crowd@sms.example.com', 'x');
        expect(result).to.have.property('ids').with.length(300);
      } finally {
        await crowd.stop();
        crowd.remove();
      }
    });

    it('a stranger writes only to a list that is open to anyone, and only members that pay are reached', async () => {
      const said = async (address: string): Promise<string> => {
        try {
          await world.mail(address, 'x', { session: stranger });
          return 'accepted';
        } catch (error) {
          return error instanceof Fault ? `${error.smtp} ${error.enhanced}` : 'bug';
        }
      };
      expect(await said('alerts@sms.example.com')).to.equal('550 5.7.1');
      const [result] = await world.mail('night@sms.example.com', 'open', { session: stranger });
      expect(result !== undefined && 'ids' in result && result.ids).to.have.length(1);
    });

    it('a stranger who forges a sender makes us write to nobody', async () => {
      const before = world.mailer.mails.length;
      const sender = 'victim@office.example';
      await world.mail('night@sms.example.com', 'not me', { session: stranger, sender });
      await world.pass(8 * 24 * 3600_000);
      expect(world.mailer.mails.slice(before).filter(({ to }) => to.includes(sender))).to.deep.equal([]);
    });
  });
});
