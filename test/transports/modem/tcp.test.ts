import { expect } from 'chai';
import { systemClock } from '../../../lib/base/clock.ts';
import { createModemTransport } from '../../../lib/transports/modem/modem.ts';
import { openTcp } from '../../../lib/transports/modem/tcp.ts';
import { EmulatedModem } from '../../../lib/emulator/modem.ts';
import { serveModem } from '../../../lib/emulator/socket.ts';
import { job, KeptEvents, KeptLog } from './rig.ts';

describe('a modem behind a TCP port', () => {
  it('sends, receives, and comes back when the connection was cut', async () => {
    const modem = new EmulatedModem();
    const { port, cut, close } = await serveModem(modem);
    const events = new KeptEvents();
    const transport = createModemTransport(
      { id: 'm', device: `tcp://127.0.0.1:${port}` },
      { clock: systemClock, log: new KeptLog() },
    );
    await transport.start(events);
    await events.until(() => events.state === 'up', 'up');
    await transport.send(job('over the net'), async () => undefined);
    const pdus = modem.injectText('+15557654321', 'and back');
    await events.until(() => events.received_.length === 1, 'received');
    expect(events.received_).to.deep.equal(pdus);
    cut();
    await events.until(() => events.state === 'down', 'down');
    await events.until(() => events.state === 'up', 'up again');
    await transport.send(job('again'), async () => undefined);
    expect(modem.sent.map((sms) => sms.text)).to.deep.equal(['over the net', 'again']);
    await transport.stop();
    await close();
  });

  it('is down where nobody listens', async () => {
    const { port, close } = await serveModem(new EmulatedModem());
    await close();
    const error = await openTcp('127.0.0.1', port, { clock: systemClock }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.include({ code: 'gateway.down' });
    expect(error).to.have.property('detail').that.includes(`tcp://127.0.0.1:${port}: connect ECONNREFUSED`);
  });
});
