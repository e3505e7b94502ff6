import { expect } from 'chai';
import { Fault } from '../../lib/base/errors.ts';
import { type TestServer, startServer } from '../support/smtp.ts';
import { dialogue } from '../support/wire.ts';

describe('SMTP server', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startServer();
  });
  afterEach(() => server.stop());

  it('takes a mail from EHLO to QUIT', async () => {
    await dialogue(
      await server.client(),
      `S: 220 mx.test ESMTP
       C: EHLO client.test
       S: 250-mx.test greets [127.0.0.1]
       S: 250-*
       S: 250
       C: MAIL FROM:<alice@office.example>
       S: 250 2.1.0 sender ok
       C: RCPT TO:<"sms:+15551234567?maxmsgs=3"@sms.test>
       S: 250 2.1.5 recipient ok
       C: DATA
       S: 354 end the mail with
       C: Subject: hello
       C:
       C: Good morning
       C: ..a line with a dot
       C: .
       S: 250 2.0.0 queued as id1
       C: QUIT
       S: 221 2.0.0
       S: <closed>`,
    );
    const [mail] = server.door.mails;
    expect(mail?.sender).to.equal('alice@office.example');
    expect(mail?.recipients.map((recipient) => recipient.address)).to.deep.equal([
      '"sms:+15551234567?maxmsgs=3"@sms.test',
    ]);
    expect(Buffer.from(mail?.raw ?? []).toString()).to.equal(
      'Subject: hello\r\n\r\nGood morning\r\n.a line with a dot\r\n',
    );
    expect(mail?.session).to.deep.equal({
      via: 'smtp',
      remote: '127.0.0.1',
      trusted: true,
      helo: 'client.test',
    });
  });

  it('announces what it can do', async () => {
    const client = await server.client();
    await client.reply();
    const lines = (await client.command('EHLO client.test')).map((line) => line.slice(4));
    expect(lines).to.include.members([
      'PIPELINING',
      '8BITMIME',
      'SMTPUTF8',
      'ENHANCEDSTATUSCODES',
      'DSN',
      'SIZE 10485760',
      'AUTH PLAIN LOGIN',
    ]);
    expect(lines).to.not.include('STARTTLS');
  });

  it('takes pipelined commands and several mails in one session', async () => {
    const client = await server.greeted();
    const mail = `
       C: MAIL FROM:<>
       C: RCPT TO:<+15551234567@sms.test>
       C: RCPT TO:<foreign@elsewhere.example>
       C: DATA
       S: 250 2.1.0
       S: 250 2.1.5
       S: 550 5.7.1 no relay to foreign@elsewhere.example
       S: 354
       C: x
       C: .`;
    await dialogue(
      client,
      `${mail}
       S: 250 2.0.0 queued as id1
       ${mail}
       C: NOOP
       S: 250 2.0.0 queued as id2
       S: 250 2.0.0 OK`,
    );
    expect(server.door.mails.map((taken) => taken.sender)).to.deep.equal([undefined, undefined]);
  });

  it('gives each recipient its own answer', async () => {
    await dialogue(
      await server.greeted(),
      `C: MAIL FROM:<a@b.example>
       S: 250
       C: RCPT TO:<limit.rate@sms.test>
       S: 450 4.7.1 too many messages, try again later
       C: RCPT TO:<foreign@elsewhere.example>
       S: 550 5.7.1 no relay to foreign@elsewhere.example
       C: RCPT TO:<bug@sms.test>
       S: 451 4.3.0 internal error, try again later
       C: RCPT TO:<+15551234567@sms.test>
       S: 250 2.1.5`,
    );
    const bug = server.log.lines.find((line) => line.level === 'error');
    expect(bug?.fields).to.include({ recipient: 'bug@sms.test', detail: 'x is not a function' });
  });

  it('accepts a mail when one of its recipients was', async () => {
    await dialogue(
      await server.greeted(),
      `C: MAIL FROM:<a@b.example>
       S: 250
       C: RCPT TO:<late.1@sms.test>
       S: 250
       C: RCPT TO:<+15551234567@sms.test>
       S: 250
       C: DATA
       S: 354
       C: .
       S: 250 2.0.0 queued as id1`,
    );
    expect(server.log.lines.find((line) => line.text === 'recipient failed')?.fields).to.include({
      recipient: 'late.1@sms.test',
      answer: '550 5.7.1',
    });
  });

  it('refuses a mail when none of its recipients was accepted', async () => {
    await dialogue(
      await server.greeted(),
      `C: MAIL FROM:<a@b.example>
       S: 250
       C: RCPT TO:<late.1@sms.test>
       S: 250
       C: DATA
       S: 354
       C: .
       S: 550 5.7.1 the monthly message limit is reached`,
    );
  });

  it('answers 250 only after the mail is stored', async () => {
    let store = (): void => {};
    const stored = new Promise<void>((resolve) => (store = resolve));
    let reached = (): void => {};
    const submitted = new Promise<void>((resolve) => (reached = resolve));
    server.door.onSubmit = () => {
      reached();
      return stored;
    };
    const client = await server.greeted();
    client.send('MAIL FROM:<a@b.example>', 'RCPT TO:<+15551234567@sms.test>', 'DATA');
    for (const code of ['250', '250', '354']) expect((await client.readLine()).slice(0, 3)).to.equal(code);
    client.send('.', 'NOOP');
    await submitted;
    expect(client.unread).to.equal('');
    store();
    expect(await client.readLine()).to.match(/^250 2\.0\.0 queued as/);
    expect(await client.readLine()).to.equal('250 2.0.0 OK');
  });

  it('says 451 and logs when the door breaks, and goes on', async () => {
    server.door.onSubmit = async () => {
      throw new Error('disk on fire at /var/lib');
    };
    const client = await server.greeted();
    const script = `
       C: MAIL FROM:<a@b.example>
       S: 250
       C: RCPT TO:<+15551234567@sms.test>
       S: 250
       C: DATA
       S: 354
       C: .`;
    await dialogue(client, `${script}\nS: 451 4.3.0 internal error, try again later`);
    expect(server.log.lines.find((line) => line.level === 'error')?.fields).to.include({
      detail: 'disk on fire at /var/lib',
    });
    server.door.onSubmit = async () => {};
    await dialogue(client, `${script}\nS: 250 2.0.0`);
  });

  it('keeps the order of commands', async () => {
    await dialogue(
      await server.client(),
      `S: 220
       C: MAIL FROM:<a@b.example>
       S: 503 5.5.1
       C: EHLO client.test
       S: 250-*
       S: 250
       C: RCPT TO:<+15551234567@sms.test>
       S: 503 5.5.1 MAIL FROM comes first
       C: DATA
       S: 503 5.5.1 there is no valid recipient
       C: MAIL FROM:<a@b.example>
       S: 250
       C: MAIL FROM:<a@b.example>
       S: 503 5.5.1 a mail is under way already
       C: DATA
       S: 503 5.5.1
       C: RCPT TO:<+15551234567@sms.test>
       S: 250
       C: RSET
       S: 250 2.0.0
       C: RCPT TO:<+15551234567@sms.test>
       S: 503 5.5.1
       C: MAIL FROM:<c@d.example>
       S: 250
       C: EHLO client.test
       S: 250-*
       S: 250
       C: RCPT TO:<+15551234567@sms.test>
       S: 503 5.5.1`,
    );
  });

  it('carries an enhanced code in every answer but greeting, EHLO and 354', async () => {
    const commands = [
      'FOO',
      'MAIL',
      'MAIL FROM:<x',
      'RCPT TO:<x@y>',
      'DATA',
      'VRFY x',
      'VRFY',
      'HELP',
      'NOOP',
      'RSET',
      'STARTTLS',
      'AUTH',
      'AUTH CRAM-MD5',
      'AUTH PLAIN !',
      'XCLIENT',
      'XFORWARD BAD',
      'WIZ x',
      'BDAT 10 LAST',
    ];
    const client = await server.greeted();
    for (const command of commands) {
      const lines = await client.command(command);
      expect(lines.join('|'), command).to.match(/^([245])\d\d \1\.\d+\.\d+ /);
    }
    expect(await client.command('QUIT')).to.deep.equal(['221 2.0.0 Bye']);
  });

  it('sends a recipient that is given twice one message only', async () => {
    await dialogue(
      await server.greeted(),
      `C: MAIL FROM:<a@b.example>
       C: RCPT TO:<+15551234567@sms.test>
       C: RCPT TO:<+15551234567@sms.test>
       C: DATA
       S: 250
       S: 250
       S: 250
       S: 354
       C: .
       S: 250 2.0.0 queued as id1`,
    );
    expect(server.door.mails[0]?.recipients).to.have.length(1);
  });

  it('lets the door refuse a sender', async () => {
    server.door.onSender = async (_session, sender) => {
      if (sender === 'spammer@b.example') throw new Fault('auth.denied');
    };
    await dialogue(
      await server.greeted(),
      `C: MAIL FROM:<spammer@b.example>
       S: 550 5.7.1 this account may not send
       C: MAIL FROM:<a@b.example>
       S: 250`,
    );
  });

  it('logs no password', async () => {
    const client = await server.greeted();
    await dialogue(
      client,
      `C: AUTH PLAIN ${Buffer.from('\0john\0hunter2').toString('base64')}
       S: 535 5.7.8
       C: MAIL FROM:<a@b.example>
       S: 250
       C: RCPT TO:<foreign?user=john&pass=hunter2@elsewhere.example>
       S: 550 5.7.1 no relay to foreign?user=john&pass=***@elsewhere.example
       C: RCPT TO:<limit.rate?user=john&pass=hunter2@sms.test>
       S: 450 4.7.1`,
    );
    expect(server.log.lines.filter((line) => line.text === 'recipient refused')).to.have.length(2);
    expect(JSON.stringify(server.log.lines)).to.not.include('hunter2');
  });

  it('answers a client that has ended its side with the end of its mail, as Exim does', async () => {
    const client = await server.greeted();
    let stored = (): void => {};
    let reached = (): void => {};
    const submitted = new Promise<void>((resolve) => (reached = resolve));
    server.door.onSubmit = () => {
      reached();
      return new Promise<void>((resolve) => (stored = resolve));
    };
    await dialogue(
      client,
      `C: MAIL FROM:<a@b.example>
       C: RCPT TO:<+15551234567@sms.test>
       C: DATA
       S: 250
       S: 250
       S: 354`,
    );
    client.send('x', '.', 'QUIT');
    client.end();
    await submitted;
    // While another is served, the end of the first one's side arrives.
    await (await server.greeted()).command('NOOP');
    stored();
    await dialogue(client, 'S: 250 2.0.0 queued as\nS: 221 2.0.0\nS: <closed>');
  });

  it('closes behind a client that ends its side without a word', async () => {
    const client = await server.greeted();
    client.end();
    await dialogue(client, 'S: <closed>');
  });

  it('does not take a command that the end of the connection cut off', async () => {
    const client = await server.greeted();
    await dialogue(client, 'C: MAIL FROM:<a@b.example>\nS: 250');
    client.write('RCPT TO:<+1555123');
    client.end();
    expect(await client.readLine()).to.equal('<closed>');
    expect(server.door.asked).to.deep.equal([]);
  });
});
