import { expect } from 'chai';
import { simpleParser } from 'mailparser';
import { Fault } from '../../../lib/base/errors.ts';
import { encodeDeliver } from '../../../lib/sms/deliver.ts';
import { segment } from '../../../lib/sms/segment.ts';
import { encodeStatusReport } from '../../../lib/sms/status-report.ts';
import { ScriptedTransport, World } from '../../support/world.ts';

const PHONE = '+15551234567';
const STAMP = '2026-11-23T10:00:00+01:00';
const MINUTE = 60_000;

describe('incoming', () => {
  let world: World;
  let gateways: ScriptedTransport[];

  beforeEach(async () => {
    gateways = [new ScriptedTransport('a'), new ScriptedTransport('b')];
    world = await World.start({ gateways });
  });
  afterEach(async () => {
    await world.stop();
    world.remove();
  });

  const pdus = (text: string, reference = 1, from = PHONE): Uint8Array[] =>
    segment(text, { reference }).parts.map((part) =>
      encodeDeliver({ originator: from, timestamp: STAMP, segment: part }),
    );
  const take = async (pdu: Uint8Array, gateway = 0): Promise<void> =>
    gateways[gateway]?.events?.received({ kind: 'pdu', pdu, smsc: false });
  const write = async (sender: string, query = '', headers = ''): Promise<void> => {
    const [result] = await world.mail(`"sms:${PHONE}${query}"@sms.example.com`, 'question', {
      sender,
      headers,
    });
    await world.state(result !== undefined && 'ids' in result ? (result.ids[0] ?? '') : '', 'sent');
  };
  const textOf = async (raw: string | undefined): Promise<string> =>
    ((await simpleParser(raw ?? '')).text ?? '').replace(/\n$/, '');

  it('goes to the last who wrote to that phone through that gateway', async () => {
    await write('ann@office.example', '?id=a');
    await world.pass(MINUTE);
    await write('bob@office.example', '?id=b');
    for (const pdu of pdus('to ann')) await take(pdu, 0);
    for (const pdu of pdus('to bob')) await take(pdu, 1);
    const mails = await world.mails(2);
    expect(mails.map(({ to }) => to[0])).to.have.members(['ann@office.example', 'bob@office.example']);
    const toAnn = mails.find(({ to }) => to[0] === 'ann@office.example');
    expect(await textOf(toAnn?.raw)).to.equal('to ann');
  });

  it("goes to the gateway's mailbox when the link has expired", async () => {
    await write('ann@office.example');
    await world.pass(10_080 * MINUTE);
    for (const pdu of pdus('too late')) await take(pdu);
    const [mail] = await world.mails(1);
    expect(mail?.to).to.deep.equal(['desk@office.example']);
  });

  it('stands in the thread of the mail that it answers', async () => {
    await write('ann@office.example', '', 'Message-ID: <q@x>\r\nReferences: <o@x> <p@x>\r\n');
    for (const pdu of pdus('answer')) await take(pdu);
    const [mail] = await world.mails(1);
    expect(mail?.raw).to.contain('\r\nIn-Reply-To: <q@x>\r\n');
    expect(mail?.raw).to.match(/\r\nReferences: <o@x>\s+<p@x>\s+<q@x>\r\n/);
    expect(mail?.raw).to.contain('\r\nSubject: Re: test\r\n');
    expect(mail?.raw).to.contain('\r\nDate: Mon, 23 Nov 2026 10:00:00 +0100\r\n');
  });

  it('puts parts together in any order, each once, and mails them once', async () => {
    const text = 'Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. '.repeat(6).trim();
    const parts = pdus(text, 77);
    for (const index of [2, 0, 2, 1, 0]) await take(parts[index] ?? new Uint8Array());
    const [mail] = await world.mails(1);
    expect(await textOf(mail?.raw)).to.equal(text);
    await world.pass(120 * MINUTE);
    expect(world.mailer.mails).to.have.length(1);
  });

  it('delivers what came, marked, when a part stays away', async () => {
    const [first, , third] = pdus('x'.repeat(153) + 'y'.repeat(153) + 'z'.repeat(10), 5);
    await take(first ?? new Uint8Array());
    await take(third ?? new Uint8Array());
    await world.pass(60 * MINUTE - 1);
    expect(world.mailer.mails).to.have.length(0);
    await world.pass(1);
    const [mail] = await world.mails(1);
    expect(await textOf(mail?.raw)).to.equal(
      `${'x'.repeat(153)}[...]${'z'.repeat(10)}\n\n([...] stands for part 2 of 3: not received.)`,
    );
  });

  it('puts an emoji together that was cut between two parts', async () => {
    // A phone that cuts where it likes: half of U+1F692 in each part.
    const part = (sequence: number, text: string): Uint8Array =>
      encodeDeliver({
        originator: PHONE,
        timestamp: STAMP,
        udh: Uint8Array.of(0, 3, 9, 2, sequence),
        dcs: 8,
        text,
      });
    await take(part(1, 'fire \ud83d'));
    await take(part(2, '\ude92 truck'));
    const [mail] = await world.mails(1);
    expect(await textOf(mail?.raw)).to.equal('fire 🚒 truck');
  });

  it('keeps an SMS once that a modem hands over twice', async () => {
    for (const pdu of [...pdus('once'), ...pdus('once')]) await take(pdu);
    await world.mails(1);
    await world.pass(MINUTE);
    expect(world.mailer.mails).to.have.length(1);
    expect(world.log.lines.join()).to.contain('received before');
  });

  it('delivers octets that nobody can decode', async () => {
    await take(Uint8Array.of(0x04, 0x0b, 0x91, 0x51));
    const [mail] = await world.mails(1);
    expect(mail?.to).to.deep.equal(['desk@office.example']);
    expect(await textOf(mail?.raw))
      .to.contain('040B9151')
      .and.to.contain('could not be decoded');
  });

  it('delivers a text that ends early as far as it goes', async () => {
    const [pdu = new Uint8Array()] = pdus('the end of this is missing');
    await take(pdu.subarray(0, -4));
    const [mail] = await world.mails(1);
    expect(await textOf(mail?.raw)).to.match(/^the end of this is/);
  });

  it('drops a message without a body', async () => {
    for (const pdu of pdus('')) await take(pdu);
    for (const pdu of pdus('with a body')) await take(pdu);
    await world.mails(1);
    await world.pass(MINUTE);
    expect(world.mailer.mails).to.have.length(1);
    expect(world.log.lines.join()).to.contain('without a body');
  });

  it('mails it again later when the relay is down for an hour, and never twice', async () => {
    const down = new Fault('relay.down');
    world.mailer.refusals.push(...Array.from({ length: 12 }, () => down));
    for (const pdu of pdus('patience')) await take(pdu);
    await world.pass(60 * MINUTE);
    await world.mails(1);
    await world.pass(60 * MINUTE);
    expect(world.mailer.mails).to.have.length(1);
  });

  it('sets a mail aside that the relay refuses for good, and says so', async () => {
    world.mailer.refusals.push(new Fault('relay.refused', { detail: '550 no such user' }));
    for (const pdu of pdus('nobody')) await take(pdu);
    await world.rest(async () => (await world.store.stats()).failedEffects === 1, 'the failed mail');
    expect(world.log.lines.join()).to.contain('550 no such user');
  });

  describe('status reports', () => {
    const report = (reference: number, status = 0, number = PHONE): Uint8Array =>
      encodeStatusReport({ reference, recipient: number, timestamp: STAMP, discharge: STAMP, status });
    const send = async (text: string, dsn: object = { notify: ['success', 'failure'] }) => {
      const [result] = await world.mail(`"sms:${PHONE}?id=a"@sms.example.com`, text, { dsn });
      const id = result !== undefined && 'ids' in result ? (result.ids[0] ?? '') : '';
      await world.state(id, 'sent');
      return id;
    };

    it('are asked for where the sender wants to know', async () => {
      await send('please tell me');
      await send('never mind', {});
      expect(gateways[0]?.taken.map(({ statusReport }) => statusReport)).to.deep.equal([true, false]);
    });

    it('make one verdict for all parts, in any order', async () => {
      const id = await send('p'.repeat(400));
      await take(report(3));
      await take(report(1));
      expect((await world.store.find(id))?.state).to.equal('sent');
      await take(report(2));
      await world.state(id, 'delivered');
      const [mail] = await world.mails(1);
      expect(mail?.raw).to.match(/^Action: delivered\r$/m);
      const late = [take(report(2)), take(report(2, 0x46))];
      await world.pass(MINUTE);
      await Promise.all(late);
      expect(world.mailer.mails).to.have.length(1);
    });

    it('may be faster than the note that the part was sent', async () => {
      const early = take(report(1));
      const id = await send('quick');
      await world.pass(1000);
      await early;
      await world.state(id, 'delivered');
    });

    it('say that a message was not delivered, and how much of it was', async () => {
      const id = await send('q'.repeat(200));
      await take(report(1));
      await take(report(2, 0x46));
      await world.state(id, 'undelivered');
      const [mail] = await world.mails(1);
      expect(mail?.raw).to.match(/^Action: failed\r$/m);
      expect(mail?.raw).to.match(/^X-SMS-Parts-Delivered: 1\/2/m);
    });

    const verdicts: readonly (readonly [status: number, code: string, told: string])[] = [
      [0x46, '5.4.7', 'the phone could not be reached before the message expired'],
      [0x41, '5.6.1', 'the phone cannot take this kind of message'],
      [0x48, '5.7.0', 'the mobile operator deleted the message'],
      [0x63, '5.4.1', 'the mobile network could not deliver the message'],
    ];
    for (const [status, code, told] of verdicts) {
      it(`tell the sender what became of it: 0x${status.toString(16)} is ${code}`, async () => {
        const id = await send('q');
        await take(report(1, status));
        await world.state(id, 'undelivered');
        const [mail] = await world.mails(1);
        expect(mail?.raw).to.match(new RegExp(`^Status: ${code}\r$`, 'm'));
        expect(mail?.raw).to.contain(`Reason: ${told}.`);
      });
    }

    it('that come for some parts only: after four days the sender is told so, once', async () => {
      const id = await send('q'.repeat(400));
      await take(report(1));
      await take(report(3));
      await world.pass(4 * 1440 * MINUTE - MINUTE);
      expect(world.mailer.mails).to.have.length(0);
      await world.pass(61 * MINUTE);
      const [mail] = await world.mails(1);
      expect(mail?.to).to.deep.equal(['john@office.example']);
      expect(mail?.raw).to.match(/^Action: relayed\r$/m);
      expect(mail?.raw).to.match(/^X-SMS-Parts-Delivered: 2\/3/m);
      expect((await world.store.find(id))?.state).to.equal('sent');
      await world.pass(1440 * MINUTE);
      expect(world.mailer.mails).to.have.length(1);
      // A week is not too late for the last one.
      await take(report(2));
      await world.state(id, 'delivered');
      const [, verdict] = await world.mails(2);
      expect(verdict?.raw).to.match(/^Action: delivered\r$/m);
    });

    it('that nobody asked for are not missed', async () => {
      await send('never mind', {});
      await send('nor this', { notify: ['failure'] });
      await world.pass(5 * 1440 * MINUTE);
      expect(world.mailer.mails).to.have.length(0);
    });

    it('that the network is still trying change nothing', async () => {
      const id = await send('still trying');
      await take(report(1, 0x21));
      expect((await world.store.find(id))?.state).to.equal('sent');
      await take(report(1));
      await world.state(id, 'delivered');
    });

    it('of another phone, or another gateway, are not ours', async () => {
      const id = await send('whose?');
      const taken = [take(report(1, 0, '+15550000000')), take(report(1), 1)];
      await world.pass(1000);
      await Promise.all(taken);
      expect((await world.store.find(id))?.state).to.equal('sent');
      expect(world.log.lines.filter((line) => line.includes('no part that we know'))).to.have.length(2);
    });
  });
});
