import { expect } from 'chai';
import { type Letter, has, needs, smtplib, swaks } from '../support/clients.ts';
import { Product, type Finished } from '../support/product.ts';
import { type PtyModem, startPtyModem } from '../../lib/emulator/pty.ts';
import { needsPty } from '../support/pty.ts';

/** 300 characters with umlauts: all of them in the GSM 7-bit alphabet. */
const UMLAUTS = 'Übergrößen ändern öfter die Straßenführung. '.repeat(7).slice(0, 300);

describe('a mail becomes an SMS on a modem', () => {
  let modem: PtyModem;
  let product: Product;

  before(needsPty);
  beforeEach(async () => {
    modem = await startPtyModem();
    product = await new Product({
      gateways: [{ id: 'modem1', type: 'modem', device: modem.device, from: 'sms:%s@sms.example.com' }],
    }).start();
  });
  afterEach(async () => {
    await product?.dispose();
    await modem?.close();
  });

  const clients: [name: string, program: string, send: (letter: Letter) => Promise<Finished>][] = [
    ["Python's smtplib", 'python3', smtplib],
    ['swaks', 'swaks', swaks],
  ];
  for (const [name, program, send] of clients) {
    it(`from ${name}: 300 characters with umlauts take two 7-bit parts`, async function () {
      needs(program).call(this);
      const to = '"sms:+15551234567?maxmsgs=3"@sms.example.com';
      const { code, stdout, stderr } = await send({ port: product.port(), to, text: UMLAUTS });
      expect(code, stdout + stderr).to.equal(0);
      const sent = await modem.waitForSent(2);
      expect(sent.map(({ number }) => number)).to.deep.equal(['+15551234567', '+15551234567']);
      expect(sent.map(({ tpdu }) => tpdu.encoding)).to.deep.equal(['gsm7', 'gsm7']);
      expect(sent.map(({ tpdu }) => tpdu.concat)).to.have.nested.property('[0].total', 2);
      expect(sent.map(({ tpdu }) => tpdu.concat?.seq)).to.deep.equal([1, 2]);
      expect(sent.map(({ text }) => text).join('')).to.equal(UMLAUTS.trimEnd());
    });
  }

  it('with an emoji it takes UCS-2, and no part splits it', async function () {
    if (!has('python3')) this.skip();
    const text = `${'ä'.repeat(66)}🚒${UMLAUTS}`.slice(0, 180);
    const to = '"sms:+15551234567?maxmsgs=3"@sms.example.com';
    const { code, stderr } = await smtplib({ port: product.port(), to, text });
    expect(code, stderr).to.equal(0);
    const sent = await modem.waitForSent(3);
    expect(sent.map(({ tpdu }) => tpdu.encoding)).to.deep.equal(['ucs2', 'ucs2', 'ucs2']);
    expect(sent.map((each) => each.text).join('')).to.equal(text.trimEnd());
    for (const each of sent) expect(each.text).to.not.match(/\p{Surrogate}/u);
  });

  it('what is longer than maxmsgs allows is cut there', async function () {
    if (!has('python3')) this.skip();
    const to = '"sms:+15551234567?maxmsgs=2"@sms.example.com';
    await smtplib({ port: product.port(), to, text: 'x'.repeat(1000) });
    const sent = await modem.waitForSent(2);
    expect(sent.map(({ text }) => text?.length)).to.deep.equal([153, 153]);
    await product.logged(/"sent"/);
    expect(modem.sent).to.have.length(2);
  });
});
