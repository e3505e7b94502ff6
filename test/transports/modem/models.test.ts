import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { job, started } from './rig.ts';

const FOLDER = new URL('../../../fixtures/at/models/', import.meta.url);
const script = (name: string): string => readFileSync(new URL(`${name}.txt`, FOLDER), 'utf8');
const cnmi = (commands: readonly string[]): string | undefined =>
  commands.filter((line) => line.startsWith('AT+CNMI=')).at(-1);

describe('a modem of its make', () => {
  // Those with text mode alone have a test of their own: text-mode.test.ts.
  for (const file of readdirSync(FOLDER)
    .sort()
    .filter((name) => !name.startsWith('text-'))) {
    const name = file.replace('.txt', '');
    it(`${name}: sends, receives and gets reports`, async () => {
      const { modem, events, clock, transport } = await started(script(name));
      await clock.advance(20_000);
      expect(events.state).to.equal('up');
      await transport.send(job('y'.repeat(200), { options: { statusReport: true } }), async () => undefined);
      expect(modem.sent.map((sms) => sms.text).join('')).to.equal('y'.repeat(200));
      if (name !== 'phone-that-only-sends') {
        const pdus = modem.injectText('+15557654321', 'z'.repeat(200));
        const report = modem.injectReport(modem.sent[0] ?? { reference: 0, number: '' });
        await clock.advance(61_000);
        expect([...events.received_].sort()).to.deep.equal([...pdus, report].sort());
        expect(modem.stored).to.equal(0);
      }
      expect(events.state).to.equal('up');
      await transport.stop();
    });
  }

  it('Siemens is told <bfr> 1', async () => {
    const { modem, transport } = await started(script('siemens-tc35i'));
    expect(cnmi(modem.commands)).to.equal('AT+CNMI=2,1,0,1,1');
    await transport.stop();
  });

  it('Huawei is not told to keep reports where nobody can read them', async () => {
    const { modem, transport } = await started(script('huawei-e1550'));
    expect(modem.commands).to.include('AT^CURC=0');
    expect(modem.commands.filter((line) => /CNMI=\d,\d,\d,2/.test(line))).to.deep.equal([]);
    expect(transport.status().facts).to.include({ iccid: '89490000000000000001' });
    await transport.stop();
  });

  it("Teltonika RUT955 is its Quectel module: roaming for LTE alone, its SIM asked for in that make's way", async () => {
    const { transport } = await started(script('teltonika-rut955'));
    expect(transport.status()).to.deep.include({ state: 'up' });
    expect(transport.status().facts).to.include({ registration: 'roaming', iccid: '8937000000000000001' });
    await transport.stop();
  });

  it('SIM7600 is found to be registered for LTE alone', async () => {
    const { transport } = await started(script('simcom-sim7600'));
    expect(transport.status()).to.deep.include({ state: 'up' });
    expect(transport.status().facts).to.include({ registration: 'home', firmware: 'LE20B03SIM7600M22' });
    await transport.stop();
  });
});
