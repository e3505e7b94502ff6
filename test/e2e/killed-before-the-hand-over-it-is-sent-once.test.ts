import { expect } from 'chai';
import { needs, smtplib } from '../support/clients.ts';
import { Product } from '../support/product.ts';
import { type PtyModem, startPtyModem } from '../../lib/emulator/pty.ts';
import { needsPty } from '../support/pty.ts';

describe('killed between the 250 and the hand-over, it is sent exactly once', () => {
  let modem: PtyModem | undefined;
  let product: Product;

  before(needsPty);
  before(needs('python3'));
  afterEach(async () => {
    await product?.dispose();
    await modem?.close();
    modem = undefined;
  });

  const gateway = (device: string) => ({
    gateways: [{ id: 'modem1', type: 'modem', device, from: 'sms:%s@sms.example.com' }],
  });

  it('while the modem was not there yet', async () => {
    product = await new Product(gateway('/nowhere/ttyUSB0')).start();
    const texts = Array.from({ length: 5 }, (_, i) => `alarm ${i}`);
    for (const text of texts) {
      const to = '"sms:+15551234567"@sms.example.com';
      const { code, stderr } = await smtplib({ port: product.port(), to, text });
      expect(code, stderr).to.equal(0);
    }
    expect(await product.stop('SIGKILL')).to.equal('SIGKILL');

    modem = await startPtyModem();
    product.configure(gateway(modem.device));
    await product.start();
    await modem.waitForSent(5);
    await until5Settled(product);
    expect(modem.sent.map(({ text }) => text)).to.deep.equal(texts);
  });

  it('while a message of three parts was under way: parts that went out are not sent again', async () => {
    // It takes two parts, and falls silent in the third.
    modem = await startPtyModem('> PDU [3]\n! deaf');
    product = await new Product({ ...gateway(modem.device), queue: { retry: ['1s'] } }).start();
    const text = 'abcdefghij'.repeat(40);
    await smtplib({ port: product.port(), to: '"sms:+15551234567"@sms.example.com', text });
    await modem.waitForSent(2);
    await product.logged(/"part":2.*part sent/);
    expect(await product.stop('SIGKILL')).to.equal('SIGKILL');
    const before = modem.sent.map((each) => each.tpdu.concat);
    expect(before.map((concat) => concat?.seq)).to.deep.equal([1, 2]);
    await modem.close();

    modem = await startPtyModem();
    product.configure({ ...gateway(modem.device), queue: { retry: ['1s'] } });
    await product.start();
    const sent = await modem.waitForSent(1);
    await product.logged(/"sent"/);
    expect(sent.map((each) => each.tpdu.concat?.seq)).to.deep.equal([3]);
    expect(sent[0]?.tpdu.concat?.ref).to.equal(before[0]?.ref);
    expect(product.output).to.match(/outcome unknown: sent again/);
  });
});

async function until5Settled(product: Product): Promise<void> {
  for (;;) {
    const { stdout } = await product.cli('queue', 'ls', '--state', 'sent', '--json');
    if (stdout.trim().split('\n').length === 5) return;
  }
}
