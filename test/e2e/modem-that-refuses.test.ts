import { expect } from 'chai';
import { needs, smtplib } from '../support/clients.ts';
import { ModemStand } from '../support/modem-stand.ts';
import { needsPty } from '../support/pty.ts';

describe('a modem that refuses', () => {
  const stand = new ModemStand();

  before(needsPty);
  before(needs('python3'));
  afterEach(() => stand.end());

  it('says +CMS ERROR: 38 twice and then accepts: the text goes out once, and nobody is bothered', async () => {
    const { modem, relay, product } = await stand.begin('> PDU [1-2]\n< +CMS ERROR: 38', {
      queue: { retry: ['50ms'] },
    });
    await smtplib({
      port: product.port(),
      to: '"sms:+15551234567"@sms.example.com',
      text: 'third time lucky',
    });
    const sent = await modem.waitForSent(1);
    expect(sent.map(({ text }) => text)).to.deep.equal(['third time lucky']);
    await product.logged(/"sent"/);
    const { stdout } = await product.cli('queue', 'ls', '--state', 'all', '--json');
    expect(JSON.parse(stdout)).to.deep.include({ state: 'sent', attempts: 2 });
    expect(relay.mails).to.deep.equal([]);
  });

  it('refuses for good: the sender gets a report with the cause and the original text', async () => {
    const { modem, relay, product } = await stand.begin('> PDU\n< +CMS ERROR: 28');
    await smtplib({
      port: product.port(),
      to: '"sms:+15551234567?user=u&pass=hunter2"@sms.example.com',
      subject: 'Alarm',
      text: 'the boiler is cold',
    });
    const [report] = await relay.received(1);
    expect(report).to.deep.include({ from: '', to: ['john@office.example'] });
    expect(report?.raw).to.match(/^Content-Type: multipart\/report; report-type=delivery-status/m);
    expect(report?.raw).to.match(/^Action: failed\r$/m);
    expect(report?.raw).to.match(/^Status: 5\.\d+\.\d+\r$/m);
    expect(report?.raw).to.contain('the boiler is cold').and.to.contain('+15551234567');
    expect(report?.raw).to.not.contain('hunter2');
    expect(modem.sent).to.have.length(0);
  });

  it('never accepts: it is tried until the message expires, then the report comes', async () => {
    const { relay, product } = await stand.begin('> PDU\n< +CMS ERROR: 38', {
      queue: { retry: ['100ms'], expireMinutes: 0.05 },
    });
    await smtplib({
      port: product.port(),
      to: '"sms:+15551234567"@sms.example.com',
      text: 'nobody hears me',
    });
    const [report] = await relay.received(1);
    expect(report?.raw).to.match(/^Action: failed\r$/m);
    expect(report?.raw).to.contain('nobody hears me');
    const { stdout } = await product.cli('queue', 'ls', '--state', 'all', '--json');
    const message = JSON.parse(stdout) as { state: string; attempts: number };
    expect(message.state).to.equal('expired');
    expect(message.attempts).to.be.greaterThan(1);
  });
});
