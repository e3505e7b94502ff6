import { expect } from 'chai';
import { simpleParser } from 'mailparser';
import { needs, swaks } from '../support/clients.ts';
import { Postfix, freePort, postfixVersion } from '../support/postfix.ts';
import { Product, until } from '../support/product.ts';
import { type PtyModem, startPtyModem } from '../../lib/emulator/pty.ts';
import { needsPty } from '../support/pty.ts';

describe('Postfix on both sides', () => {
  let modem: PtyModem;
  let product: Product;
  let postfix: Postfix;

  before(needsPty);
  before(needs('swaks'));
  before(async function () {
    const found = await postfixVersion();
    if (!('missing' in found)) return;
    process.stderr.write(`    skipped: ${found.missing}\n`);
    this.skip();
  });
  before(async () => {
    modem = await startPtyModem();
    const port = await freePort();
    postfix = await Postfix.start(`
transport_maps = inline:{ sms.example.com=smtp:[127.0.0.1]:${port} }
virtual_mailbox_domains = office.example
virtual_mailbox_base = $folder/mailboxes
virtual_mailbox_maps = inline:{ john@office.example=john/ }
virtual_minimum_uid = 1
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
`);
    product = await new Product({
      smtp: { listen: `127.0.0.1:${port}`, hostname: 'sms.example.com', trusted: ['127.0.0.1/32'] },
      mail: { relay: `smtp://127.0.0.1:${postfix.port}` },
      gateways: [{ id: 'modem1', type: 'modem', device: modem.device, from: 'sms:%s@sms.example.com' }],
    }).start();
  });
  after(async () => {
    await product?.dispose();
    await postfix?.stop();
    await modem?.close();
  });

  const mailbox = (count: number): Promise<string[]> =>
    until(`${count} mails in the mailbox`, async () => {
      const mails = await postfix.mailbox('john');
      return mails.length >= count ? mails : undefined;
    });

  for (const to of ['"sms:+15551234567"@sms.example.com', 'sms:+15551234567?maxmsgs=2@sms.example.com']) {
    it(`relays to ${to}`, async () => {
      const before = modem.sent.length;
      const { code, stdout } = await swaks({ port: postfix.port, to, text: `Grüße an ${to}` });
      expect(code, stdout).to.equal(0);
      const sent = await modem.waitForSent(before + 1);
      expect(sent.at(-1)).to.deep.include({ number: '+15551234567', text: `Grüße an ${to}` });
    });
  }

  it('brings the answer to the mailbox, and it can be answered', async () => {
    modem.injectText('+15551234567', 'Danke 👍');
    const [mail] = await mailbox(1);
    const parsed = await simpleParser(mail ?? '');
    expect(parsed.text?.trimEnd()).to.equal('Danke 👍');
    const from = /^From: .*<(".*)>$/m.exec(mail ?? '')?.[1] ?? '';
    const count = modem.sent.length;
    const { code, stdout } = await swaks({ port: postfix.port, to: from, text: 'Bitte' });
    expect(code, stdout).to.equal(0);
    expect((await modem.waitForSent(count + 1)).at(-1)?.text).to.equal('Bitte');
  });

  it('tells the sender of a wrong number what is wrong with it', async () => {
    const count = (await postfix.mailbox('john')).length;
    await swaks({ port: postfix.port, to: '"sms:+1555x234567"@sms.example.com', text: 'x' });
    const bounce = (await mailbox(count + 1)).find((mail) => mail.includes('multipart/report')) ?? '';
    expect(bounce).to.contain('Status: 5.1.3');
    expect(bounce.replace(/\s+/g, ' ')).to.contain('is not a phone number: "x" at position 9');
  });
});
