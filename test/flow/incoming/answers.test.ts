import { expect } from 'chai';
import { simpleParser } from 'mailparser';
import { Fault } from '../../../lib/base/errors.ts';
import { Secret } from '../../../lib/base/secret.ts';
import { encodeDeliver } from '../../../lib/sms/deliver.ts';
import { segment } from '../../../lib/sms/segment.ts';
import { ScriptedTransport, World, type WorldOptions } from '../../support/world.ts';

const PHONE = '+15551234567';
const MINUTE = 60_000;

describe('answers of a phone to which several people wrote', () => {
  let world: World;
  let gateways: ScriptedTransport[];
  let options: WorldOptions = {};

  beforeEach(async () => {
    gateways = [new ScriptedTransport('a'), new ScriptedTransport('b')];
    world = await World.start({ gateways, ...options });
  });
  afterEach(async () => {
    await world.stop();
    world.remove();
    options = {};
  });

  let sent = 0;
  const answer = async (text: string, gateway = 0, from = PHONE): Promise<void> => {
    for (const part of segment(text, { reference: ++sent % 256 }).parts) {
      const timestamp = new Date(world.clock.now() + sent * 1000).toISOString();
      const pdu = encodeDeliver({ originator: from, timestamp, segment: part });
      await gateways[gateway]?.events?.received({ kind: 'pdu', pdu, smsc: false });
    }
  };
  const write = async (sender: string, query = '?id=A'): Promise<string> => {
    const [result] = await world.mail(`"sms:${PHONE}${query}"@sms.example.com`, `question of ${sender}`, {
      sender: `${sender}@office.example`,
      headers: `Message-ID: <${sender}.${++sent}@x>\r\n`,
    });
    const id = result !== undefined && 'ids' in result ? (result.ids[0] ?? '') : '';
    return (await world.state(id, 'sent')).parts[0]?.gateway ?? '';
  };
  const mails = async (count: number): Promise<string[]> => {
    const found = await world.mails(count);
    expect(found).to.have.length(count);
    return Promise.all(
      found.map(async ({ to, raw }) => `${to.join()}: ${((await simpleParser(raw)).text ?? '').trim()}`),
    );
  };
  const asked = (): number => gateways.reduce((sum, { taken }) => sum + taken.length, 0);

  it('the phone is asked once, its messages wait, and its choice is for all of them', async () => {
    await write('ann');
    await world.pass(MINUTE);
    await write('bob');
    const before = asked();
    await answer('yes');
    await world.rest(() => asked() === before + 1, 'the question');
    await answer('I mean it');
    await world.pass(MINUTE);
    expect(asked()).to.equal(before + 1);
    expect(world.mailer.mails).to.have.length(0);
    const { messages } = await world.store.list({ limit: 9 });
    const question = messages.find(({ origin }) => origin.via === 'conflict');
    expect(question?.content).to.deep.include({ text: 'Whom? 1 bob@office.example, 2 ann@office.example.' });
    expect(question).to.deep.include({ number: PHONE, gateway: 'a', charged: 0 });
    await answer('2');
    expect(await mails(2)).to.have.members(['ann@office.example: yes', 'ann@office.example: I mean it']);
    await answer('and more');
    expect(await mails(3)).to.include('ann@office.example: and more');
  });

  it('a choice with a text sends both; the answer stands in the thread of whom it is for', async () => {
    await write('ann');
    await write('bob');
    await answer('first');
    await world.rest(() => world.log.lines.join().includes('waits for the phone'), 'the question');
    await answer('1 second');
    await mails(2);
    for (const { to, raw } of world.mailer.mails) {
      const who = /^(\w+)@/.exec(to[0] ?? '')?.[1] ?? '';
      expect(raw).to.match(new RegExp(`In-Reply-To: <${who}\\.\\d+@x>`));
    }
  });

  it('without a choice they go to the mailbox when the time is over, also after a restart', async () => {
    await write('ann');
    await write('bob');
    await answer('whoever');
    await world.rest(() => world.log.lines.join().includes('waits for the phone'), 'the question');
    await world.pass(60 * MINUTE - 1);
    expect(world.mailer.mails).to.have.length(0);
    await world.pass(1);
    expect(await mails(1)).to.deep.equal(['desk@office.example: whoever']);
  });

  it('a mail address in the text needs no question', async () => {
    await write('ann');
    await write('bob');
    await answer('#bob@office.example# for you');
    expect(await mails(1)).to.deep.equal(['bob@office.example: for you']);
  });

  it('several addresses in a text are several mails', async () => {
    await answer('#x@office.example# and #y@office.example# fire');
    expect(await mails(2)).to.have.members(['x@office.example: and fire', 'y@office.example: and fire']);
  });

  it('a phone that has no number is not asked', async () => {
    await answer('ad', 0, 'ACME');
    expect(await mails(1)).to.deep.equal(['desk@office.example: ad']);
  });

  describe('where the question does not number them', () => {
    before(() => {
      options = { conflict: { text: 'Whom? Begin with #email#.' } };
    });
    it('a number chooses nobody, and an address does', async () => {
      await write('ann');
      await write('bob');
      await answer('first');
      await world.rest(() => world.log.lines.join().includes('waits for the phone'), 'the question');
      const { messages } = await world.store.list({ limit: 9 });
      const question = messages.find(({ origin }) => origin.via === 'conflict');
      expect(question?.content).to.deep.include({ text: 'Whom? Begin with #email#.' });
      await answer('1');
      await answer('#ann@office.example# for you');
      expect(await mails(1)).to.deep.equal(['ann@office.example: for you']);
      await world.pass(60 * MINUTE);
      expect(await mails(3)).to.include.members(['desk@office.example: first', 'desk@office.example: 1']);
    });
  });

  describe('where several share the mailbox', () => {
    before(() => {
      options = { mailbox: ['desk@office.example', 'night@office.example'] };
    });
    it('each of them gets what answers nobody', async () => {
      await answer('help');
      expect(await mails(2)).to.have.members(['desk@office.example: help', 'night@office.example: help']);
    });
  });

  describe('where the last one is to be taken', () => {
    before(() => {
      options = { conflict: { policy: 'last' } };
    });
    it('nobody is asked', async () => {
      await write('ann');
      await world.pass(MINUTE);
      await write('bob');
      await answer('yes');
      expect(await mails(1)).to.deep.equal(['bob@office.example: yes']);
    });
  });

  describe('where conversations are kept apart', () => {
    before(() => {
      options = { separateGateways: true };
    });
    it('the second goes out by another gateway, stays there, and both answers are clear', async () => {
      const first = await write('ann', '');
      const second = await write('bob', '');
      expect([first, second].sort()).to.deep.equal(['a', 'b']);
      expect(await write('bob', '')).to.equal(second);
      await answer('to ann', first === 'a' ? 0 : 1);
      await answer('to bob', second === 'a' ? 0 : 1);
      expect(await mails(2)).to.have.members(['ann@office.example: to ann', 'bob@office.example: to bob']);
    });
  });

  describe('with signed reply addresses', () => {
    before(() => {
      options = {
        replyKey: Buffer.alloc(32, 1),
        accounts: [{ user: 'ann@office.example', password: new Secret('x'), monthlyLimit: 1 }],
      };
    });
    const stranger = { remote: '192.0.2.1', trusted: false };

    it('the answer of whom it was written to reaches the phone, without a login; nobody else may use it', async () => {
      await write('ann');
      await answer('hello');
      await mails(1);
      const [mail] = world.mailer.mails;
      const from = mail?.from ?? '';
      expect(from)
        .to.match(/^sms\+r1[a-z0-9]+@sms\.example\.com$/)
        .and.to.not.contain('5551234567');
      const said = async (sender: string): Promise<string> => {
        try {
          await world.mail(from, 'an answer', { sender, session: stranger });
          return 'accepted';
        } catch (error) {
          return error instanceof Fault ? `${error.smtp} ${error.enhanced}` : String(error);
        }
      };
      expect(await said('eve@office.example')).to.equal('550 5.1.1');
      // The account of its holder pays, and has sent what it may.
      expect(await said('ann@office.example')).to.equal('550 5.7.1');
      await world.store.changeAccounts([
        { kind: 'usage', user: 'ann@office.example', period: '2026-11', sent: 0 },
      ]);
      expect(await said('ann@office.example')).to.equal('accepted');
      await world.rest(() => gateways[0]?.taken.length === 2, 'the answer on the phone');
      await world.pass(31 * 24 * 60 * MINUTE);
      expect(await said('ann@office.example')).to.equal('550 5.1.1');
    });
  });
});
