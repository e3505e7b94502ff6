import { rmSync, writeFileSync } from 'node:fs';
import type { ListenOptions } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { needs } from '../../support/clients.ts';
import { Bus } from '../../support/dbus.ts';
import { EmulatedModem, type SentSms } from '../../../lib/emulator/modem.ts';
import { serveModem, type SocketModem } from '../../../lib/emulator/socket.ts';
import { until } from '../../support/product.ts';

const TEXTS = [
  ['a plain text', 'from one program to another'],
  ['the GSM alphabet and its extension', 'Grüße à ñ: €5 [or] {so} ~ Ω'],
  ['a text of two parts', 'a long text that goes on '.repeat(8).trim()],
  ['a text in UCS-2', 'Привет, 你好'],
  ['a text of two parts in UCS-2', 'Здравствуйте, это длинное сообщение. '.repeat(3).trim()],
] as const;

/**
 * The telephony services that desktops and phones run on: each brings the modem of the tests up its own way, finds its
 * network, and sends and receives through it. What they ask is far more than we do, and they believe less. They read what
 * our encoder writes, and we read what theirs does.
 */
describe('a telephony service on the modem of the tests', function () {
  this.timeout(60_000);
  let bus: Bus;
  let modem: EmulatedModem;
  const ends: (() => Promise<void>)[] = [];

  /** What went out since the call, once it is as much as `text`. */
  async function sent(text: string, send: () => Promise<unknown>): Promise<readonly SentSms[]> {
    const before = modem.sent.length;
    await send();
    const joined = (): string =>
      modem.sent
        .slice(before)
        .map((part) => part.text ?? '')
        .join('');
    await modem.until(() => joined().length >= text.length, `"${text}"`, 20_000);
    expect(joined()).to.equal(text);
    return modem.sent.slice(before);
  }

  afterEach(() => expect(modem.waiting, 'what the network still keeps').to.deep.equal([]));

  /** Puts the modem where a service can reach it, and starts a bus for that. */
  async function begin(script: string, at?: ListenOptions): Promise<SocketModem> {
    modem = new EmulatedModem(script);
    const served = await serveModem(modem, at);
    ends.unshift(() => served.close());
    ends.unshift(() => bus.end());
    await bus.start();
    return served;
  }

  /** Takes down what there is, the service first. */
  async function end(): Promise<void> {
    for (const one of ends.splice(0)) await one();
  }

  describe('oFono', () => {
    /** It keeps what it knows of a SIM under its number, in a place that cannot be chosen. */
    const imsi = `00101${String(process.pid).padStart(10, '7')}`;
    const call = (method: string, ...args: string[]): Promise<string> =>
      bus.call('org.ofono', '/test', `org.ofono.${method}`, ...args);
    const properties = (name: string): Promise<string | undefined> =>
      call(`${name}.GetProperties`).catch(() => undefined);
    /** How many messages and reports it acknowledged, each with a PDU of its own (TS 27.005 4.6). */
    const acknowledged = (): number =>
      modem.commands.filter((command) => command.startsWith('AT+CNMA=1,')).length;
    let signals: () => string;

    before(needs('dbus-daemon', 'dbus-send', 'dbus-monitor', 'ofonod'));
    before(async () => {
      bus = new Bus();
      const served = await begin(`set imsi ${imsi}`);
      const config = join(bus.dir, 'phonesim.conf');
      writeFileSync(config, `[test]\nAddress=127.0.0.1\nPort=${served.port}\n`);
      signals = await bus.monitor('org.ofono.MessageManager');
      bus.spawn('ofonod', ['-n', '-p', 'phonesim,atmodem'], { OFONO_PHONESIM_CONFIG: config });
      await until('the modem', () => properties('Modem'));
      await call('Modem.SetProperty', 'string:Powered', 'variant:boolean:true');
      await until('the SIM', async () => (await properties('SimManager'))?.includes(`string "${imsi}"`));
      await call('Modem.SetProperty', 'string:Online', 'variant:boolean:true');
      await until('its messages', () => properties('MessageManager'));
    });
    after(async () => {
      await end();
      for (const name of [imsi, `${imsi}-3`]) {
        rmSync(join('/var/lib/ofono', name), { recursive: true, force: true });
      }
    });

    it('is registered in its network', async () => {
      const network = await until('the network', async () => {
        const found = await properties('NetworkRegistration');
        return found?.includes('"Test Network"') === true ? found : undefined;
      });
      expect(network).to.match(/"Status"\s+variant\s+string "registered"/);
      expect(network).to.match(/"MobileNetworkCode"\s+variant\s+string "01"/);
    });

    for (const [name, text] of TEXTS) {
      it(`sends ${name}`, async () => {
        const parts = await sent(text, () =>
          call('MessageManager.SendMessage', 'string:+15551234567', `string:${text}`),
        );
        expect(parts.map((part) => part.number)).to.deep.equal(parts.map(() => '+15551234567'));
      });

      it(`receives ${name}, and acknowledges it`, async () => {
        const before = acknowledged();
        const parts = modem.injectText('+15557654321', text);
        await until('the text', () => signals().includes(`string "${text}"`));
        expect(signals()).to.match(/"Sender"\s+variant\s+string "\+15557654321"/);
        await until('the acknowledgements', () => acknowledged() === before + parts.length);
      });
    }

    it('wants a status report, and acknowledges it', async () => {
      const before = acknowledged();
      await call('MessageManager.SetProperty', 'string:UseDeliveryReports', 'variant:boolean:true');
      const [part] = await sent('report', () =>
        call('MessageManager.SendMessage', 'string:+15551234567', 'string:report'),
      );
      expect(part?.tpdu.statusReport).to.equal(true);
      modem.injectReport(part!);
      await until('the acknowledgement', () => acknowledged() === before + 1);
    });
  });

  describe('ModemManager', () => {
    const service = 'org.freedesktop.ModemManager1';
    const root = '/org/freedesktop/ModemManager1';
    interface Shown {
      readonly modem: { readonly '3gpp': Readonly<Record<string, string>> };
    }
    interface Sms {
      readonly sms: Readonly<Record<'content' | 'properties', Readonly<Record<string, string>>>>;
    }

    /** What its own client prints. */
    async function mmcli(...args: string[]): Promise<string> {
      const { code, stdout, stderr } = await bus.run('mmcli', args);
      expect(code, `mmcli ${args.join(' ')}: ${stderr}`).to.equal(0);
      return stdout;
    }
    const shown = async <T>(...args: string[]): Promise<T> =>
      JSON.parse(await mmcli('--output-json', ...args)) as T;
    const messages = async (): Promise<string[]> => {
      const name = 'modem.messaging.sms';
      return (await shown<Record<typeof name, string[]>>('-m', 'any', '--messaging-list-sms'))[name];
    };
    const create = async (text: string, more = ''): Promise<string> => {
      const fields = `number='+15551234567',text='${text}'${more}`;
      return /\S+$/.exec((await mmcli('-m', 'any', `--messaging-create-sms=${fields}`)).trim())?.[0] ?? '';
    };

    before(needs('dbus-daemon', 'dbus-send', 'ModemManager', 'mmcli'));
    after(end);
    before(async () => {
      bus = new Bus();
      const path = join(bus.dir, 'modem');
      await begin('', { path });
      bus.spawn('ModemManager', [
        // On a session's bus it asks nobody who may do what.
        '--test-session',
        '--test-enable',
        '--test-no-udev',
        '--test-no-suspend-resume',
        '--test-no-qrtr',
        '--no-auto-scan',
      ]);
      await until('ModemManager', () =>
        bus.call(service, root, 'org.freedesktop.DBus.Peer.Ping').catch(() => undefined),
      );
      const profile = ['string:mailsms', 'string:generic', `array:string:${path}`];
      await bus.call(service, root, `${service}.Test.SetProfile`, ...profile);
      await until('the modem', async () => (await mmcli('-L')).includes('Mailsms'));
      await mmcli('-m', 'any', '--enable');
    });

    it('is registered in its network', async () => {
      const found = await until('the network', async () => {
        const gsm = (await shown<Shown>('-m', 'any')).modem['3gpp'];
        return gsm['operator-name'] === 'Test Network' ? gsm : undefined;
      });
      expect(found).to.include({
        imei: '490154203237518',
        'registration-state': 'home',
        'operator-code': '00101',
      });
    });

    for (const [name, text] of TEXTS) {
      it(`sends ${name}`, async () => {
        const made = await create(text);
        const parts = await sent(text, () => mmcli('-s', made, '--send'));
        expect(parts.map((part) => part.number)).to.deep.equal(parts.map(() => '+15551234567'));
        await mmcli('-m', 'any', `--messaging-delete-sms=${made}`);
      });

      it(`fetches ${name}, and deletes it`, async () => {
        // Of two indications in one breath it follows the first alone, so the second part comes when the first was read.
        for (const pdu of modem.pdusOf('+15557654321', text)) {
          modem.inject(pdu);
          await until('the part', async () => (await messages()).length === 1);
        }
        const fetched = await until('the text', async () => {
          const [path] = await messages();
          if (path === undefined) return undefined;
          const { sms } = await shown<Sms>('-s', path);
          return sms.properties['state'] === 'received' ? { path, ...sms } : undefined;
        });
        expect(fetched.content).to.include({ number: '+15557654321', text });
        await mmcli('-m', 'any', `--messaging-delete-sms=${fetched.path}`);
        expect(modem.stored).to.equal(0);
      });
    }

    it('wants a status report, and reads it', async () => {
      const made = await create('report', ",delivery-report-request='yes'");
      const [part] = await sent('report', () => mmcli('-s', made, '--send'));
      modem.injectReport(part!);
      const report = await until('the report', async () => (await messages()).find((path) => path !== made));
      expect((await shown<Sms>('-s', report)).sms.properties).to.include({
        'pdu-type': 'status-report',
        'message-reference': String(part?.reference),
        'delivery-state': 'completed-received',
      });
    });
  });
});
