import { expect } from 'chai';
import { type TestServer, startServer } from '../support/smtp.ts';
import { dialogue } from '../support/wire.ts';

describe('lines that are made to take memory', () => {
  let server: TestServer;
  afterEach(() => server?.stop());

  const begin = async (settings = {}) => {
    server = await startServer(settings);
    const client = await server.greeted();
    client.send('MAIL FROM:<a@b.example>', 'RCPT TO:<+15551234567@sms.test>', 'DATA');
    await dialogue(client, 'S: 250\nS: 250\nS: 354');
    return client;
  };

  for (const [name, line, read] of [
    ['dots alone', '..\r\n', '.\r\n'],
    ['bare CRs', '\r\r\r.\r\r\n', '\r\r\r.\r\r\n'],
    ['bare LFs before dots', '\n..\n', '\n..\n'],
  ] as const) {
    it(`${name}: 4 MB are one mail, octet for octet`, async () => {
      const client = await begin();
      const count = Math.floor(4_000_000 / line.length);
      client.write(`${line.repeat(count)}\r\n.\r\n`);
      expect(await client.readLine()).to.match(/^250/);
      const raw = Buffer.from(server.door.mails[0]?.raw ?? []);
      expect(raw.equals(Buffer.from(`${read.repeat(count)}\r\n`))).to.equal(true);
    });
  }
});
