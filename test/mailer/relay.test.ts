import { readFileSync } from 'node:fs';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { once } from 'node:events';
import { expect } from 'chai';
import type { SMTPServerOptions } from 'smtp-server';
import { systemClock } from '../../lib/base/clock.ts';
import { Fault } from '../../lib/base/errors.ts';
import { Secret } from '../../lib/base/secret.ts';
import type { RelaySettings } from '../../lib/mailer/settings.ts';
import type { Refusal } from '../../lib/mailer/mailer.ts';
import { RelayMailer } from '../../lib/mailer/relay.ts';
import { Authority } from '../support/authority.ts';
import { needs } from '../support/clients.ts';
import { Sink } from '../support/sink.ts';

const FROM = '"sms:+15551234567"@sms.example.com';
const RAW = Buffer.from('From: a@sms.example.com\r\nSubject: x\r\n\r\nhello\r\n');

describe('the relay', () => {
  let sink: Sink | undefined;
  let mailer: RelayMailer | undefined;

  const begin = async (options: SMTPServerOptions = {}, settings: Partial<RelaySettings> = {}) => {
    sink = await new Sink(options).start();
    return mailerTo(Number(new URL(sink.url).port), settings);
  };
  const mailerTo = async (port: number, settings: Partial<RelaySettings> = {}) => {
    mailer = new RelayMailer(
      { protocol: 'smtp', host: '127.0.0.1', port, hostname: 'sms.example.com', tls: 'may', ...settings },
      { clock: systemClock },
    );
    await mailer.open();
    return mailer;
  };
  afterEach(async () => {
    await mailer?.close();
    await sink?.stop();
    mailer = undefined;
    sink = undefined;
  });

  const faultOf = async (sending: Promise<unknown>): Promise<Fault> => {
    try {
      await sending;
    } catch (error) {
      if (error instanceof Fault) return error;
      throw error;
    }
    throw new Error('the mail was taken');
  };
  const shown = ({ code, enhanced, temporary, detail }: Fault) => ({ code, enhanced, temporary, detail });
  const rejecting =
    (answers: Readonly<Record<string, string>>): NonNullable<SMTPServerOptions['onRcptTo']> =>
    ({ address }, _session, done) => {
      const answer = answers[address];
      if (answer === undefined) return done();
      done(Object.assign(new Error(answer.slice(4)), { responseCode: Number(answer.slice(0, 3)) }));
    };

  it('gets the mail octet for octet, its dots and long lines too', async () => {
    const relay = await begin();
    const raw = `From: a@sms.example.com\r\n\r\n.\r\n..x\r\n${'y'.repeat(5000)}\r\n`;
    expect(
      await relay.send({ from: FROM, to: ['john@office.example'], raw: Buffer.from(raw) }),
    ).to.deep.equal([]);
    const [mail] = sink?.mails ?? [];
    expect(mail?.raw).to.equal(raw);
    expect(mail?.from).to.equal(FROM);
  });

  it('gets mails one after the other on one connection, and another when that was ended', async () => {
    let connections = 0;
    const relay = await begin({
      closeTimeout: 1,
      onConnect: (_session, done) => {
        connections++;
        done();
      },
    });
    const mail = { from: '', to: ['john@office.example'], raw: RAW };
    for (let i = 0; i < 3; i++) await relay.send(mail);
    expect(connections).to.equal(1);
    // The relay is started anew between two mails.
    const port = Number(new URL(sink?.url ?? '').port);
    await sink?.stop();
    sink = new Sink();
    await sink.start(port);
    await relay.send(mail);
    expect(sink.mails).to.have.length(1);
  });

  describe('says what becomes of a mail:', () => {
    const cases: readonly (readonly [reply: string, code: string, enhanced: string])[] = [
      ['550 5.1.1 no such user', 'relay.refused', '5.1.1'],
      ['554 go away', 'relay.refused', '5.3.0'],
      ['451 4.7.1 greylisted', 'relay.deferred', '4.7.1'],
      ['452 full', 'relay.deferred', '4.3.0'],
      ['530 5.7.0 log in first', 'relay.down', '4.4.1'],
    ];
    for (const [reply, code, enhanced] of cases) {
      it(`RCPT: ${reply}`, async () => {
        const relay = await begin({ onRcptTo: rejecting({ 'john@office.example': reply }) });
        const fault = await faultOf(relay.send({ from: '', to: ['john@office.example'], raw: RAW }));
        expect(shown(fault)).to.deep.equal({
          code,
          enhanced,
          temporary: !code.endsWith('refused'),
          detail: reply,
        });
        // The connection is as good as before.
        expect(await relay.send({ from: '', to: ['ann@office.example'], raw: RAW })).to.deep.equal([]);
      });
    }

    it('taken for some recipients: the others are named, each with its answer', async () => {
      const relay = await begin({
        onRcptTo: rejecting({
          'no@office.example': '550 5.1.1 nobody',
          'later@office.example': '450 4.2.1 busy',
        }),
      });
      const to = ['no@office.example', 'yes@office.example', 'later@office.example'];
      const refusals = await relay.send({ from: '', to, raw: RAW });
      const said = refusals.map(
        ({ to: who, fault }: Refusal) => `${who} ${fault.code} ${fault.detail ?? ''}`,
      );
      expect(said).to.deep.equal([
        'no@office.example relay.refused 550 5.1.1 nobody',
        'later@office.example relay.deferred 450 4.2.1 busy',
      ]);
      expect(sink?.mails[0]?.to).to.deep.equal(['yes@office.example']);
    });

    it('all refused, one of them for now: it is tried again', async () => {
      const relay = await begin({
        onRcptTo: rejecting({ 'no@office.example': '550 no', 'later@office.example': '450 4.2.1 busy' }),
      });
      const fault = await faultOf(
        relay.send({ from: '', to: ['later@office.example', 'no@office.example'], raw: RAW }),
      );
      expect(fault.temporary).to.equal(true);
    });

    it('too large for it: for good, with nothing sent', async () => {
      const relay = await begin({ size: 20 });
      const fault = await faultOf(relay.send({ from: '', to: ['john@office.example'], raw: RAW }));
      expect(fault.code).to.equal('relay.refused');
    });

    it('nobody listens: later', async () => {
      const probe = await new Sink().start();
      const port = Number(new URL(probe.url).port);
      await probe.stop();
      const relay = await mailerTo(port);
      const fault = await faultOf(relay.send({ from: '', to: ['john@office.example'], raw: RAW }));
      expect(fault.code).to.equal('relay.down');
      expect(fault.detail).to.match(/ECONNREFUSED/);
    });
  });

  describe('cut off at any reply', () => {
    let server: Server;
    const sockets = new Set<Socket>();
    afterEach(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });

    const replies = [
      '220 relay\r\n',
      '250 relay\r\n',
      '250 ok\r\n',
      '250 ok\r\n',
      '354 go\r\n',
      '250 done\r\n',
    ];
    const lines = [/./, /^EHLO/, /^MAIL/, /^RCPT/, /^DATA/, /^\.$/m];
    for (let last = 0; last < replies.length; last++) {
      it(`before "${(replies[last] ?? '').trim()}" (${last}): the mail waits`, async () => {
        server = createServer((socket) => {
          sockets.add(socket);
          socket.on('error', () => undefined);
          let step = 0;
          const reply = (): void => {
            if (step === last) socket.destroy();
            else socket.write(replies[step++] ?? '');
          };
          socket.on('data', (octets) => {
            if (lines[step]?.test(octets.toString('latin1')) === true) reply();
          });
          reply();
        });
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
        const relay = await mailerTo((server.address() as AddressInfo).port);
        const fault = await faultOf(relay.send({ from: '', to: ['john@office.example'], raw: RAW }));
        expect(fault.code).to.equal('relay.down');
      });
    }
  });

  describe('internationalised addresses', () => {
    const to = ['jürgen@office.example'];

    it('go to a relay that offers SMTPUTF8', async () => {
      const relay = await begin();
      await relay.send({ from: '', to, raw: RAW });
      expect(sink?.mails[0]?.to).to.deep.equal(to);
    });

    it('are refused for good where it does not, and the relay never sees them', async () => {
      const relay = await begin({ hideSMTPUTF8: true });
      const fault = await faultOf(relay.send({ from: '', to, raw: RAW }));
      expect(fault).to.include({ code: 'relay.refused', enhanced: '5.6.7' });
      expect(sink?.mails).to.deep.equal([]);
    });

    it('need none of that where only the domain is one', async () => {
      const relay = await begin({ hideSMTPUTF8: true });
      await relay.send({ from: '', to: ['john@büro.example'], raw: RAW });
      // The server shows the domain decoded.
      expect(sink?.mails[0]?.to).to.deep.equal(['john@büro.example']);
    });
  });

  describe('over LMTP', () => {
    it('answers for each recipient after the mail', async () => {
      const relay = await begin(
        { lmtp: true, onRcptTo: rejecting({ 'no@office.example': '550 5.1.1 nobody' }) },
        { protocol: 'lmtp' },
      );
      const refusals = await relay.send({
        from: '',
        to: ['no@office.example', 'yes@office.example'],
        raw: RAW,
      });
      expect(refusals.map(({ to: who }) => who)).to.deep.equal(['no@office.example']);
    });
  });

  describe('with TLS and a login', () => {
    let authority: Authority;
    before(needs('openssl'));
    before(async () => {
      authority = await Authority.make();
    });
    after(() => authority?.remove());

    const secured = (): SMTPServerOptions => ({
      disabledCommands: [],
      cert: readFileSync(authority.cert),
      key: readFileSync(authority.key),
      authOptional: false,
      onAuth: ({ username, password }, _session, done) =>
        username === 'sms' && password === 'right'
          ? done(null, { user: username })
          : done(Object.assign(new Error('wrong password'), { responseCode: 535 })),
    });
    const login = (password: string) => ({ user: 'sms', password: new Secret(password) });
    const mail = { from: '', to: ['john@office.example'], raw: RAW };

    it('STARTTLS, verified by our own authority, then the password', async () => {
      const ca = readFileSync(authority.ca, 'utf8');
      const relay = await begin(secured(), { tls: 'required', ca, ...login('right') });
      await relay.send(mail);
      expect(sink?.mails).to.have.length(1);
    });

    it('TLS from the beginning (smtps)', async () => {
      const ca = readFileSync(authority.ca, 'utf8');
      const relay = await begin(
        { ...secured(), secure: true },
        { protocol: 'smtps', tls: 'required', ca, ...login('right') },
      );
      await relay.send(mail);
      expect(sink?.mails).to.have.length(1);
    });

    it('an unknown certificate: nothing is said to it where TLS is required', async () => {
      const relay = await begin(secured(), { tls: 'required', ...login('right') });
      const fault = await faultOf(relay.send(mail));
      expect(fault).to.include({ code: 'relay.down' });
      expect(fault.message).to.match(/certificate|issuer/i);
    });

    it('an unknown certificate will do where TLS is only welcome', async () => {
      const relay = await begin(secured(), { tls: 'may', ...login('right') });
      await relay.send(mail);
      expect(sink?.mails).to.have.length(1);
    });

    it('no STARTTLS where it is required: no password is sent, and the mail waits', async () => {
      let asked = 0;
      const relay = await begin(
        {
          ...secured(),
          disabledCommands: ['STARTTLS'],
          allowInsecureAuth: true,
          onAuth: (_auth, _session, done) => {
            asked++;
            done(null, { user: 'sms' });
          },
        },
        { tls: 'required', ...login('right') },
      );
      const fault = await faultOf(relay.send(mail));
      expect(fault.code).to.equal('relay.down');
      expect(asked).to.equal(0);
    });

    it('a refused login is no fault of the mail: it waits, and the password is not in the error', async () => {
      const ca = readFileSync(authority.ca, 'utf8');
      const relay = await begin(secured(), { tls: 'required', ca, ...login('wrong-hunter2') });
      const fault = await faultOf(relay.send(mail));
      expect(fault).to.include({ code: 'relay.down', temporary: true });
      expect(fault.told).to.equal('the mail relay does not let us log in');
      expect(JSON.stringify({ ...fault, message: fault.message })).not.to.contain('hunter2');
    });
  });
});
