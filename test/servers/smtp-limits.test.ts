import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { expect } from 'chai';
import { smtp } from '../../lib/servers/smtp/section.ts';
import { SMTP_LIMITS } from '../../lib/servers/smtp/settings.ts';
import { ManualClock } from '../support/clock.ts';
import { CERTIFICATE, type TestServer, type TestSettings, startServer } from '../support/smtp.ts';
import { CLOSED, type WireClient, dialogue } from '../support/wire.ts';

const TIMEOUT = smtp.parse({}).timeout;
const STRANGER: TestSettings = { trusted: [], local: [] };

describe('SMTP limits', () => {
  let server: TestServer;
  let clock: ManualClock;
  const start = async (settings: TestSettings): Promise<void> => {
    clock = new ManualClock();
    server = await startServer(settings, { clock });
  };
  afterEach(() => server.stop());

  const beginMail = async (client: WireClient): Promise<void> => {
    client.send('MAIL FROM:<a@b.example>', 'RCPT TO:<+15551234567@sms.test>', 'DATA');
    await dialogue(client, 'S: 250\nS: 250\nS: 354');
  };

  describe('before the banner', () => {
    it('a stranger waits', async () => {
      await start(STRANGER);
      const client = await server.client();
      await server.log.said('connected');
      await clock.advance(SMTP_LIMITS.earlyTalkerMs - 1);
      expect(client.unread).to.equal('');
      await clock.advance(1);
      await dialogue(client, 'S: 220 mx.test ESMTP\nC: EHLO x\nS: 250-*\nS: 250');
    });

    it('a stranger who talks is refused', async () => {
      await start(STRANGER);
      const client = await server.client();
      client.send('EHLO bot');
      await dialogue(client, 'S: 554 5.5.1 you talked before the greeting\nS: <closed>');
    });

    it('a stranger who begins to talk is refused', async () => {
      await start(STRANGER);
      const client = await server.client();
      client.write('EH');
      await server.log.said('connected');
      // The octets come through a socket: the wait is only over once they are there.
      for (let i = 0; i < 100 && client.unread === ''; i++) await clock.advance(1);
      await clock.advance(SMTP_LIMITS.earlyTalkerMs);
      await dialogue(client, 'S: 554 5.5.1 you talked before the greeting\nS: <closed>');
    });

    it('nobody waits on this machine', async () => {
      await start({ trusted: [] });
      await dialogue(await server.client(), 'S: 220');
    });

    it('no trusted relay waits', async () => {
      await start({ trusted: ['127.0.0.0/8'], local: [] });
      await dialogue(await server.client(), 'S: 220');
    });
  });

  describe('of size', () => {
    it('refuse a mail that is declared too large', async () => {
      await start({ limits: { maxSize: 1000 } });
      await dialogue(
        await server.greeted(),
        'C: MAIL FROM:<a@b.example> SIZE=1001\nS: 552 5.3.4\nC: MAIL FROM:<a@b.example> SIZE=1000\nS: 250',
      );
    });

    it('refuse a mail that turns out too large, and keep nothing of it', async () => {
      await start({ limits: { maxSize: 1000, pendingOctets: 1000 } });
      const client = await server.greeted();
      await beginMail(client);
      for (let i = 0; i < 100; i++) client.send('x'.repeat(98));
      await dialogue(client, 'C: .\nS: 552 5.3.4 the mail is larger than the 1000 octets allowed here');
      expect(server.door.mails).to.deep.equal([]);
      await beginMail(client);
      client.send('x'.repeat(998), '.');
      await dialogue(client, 'S: 250 2.0.0');
    });

    it('bound all mails together', async () => {
      await start({ limits: { maxSize: 1000, pendingOctets: 1500 } });
      const first = await server.greeted();
      const second = await server.greeted();
      let reached = (): void => {};
      const submitted = new Promise<void>((resolve) => (reached = resolve));
      let release = (): void => {};
      server.door.onSubmit = () => {
        reached();
        return new Promise((resolve) => (release = resolve));
      };
      await beginMail(first);
      first.send('x'.repeat(998), '.');
      await submitted;
      await beginMail(second);
      second.send('x'.repeat(998), '.');
      await dialogue(second, 'S: 452 4.3.1 too much mail is coming in at once');
      release();
      await dialogue(first, 'S: 250 2.0.0');
      server.door.onSubmit = async () => {};
      await beginMail(second);
      second.send('x'.repeat(998), '.');
      await dialogue(second, 'S: 250 2.0.0');
    });

    it('of a mail whose client goes away are given back', async () => {
      await start({ limits: { maxSize: 1000, pendingOctets: 1000 } });
      const gone = await server.greeted();
      await beginMail(gone);
      gone.send('x'.repeat(900));
      gone.end();
      expect(await gone.readLine()).to.equal(CLOSED);
      const client = await server.greeted();
      await beginMail(client);
      client.send('x'.repeat(998), '.');
      await dialogue(client, 'S: 250 2.0.0');
    });

    it('refuse a line that is too long and go on', async () => {
      await start({});
      const client = await server.greeted();
      client.send(`NOOP ${'x'.repeat(2044)}`);
      await dialogue(client, 'S: 500 5.5.2 the line is too long\nC: NOOP\nS: 250');
    });

    it('end a session whose line has no end', async () => {
      await start({});
      const client = await server.greeted();
      client.write('x'.repeat(100_000));
      await dialogue(client, 'S: 500 5.5.2 the line is too long\nS: <closed>');
    });

    it('bound the recipients of a mail', async () => {
      await start({ limits: { maxRecipients: 2 } });
      await dialogue(
        await server.greeted(),
        `C: MAIL FROM:<a@b.example>
         S: 250
         C: RCPT TO:<+15551234561@sms.test>
         S: 250
         C: RCPT TO:<+15551234562@sms.test>
         S: 250
         C: RCPT TO:<+15551234563@sms.test>
         S: 452 4.5.3 too many recipients
         C: DATA
         S: 354
         C: .
         S: 250 2.0.0 queued as id1 id2`,
      );
    });
  });

  describe('of connections', () => {
    it('bound them all, and count those that have gone out', async () => {
      await start({ limits: { maxConnections: 2 } });
      const first = await server.greeted();
      await server.greeted();
      await dialogue(
        await server.client(),
        'S: 421 4.3.2 too many connections, try again later\nS: <closed>',
      );
      await dialogue(first, 'C: QUIT\nS: 221\nS: <closed>');
      first.close();
      let heard = '';
      for (let i = 0; i < 1000 && !heard.startsWith('220'); i++) {
        heard = await (await server.client()).readLine();
      }
      expect(heard).to.match(/^220 /);
    });

    it('bound those of one address, but not of a trusted relay', async () => {
      await start({ trusted: [], limits: { maxConnectionsPerAddress: 1 } });
      await server.greeted();
      await dialogue(
        await server.client(),
        'S: 421 4.7.0 too many connections from your address\nS: <closed>',
      );
      await server.stop();
      await start({ limits: { maxConnectionsPerAddress: 1 } });
      await server.greeted();
      await dialogue(await server.client(), 'S: 220');
    });
  });

  describe('of TLS handshakes before the session', () => {
    const tls = { ...CERTIFICATE, implicit: true };
    /** A connection on which nothing is said yet. */
    const silent = async (): Promise<Socket> => {
      const socket = connect(Number(server.place), '127.0.0.1');
      sockets.push(socket);
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      return socket;
    };
    const sockets: Socket[] = [];
    afterEach(() => {
      for (const socket of sockets.splice(0)) socket.destroy();
    });

    it('bound those of one address, and let it in again when one is over', async () => {
      await start({ trusted: [], tls, limits: { maxConnectionsPerAddress: 2 } });
      const first = await silent();
      await silent();
      const third = await silent();
      await once(third, 'close');
      await server.log.said('too many TLS handshakes from this address');
      first.destroy();
      let heard = '';
      for (let i = 0; i < 1000 && !heard.startsWith('220'); i++) {
        const next = await server.client({ tls: true }).catch(() => undefined);
        heard = (await next?.readLine()) ?? '';
      }
      expect(heard).to.match(/^220 /);
    });

    it('end one that does not come to its end, whatever trickles in', async () => {
      await start({ trusted: [], tls, limits: { maxConnectionsPerAddress: 1 } });
      const slow = await silent();
      const closed = once(slow, 'close');
      // The head of a record of 512 octets (RFC 8446 5.1), which come one by one.
      slow.write(Buffer.from([0x16, 3, 1, 2, 0]));
      let open = true;
      void closed.then(() => (open = false));
      for (let i = 0; i < 1000 && open; i++) {
        slow.write(Buffer.from([1]));
        await clock.advance(SMTP_LIMITS.handshakeMs / 10);
        await new Promise(setImmediate);
      }
      await closed;
      expect(open).to.equal(false);
      await dialogue(await server.client({ tls: true }), 'S: 220');
    });

    it('end one that STARTTLS began', async () => {
      await start({ tls: CERTIFICATE });
      const client = await server.greeted();
      await dialogue(client, 'C: STARTTLS\nS: 220');
      await clock.advance(TIMEOUT);
      expect(await client.readLine()).to.satisfy((line: string) => line.startsWith('421') || line === CLOSED);
    });
  });

  describe('of patience', () => {
    it('end the session of a stranger with too many refused commands', async () => {
      await start({ trusted: [], limits: { errors: 3 } });
      const client = await server.greeted();
      await dialogue(
        client,
        `C: MAIL FROM:<a@b.example>
         S: 250
         C: RCPT TO:<foreign1@elsewhere.example>
         S: 550
         C: RCPT TO:<foreign2@elsewhere.example>
         S: 550
         C: RCPT TO:<foreign3@elsewhere.example>
         S: 550
         C: NOOP
         S: 421 4.7.0 too many errors
         S: <closed>`,
      );
    });

    it('do not count against one who sends mail, nor a trusted relay', async () => {
      await start({ trusted: [], limits: { errors: 3 } });
      const mail = `
         C: MAIL FROM:<a@b.example>
         S: 250
         C: RCPT TO:<foreign1@elsewhere.example>
         S: 550
         C: RCPT TO:<foreign2@elsewhere.example>
         S: 550
         C: RCPT TO:<+15551234567@sms.test>
         S: 250
         C: DATA
         S: 354
         C: .
         S: 250`;
      await dialogue(await server.greeted(), `${mail}\n${mail}`);
      await server.stop();
      await start({ limits: { errors: 1 } });
      await dialogue(await server.greeted(), mail);
    });

    it('end the session of a stranger who sends no mail', async () => {
      await start({ trusted: [], limits: { idleCommands: 3 } });
      await dialogue(
        await server.greeted(),
        'C: NOOP\nS: 250\nC: RSET\nS: 250\nC: NOOP\nS: 421 4.7.0 too many commands without a mail\nS: <closed>',
      );
    });

    it('refuse web browsers', async () => {
      await start({});
      await dialogue(await server.client(), 'S: 220\nC: POST / HTTP/1.1\nS: 421 4.7.0\nS: <closed>');
    });
  });

  describe('of time', () => {
    it('end a session that is silent', async () => {
      await start({});
      const client = await server.greeted();
      await clock.advance(TIMEOUT - 1);
      await dialogue(client, 'C: NOOP\nS: 250');
      await clock.advance(TIMEOUT - 1);
      expect(client.unread).to.equal('');
      await clock.advance(1);
      await dialogue(client, 'S: 421 4.4.2 time-out\nS: <closed>');
    });

    it('end a session that sends a command octet by octet', async () => {
      await start({});
      const client = await server.greeted();
      let sent = 0;
      for (const octet of 'MAIL FROM:<') {
        client.write(octet);
        await clock.advance(TIMEOUT / 10);
        if (client.unread !== '') break;
        sent++;
      }
      expect(sent).to.be.at.most(10);
      await dialogue(client, 'S: 421 4.4.2\nS: <closed>');
    });

    it('end a session whose mail never ends', async () => {
      await start({});
      const client = await server.greeted();
      await beginMail(client);
      client.send('x');
      await clock.advance(SMTP_LIMITS.dataMs);
      await dialogue(client, 'S: 421 4.4.2\nS: <closed>');
      expect(server.door.mails).to.deep.equal([]);
    });

    it('give a temporary answer when the store does not', async () => {
      await start({});
      const client = await server.greeted();
      let reached = (): void => {};
      const submitted = new Promise<void>((resolve) => (reached = resolve));
      server.door.onSubmit = () => {
        reached();
        return new Promise(() => {});
      };
      await beginMail(client);
      client.send('x', '.');
      await submitted;
      await clock.advance(SMTP_LIMITS.answerMs);
      await dialogue(client, 'S: 451 4.3.0 the message store is not available\nC: NOOP\nS: 250');
      await clock.advance(TIMEOUT);
      await dialogue(client, 'S: 421 4.4.2\nS: <closed>');
    });

    it('give the memory of a mail back when neither its client nor the store is heard of again', async () => {
      await start({ limits: { maxSize: 1000, pendingOctets: 1000 } });
      const gone = await server.greeted();
      let reached = (): void => {};
      const submitted = new Promise<void>((resolve) => (reached = resolve));
      server.door.onSubmit = () => {
        reached();
        return new Promise(() => {});
      };
      await beginMail(gone);
      gone.send('x'.repeat(900), '.');
      await submitted;
      gone.close();
      const client = await server.greeted();
      server.door.onSubmit = async () => {};
      await beginMail(client);
      await dialogue(client, `C: ${'x'.repeat(900)}\nC: .\nS: 452 4.3.1`);
      await clock.advance(SMTP_LIMITS.answerMs);
      await beginMail(client);
      await dialogue(client, `C: ${'x'.repeat(900)}\nC: .\nS: 250`);
      client.close();
      await server.stop();
      expect(clock.pending).to.equal(0);
    });
  });

  describe('of a server that stops', () => {
    it('say 421 to idle sessions and take no new ones', async () => {
      await start({});
      const client = await server.greeted();
      const stopped = server.stop(10_000);
      await dialogue(client, 'S: 421 4.3.2 the server is shutting down, try again later\nS: <closed>');
      client.close();
      await stopped;
      let refused = false;
      await server.client().catch(() => (refused = true));
      expect(refused).to.equal(true);
    });

    it('let a mail finish', async () => {
      await start({});
      const client = await server.greeted();
      await beginMail(client);
      const stopped = server.stop(10_000);
      await dialogue(client, 'C: hello\nC: .\nS: 250 2.0.0 queued as id1\nS: 421 4.3.2\nS: <closed>');
      client.close();
      await stopped;
      expect(server.door.mails).to.have.length(1);
    });

    it('do not wait longer than they said', async () => {
      await start({});
      const client = await server.greeted();
      await beginMail(client);
      const stopped = server.stop(10_000);
      await clock.advance(10_000);
      await dialogue(client, 'S: 421 4.3.2\nS: <closed>');
      await stopped;
    });
  });
});
