import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { needs, smtplib } from '../support/clients.ts';
import { ModemStand } from '../support/modem-stand.ts';
import { needsPty } from '../support/pty.ts';

const script = (name: string): string =>
  readFileSync(new URL(`../../fixtures/at/models/${name}.txt`, import.meta.url), 'utf8');

describe('a modem that has text mode alone', () => {
  const stand = new ModemStand();

  before(needsPty);
  before(needs('python3'));
  afterEach(() => stand.end());

  it('carries a mail to the phone, the answer back, and the report that it was delivered', async () => {
    const { modem, relay, product } = await stand.begin(script('text-wavecom-wmod2'));
    const text = `Grüße — ${'й'.repeat(80)}`;
    await smtplib({ port: product.port(), to: '"sms:+15551234567?report=1"@sms.example.com', text });
    const sent = await modem.waitForSent(2);
    expect(sent.map((each) => each.text).join('')).to.equal(text);
    expect(sent.map(({ tpdu }) => [tpdu.concat?.seq, tpdu.statusReport])).to.deep.equal([
      [1, true],
      [2, true],
    ]);
    await product.logged(/"sent"/);
    modem.injectText('+15551234567', 'Danke\nOK');
    const [answer] = await relay.received(1);
    expect(answer?.to).to.deep.equal(['john@office.example']);
    expect(answer?.raw).to.contain('Danke\r\nOK');
    for (const each of sent) modem.injectReport(each);
    await product.logged(/"delivered"/);
    await modem.modem.waitForEmpty();
  });

  it('tells the sender what it cannot carry', async () => {
    const { modem, relay, product } = await stand.begin(script('text-cdma'));
    await smtplib({ port: product.port(), to: '"sms:+15551234567"@sms.example.com', text: 'plain' });
    await modem.waitForSent(1);
    await smtplib({ port: product.port(), to: '"sms:+15551234567"@sms.example.com', text: 'Привет' });
    const [report] = await relay.received(1);
    expect(report?.raw).to.contain('plain texts only');
    const { stdout } = await product.cli('modem', 'probe', '/nowhere/tty');
    expect(stdout).to.contain('no modem');
  });
});
