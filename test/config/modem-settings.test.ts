import { expect } from 'chai';
import { modemSettings } from '../../lib/transports/modem/kind.ts';
import type { ModemSettings } from '../../lib/transports/modem/settings.ts';
import { loadingText } from './loading.ts';

/** What the modem gateway is given for these settings of the file. */
async function given(settings: string): Promise<ModemSettings> {
  const { config } = await loadingText(
    `gateways: [{ id: m, type: modem, device: COM16${settings === '' ? '' : `, ${settings}`} }]`,
  ).load();
  const [gateway] = config.gateways;
  if (gateway?.type !== 'modem') throw new Error('the gateway is a modem');
  return modemSettings(gateway);
}

describe('the settings of a modem', () => {
  it('are these where the file says nothing', async () => {
    expect(await given('')).to.deep.equal({
      id: 'm',
      device: 'COM16',
      baudRate: 115_200,
      rtscts: false,
      readTimeoutMs: 16_000,
      sendTimeoutMs: 60_000,
      sweepMs: 60_000,
      checkMs: 30_000,
      receive: true,
      init: [],
      longText: 'auto',
      escalate: [],
      trace: false,
    });
  });

  const cases: [setting: string, expected: Partial<ModemSettings>][] = [
    ['rtscts: true', { rtscts: true }],
    ['receive: false', { receive: false }],
    ['init: [\'AT+CSCS="GSM"\', at^curc=0]', { init: ['AT+CSCS="GSM"', 'at^curc=0'] }],
    ['timeouts: { read: 5s, send: 2m }', { readTimeoutMs: 5_000, sendTimeoutMs: 120_000 }],
    ['intervals: { sweep: 15s, check: 2m }', { sweepMs: 15_000, checkMs: 120_000 }],
    ['smsc: "+15550000000"', { smsc: '+15550000000' }],
    ['trace: true', { trace: true }],
    [
      'escalate: [{ after: 3, do: reset }, { after: 5, do: dtr }, { after: 10, do: [uhubctl, -a, cycle] }]',
      {
        escalate: [
          { after: 3, do: 'reset' },
          { after: 5, do: 'dtr' },
          { after: 10, do: { command: ['uhubctl', '-a', 'cycle'] } },
        ],
      },
    ],
  ];
  for (const [setting, expected] of cases) {
    it(`are taken over from the file: ${setting}`, async () => {
      expect(await given(setting)).to.deep.include(expected);
    });
  }
});
