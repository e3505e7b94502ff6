import { expect } from 'chai';
import { settle } from '../../support/clock.ts';
import type { ReceivedSms } from '../../../lib/routing/transport.ts';
import { job, outcome, rig, started } from './rig.ts';

const NUMBER = '+15557654321';
const deletions = (commands: readonly string[]): number =>
  commands.filter((line) => line.startsWith('AT+CMGD=')).length;

describe('receiving', () => {
  it('looks through all storages at the start', async () => {
    const made = await started('> AT+CNMI*\n< ERROR');
    await made.transport.stop();
    // What came while nobody was there: two in the SIM, one in the modem, a report.
    for (const [storage, index, text] of [
      ['SM', 4, 'one'],
      ['SM', 9, 'two'],
      ['ME', 1, 'three'],
      ['SR', 2, 'four'],
    ] as const) {
      const [pdu = ''] = made.modem.injectText(NUMBER, text);
      made.modem.waiting.length = 0;
      made.modem.storages.get(storage)?.set(index, { stat: storage === 'ME' ? 1 : 0, hex: pdu });
    }
    expect(made.modem.stored).to.equal(4);
    const { createModemTransport } = await import('../../../lib/transports/modem/modem.ts');
    const next = createModemTransport(
      { id: 'm', device: 'x' },
      { clock: made.clock, log: made.log, openPort: made.memory.openPort },
    );
    await next.start(made.events);
    await settle(300);
    expect(made.events.received_).to.have.length(4);
    expect(made.modem.stored).to.equal(0);
    await next.stop();
  });

  it('leaves alone what was put into the storage to be sent', async () => {
    const { modem, clock, events, transport } = await started();
    modem.storages.get('SM')?.set(3, { stat: 2, hex: '0001000B915155214365F7000001C8' });
    modem.storages.get('SM')?.set(4, { stat: 3, hex: '0001000B915155214365F7000001C8' });
    await clock.advance(60_000);
    expect(events.received_).to.deep.equal([]);
    expect(modem.stored).to.equal(2);
    await transport.stop();
  });

  it('looks again every minute, for what the modem did not say', async () => {
    const { modem, clock, events, transport } = await started('> AT+CNMI*\n< ERROR');
    const pdus = modem.injectText(NUMBER, 'silent');
    await clock.advance(59_000);
    expect(events.received_).to.deep.equal([]);
    await clock.advance(1_000);
    expect(events.received_).to.deep.equal(pdus);
    await transport.stop();
  });

  it('does not delete what could not be kept, and offers it again with the next sweep', async () => {
    const { modem, clock, events, transport } = await started();
    let broken = true;
    events.onReceived = () => (broken ? Promise.reject(new Error('the disk is full')) : Promise.resolve());
    const pdus = modem.injectText(NUMBER, 'keep me');
    await clock.advance(180_000);
    expect(modem.stored).to.equal(1);
    expect(deletions(modem.commands)).to.equal(0);
    broken = false;
    await clock.advance(60_000);
    expect(events.received_).to.deep.equal(pdus);
    expect(modem.stored).to.equal(0);
    await transport.stop();
  });

  it('does not wait for ever for a store that does not answer', async () => {
    const { modem, clock, events, transport } = await started();
    let first = true;
    events.onReceived = () => {
      const hangs = first;
      first = false;
      return hangs ? new Promise(() => undefined) : Promise.resolve();
    };
    modem.injectText(NUMBER, 'patience');
    await clock.advance(120_000);
    expect(events.received_).to.have.length(1);
    expect(modem.stored).to.equal(0);
    await transport.stop();
  });

  it('does not offer again what was kept but could not be deleted', async () => {
    const { modem, clock, events, transport } = await started('> AT+CMGD=* [1-3]\n< +CMS ERROR: 320');
    modem.injectText(NUMBER, 'sticky');
    await clock.advance(240_000);
    expect(events.received_).to.have.length(1);
    expect(modem.stored).to.equal(0);
    await transport.stop();
  });

  it('is not confused by a place that is used anew', async () => {
    const { modem, clock, events, transport } = await started('> AT+CMGD=* [1]\n< +CMS ERROR: 320');
    const [one = ''] = modem.injectText(NUMBER, 'one');
    await clock.advance(1_000);
    expect(modem.stored).to.equal(1);
    const [two = ''] = modem.injectText(NUMBER, 'two');
    await clock.advance(1_000);
    const [three = ''] = modem.injectText(NUMBER, 'three');
    modem.storages.get('SM')?.set(1, { stat: 0, hex: three });
    await clock.advance(60_000);
    expect([...new Set(events.received_)]).to.deep.equal([one, two, three]);
    expect(modem.stored).to.equal(0);
    await transport.stop();
  });

  it('reads a message whose line was damaged again', async () => {
    const { modem, clock, events, transport } = await started(
      '> AT+CMGR=* [1]\n< +CMGR: 0,,26\n<< 0791\\xff5155\\r\\n\\r\\nOK\\r\\n\n> AT+CMGL=4 [4]\n< +CMGL: 1,1,,26\n<< 07915155\\r\\n\\r\\nOK\\r\\n',
    );
    const pdus = modem.injectText(NUMBER, 'damaged on the way');
    await clock.advance(120_000);
    expect(events.received_).to.deep.equal(pdus);
    await transport.stop();
  });

  it('gets along with a modem that does not know AT+CMGL', async () => {
    const { modem, clock, events, transport } = await started('> AT+CMGL*\n< ERROR\n> AT+CNMI*\n< ERROR');
    const pdus = [...modem.injectText(NUMBER, 'one'), ...modem.injectText(NUMBER, 'two')];
    await clock.advance(60_000);
    expect(events.received_).to.deep.equal(pdus);
    expect(modem.stored).to.equal(0);
    await transport.stop();
  });

  it('drains a storage that is full, and the network brings the rest', async () => {
    const { modem, clock, events, transport } = await started('set storages SM:3');
    let keep = false;
    events.onReceived = () => (keep ? Promise.resolve() : Promise.reject(new Error('not yet')));
    const pdus = Array.from({ length: 8 }, (_, at) => modem.injectText(NUMBER, `message ${at}`)).flat();
    await clock.advance(1_000);
    expect(modem.stored).to.equal(3);
    expect(modem.waiting).to.have.length(5);
    keep = true;
    await clock.advance(61_000);
    expect(modem.stored).to.equal(0);
    expect([...events.received_].sort()).to.deep.equal([...pdus].sort());
    await transport.stop();
  });

  it('takes the parts of a long message from several storages', async () => {
    const { modem, clock, events, transport } = await started();
    const pdus = modem.injectText(NUMBER, 'long '.repeat(80));
    await clock.advance(100);
    expect(events.received_).to.deep.equal(pdus);
    const [a = '', b = ''] = pdus;
    modem.storages.get('SM')?.set(1, { stat: 0, hex: a });
    modem.storages.get('ME')?.set(1, { stat: 0, hex: b });
    await clock.advance(60_000);
    expect(events.received_.slice(pdus.length)).to.deep.equal([a, b]);
    await transport.stop();
  });

  it('survives a storm of indications', async () => {
    const { modem, clock, events, transport } = await started();
    for (let i = 0; i < 500; i++) modem.say(`+CMTI: "SM",${(i % 20) + 1}`);
    const pdus = modem.injectText(NUMBER, 'in the eye');
    await clock.advance(2_000);
    expect(events.received_).to.deep.equal(pdus);
    expect(modem.commands.filter((line) => line.startsWith('AT+CMGR=')).length).to.be.lessThan(60);
    await transport.stop();
  });

  it('sends while it receives', async () => {
    const { modem, clock, events, transport } = await started();
    const incoming = Array.from({ length: 10 }, (_, at) => modem.injectText(NUMBER, `in ${at}`)).flat();
    const result = outcome(transport.send(job('out'), async () => undefined));
    await clock.advance(500);
    expect(result).to.deep.equal({ settled: true, value: undefined });
    expect([...events.received_].sort()).to.deep.equal([...incoming].sort());
    await transport.stop();
  });

  describe('what the modem hands over directly', () => {
    const DIRECT = [1, 2, 3].map((mode) => `> AT+CNMI=${mode},1*\n< ERROR`).join('\n');

    it('is acknowledged once it is kept', async () => {
      const { modem, clock, events, transport } = await started(DIRECT);
      let keep: () => void = () => undefined;
      events.onReceived = () => new Promise((resolve) => (keep = resolve));
      const pdus = modem.injectText(NUMBER, 'direct');
      await clock.advance(100);
      expect(modem.commands).to.not.include('AT+CNMA');
      keep();
      await clock.advance(100);
      expect(modem.commands).to.include('AT+CNMA');
      expect(events.received_).to.deep.equal(pdus);
      await transport.stop();
    });

    it('is refused where it could not be kept, and the network sends it again', async () => {
      const { modem, clock, events, transport } = await started(DIRECT);
      let broken = true;
      events.onReceived = () => (broken ? Promise.reject(new Error('the disk is full')) : Promise.resolve());
      const pdus = modem.injectText(NUMBER, 'direct');
      await clock.advance(100);
      expect(modem.waiting).to.have.length(1);
      broken = false;
      modem.retry();
      await clock.advance(100);
      expect(events.received_).to.deep.equal(pdus);
      expect(modem.waiting).to.have.length(0);
      await transport.stop();
    });

    it('is held in memory where the modem acknowledges by itself', async () => {
      const { modem, clock, events, transport } = await started(`set csms off\n${DIRECT}`);
      let broken = true;
      events.onReceived = () => (broken ? Promise.reject(new Error('the disk is full')) : Promise.resolve());
      const pdus = modem.injectText(NUMBER, 'direct');
      await clock.advance(100);
      broken = false;
      await clock.advance(60_000);
      expect(events.received_).to.deep.equal(pdus);
      expect(modem.commands).to.not.include('AT+CNMA');
      await transport.stop();
    });

    for (const [name, script] of [
      ['acknowledges by itself', `set csms off\n${DIRECT}`],
      ['is to be told', DIRECT],
    ] as const) {
      it(`is kept though the modem is pulled out while it waits its turn; the modem ${name}`, async () => {
        const { modem, memory, events, transport } = await started(script);
        let keep: () => void = () => undefined;
        events.onReceived = () => new Promise((resolve) => (keep = resolve));
        const pdus = modem.injectText(NUMBER, 'first');
        for (const text of ['second', 'third']) {
          const [pdu = ''] = modem.injectText(NUMBER, text);
          if (modem.waiting.some((waiting) => waiting === pdu))
            modem.say(`+CMT: ,${pdu.length / 2 - 8}\r\n${pdu}`);
          pdus.push(pdu);
        }
        await settle(50);
        expect(events.received_).to.have.length(0);
        memory.unplug();
        for (let n = 0; n < 3; n++) {
          keep();
          await settle(50);
        }
        expect(events.received_).to.deep.equal(pdus);
        await transport.stop();
      });
    }

    it('may be a message of class 0, whatever was agreed', async () => {
      const { modem, clock, events, transport } = await started('set csms off');
      const [pdu = ''] = modem.injectText(NUMBER, 'flash');
      modem.say(`+CMT: ,${pdu.length / 2 - 8}\r\n${pdu}`);
      await clock.advance(100);
      expect(events.received_).to.include(pdu);
      await transport.stop();
    });
  });

  describe('status reports', () => {
    it('come from their storage', async () => {
      const { modem, clock, events, transport } = await started();
      await transport.send(job('report?', { options: { statusReport: true } }), async () => undefined);
      const [sms] = modem.sent;
      expect(sms?.tpdu.statusReport).to.equal(true);
      const report = modem.injectReport(sms ?? { reference: 0, number: '' });
      await clock.advance(100);
      expect(events.received_).to.deep.equal([report]);
      expect(modem.stored).to.equal(0);
      await transport.stop();
    });

    it('come directly, and are acknowledged', async () => {
      const { modem, clock, events, transport } = await started('set storages SM:20');
      const report = modem.injectReport({ reference: 5, number: NUMBER });
      await clock.advance(100);
      expect(events.received_).to.deep.equal([report]);
      expect(modem.commands).to.include('AT+CNMA');
      await transport.stop();
    });

    it('may lack the service centre', async () => {
      const kinds: boolean[] = [];
      const tap = {
        received: async (sms: ReceivedSms) => void (sms.kind === 'pdu' && kinds.push(sms.smsc)),
        health: () => undefined,
      };
      const { transport, modem, clock } = rig('set csms off');
      await transport.start(tap);
      await settle(300);
      const tpdu = '06050B915155674523F1621132214365006211322143650000';
      modem.say(`+CDS: ${tpdu.length / 2}\r\n${tpdu}`);
      await clock.advance(100);
      expect(kinds).to.deep.equal([false]);
      await transport.stop();
    });
  });
});
