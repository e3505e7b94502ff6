import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { expect } from 'chai';
import { Hono } from 'hono';
import { HttpServer } from '../../lib/servers/http/server.ts';

describe('an HTTP listener', () => {
  const server = new HttpServer(
    'test',
    new Hono().get('/', (context) => context.text('here')),
    { host: '127.0.0.1', port: 0 },
    2,
  );
  const sockets: Socket[] = [];
  before(() => server.start());
  after(async () => {
    for (const socket of sockets) socket.destroy();
    await server.stop();
  });

  const open = async (): Promise<Socket> => {
    const socket = connect(server.address()?.port ?? 0, '127.0.0.1');
    sockets.push(socket);
    await once(socket, 'connect');
    return socket;
  };

  it('has room for so many connections at once, and answers again when one is over', async () => {
    const first = await open();
    await open();
    const third = await open();
    third.resume();
    await once(third, 'close');
    first.destroy();
    let text = '';
    for (let n = 0; n < 1000 && text === ''; n++) {
      const { port } = server.address() ?? { port: 0 };
      const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } }).catch(
        () => undefined,
      );
      text = (await response?.text()) ?? '';
    }
    expect(text).to.equal('here');
  });
});
