import { expect } from 'chai';
import { Fault } from '../../../lib/base/errors.ts';
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

  it('remembers what put it out of service last, and when', async () => {
    const { transport, memory, clock, events } = await started();
    expect(transport.status()).to.not.have.property('lastError');
    memory.unplug();
    await settle(50);
    const at = clock.now();
    memory.replug();
    await clock.advance(30_000);
    expect(events.state).to.equal('up');
    expect(transport.status().lastError).to.deep.equal({ at, reason: 'unplugged' });
    await transport.stop();
  });

  describe('a job that is not cleared yet', () => {
    it('is taken as far as the prompt, and goes out when it is cleared', async () => {
      const { modem, transport } = await started();
      let clear: () => void = () => undefined;
      const cleared = new Promise<void>((resolve) => (clear = resolve));
      const result = outcome(transport.send(job('x'.repeat(200), { cleared }), async () => undefined));
      await settle(50);
      expect(modem.commands.at(-1)).to.match(/^AT\+CMGS=/);
      expect(modem.pduOctets).to.equal(0);
      clear();
      await settle(50);
      expect(result).to.deep.equal({ settled: true, value: undefined });
      expect(modem.sent).to.have.length(2);
      await transport.stop();
    });

    it('leaves the prompt with nothing sent where it is taken back; the next one goes out', async () => {
      const { modem, transport, clock } = await started();
      const gone = new Fault('internal', { detail: 'somebody else was faster' });
      let refuse: (error: Fault) => void = () => undefined;
      const cleared = new Promise<void>((_, reject) => (refuse = reject));
      const result = outcome(transport.send(job('taken back', { cleared }), async () => undefined));
      await settle(50);
      refuse(gone);
      await settle(50);
      expect(result.error).to.equal(gone);
      expect(modem.pduOctets).to.equal(0);
      const next = outcome(transport.send(job('next'), async () => undefined));
      await clock.advance(2_000);
      expect(next.settled).to.equal(true);
      expect(modem.sent.map(({ text }) => text)).to.deep.equal(['next']);
      await transport.stop();
    });

    it('leaves the prompt where nobody says whether it may go out; what clears it later comes too late', async () => {
      const { modem, transport, clock, events } = await started();
      let clear: () => void = () => undefined;
      const cleared = new Promise<void>((resolve) => (clear = resolve));
      const result = outcome(transport.send(job('never cleared', { cleared }), async () => undefined));
      await settle(50);
      await clock.advance(15_000);
      expect(result.settled).to.equal(false);
      await clock.advance(2_000);
      expect(result.error).to.include({ code: 'gateway.busy', detail: 'not cleared within 16 s' });
      clear();
      await settle(50);
      expect(modem.pduOctets).to.equal(0);
      // It was not the modem that was silent.
      expect(events.state).to.equal('up');
      const next = outcome(transport.send(job('next'), async () => undefined));
      await clock.advance(2_000);
      expect(next.settled).to.equal(true);
      expect(modem.sent.map(({ text }) => text)).to.deep.equal(['next']);
      await transport.stop();
    });

    it('does not wait for a modem that refuses before the prompt', async () => {
      const { transport } = await started('> AT+CMGS=*\n< +CMS ERROR: 38');
      const cleared = new Promise<void>(() => undefined);
      const result = outcome(transport.send(job('x', { cleared }), async () => undefined));
      await settle(50);
      expect(result.error).to.include({ code: 'gateway.deferred' });
      await transport.stop();
    });
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
