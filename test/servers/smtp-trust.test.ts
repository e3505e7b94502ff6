import { expect } from 'chai';
import type { SmtpDeps } from '../../lib/servers/smtp/listener.ts';
import { MemoryDoor } from '../support/door.ts';
import { CERTIFICATE, type TestServer, type TestSettings, startServer } from '../support/smtp.ts';
import { dialogue } from '../support/wire.ts';

function plain(user: string, password: string): string {
  return Buffer.from(`\0${user}\0${password}`).toString('base64');
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('SMTP trust', () => {
  let server: TestServer;
  const start = async (settings: TestSettings, deps: Partial<SmtpDeps> = {}): Promise<void> => {
    server = await startServer(settings, deps);
  };
  afterEach(() => server.stop());

  describe('AUTH', () => {
    it('logs in with PLAIN and tells the door who sends', async () => {
      await start({ trusted: [] });
      await dialogue(
        await server.greeted(),
        `C: AUTH PLAIN ${plain('john', 'secret')}
         S: 235 2.7.0
         C: MAIL FROM:<a@b.example>
         S: 250
         C: RCPT TO:<+15551234567@sms.test>
         S: 250`,
      );
      expect(server.door.asked[0]?.session).to.deep.equal({
        via: 'smtp',
        helo: 'client.test',
        remote: '127.0.0.1',
        trusted: false,
        user: 'john',
      });
      expect(server.door.logins[0]?.session).to.deep.equal({
        via: 'smtp',
        helo: 'client.test',
        remote: '127.0.0.1',
        trusted: false,
      });
    });

    it('takes a bearer token where somebody can check it, and else does not offer to', async () => {
      const door = new MemoryDoor();
      door.takesTokens = true;
      const token = base64('user=john\u0001auth=Bearer secret\u0001\u0001');
      await start({}, { door });
      await dialogue(await server.greeted(), `C: AUTH XOAUTH2 ${token}\nS: 235 2.7.0`);
      expect(door.logins[0]).to.deep.include({ user: 'john', password: 'token secret' });
      await server.stop();
      await start({});
      await dialogue(await server.greeted(), `C: AUTH XOAUTH2 ${token}\nS: 504`);
    });

    it('logs in with LOGIN', async () => {
      await start({});
      await dialogue(
        await server.greeted(),
        `C: AUTH LOGIN
         S: 334 ${base64('Username:')}
         C: ${base64('john')}
         S: 334 ${base64('Password:')}
         C: ${base64('secret')}
         S: 235 2.7.0
         C: AUTH PLAIN ${plain('jane', 'secret')}
         S: 503 5.5.1`,
      );
    });

    it('says whether trying again can help', async () => {
      await start({});
      await dialogue(
        await server.greeted(),
        `C: AUTH PLAIN ${plain('john', 'wrong')}
         S: 535 5.7.8 authentication failed
         C: AUTH PLAIN ${plain('down', 'secret')}
         S: 454 4.7.0 authentication is temporarily unavailable`,
      );
    });

    it('ends the session of a stranger who guesses, by AUTH or in addresses', async () => {
      await start({ trusted: [], limits: { failedLogins: 3 } });
      const client = await server.greeted();
      await dialogue(
        client,
        `C: AUTH PLAIN ${plain('john', 'a')}
         S: 535
         C: MAIL FROM:<a@b.example>
         S: 250
         C: RCPT TO:<auth.credentials?user=john&pass=b@sms.test>
         S: 535
         C: RCPT TO:<auth.credentials?user=john&pass=c@sms.test>
         S: 535
         C: RCPT TO:<auth.credentials?user=john&pass=d@sms.test>
         S: 421 4.7.0 too many failed logins
         S: <closed>`,
      );
    });

    it('is neither offered nor taken in plain text from beyond this machine', async () => {
      await start({ trusted: [], local: [], limits: { earlyTalkerMs: 0 } });
      const client = await server.client();
      await client.reply();
      expect((await client.command('EHLO client.test')).join()).to.not.include('AUTH');
      await dialogue(
        client,
        `C: AUTH PLAIN ${plain('john', 'secret')}
         S: 538 5.7.11 encryption is required before authentication
         C: MAIL FROM:<a@b.example>
         S: 250`,
      );
      expect(server.door.logins).to.deep.equal([]);
    });

    it('is taken in plain text where the settings say so', async () => {
      await start({
        trusted: [],
        local: [],
        limits: { earlyTalkerMs: 0 },
        auth: { required: false, insecure: true },
      });
      await dialogue(await server.greeted(), `C: AUTH PLAIN ${plain('john', 'secret')}\nS: 235`);
    });

    it('can be required of everybody but trusted relays', async () => {
      await start({ trusted: [], auth: { required: true, insecure: false } });
      await dialogue(
        await server.greeted(),
        `C: MAIL FROM:<a@b.example>
         S: 530 5.7.0 authentication is required
         C: AUTH PLAIN ${plain('john', 'secret')}
         S: 235
         C: MAIL FROM:<a@b.example>
         S: 250`,
      );
      await server.stop();
      await start({ auth: { required: true, insecure: false } });
      await dialogue(await server.greeted(), 'C: MAIL FROM:<a@b.example>\nS: 250');
    });
  });

  describe('TLS', () => {
    it('is offered by STARTTLS where there is a certificate, and opens AUTH', async () => {
      await start({ trusted: [], local: [], tls: CERTIFICATE, limits: { earlyTalkerMs: 0 } });
      const client = await server.client();
      await client.reply();
      const before = (await client.command('EHLO client.test')).map((line) => line.slice(4));
      expect(before).to.include('STARTTLS');
      await dialogue(client, 'C: STARTTLS\nS: 220 2.0.0');
      await client.secure();
      const after = (await client.command('EHLO client.test')).map((line) => line.slice(4));
      expect(after).to.include('AUTH PLAIN LOGIN').and.to.not.include('STARTTLS');
      await dialogue(
        client,
        `C: AUTH PLAIN ${plain('john', 'secret')}
         S: 235
         C: MAIL FROM:<a@b.example>
         C: RCPT TO:<+15551234567@sms.test>
         C: DATA
         S: 250
         S: 250
         S: 354
         C: hello
         C: .
         S: 250 2.0.0 queued as id1`,
      );
    });

    it('drops what was sent in plain text behind STARTTLS', async () => {
      await start({ tls: CERTIFICATE });
      const client = await server.greeted();
      client.send('STARTTLS', 'MAIL FROM:<injected@b.example>', 'RCPT TO:<+1@sms.test>', 'DATA', 'x', '.');
      await dialogue(client, 'S: 220 2.0.0');
      await client.secure();
      await dialogue(
        client,
        `C: MAIL FROM:<a@b.example>
         S: 503 5.5.1
         C: EHLO client.test
         S: 250-*
         S: 250
         C: RCPT TO:<+15551234567@sms.test>
         S: 503 5.5.1 MAIL FROM comes first`,
      );
      expect(server.door.asked).to.deep.equal([]);
    });

    it('forgets what was said before STARTTLS', async () => {
      await start({ tls: CERTIFICATE });
      const client = await server.greeted();
      await dialogue(
        client,
        `C: AUTH PLAIN ${plain('john', 'secret')}
         S: 235
         C: MAIL FROM:<a@b.example>
         S: 250
         C: STARTTLS
         S: 220`,
      );
      await client.secure();
      await dialogue(
        client,
        `C: EHLO client.test
         S: 250-*
         S: 250
         C: RCPT TO:<+15551234567@sms.test>
         S: 503
         C: MAIL FROM:<a@b.example>
         S: 250
         C: RCPT TO:<+15551234567@sms.test>
         S: 250`,
      );
      expect(server.door.asked[0]?.session).to.not.have.property('user');
    });

    it('comes first on an implicit TLS listener', async () => {
      await start({ tls: { ...CERTIFICATE, implicit: true } });
      const client = await server.client({ tls: true });
      await dialogue(client, 'S: 220 mx.test ESMTP');
      expect((await client.command('EHLO client.test')).join()).to.not.include('STARTTLS');
      await dialogue(client, 'C: STARTTLS\nS: 500 5.5.2');
    });
  });

  describe('XCLIENT and XFORWARD', () => {
    const ehlo = 'C: EHLO client.test\nS: 250-*\nS: 250';

    it('are not there for strangers', async () => {
      await start({ trusted: ['10.0.0.0/8'] });
      const client = await server.client();
      await client.reply();
      expect((await client.command('EHLO client.test')).join()).to.not.match(/XCLIENT|XFORWARD/);
      await dialogue(
        client,
        `C: XCLIENT ADDR=10.0.0.1 LOGIN=john
         S: 550 5.7.0
         C: XFORWARD ADDR=10.0.0.1
         S: 550 5.7.0`,
      );
    });

    it('make the session the client of the relay, no more trusted than that is', async () => {
      await start({});
      await dialogue(
        await server.greeted(),
        `C: XCLIENT ADDR=192.0.2.7 NAME=[UNAVAILABLE]
         S: 220 mx.test
         ${ehlo}
         C: MAIL FROM:<a@b.example>
         S: 250
         C: RCPT TO:<+15551234567@sms.test>
         S: 250
         C: XCLIENT ADDR=127.0.0.1
         S: 550 5.7.0`,
      );
      expect(server.door.asked[0]?.session).to.deep.equal({
        via: 'smtp',
        helo: 'client.test',
        remote: '192.0.2.7',
        trusted: false,
      });
    });

    it('carry over who has logged in at the relay', async () => {
      await start({});
      await dialogue(
        await server.greeted(),
        `C: XCLIENT ADDR=192.0.2.7 LOGIN=john
         S: 220
         ${ehlo}
         C: MAIL FROM:<a@b.example>
         S: 250
         C: RCPT TO:<+15551234567@sms.test>
         S: 250`,
      );
      expect(server.door.asked[0]?.session).to.deep.equal({
        via: 'smtp',
        helo: 'client.test',
        remote: '192.0.2.7',
        trusted: false,
        user: 'john',
      });
    });

    it('say by XFORWARD whom the relay speaks for, and leave the trust with the relay', async () => {
      await start({});
      await dialogue(
        await server.greeted(),
        `C: XFORWARD ADDR=192.0.2.7 HELO=laptop
         S: 250 2.0.0
         C: MAIL FROM:<a@b.example>
         S: 250
         C: RCPT TO:<+15551234567@sms.test>
         S: 250`,
      );
      expect(server.door.asked[0]?.session).to.deep.equal({
        via: 'smtp',
        helo: 'laptop',
        remote: '192.0.2.7',
        trusted: true,
      });
    });

    it('can not smuggle a line end', async () => {
      await start({});
      await dialogue(await server.greeted(), 'C: XCLIENT NAME=a+0D+0Ab\nS: 501 5.5.4');
    });
  });
});
