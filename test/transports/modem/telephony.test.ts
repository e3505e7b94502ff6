import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { needs } from '../../support/clients.ts';
import { Bus } from '../../support/dbus.ts';
import { ScriptedModem } from '../../support/modem.ts';
import { serveModem, type SocketModem } from '../../support/modem-socket.ts';
import { until } from '../../support/product.ts';

/**
 * The telephony services that desktops and phones run on: each brings the modem of the tests up its own way, finds its
 * network, and sends and receives through it. What they ask is far more than we do, and they believe less.
 */
describe('a telephony service on the modem of the tests', function () {
  this.timeout(60_000);
  let bus: Bus;
  let modem: ScriptedModem;
  let served: SocketModem | undefined;

  beforeEach(async () => {
    bus = await new Bus().start();
  });
  afterEach(async () => {
    await bus?.end();
    await served?.close();
    served = undefined;
  });

  describe('oFono', () => {
    /** It keeps what it knows of a SIM under its number, in a place that cannot be chosen. */
    const imsi = `00101${String(process.pid).padStart(10, '7')}`;
    const call = (method: string, ...args: string[]): Promise<string> =>
      bus.call('org.ofono', '/test', `org.ofono.${method}`, ...args);

    before(needs('dbus-daemon', 'dbus-send', 'dbus-monitor', 'ofonod'));
    afterEach(() => {
      for (const name of [imsi, `${imsi}-3`]) {
        rmSync(join('/var/lib/ofono', name), { recursive: true, force: true });
      }
    });

    it('registers it, sends a text, and acknowledges what comes in', async () => {
      modem = new ScriptedModem(`set imsi ${imsi}`);
      served = await serveModem(modem);
      const config = join(bus.dir, 'phonesim.conf');
      writeFileSync(config, `[test]\nAddress=127.0.0.1\nPort=${served.port}\n`);
      bus.spawn('ofonod', ['-n', '-p', 'phonesim,atmodem'], { OFONO_PHONESIM_CONFIG: config });
      const properties = (name: string): Promise<string | undefined> =>
        call(`${name}.GetProperties`).catch(() => undefined);

      await until('the modem', () => properties('Modem'));
      await call('Modem.SetProperty', 'string:Powered', 'variant:boolean:true');
      await until('the SIM', async () =>
        (await properties('SimManager'))?.includes(`variant             string "${imsi}"`),
      );
      await call('Modem.SetProperty', 'string:Online', 'variant:boolean:true');
      const network = await until('the network', async () => {
        const found = await properties('NetworkRegistration');
        return found?.includes('Test Network') === true ? found : undefined;
      });
      expect(network).to.match(/"Status"\s+variant\s+string "registered"/);
      await until('its messages', () => properties('MessageManager'));
      await call('MessageManager.SetProperty', 'string:UseDeliveryReports', 'variant:boolean:true');
      await call('MessageManager.SendMessage', 'string:+15551234567', 'string:from oFono €');
      const [sent] = await modem.waitForSent(1, 20_000);
      expect([sent?.number, sent?.text, sent?.tpdu.statusReport]).to.deep.equal([
        '+15551234567',
        'from oFono €',
        true,
      ]);

      const signals = await bus.monitor('org.ofono.MessageManager');
      modem.injectText('+15557654321', 'for oFono');
      await until('the text', () => signals().includes('string "for oFono"'));
      expect(signals()).to.match(/"Sender"\s+variant\s+string "\+15557654321"/);
      // Each with a PDU of its own (TS 27.005 4.6), so nothing is sent to it anew.
      const acknowledgements = (): number =>
        modem.commands.filter((command) => command.startsWith('AT+CNMA=1,')).length;
      await until('the acknowledgement', () => acknowledgements() === 1);
      modem.injectReport(sent!);
      await until('the acknowledgement of the report', () => acknowledgements() === 2);
      expect(modem.waiting).to.deep.equal([]);
    });
  });

  describe('ModemManager', () => {
    const service = 'org.freedesktop.ModemManager1';
    /** One answer of its own client, as JSON. */
    async function mmcli<T>(...args: string[]): Promise<T> {
      const { code, stdout, stderr } = await bus.run('mmcli', ['--output-json', ...args]);
      expect(code, `mmcli ${args.join(' ')}: ${stderr}`).to.equal(0);
      return (/^\s*\{/.test(stdout) ? JSON.parse(stdout) : stdout) as T;
    }

    before(needs('dbus-daemon', 'dbus-send', 'ModemManager', 'mmcli'));

    it('registers it, sends a text, and fetches what comes in', async () => {
      modem = new ScriptedModem();
      const path = join(bus.dir, 'modem');
      served = await serveModem(modem, { path });
      bus.spawn('ModemManager', [
        // On a session's bus it asks nobody who may do what.
        '--test-session',
        '--test-enable',
        '--test-no-udev',
        '--test-no-suspend-resume',
        '--test-no-qrtr',
        '--no-auto-scan',
      ]);
      const root = '/org/freedesktop/ModemManager1';
      await until('ModemManager', () =>
        bus.call(service, root, 'org.freedesktop.DBus.Peer.Ping').catch(() => undefined),
      );
      const profile = ['string:mailsms', 'string:generic', `array:string:${path}`];
      await bus.call(service, root, `${service}.Test.SetProfile`, ...profile);
      await until(
        'the modem',
        async () => (await mmcli<{ 'modem-list': string[] }>('-L'))['modem-list'].length === 1,
      );
      await mmcli('-m', 'any', '--enable');
      type Shown = { modem: { '3gpp': Record<string, string>; generic: Record<string, unknown> } };
      const shown = await until('the network', async () => {
        const found = await mmcli<Shown>('-m', 'any');
        return found.modem['3gpp']['operator-name'] === 'Test Network' ? found.modem : undefined;
      });
      expect(shown['3gpp']).to.include({
        imei: '490154203237518',
        'registration-state': 'home',
        'operator-code': '00101',
      });

      await mmcli('-m', 'any', "--messaging-create-sms=number='+15551234567',text='from ModemManager €'");
      await mmcli('-s', '0', '--send');
      expect(modem.sent.map(({ number, text }) => [number, text])).to.deep.equal([
        ['+15551234567', 'from ModemManager €'],
      ]);

      modem.injectText('+15557654321', 'for ModemManager');
      const list = async (): Promise<string[]> =>
        (await mmcli<{ 'modem.messaging.sms': string[] }>('-m', 'any', '--messaging-list-sms'))[
          'modem.messaging.sms'
        ];
      const fetched = await until('the text', async () =>
        (await list()).find((name) => !name.endsWith('/0')),
      );
      type Sms = { sms: { content: Record<string, string>; properties: Record<string, string> } };
      const { sms } = await mmcli<Sms>('-s', fetched);
      expect(sms.content).to.include({ number: '+15557654321', text: 'for ModemManager' });
      await mmcli('-m', 'any', `--messaging-delete-sms=${fetched}`);
      expect(modem.stored).to.equal(0);
    });
  });
});
