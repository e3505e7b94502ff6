import { expect } from 'chai';
import { systemClock } from '../../../lib/base/clock.ts';
import { createModemTransport, type ModemTransport } from '../../../lib/transports/modem/modem.ts';
import { needsPty, startPtyModem, type PtyModem } from '../../support/pty.ts';
import { job, KeptEvents, KeptLog } from './rig.ts';

describe('a modem behind a real terminal', function () {
  this.timeout(40_000);
  let modem: PtyModem;
  let transport: ModemTransport;
  let events: KeptEvents;
  const log = new KeptLog();

  before(needsPty);

  async function start(script = '', link?: string): Promise<void> {
    modem = await startPtyModem(script, link === undefined ? {} : { link });
    events = new KeptEvents();
    transport = createModemTransport({ id: 'm', device: modem.device }, { clock: systemClock, log });
    await transport.start(events);
    await events.until(() => events.state === 'up', 'up');
  }

  afterEach(async () => {
    await transport.stop();
    await modem.close();
  });

  it('sends and receives', async () => {
    await start();
    await transport.send(job('over a real line: ä €'), async () => undefined);
    expect(modem.sent.map((sms) => sms.text)).to.deep.equal(['over a real line: ä €']);
    const pdus = modem.injectText('+15557654321', 'and back '.repeat(40));
    await events.until(() => events.received_.length === pdus.length, 'received');
    await modem.modem.waitForEmpty();
    expect(events.received_).to.deep.equal(pdus);
  });

  it('comes back by itself after it was pulled out and plugged in', async () => {
    const link = `/tmp/mailsms-test-modem-${process.pid}`;
    await start('', link);
    await modem.unplug();
    await events.until(() => events.state === 'down', 'down');
    await modem.replug();
    await events.until(() => events.state === 'up', 'up again');
    await transport.send(job('again'), async () => undefined);
    expect(modem.sent.map((sms) => sms.text)).to.deep.equal(['again']);
  });

  it('is not opened by a second gateway of the same process', async () => {
    await start();
    const second = createModemTransport({ id: 'n', device: modem.device }, { clock: systemClock, log });
    const told = new KeptEvents();
    await second.start(told);
    await told.until(() => told.state === 'down', 'down');
    expect(told.statuses.at(-1)?.reason).to.include('in use by another gateway');
    await second.stop();
  });

  it('says that the outcome is not known when the line goes away after the PDU', async () => {
    await start('> PDU\n! take\n! unplug');
    const error = await transport
      .send(job(), async () => undefined)
      .then(
        () => undefined,
        (reason: unknown) => reason,
      );
    expect(error).to.include({ code: 'gateway.unknown' });
    expect(modem.sent).to.have.length(1);
  });
});
