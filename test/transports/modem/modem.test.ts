import { expect } from 'chai';
import { settle } from '../../support/clock.ts';
import { job, outcome, started } from './rig.ts';

describe('a modem gateway', () => {
  it('brings the modem up and says so', async () => {
    const { events, modem, transport } = await started();
    expect(events.state).to.equal('up');
    expect(modem.commands).to.include.members([
      'ATE0',
      'AT+CMEE=1',
      'AT+CPIN?',
      'AT+CMGF=0',
      'AT+CNMI=2,1,0,2,0',
    ]);
    expect(transport.status().facts).to.include({
      imei: '490154203237518',
      operator: 'Test Network',
      bars: 5,
    });
    await transport.stop();
  });

  it('sends the parts in order and tells the reference of each before the next', async () => {
    const { modem, transport } = await started();
    const told: string[] = [];
    await transport.send(job('x'.repeat(400)), async ({ sequence, reference }) => {
      told.push(`${sequence}:${reference}:${modem.sent.length}`);
      await settle(5);
    });
    expect(told).to.deep.equal(['1:1:1', '2:2:2', '3:3:3']);
    expect(modem.sent.map((sms) => sms.number)).to.deep.equal(Array(3).fill('+15551234567'));
    expect(modem.sent.map((sms) => sms.text).join('')).to.equal('x'.repeat(400));
    await transport.stop();
  });

  it('counts what was sent and what failed, and keeps the last error', async () => {
    const { transport, events } = await started('> PDU [3]\n< +CMS ERROR: 38');
    const told = events.statuses.length;
    await transport.send(job('x'.repeat(200)), async () => undefined);
    await transport.send(job(), async () => undefined).catch(() => undefined);
    const { facts } = transport.status();
    expect(facts).to.include({ sent: 2, failed: 1 });
    expect(facts?.['lastError']).to.include('the mobile network is out of order');
    expect(events.statuses).to.have.length(told);
    await transport.stop();
  });

  it('receives what is indicated and deletes it once it is kept', async () => {
    const { modem, events, transport } = await started();
    let keep: () => void = () => undefined;
    events.onReceived = () => new Promise((resolve) => (keep = resolve));
    const pdus = modem.injectText('+15557654321', 'hi there');
    await settle(50);
    expect(modem.stored).to.equal(1);
    keep();
    await settle(50);
    expect(events.received_).to.deep.equal(pdus);
    expect(modem.stored).to.equal(0);
    await transport.stop();
  });

  it('refuses to send while the modem is not there', async () => {
    const { transport } = await started();
    await transport.stop();
    const result = outcome(transport.send(job(), async () => undefined));
    await settle();
    expect(result.error).to.include({ code: 'gateway.down' });
  });
});
