import { expect } from 'chai';
import type { PasswordBackend } from '../../lib/accounts/backend.ts';
import { Fault } from '../../lib/base/errors.ts';
import { Secret } from '../../lib/base/secret.ts';
import { ImapLoginBackend } from '../../lib/credentials/imap-login.ts';
import { LdapBackend } from '../../lib/credentials/ldap.ts';
import { SmtpLoginBackend } from '../../lib/credentials/smtp-login.ts';
import { ManualClock } from '../support/clock.ts';
import { MemoryLog } from '../support/log.ts';
import { until } from '../support/product.ts';
import { type Scripted, ScriptedServer } from '../support/script.ts';

const TIMEOUT_MS = 5000;
const password = new Secret('s3cret');
const PLAIN = Buffer.from('\0john\0s3cret').toString('base64');

type Script = (peer: Scripted) => Promise<void> | void;

describe('passwords checked by a login elsewhere', () => {
  const clock = new ManualClock();
  let server: ScriptedServer;
  let backend: PasswordBackend;

  afterEach(async () => {
    await backend.close();
    await server.stop();
  });

  async function imap(script: Script, security: 'none' | 'starttls' = 'none'): Promise<void> {
    server = await ScriptedServer.start(script);
    const where = { host: '127.0.0.1', port: server.port, security, tls: {} };
    backend = new ImapLoginBackend(
      { type: 'imap', name: 'imap', ...where, timeoutMs: TIMEOUT_MS },
      { clock },
    );
  }

  async function smtp(script: Script, security: 'none' | 'starttls' = 'none'): Promise<void> {
    server = await ScriptedServer.start(script);
    const where = { host: '127.0.0.1', port: server.port, security, tls: {}, hostname: 'sms.example.com' };
    backend = new SmtpLoginBackend(
      { type: 'smtp', name: 'smtp', ...where, timeoutMs: TIMEOUT_MS },
      { clock },
    );
  }

  /** An IMAP server with these capabilities that ends a login with `answer`. */
  const imapServer =
    (capabilities: string, answer: string): Script =>
    async (peer) => {
      peer.say('* OK ready');
      for (let line = await peer.line(); line !== undefined; line = await peer.line()) {
        const [tag = '', command = ''] = line.split(' ');
        if (command === 'CAPABILITY') peer.say(`* CAPABILITY IMAP4rev1 ${capabilities}`, `${tag} OK done`);
        if (command === 'LOGOUT') peer.say('* BYE', `${tag} OK`);
        if (command === 'AUTHENTICATE' || command === 'LOGIN') {
          peer.say('+ ');
          while (/\{\d+\}$/.test((await peer.line()) ?? '')) peer.say('+ go on');
          peer.say(answer.replace('TAG', tag));
        }
      }
    };

  describe('by IMAP', () => {
    it('authenticates with PLAIN', async () => {
      await imap(imapServer('AUTH=PLAIN', 'TAG OK in'));
      expect(await backend.verify('john', password)).to.equal('john');
      expect(server.heard).to.include.members(['a1 CAPABILITY', 'a2 AUTHENTICATE PLAIN', PLAIN]);
    });

    it('logs in with literals where PLAIN is not offered', async () => {
      await imap(imapServer('', 'TAG OK in'));
      expect(await backend.verify('john', new Secret('pässwörd"\\'))).to.equal('john');
      expect(server.heard).to.include.members(['a2 LOGIN {4}', 'john {12}', 'pässwörd"\\']);
    });

    const answers: readonly [answer: string, result: string][] = [
      ['TAG NO wrong', 'undefined'],
      ['TAG NO [AUTHENTICATIONFAILED] wrong', 'undefined'],
      ['TAG NO [EXPIRED] password', 'undefined'],
      ['TAG NO [UNAVAILABLE] directory down', 'auth.unavailable'],
      ['TAG NO [LIMIT] too many', 'auth.unavailable'],
      ['TAG BAD what', 'auth.unavailable'],
      ['* BYE going down', 'auth.unavailable'],
      ['a9 OK in', 'auth.unavailable'],
    ];
    for (const [answer, result] of answers) {
      it(`reads "${answer}" as ${result}`, async () => {
        await imap(async (peer) => {
          await imapServer('AUTH=PLAIN', `${answer}\r\n* BYE`)(peer);
        });
        expect(await outcome(backend.verify('john', password))).to.equal(result);
      });
    }

    it('says no password where LOGIN is switched off', async () => {
      await imap(imapServer('LOGINDISABLED', 'TAG OK in'));
      expect(await outcome(backend.verify('john', password))).to.equal('auth.unavailable');
      expect(server.heard).to.deep.equal(['a1 CAPABILITY']);
    });

    const hostile: readonly [name: string, security: 'none' | 'starttls', script: Script][] = [
      ['greets with PREAUTH', 'none', (peer) => peer.say('* PREAUTH you are root')],
      ['greets with BYE', 'none', (peer) => peer.say('* BYE')],
      ['sends a line without end', 'none', (peer) => void peer.socket.write('* OK'.padEnd(200_000, 'x'))],
      [
        'sends untagged lines without end',
        'none',
        (peer) => peer.say('* OK ready', ...Array.from({ length: 200 }, () => '* CAPABILITY AUTH=PLAIN')),
      ],
      [
        'refuses STARTTLS',
        'starttls',
        async (peer) => {
          peer.say('* OK ready');
          await peer.line();
          peer.say('a1 BAD what');
        },
      ],
      [
        'sends answers ahead of TLS',
        'starttls',
        async (peer) => {
          peer.say('* OK ready');
          await peer.line();
          peer.say('a1 OK begin', '* CAPABILITY AUTH=PLAIN', 'a1 OK', '+', 'a2 OK in');
        },
      ],
    ];
    for (const [name, security, script] of hostile) {
      it(`is unavailable at a server that ${name}`, async () => {
        await imap(script, security);
        expect(await outcome(backend.verify('john', password))).to.equal('auth.unavailable');
        expect(server.heard.join('\n')).not.to.include('AUTHENTICATE');
      });
    }

    it('does not wait for ever', async () => {
      await imap((peer) => peer.say('* OK ready'));
      const waiting = outcome(backend.verify('john', password));
      await until('the connection', () => server.heard.length > 0 || server.connections > 0 || undefined);
      await clock.advance(TIMEOUT_MS);
      expect(await waiting).to.equal('auth.unavailable');
    });
  });

  /** An SMTP server that offers AUTH PLAIN and answers it so. */
  const smtpServer =
    (answer: string, extensions: readonly string[] = ['AUTH PLAIN']): Script =>
    async (peer) => {
      peer.say('220 ready');
      for (let line = await peer.line(); line !== undefined; line = await peer.line()) {
        if (/^EHLO/.test(line)) peer.say('250-me', ...extensions.map((each) => `250-${each}`), '250 OK');
        else if (/^AUTH/.test(line)) peer.say(answer);
        else peer.say('221 bye');
      }
    };

  describe('by SMTP', () => {
    it('authenticates and sends nothing else', async () => {
      await smtp(smtpServer('235 2.7.0 in'));
      expect(await backend.verify('john', password)).to.equal('john');
      expect(server.heard.slice(0, 2)).to.deep.equal(['EHLO sms.example.com', `AUTH PLAIN ${PLAIN}`]);
    });

    const answers: readonly [answer: string, result: string][] = [
      ['535 5.7.8 wrong', 'undefined'],
      ['534 5.7.9 use an application password', 'undefined'],
      ['525 5.7.13 disabled', 'undefined'],
      ['454 4.7.0 try later', 'auth.unavailable'],
      ['421 4.3.2 closing', 'auth.unavailable'],
      ['504 5.5.4 no such mechanism', 'auth.unavailable'],
      ['538 5.7.11 encryption needed', 'auth.unavailable'],
      ['530 5.7.0 STARTTLS first', 'auth.unavailable'],
    ];
    for (const [answer, result] of answers) {
      it(`reads "${answer}" as ${result}`, async () => {
        await smtp(smtpServer(answer));
        expect(await outcome(backend.verify('john', password))).to.equal(result);
      });
    }

    it('says no password where STARTTLS is required and not to be had', async () => {
      await smtp(smtpServer('235 in'), 'starttls');
      expect(await outcome(backend.verify('john', password))).to.equal('auth.unavailable');
      expect(server.heard.join('\n')).not.to.include('AUTH');
    });

    it('does not repeat what the server says', async () => {
      await smtp(smtpServer(`432 you sent ${PLAIN}`));
      const error = await backend.verify('john', password).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(Fault);
      expect((error as Fault).message)
        .to.include('432')
        .and.not.include(PLAIN);
    });

    it('does not wait for ever', async () => {
      await smtp(async (peer) => {
        peer.say('220 ready');
        await peer.line();
      });
      const waiting = outcome(backend.verify('john', password));
      await until('EHLO', () => server.heard.length > 0 || undefined);
      await clock.advance(TIMEOUT_MS);
      expect(await waiting).to.equal('auth.unavailable');
    });
  });

  describe('by LDAP', () => {
    /** An answer to StartTLS, RFC 4511 4.14.2. */
    const started = (result: number): Buffer =>
      Buffer.from([0x30, 0x0c, 0x02, 0x01, 0x01, 0x78, 0x07, 0x0a, 0x01, result, 0x04, 0x00, 0x04, 0x00]);
    /** The answer to a bind with message number 1 or 2: success. */
    const bound = Buffer.from([0x30, 0x0c, 2, 1, 1, 0x61, 7, 0x0a, 1, 0, 4, 0, 4, 0]);

    async function ldap(answer: Buffer): Promise<void> {
      server = await ScriptedServer.start((peer) => {
        peer.socket.once('data', () => peer.socket.write(answer));
        peer.socket.on('data', (chunk: Buffer) => server.heard.push(chunk.toString('latin1')));
      });
      const way = { host: '127.0.0.1', port: server.port, security: 'starttls' as const, tls: {} };
      backend = new LdapBackend(
        {
          type: 'ldap',
          name: 'ldap',
          server: way,
          users: { dn: 'uid=%u,dc=example' },
          timeoutMs: TIMEOUT_MS,
        },
        { clock, log: new MemoryLog() },
      );
    }

    const hostile: readonly [name: string, answer: Buffer][] = [
      ['refuses StartTLS', started(52)],
      ['answers a bind ahead of TLS', Buffer.concat([started(0), bound])],
      ['begins an answer to a bind ahead of TLS', Buffer.concat([started(0), bound.subarray(0, 9)])],
      ['does not speak LDAP', Buffer.from('220 mail.example.com ESMTP\r\n')],
      ['claims a message of 4 GB', Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff, ...Buffer.alloc(5000)])],
    ];
    for (const [name, answer] of hostile) {
      it(`is unavailable at a directory that ${name}`, async () => {
        await ldap(answer);
        expect(await outcome(backend.verify('john', password))).to.equal('auth.unavailable');
        expect(server.heard.join('')).to.include('1.3.6.1.4.1.1466.20037').and.not.include('s3cret');
      });
    }

    it('does not wait for ever', async () => {
      await ldap(started(0).subarray(0, 5));
      const waiting = outcome(backend.verify('john', password));
      await until('StartTLS', () => server.heard.length > 0 || undefined);
      await clock.advance(TIMEOUT_MS);
      expect(await waiting).to.equal('auth.unavailable');
    });
  });
});

async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    return String(await work);
  } catch (error) {
    return error instanceof Fault ? error.code : String(error);
  }
}
