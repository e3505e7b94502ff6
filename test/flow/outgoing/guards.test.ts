import { expect } from 'chai';
import { Fault } from '../../../lib/base/errors.ts';
import { Secret } from '../../../lib/base/secret.ts';
import type { MailingList } from '../../../lib/flow/outgoing/directory.ts';
import type { Proof } from '../../../lib/flow/outgoing/sender-proof.ts';
import type { Session } from '../../../lib/flow/outgoing/door.ts';
import { ScriptedTransport, World, type WorldOptions } from '../../support/world.ts';

const MINUTE = 60_000;
const DESK = { kind: 'mail' as const, address: 'desk@office.example' };
const PHONE = { kind: 'phone' as const, numbers: ['+15551234567'], parameters: {} };
const listOf = (members: MailingList['members'], name = 'alerts'): MailingList => ({
  name,
  senders: 'known',
  members,
});
const STRANGER = { remote: '192.0.2.1', trusted: false };

describe('guards', () => {
  let world: World;
  let gateway: ScriptedTransport;
  const begin = async (options: WorldOptions = {}, moves: Fault[] = []): Promise<void> => {
    gateway = new ScriptedTransport('a', moves);
    world = await World.start({ gateways: [gateway], ...options });
  };
  afterEach(async () => {
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
  const to = (number: string, query = ''): string => `"sms:${number}${query}"@sms.example.com`;
  const first = async (results: ReturnType<World['mail']>): Promise<string> => {
    const [result] = await results;
    if (result === undefined) throw new Error('no result');
    if ('fault' in result) throw result.fault;
    return result.ids[0] ?? '';
  };

  it('one address may name so many recipients a minute, whatever it says; a relay is not counted', async () => {
    await begin({ frequency: { recipientsPerMinute: 3 }, accounts: [{ user: 'ann' }] });
    const send = (session: Partial<Session>) => said(() => world.mail(to('+15551234567'), 'x', { session }));
    for (let n = 0; n < 3; n++) {
      expect(await send({ ...STRANGER, user: 'ann' })).to.equal('accepted');
      await world.pass(10_000);
    }
    expect(await send({ ...STRANGER, user: 'ann' })).to.match(/^450 4\.7\.1 too many recipients/);
    expect(await send({ trusted: true })).to.equal('accepted');
    expect(await send({ ...STRANGER, remote: '192.0.2.2', user: 'ann' })).to.equal('accepted');
    await world.pass(30_000);
    expect(await send({ ...STRANGER, user: 'ann' })).to.equal('accepted');
  });

  it('one number hears from so many different senders in ten minutes; those it knows may go on', async () => {
    await begin({ frequency: { sendersPerNumber: 2 } });
    const send = (user: string, number = '+15551234567', session: Partial<Session> = STRANGER) =>
      said(() => world.mail(to(number), 'x', { session: { ...session, user } }));
    expect([await send('a'), await send('b'), await send('a')]).to.deep.equal(Array(3).fill('accepted'));
    expect(await send('c')).to.match(/^450 4\.7\.1 too many people are writing to \+15551234567/);
    expect(await send('c')).to.match(/^450/);
    expect(await send('b')).to.equal('accepted');
    expect(await send('c', '+15557654321')).to.equal('accepted');
    // A relay's monitoring may have a sender for each machine.
    expect(await send('d', '+15551234567', {})).to.equal('accepted');
    await world.pass(10 * MINUTE);
    expect(await send('c')).to.equal('accepted');
  });

  it('a storm of equal texts is one message at once and one that counts the others', async () => {
    await begin({ accounts: [{ user: 'john@office.example', collapse: 10 * MINUTE }] });
    const ids = [];
    for (let n = 0; n < 19; n++) {
      const headers = `Message-ID: <${n}@x>\r\n`;
      ids.push(await first(world.mail(to('+15551234567'), 'disk full', { headers })));
      await world.pass(1000);
    }
    expect(new Set(ids).size).to.equal(2);
    expect(await first(world.mail(to('+15551234567'), 'fan dead'))).to.not.be.oneOf(ids);
    await world.pass(10 * MINUTE);
    await world.state(ids[1] ?? '', 'sent');
    expect(gateway.texts.filter((text) => text.startsWith('disk'))).to.deep.equal([
      'disk full',
      'disk full (+17 more)  ',
    ]);
    expect((await world.store.usage('john@office.example', '2026-11')).sent).to.equal(3);
  });

  it('a storm that does not fit is cut so that its count does', async () => {
    await begin({ accounts: [{ user: 'john@office.example', collapse: MINUTE, maxmsgs: 1 }] });
    const long = 'x'.repeat(200);
    await first(world.mail(to('+15551234567'), long));
    const id = await first(world.mail(to('+15551234567'), long, { headers: 'Message-ID: <2@x>\r\n' }));
    await first(world.mail(to('+15551234567'), long, { headers: 'Message-ID: <3@x>\r\n' }));
    await world.pass(MINUTE);
    await world.state(id, 'sent');
    expect(gateway.texts.at(-1)).to.equal(`${'x'.repeat(147)} (+1 more)   `);
  });

  describe('an alarm', () => {
    const down = new Fault('gateway.down');
    beforeEach(() => begin({}, Array<Fault>(9).fill(down)));
    const alarm = (query: string, headers = '') =>
      first(world.mail(to('+15551234567', query), `text ${query}`, { headers }));
    const waits = async (id: string): Promise<string> => (await world.store.find(id))?.state ?? 'absent';

    it('that waits is withdrawn by its recovery, and neither is sent', async () => {
      const id = await alarm('?key=disk7');
      const other = await alarm('?key=disk8');
      await world.rest(() => gateway.asked >= 1, 'a try');
      expect(await alarm('?key=disk7&cancel=1')).to.equal(id);
      expect([await waits(id), await waits(other)]).to.deep.equal(['cancelled', 'queued']);
    });

    it('is replaced by a newer one', async () => {
      const id = await alarm('?key=load');
      await world.rest(() => gateway.asked >= 1, 'a try');
      const newer = await alarm('?key=load');
      expect([await waits(id), await waits(newer)]).to.deep.equal(['cancelled', 'queued']);
    });

    it('is named by a header as well', async () => {
      const id = await alarm('', 'X-SMS-Key: disk 7\r\n');
      await world.rest(() => gateway.asked >= 1, 'a try');
      expect(await alarm('', 'X-SMS-Key: disk 7\r\nX-SMS-Cancel: yes\r\n')).to.equal(id);
      expect(await waits(id)).to.equal('cancelled');
    });

    it('of one sender is not touched by another', async () => {
      const id = await alarm('?key=disk');
      await world.rest(() => gateway.asked >= 1, 'a try');
      const results = world.mail(to('+15551234567', '?key=disk&cancel=1'), 'ok', {
        sender: 'eve@office.example',
      });
      expect(await first(results)).to.not.equal(id);
      expect(await waits(id)).to.equal('queued');
    });
  });

  describe('mail that proves its sender', () => {
    let proof: Proof;
    const accounts = [
      { user: 'ann', mailFrom: ['ann@partner.example'] },
      { user: 'bob', mailFrom: ['@locked.example'], active: false },
      { user: 'with', password: new Secret('pw') },
    ];
    beforeEach(() => begin({ accounts, senderProof: { prove: async () => proof } }));
    const send = (sender: string) =>
      said(() => first(world.mail(to('+15551234567'), 'x', { sender, session: STRANGER })));

    it('is sent and charged to the account that waits for it', async () => {
      proof = { from: 'ann@partner.example', temporary: false, summary: 'dmarc=pass' };
      expect(await send('ann@partner.example')).to.equal('accepted');
      expect((await world.store.usage('ann', '2026-11')).sent).to.equal(1);
    });

    it('is refused where it does not prove it, proves another, or the account may not send', async () => {
      proof = { temporary: false, summary: 'dmarc=fail' };
      expect(await send('ann@partner.example')).to.match(
        /^550 5\.7\.1 .*does not prove its sender \(dmarc=fail\)/,
      );
      proof = { from: 'eve@partner.example', temporary: false, summary: 'dmarc=pass' };
      expect(await send('ann@partner.example')).to.match(/^550 5\.7\.1/);
      proof = { from: 'bob@locked.example', temporary: false, summary: 'dmarc=pass' };
      expect(await send('bob@locked.example')).to.match(/^550 5\.7\.1 this account is not active/);
    });

    it('of a sender for whom nobody waits is refused before it is taken', async () => {
      proof = { from: 'eve@evil.example', temporary: false, summary: 'dmarc=pass' };
      expect(await send('eve@evil.example')).to.match(/^550 5\.7\.1 authentication is needed/);
    });

    it('reaches nobody on a list where it does not prove it, mail addresses no more than phones', async () => {
      const names = { lists: [listOf([DESK]), listOf([DESK, PHONE], 'both')] };
      await world.stop();
      world.remove();
      await begin({ accounts, names, senderProof: { prove: async () => proof } });
      const post = (sender: string, list: string) =>
        said(() => first(world.mail(`${list}@sms.example.com`, 'x', { sender, session: STRANGER })));
      proof = { temporary: false, summary: 'dmarc=fail' };
      for (const list of ['alerts', 'both']) {
        expect(await post('ann@partner.example', list)).to.match(/^550 5\.7\.1 .*does not prove its sender/);
      }
      expect((await world.store.stats()).effects + world.mailer.mails.length).to.equal(0);
      proof = { from: 'ann@partner.example', temporary: false, summary: 'dmarc=pass' };
      expect(await post('ann@partner.example', 'alerts')).to.equal('accepted');
      expect((await world.mails(1))[0]?.to).to.deep.equal(['desk@office.example']);
    });

    it('is not counted as so many senders to a number by the names that it gives itself', async () => {
      await world.stop();
      world.remove();
      const senderProof = { prove: async () => proof };
      const waiting = [{ user: 'ann', mailFrom: ['@partner.example'] }];
      await begin({ accounts: waiting, senderProof, frequency: { sendersPerNumber: 2 } });
      proof = { temporary: false, summary: 'dmarc=fail' };
      for (const name of ['a', 'b', 'c', 'd']) await send(`${name}@partner.example`);
      const session = { ...STRANGER, remote: '192.0.2.9', user: 'ann' };
      expect(await said(() => world.mail(to('+15551234567'), 'x', { session }))).to.equal('accepted');
    });

    it('is to come again where the DNS does not answer', async () => {
      proof = { temporary: true, summary: 'dmarc=temperror' };
      expect(await send('ann@partner.example')).to.match(/^454 4\.7\.0/);
    });
  });
});
