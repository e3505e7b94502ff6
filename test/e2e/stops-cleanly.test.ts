import { expect } from 'chai';
import { needs, smtplib } from '../support/clients.ts';
import { Product } from '../support/product.ts';
import { type PtyModem, startPtyModem } from '../../lib/emulator/pty.ts';
import { needsPty } from '../support/pty.ts';

describe('SIGTERM', () => {
  let modem: PtyModem;
  let product: Product;

  before(needsPty);
  before(needs('python3'));
  afterEach(async () => {
    await product?.dispose();
    await modem?.close();
  });

  it('lets the message under way finish, and the next start has nothing to recover', async () => {
    // The modem takes its time over the second part.
    modem = await startPtyModem('> PDU [2]\n! wait 500\n! default');
    const settings = {
      gateways: [{ id: 'modem1', type: 'modem', device: modem.device, from: 'sms:%s@sms.example.com' }],
    };
    product = await new Product(settings).start();
    await smtplib({ port: product.port(), to: '"sms:+15551234567"@sms.example.com', text: 'x'.repeat(300) });
    await product.logged(/"part":1.*part sent/);
    expect(await product.stop('SIGTERM')).to.equal(0);
    expect(modem.sent.map(({ tpdu }) => tpdu.concat?.seq)).to.deep.equal([1, 2]);
    expect(product.output).to.match(/"sent"/);
    expect(product.output).to.match(/stopped/);

    await product.start();
    const { stdout } = await product.cli('queue', 'ls', '--state', 'all', '--json');
    expect(JSON.parse(stdout)).to.have.property('state', 'sent');
    expect(product.output).to.not.match(/unknown|taken up again/);
  });

  it('ends an idle gateway at once, as Ctrl+C does', async () => {
    modem = await startPtyModem();
    product = await new Product().start();
    expect(await product.stop('SIGINT')).to.equal(0);
  });
});
