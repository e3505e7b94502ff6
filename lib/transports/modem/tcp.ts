import { cannotOpen, Inlet, opened, type Port, type PortOptions } from './at/port.ts';

/** A raw TCP connection, as ser2net and Ethernet modems offer it. */
export async function openTcp(host: string, port: number, options: PortOptions): Promise<Port> {
  const { connect } = await import('node:net');
  const name = `tcp://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 });
  const inlet = new Inlet();
  let last = 'the connection was closed';
  socket.on('data', (bytes) => inlet.data(bytes));
  socket.on('error', (error) => {
    last = error.message;
  });
  socket.on('end', () => socket.destroy());
  socket.on('close', () => inlet.close(last));
  const opening = new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('close', () => reject(cannotOpen(name, last)));
  });
  const shut = async (): Promise<void> => {
    socket.destroy();
  };
  await opened(name, opening, shut, options);
  return {
    name,
    write: (bytes) =>
      new Promise((resolve, reject) => {
        socket.write(bytes, (error) => (error === null || error === undefined ? resolve() : reject(error)));
      }),
    listen: (listener) => inlet.listen(listener),
    close: async () => {
      await shut();
      inlet.close('closed');
    },
  };
}
