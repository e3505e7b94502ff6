import { expect } from 'chai';
import { Gateway } from './gateway.ts';
import { RawServer } from './provider.ts';

/** What a message becomes where its provider is there in part, or not at all. */
describe('HTTP gateway, when the provider', () => {
  const outcome = async (
    talk: Parameters<typeof startRaw>[0],
    settings: Record<string, unknown> = {},
  ): Promise<{ code: string; requests: number; detail: string }> => {
    const server = await startRaw(talk);
    const gateway = await Gateway.start({
      timeouts: { send: '1s' },
      request: { url: `${server.origin}/?n=%number%&d=%data%`, ...settings },
    });
    try {
      const { code, detail } = await gateway.send('a');
      return { code, detail, requests: server.requests };
    } finally {
      await gateway.stop();
      await server.stop();
    }
  };
  const startRaw = (talk: ConstructorParameters<typeof RawServer>[0]) => new RawServer(talk).start();

  it('does not listen: the gateway is down', async () => {
    const server = await startRaw(() => undefined);
    const { origin } = server;
    await server.stop();
    const gateway = await Gateway.start({ url: `${origin}/?n=%number%&d=%data%` });
    expect((await gateway.send('a')).code).to.equal('gateway.down');
    expect(gateway.transport.status()).to.include({ state: 'down', trial: true });
    await gateway.stop();
  });

  it('speaks no TLS where it should: the gateway is down', async () => {
    const server = await startRaw((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const gateway = await Gateway.start({
      url: `${server.origin.replace('http:', 'https:')}/?n=%number%&d=%data%`,
    });
    expect((await gateway.send('a')).code).to.equal('gateway.down');
    await gateway.stop();
    await server.stop();
  });

  it('never answers: nobody knows', async () => {
    const found = await outcome(() => undefined);
    expect(found).to.include({ code: 'gateway.unknown', requests: 1, detail: 'no answer within 1 s' });
  });

  it('resets after the request: nobody knows', async () => {
    const found = await outcome((socket) => void socket.resetAndDestroy());
    expect(found).to.include({ code: 'gateway.unknown', requests: 1 });
  });

  it('breaks off in the middle of an answer that had to say more: nobody knows', async () => {
    const found = await outcome(
      (socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"id":'),
      { success: { json: { id: { exists: true } } } },
    );
    expect(found).to.include({ code: 'gateway.unknown', requests: 1 });
  });

  it('breaks off where the status said it all: sent, or as the status says', async () => {
    const half = (status: string) => (socket: { end(text: string): unknown }) =>
      void socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 50\r\n\r\nhalf`);
    expect(await outcome(half('200 OK'))).to.include({ code: 'sent', requests: 1 });
    expect(await outcome(half('503 Busy'))).to.include({ code: 'gateway.deferred', requests: 1 });
  });

  it('goes on answering without end: nobody knows', async () => {
    const found = await outcome(
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n');
        socket.write('x'.repeat(200_000));
      },
      { success: { body: '^OK' } },
    );
    expect(found).to.include({
      code: 'gateway.unknown',
      requests: 1,
      detail: 'HTTP 200: the answer is too long',
    });
  });
});
