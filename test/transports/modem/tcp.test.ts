import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { systemClock } from '../../../lib/base/clock.ts';
import { createModemTransport } from '../../../lib/transports/modem/modem.ts';
import { openTcp } from '../../../lib/transports/modem/tcp.ts';
import { ScriptedModem } from '../../support/modem.ts';
import { job, KeptEvents, KeptLog } from './rig.ts';

/** A modem behind a TCP port, as ser2net offers it. */
async function serve(
  modem: ScriptedModem,
  port = 0,
): Promise<{ server: Server; port: number; cut: () => void }> {
  let current: Socket | undefined;
  const server = createServer((socket) => {
    current = socket;
    socket.on('error', () => undefined);
    socket.on('data', (octets) => modem.feed(octets));
    socket.on('close', () => modem.detach());
    modem.attach({ write: (octets) => socket.write(octets, 'latin1'), unplug: () => socket.destroy() });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port, cut: () => current?.destroy() };
}

describe('a modem behind a TCP port', () => {
  it('sends, receives, and comes back when the connection was cut', async () => {
    const modem = new ScriptedModem();
    const { server, port, cut } = await serve(modem);
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
    server.close();
  });

  it('is down where nobody listens', async () => {
    const { server, port } = await serve(new ScriptedModem());
    server.close();
    await once(server, 'close');
    const error = await openTcp('127.0.0.1', port, { clock: systemClock }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.include({ code: 'gateway.down' });
    expect(error).to.have.property('detail').that.includes(`tcp://127.0.0.1:${port}: connect ECONNREFUSED`);
  });
});
