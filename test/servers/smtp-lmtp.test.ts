import { mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Fault } from '../../lib/base/errors.ts';
import { type TestServer, startServer } from '../support/smtp.ts';
import { dialogue } from '../support/wire.ts';

describe('LMTP server', () => {
  let server: TestServer;
  afterEach(() => server.stop());

  it('greets with LHLO only', async () => {
    server = await startServer({ lmtp: true });
    await dialogue(
      await server.client(),
      `S: 220 mx.test LMTP
       C: EHLO client.test
       S: 500
       C: LHLO client.test
       S: 250-*
       S: 250`,
    );
  });

  it('answers LHLO with fewer than 256 octets, which is all that Exim reads', async () => {
    server = await startServer({ lmtp: true, hostname: `${'a'.repeat(60)}.example.com` });
    const client = await server.client();
    await client.reply();
    const answer = await client.command('LHLO client.test');
    expect(answer.map((line) => `${line}\r\n`).join('')).to.have.length.below(256);
    expect(answer).to.include('250-PIPELINING').and.to.include('250-ENHANCEDSTATUSCODES');
  });

  it('answers the data once for each accepted recipient, in their order', async () => {
    server = await startServer({ lmtp: true });
    await dialogue(
      await server.greeted(),
      `C: MAIL FROM:<a@b.example>
       S: 250
       C: RCPT TO:<late.1@sms.test>
       S: 250
       C: RCPT TO:<+15551234567@sms.test>
       S: 250
       C: RCPT TO:<foreign@elsewhere.example>
       S: 550
       C: RCPT TO:<+15557654321@sms.test>
       S: 250
       C: RCPT TO:<late.1@sms.test>
       S: 250
       C: DATA
       S: 354
       C: hello
       C: .
       S: 550 5.7.1 the monthly message limit is reached
       S: 250 2.0.0 queued as id1
       S: 250 2.0.0 queued as id2
       S: 550 5.7.1 the monthly message limit is reached
       C: QUIT
       S: 221`,
    );
    expect(server.door.mails[0]?.recipients).to.have.length(3);
    expect(server.door.mails[0]?.session.via).to.equal('lmtp');
  });

  it('answers once for each recipient when the mail as a whole is refused', async () => {
    server = await startServer({ lmtp: true, limits: { maxSize: 10 } });
    const client = await server.greeted();
    const envelope = `
       C: MAIL FROM:<a@b.example>
       S: 250
       C: RCPT TO:<+15551234567@sms.test>
       S: 250
       C: RCPT TO:<+15557654321@sms.test>
       S: 250
       C: DATA
       S: 354`;
    await dialogue(client, `${envelope}\nC: more than ten octets\nC: .\nS: 552 5.3.4\nS: 552 5.3.4`);
    server.door.onSubmit = async () => {
      throw new Fault('mail.loop');
    };
    await dialogue(client, `${envelope}\nC: .\nS: 554 5.4.6\nS: 554 5.4.6\nC: NOOP\nS: 250`);
  });

  describe('on a unix socket', () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'mailsms-lmtp-'));
    });
    afterEach(() => rm(folder, { recursive: true }));

    it('trusts whoever may open it', async () => {
      const path = join(folder, 'lmtp.sock');
      server = await startServer({ lmtp: true, listen: { path, mode: 0o600 }, trusted: [] });
      expect((await stat(path)).mode & 0o777).to.equal(0o600);
      await dialogue(
        await server.greeted(),
        'C: MAIL FROM:<a@b.example>\nS: 250\nC: RCPT TO:<+15551234567@sms.test>\nS: 250',
      );
      expect(server.door.asked[0]?.session).to.deep.equal({
        via: 'lmtp',
        remote: 'local',
        trusted: true,
        helo: 'client.test',
      });
    });

    it('takes the place of one that a dead process left', async () => {
      const path = join(folder, 'lmtp.sock');
      const dead = createServer().listen(path);
      await new Promise((resolve) => dead.once('listening', resolve));
      // What a killed process leaves: the socket is there and nobody listens.
      await rename(path, `${path}.kept`);
      await new Promise((resolve) => dead.close(resolve));
      await rename(`${path}.kept`, path);
      server = await startServer({ lmtp: true, listen: { path } });
      await dialogue(await server.client(), 'S: 220');
    });

    it('does not take the place of a living server, nor of a file', async () => {
      const path = join(folder, 'lmtp.sock');
      server = await startServer({ lmtp: true, listen: { path } });
      const refusal = await startServer({ lmtp: true, listen: { path } }).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(refusal).to.be.instanceOf(Fault).with.property('told').that.includes(path);
      await dialogue(await server.client(), 'S: 220');
      const file = join(folder, 'file');
      await writeFile(file, 'precious');
      const kept = await startServer({ lmtp: true, listen: { path: file } }).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(kept).to.be.instanceOf(Fault);
      expect((await stat(file)).size).to.equal(8);
    });
  });
});
