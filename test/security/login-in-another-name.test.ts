import { expect } from 'chai';
import { type TestServer, startServer } from '../support/smtp.ts';

/** RFC 4616 2: authzid NUL authcid NUL passwd. */
describe('AUTH PLAIN in another name', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startServer();
  });
  afterEach(() => server.stop());

  const auth = async (token: string): Promise<string | undefined> => {
    const client = await server.greeted();
    const [answer] = await client.command(`AUTH PLAIN ${Buffer.from(token).toString('base64')}`);
    return answer;
  };

  for (const [name, token] of [
    ['without a login', 'ann\0\0secret'],
    ['without any name', '\0\0secret'],
    ['for somebody else', 'boss\0ann\0secret'],
    ['for a name that contains the login', 'ann2\0ann\0secret'],
  ] as const) {
    it(`${name} is refused, whatever the password`, async () => {
      expect(await auth(token)).to.match(/^535 5\.7\.8 /);
      expect(server.door.logins).to.deep.equal([]);
    });
  }

  for (const token of ['\0ann\0secret', 'ann\0ann\0secret', 'ANN\0ann\0secret']) {
    it(`in one's own is taken: ${JSON.stringify(token)}`, async () => {
      expect(await auth(token)).to.match(/^235 /);
    });
  }

  it('counts as a failed login', async () => {
    await server.stop();
    server = await startServer({ trusted: [] });
    const client = await server.greeted();
    const token = Buffer.from('boss\0ann\0secret').toString('base64');
    for (let i = 0; i < 5; i++) expect((await client.command(`AUTH PLAIN ${token}`))[0]).to.match(/^535/);
    expect((await client.command('NOOP'))[0]).to.match(/^421/);
  });
});
