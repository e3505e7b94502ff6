import { expect } from 'chai';
import type { FixedRecord } from '../../../lib/accounts/account.ts';
import { Fault } from '../../../lib/base/errors.ts';
import { Secret } from '../../../lib/base/secret.ts';
import { ScriptedTransport, World } from '../../support/world.ts';

const STRANGER = { remote: '192.0.2.1', trusted: false };
const account = (user: string, more: Partial<FixedRecord> = {}): FixedRecord => ({
  user,
  password: new Secret(`${user}pw`),
  monthlyLimit: 0,
  active: true,
  ...more,
});

describe('submit', () => {
  let world: World;
  before(async () => {
    world = await World.start({
      accounts: [
        account('john'),
        account('kim', { monthlyLimit: 4 }),
        account('low', { monthlyLimit: 1 }),
        account('old', { expire: '2000-01-01' }),
        account('ann@office.example', { maxmsgs: 1 }),
        account('stuck', { gateway: 'spare' }),
      ],
      gateways: [new ScriptedTransport('modem1'), new ScriptedTransport('spare')],
      inactive: ['spare'],
    });
  });
  after(async () => {
    await world.stop();
    world.remove();
  });

  const said = async (act: () => Promise<unknown>): Promise<string> => {
    try {
      await act();
      return 'accepted';
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return `${error.smtp} ${error.enhanced} ${error.told}`;
    }
  };
  let count = 0;
  const number = (): string => `+1555${String(++count).padStart(7, '0')}`;
  const address = (query = ''): string => `"sms:${number()}${query}"@sms.example.com`;

  describe('who may send', () => {
    const cases: [name: string, query: string, session: object, answer: RegExp][] = [
      ['a stranger may not', '', STRANGER, /^550 5\.7\.1 authentication is needed/],
      ['the SMTP login may', '', { ...STRANGER, user: 'john' }, /^accepted/],
      ['an expired login may not', '', { ...STRANGER, user: 'old' }, /^550 5\.7\.1 this account has expired/],
      ['user and pass in the address may', '?user=john&pass=johnpw', STRANGER, /^accepted/],
      ['a wrong pass may not', '?user=john&pass=wrong', STRANGER, /^535 5\.7\.8/],
      [
        'an expired user in the address may not',
        '?user=old&pass=oldpw',
        STRANGER,
        /^550 5\.7\.1 this account has exp/,
      ],
      ['a trusted relay may', '', {}, /^accepted/],
      ['a wrong pass from a trusted relay falls back to its word', '?user=x&pass=y', {}, /^accepted/],
      ['authenticated=1 from a stranger proves nothing', '?authenticated=1', STRANGER, /^550 5\.7\.1/],
    ];
    for (const [name, query, session, answer] of cases) {
      it(name, async () => {
        expect(await said(() => world.mail(address(query), 'x', { session }))).to.match(answer);
      });
    }

    it('the SMTP login comes before the address', async () => {
      const session = { ...STRANGER, user: 'john' };
      const [result] = await world.mail(address('?user=kim&pass=kimpw'), 'x', { session });
      const id = result !== undefined && 'ids' in result ? (result.ids[0] ?? '') : '';
      expect((await world.store.find(id))?.account).to.equal('john');
    });

    it("a trusted relay's sender is charged where he has an account", async () => {
      const [result] = await world.mail(address(), 'x', { sender: 'Ann@office.example' });
      const id = result !== undefined && 'ids' in result ? (result.ids[0] ?? '') : '';
      expect((await world.store.find(id))?.account).to.equal('ann@office.example');
    });
  });

  describe('where to', () => {
    const cases: [name: string, to: string, answer: RegExp][] = [
      [
        'another domain',
        'john@elsewhere.example',
        /^550 5\.7\.1 mail for elsewhere\.example is not taken here/,
      ],
      ['a name of ours that is nobody', 'nobody@sms.example.com', /^550 5\.1\.1 there is no "nobody"/],
      ['a gateway that is not there', '"sms:+15551234567?id=modem9"@sms.example.com', /no gateway "modem9"/],
      [
        'a gateway that is switched off',
        '"sms:+15551234567?id=spare"@sms.example.com',
        /^550 5\.4\.1 the gateway "spare" is switched off/,
      ],
      [
        "an account's gateway that is switched off",
        '"sms:+15551234567?user=stuck&pass=stuckpw"@sms.example.com',
        /^550 5\.4\.1 the gateway "spare" is switched off/,
      ],
      ['no number', '"sms:"@sms.example.com', /^553 5\.1\.3/],
    ];
    for (const [name, to, answer] of cases) {
      it(`${name} is refused`, async () => {
        expect(await said(() => world.mail(to, 'x'))).to.match(answer);
      });
    }
  });

  describe('what', () => {
    const cases: [name: string, text: string, more: object, answer: RegExp][] = [
      ['a bounce', 'x', { sender: null }, /^550 5\.7\.1 bounces are not sent to phones/],
      [
        'a vacation reply',
        'x',
        { headers: 'Auto-Submitted: auto-replied\r\n' },
        /^550 5\.7\.1 .*auto-replied/,
      ],
      ['a newsletter', 'x', { headers: 'List-Id: <news.example>\r\n' }, /^550 5\.7\.1 .*List-Id/i],
      ['a bulk mail', 'x', { headers: 'Precedence: bulk\r\n' }, /^550 5\.7\.1 .*Precedence/],
      [
        'an alert of a monitoring system',
        'x',
        { headers: 'Auto-Submitted: auto-generated\r\n' },
        /^accepted/,
      ],
      ['our own mail coming back', 'x', { headers: 'X-Mailsms-Loop: sms.example.com\r\n' }, /^554 5\.4\.6/],
      [
        'a mail that has seen 101 servers',
        'x',
        { headers: 'Received: by x\r\n'.repeat(101) },
        /^554 5\.4\.6/,
      ],
    ];
    for (const [name, text, more, answer] of cases) {
      it(`${name}: ${answer.source}`, async () => {
        expect(await said(() => world.mail(address(), text, more))).to.match(answer);
      });
    }

    it('a mail without text sends its subject', async () => {
      const [result] = await world.mail(address(), '');
      const id = result !== undefined && 'ids' in result ? (result.ids[0] ?? '') : '';
      expect((await world.store.find(id))?.content).to.deep.equal({ kind: 'text', text: 'test' });
    });

    it('only what its sender wrote goes to the phone', async () => {
      const reply =
        'I am on my way.\r\n\r\nOn Mon, 23 Nov 2026, +15551234567 wrote:\r\n> Where are you?\r\n-- \r\nJohn';
      const headers = 'In-Reply-To: <q1@sms.example.com>\r\n';
      const [result] = await world.mail(address(), reply, { headers });
      const id = result !== undefined && 'ids' in result ? (result.ids[0] ?? '') : '';
      expect((await world.store.find(id))?.content).to.deep.equal({ kind: 'text', text: 'I am on my way.' });
    });

    it('binary=1 sends octets with their header', async () => {
      const to = address('?binary=1&udh=0605040b8423f0');
      const [result] = await world.mail(to, Buffer.from('00ff10', 'hex').toString('base64'));
      const id = result !== undefined && 'ids' in result ? (result.ids[0] ?? '') : '';
      const content = (await world.store.find(id))?.content;
      expect(content?.kind === 'binary' && Buffer.from(content.data).toString('hex')).to.equal('00ff10');
    });

    it('reply= is put before the text, so that a phone which quotes finds the way back', async () => {
      const [result] = await world.mail(address('?reply=desk%40office.example'), 'call me');
      const id = result !== undefined && 'ids' in result ? (result.ids[0] ?? '') : '';
      const message = await world.store.find(id);
      expect(message?.content).to.deep.equal({ kind: 'text', text: '#desk@office.example# call me' });
      const [link] = await world.store.links(message?.number ?? '', world.clock.now());
      expect(link?.sender).to.equal('desk@office.example');
    });

    it('no password of an address is kept', async () => {
      const to = address('?user=john&pass=johnpw');
      const dsn = { orcpt: `rfc822;${to}` };
      const [result] = await world.mail(to, 'x', { session: STRANGER, headers: `To: ${to}\r\n`, dsn });
      const id = result !== undefined && 'ids' in result ? (result.ids[0] ?? '') : '';
      const message = await world.store.find(id);
      expect(message?.origin.recipient).to.contain('pass=***');
      expect(JSON.stringify(message)).to.not.contain('johnpw');
      expect(world.log.lines.join()).to.not.contain('johnpw');
    });
  });

  describe('how often', () => {
    it('the same mail to the same number is one message', async () => {
      const to = address();
      const headers = 'Message-ID: <once@x>\r\n';
      const [first] = await world.mail(to, 'x', { headers });
      const [second] = await world.mail(to, 'x', { headers });
      expect(second).to.deep.include({ ids: first !== undefined && 'ids' in first ? first.ids : [] });
    });

    it('other words under the same Message-ID are another', async () => {
      const to = address();
      const headers = 'Message-ID: <always@x>\r\n';
      const [first] = await world.mail(to, 'one', { headers });
      const [second] = await world.mail(to, 'two', { headers });
      const ids = [first, second].flatMap((each) => (each !== undefined && 'ids' in each ? each.ids : []));
      expect(new Set(ids).size).to.equal(2);
    });

    it('the limit of an account is counted in parts, never exceeded, and named', async () => {
      const session = { ...STRANGER, user: 'kim' };
      const send = (text: string) => world.mail(address(), text, { session });
      const texts = ['a', 'b'.repeat(300), 'c', 'd', 'e'];
      const results = await Promise.all(texts.map(send));
      const parts = results.flat().filter((result) => 'ids' in result);
      const faults = results.flat().filter((result) => 'fault' in result);
      expect(parts.length).to.be.within(3, 4);
      for (const { fault } of faults)
        expect(fault).to.have.property('told', 'the monthly message limit is reached');
      const { sent } = await world.store.usage('kim', '2026-11');
      expect(sent).to.be.at.most(4);
    });
  });

  it('several numbers in an address are several messages', async () => {
    const [result] = await world.mail(`"sms:${number()},${number()}"@sms.example.com`, 'both');
    expect(result !== undefined && 'ids' in result && result.ids).to.have.length(2);
  });

  const poor = (): string => address('?user=low&pass=lowpw');
  const twoParts = `both of you ${'!'.repeat(200)}`;

  it('SMTP has one answer: where one recipient is over its limit, that one alone is reported', async () => {
    const refused = poor();
    const results = await world.mail([address(), refused], twoParts);
    expect(results.map((result) => 'ids' in result)).to.deep.equal([true, false]);
    const [report] = await world.mails(1);
    expect(report?.raw).to.contain('the monthly message limit is reached').and.to.contain('both of you');
    expect(report?.raw).to.contain(refused.slice(5, 17)).and.to.not.contain('lowpw');
  });

  it('LMTP has one answer for each: nobody is reported', async () => {
    const before = world.mailer.mails.length;
    const session = { via: 'lmtp' as const };
    const results = await world.mail([address(), poor()], twoParts, { session });
    expect(results.map((result) => 'ids' in result)).to.deep.equal([true, false]);
    expect(world.mailer.mails.length).to.equal(before);
  });

  it('an account that has reached its limit hears so before it sends its mail', async () => {
    await world.mail(poor(), 'the only one');
    expect(await said(() => world.mail([address(), poor()], 'x'))).to.match(/^550 5\.7\.1 the monthly/);
  });
});
