import { expect } from 'chai';
import { encodeDeliver } from '../../lib/sms/deliver.ts';
import { toHex } from '../../lib/sms/hex.ts';
import { segment } from '../../lib/sms/segment.ts';
import { needs, smtplib } from '../support/clients.ts';
import { Product } from '../support/product.ts';
import { type PtyModem, startPtyModem } from '../../lib/emulator/pty.ts';
import { needsPty } from '../support/pty.ts';
import { Sink } from '../support/sink.ts';

describe('an answer becomes a mail that can be answered', () => {
  let modem: PtyModem;
  let relay: Sink;
  let product: Product;

  before(needsPty);
  before(needs('python3'));
  beforeEach(async () => {
    modem = await startPtyModem();
    relay = await new Sink().start();
    product = await new Product({
      mail: { relay: relay.url },
      gateways: [
        {
          id: 'modem1',
          type: 'modem',
          device: modem.device,
          from: 'sms:%s@sms.example.com',
          mailbox: 'desk@office.example',
        },
      ],
    }).start();
  });
  afterEach(async () => {
    await product?.dispose();
    await relay?.stop();
    await modem?.close();
  });

  const write = (to: string, text: string, more: object = {}) =>
    smtplib({ port: product.port(), to, text, subject: 'Pump 3', ...more });

  it('mail, text, answer, mail, answer to that: the thread holds all the way', async () => {
    await write('"sms:+15551234567"@sms.example.com', 'Pump 3 is down, can you come?');
    const [question] = await modem.waitForSent(1);
    expect(question?.text).to.equal('Pump 3 is down, can you come?');

    modem.injectText('+15551234567', 'On my way 👍 in 20′');
    const [answer] = await relay.received(1);
    expect(answer).to.include({ from: '"sms:+15551234567"@sms.example.com' });
    expect(answer?.to).to.deep.equal(['john@office.example']);
    expect(answer?.mail.text?.trimEnd()).to.equal('On my way 👍 in 20′');
    expect(answer?.mail.subject).to.equal('Re: Pump 3');
    expect(answer?.raw).to.match(/^From: .*<"sms:\+15551234567"@sms\.example\.com>\r$/m);
    const asked = /In-Reply-To: (<.*>)/.exec(answer?.raw ?? '')?.[1];
    expect(asked).to.match(/@client\.example>$/);

    // What a mail client does with it: to its From, with its Message-ID as In-Reply-To.
    const from = /<(".*"@.*)>/.exec(answer?.raw ?? '')?.[1] ?? '';
    await write(from, 'Thanks');
    const sent = await modem.waitForSent(2);
    expect(sent[1]).to.deep.include({ number: '+15551234567', text: 'Thanks' });
  });

  it('a long answer that comes in parts, the last first, is one mail', async () => {
    await write('"sms:+15551234567"@sms.example.com', 'Tell me more');
    await modem.waitForSent(1);
    const long = 'It began yesterday with a noise, äöü, and then… '.repeat(5).trimEnd();
    const { parts } = segment(long, { reference: 7 });
    expect(parts).to.have.length(4);
    for (const part of [...parts].reverse()) {
      const timestamp = '2026-11-23T10:00:00+01:00';
      const tpdu = encodeDeliver({ originator: '+15551234567', timestamp, segment: part });
      modem.inject(`00${toHex(tpdu)}`);
    }
    const [answer] = await relay.received(1);
    expect(answer?.mail.text?.trimEnd()).to.equal(long);
  });

  it('a phone to which two people wrote is asked, and its choice gets all that it has said', async () => {
    await write('"sms:+15551234567"@sms.example.com', 'first', { from: 'ann@office.example' });
    await write('"sms:+15551234567"@sms.example.com', 'second', { from: 'bob@office.example' });
    await modem.waitForSent(2);
    modem.injectText('+15551234567', 'yes');
    const [, , question] = await modem.waitForSent(3);
    expect(question?.text).to.match(/^Whom do you answer\? 1 \w+@office\.example, 2 \w+@office\.example\./);
    const number = /(\d) bob@/.exec(question?.text ?? '')?.[1] ?? '';
    modem.injectText('+15551234567', `${number} at noon`);
    const answers = await relay.received(2);
    expect(answers.map(({ to }) => to.join())).to.deep.equal(['bob@office.example', 'bob@office.example']);
    const texts = answers.map(({ mail }) => mail.text?.trimEnd());
    expect(texts).to.have.members(['yes', 'at noon']);
  });

  it("a phone that nobody wrote to reaches the gateway's mailbox", async () => {
    modem.injectText('+15559999999', 'Is this the front desk?');
    const [mail] = await relay.received(1);
    expect(mail?.to).to.deep.equal(['desk@office.example']);
    expect(mail?.mail.subject).to.equal('SMS from +15559999999');
    expect(mail?.mail.text?.trimEnd()).to.equal('Is this the front desk?');
  });

  it('a message without a body is dropped, and the log says so', async () => {
    modem.injectText('+15559999999', '');
    await product.logged(/dropped: a message without a body/);
    modem.injectText('+15559999999', 'with one');
    await relay.received(1);
    expect(relay.mails).to.have.length(1);
  });

  it('what has been mailed is gone from the modem, and what the relay refuses for now is mailed later', async () => {
    relay.refusals.push('451 4.3.0 not now');
    product.configure({});
    modem.injectText('+15559999999', 'hello');
    await product.logged(/effect is tried again later/);
    await modem.modem.waitForEmpty();
    const stored = await product.cli('queue', 'ls');
    expect(stored.code).to.equal(0);
  });
});
