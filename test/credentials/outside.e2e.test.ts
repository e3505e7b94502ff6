import { expect } from 'chai';
import type { PasswordBackend } from '../../lib/accounts/backend.ts';
import { systemClock } from '../../lib/base/clock.ts';
import { Fault } from '../../lib/base/errors.ts';
import { systemRandom } from '../../lib/base/random.ts';
import { Secret } from '../../lib/base/secret.ts';
import { type BackendSettings, createBackends } from '../../lib/credentials/backends.ts';
import type { LdapSearch, LdapSettings } from '../../lib/credentials/ldap.ts';
import { Authority } from '../support/authority.ts';
import { needs } from '../support/clients.ts';
import { Dovecot, hashed } from '../support/dovecot.ts';
import { MemoryLog } from '../support/log.ts';
import { MANAGER, Slapd } from '../support/slapd.ts';

const TIMEOUT_MS = 3000;
/** For checks that are to fail because nobody answers. */
const SHORT_MS = 400;

describe('passwords checked by other programs', () => {
  let authority: Authority;
  const log = new MemoryLog();
  const open: PasswordBackend[] = [];

  /** One backend as the product makes it, without its memory. */
  function backend(settings: BackendSettings): PasswordBackend {
    const made = createBackends(
      { backends: [settings], cacheMs: 0 },
      { clock: systemClock, random: systemRandom, log },
    );
    open.push(made);
    return made;
  }

  before(needs('openssl'));
  before(async () => {
    authority = await Authority.make();
  });
  after(() => authority?.remove());
  afterEach(async () => {
    await Promise.all(open.splice(0).map((each) => each.close()));
    log.lines.length = 0;
  });

  describe('Dovecot', () => {
    let dovecot: Dovecot;

    before(needs('dovecot', 'doveadm'));
    before(function () {
      if (process.getuid?.() === 0) return;
      process.stderr.write('    skipped: Dovecot is only started by root\n');
      this.skip();
    });
    before(async () => {
      dovecot = await Dovecot.start({
        authority,
        denied: ['fired'],
        users: [
          `john:${await hashed('ARGON2ID', 'secret')}::::::`,
          `jürgen@example.com:${await hashed('SSHA512', 'pässwörd "\\ {4}')}::::::`,
          'fired:{PLAIN}secret::::::',
          'locked:{PLAIN}secret::::::nologin=y',
          'elsewhere:{PLAIN}::::::nopassword=y proxy=y host=192.0.2.1',
          'alias:{PLAIN}secret::::::user=john',
        ],
      });
    });
    after(() => dovecot?.stop());

    const backends: readonly [name: string, settings: (timeoutMs: number) => BackendSettings][] = [
      [
        'its auth socket',
        (timeoutMs) => ({ type: 'dovecot', name: 'dovecot', socket: { path: dovecot.socket }, timeoutMs }),
      ],
      [
        'its auth service over TCP',
        (timeoutMs) => ({
          type: 'dovecot',
          name: 'dovecot',
          socket: { host: '127.0.0.1', port: dovecot.authPort },
          timeoutMs,
        }),
      ],
      [
        'a login by IMAP with STARTTLS',
        (timeoutMs) => ({
          type: 'imap',
          name: 'imap',
          host: 'localhost',
          port: dovecot.imapPort,
          security: 'starttls',
          tls: { ca: authority.ca },
          timeoutMs,
        }),
      ],
      [
        'a login by IMAP over TLS',
        (timeoutMs) => ({
          type: 'imap',
          name: 'imap',
          host: '127.0.0.1',
          port: dovecot.imapsPort,
          security: 'tls',
          tls: { ca: authority.ca },
          timeoutMs,
        }),
      ],
      [
        'a login by SMTP submission with STARTTLS',
        (timeoutMs) => ({
          type: 'smtp',
          name: 'smtp',
          host: 'localhost',
          port: dovecot.submissionPort,
          security: 'starttls',
          tls: { ca: authority.ca },
          hostname: 'sms.example.com',
          timeoutMs,
        }),
      ],
    ];

    for (const [name, settings] of backends) {
      it(`${name}: knows who is who`, async () => {
        const checked = backend(settings(TIMEOUT_MS));
        const all = await Promise.all([
          checked.verify('john', new Secret('secret')),
          checked.verify('JOHN', new Secret('secret')),
          checked.verify('john', new Secret('Secret')),
          checked.verify('john', new Secret('')),
          checked.verify('nobody', new Secret('secret')),
          checked.verify('fired', new Secret('secret')),
          checked.verify('locked', new Secret('secret')),
          checked.verify('jürgen@example.com', new Secret('pässwörd "\\ {4}')),
        ]);
        expect(all).to.deep.equal([
          'john',
          'john',
          undefined,
          undefined,
          undefined,
          undefined,
          undefined,
          'jürgen@example.com',
        ]);
      });
    }

    it('is a temporary matter while Dovecot is down, by whatever way, and works again after', async () => {
      const all = backends.map(([, settings]) => ({
        patient: backend(settings(TIMEOUT_MS)),
        hasty: backend(settings(SHORT_MS)),
      }));
      const right = new Secret('secret');
      const ask = (which: 'patient' | 'hasty', password: Secret) =>
        Promise.all(all.map((each) => codeOf(each[which].verify('john', password))));
      const proven = all.map(() => 'resolved: john');
      const unknown = all.map(() => 'auth.unavailable');

      expect(await ask('patient', right)).to.deep.equal(proven);
      await dovecot.halt();
      expect(await ask('hasty', right)).to.deep.equal(unknown);
      expect(await ask('hasty', new Secret('wrong'))).to.deep.equal(unknown);
      await dovecot.resume();
      expect(await ask('patient', right)).to.deep.equal(proven);
      const told = log.lines.filter((line) => line.includes("passwords can't be checked"));
      expect(told).to.have.lengthOf(all.length);
      expect(log.lines.join('\n')).not.to.include('secret');
    });

    it('takes the name that Dovecot gives a user', async () => {
      const checked = backend({
        type: 'dovecot',
        name: 'dovecot',
        socket: { path: dovecot.socket },
        timeoutMs: TIMEOUT_MS,
      });
      expect(await checked.verify('alias', new Secret('secret'))).to.equal('john');
    });

    it('does not believe in a user whom Dovecot passes on unchecked', async () => {
      const checked = backend({
        type: 'dovecot',
        name: 'dovecot',
        socket: { path: dovecot.socket },
        timeoutMs: TIMEOUT_MS,
      });
      expect(await codeOf(checked.verify('elsewhere', new Secret('anything')))).to.equal('auth.unavailable');
    });

    it('is not slowed down for everybody by wrong passwords', async () => {
      const checked = backend({
        type: 'dovecot',
        name: 'dovecot',
        socket: { path: dovecot.socket },
        timeoutMs: TIMEOUT_MS,
      });
      for (let guess = 0; guess < 20; guess++) await checked.verify('locked', new Secret('secret'));
      expect(await checked.verify('john', new Secret('secret'))).to.equal('john');
    });

    for (const [name, tls] of [
      ['is not signed by an authority that is trusted', {}],
      ['is that of another name', 'other name'],
    ] as const) {
      it(`says no password to a server whose certificate ${name}`, async () => {
        const settings = { ca: authority.ca, servername: 'mail.example.com' };
        const way = { tls: tls === 'other name' ? settings : tls, timeoutMs: TIMEOUT_MS, host: 'localhost' };
        const imap = backend({
          ...way,
          type: 'imap',
          name: 'imap',
          port: dovecot.imapPort,
          security: 'starttls',
        });
        const smtp = backend({
          ...way,
          type: 'smtp',
          name: 'smtp',
          port: dovecot.submissionPort,
          security: 'starttls',
          hostname: 'sms.example.com',
        });
        expect(await codeOf(imap.verify('john', new Secret('secret')))).to.equal('auth.unavailable');
        expect(await codeOf(smtp.verify('john', new Secret('secret')))).to.equal('auth.unavailable');
      });
    }

    it('logs in without TLS on loopback where the settings say so', async () => {
      const imap = backend({
        type: 'imap',
        name: 'imap',
        host: '127.0.0.1',
        port: dovecot.imapPort,
        security: 'none',
        tls: {},
        timeoutMs: TIMEOUT_MS,
      });
      expect(await imap.verify('john', new Secret('secret'))).to.equal('john');
    });
  });

  describe('OpenLDAP', () => {
    let slapd: Slapd;
    const search: LdapSearch = {
      bind: { dn: MANAGER.dn, password: new Secret(MANAGER.password) },
      base: 'ou=people,dc=example,dc=com',
      filter: '(|(uid=%u)(mail=%u))',
      attribute: 'uid',
    };

    before(needs('slapd', 'ldapsearch'));
    before(async () => {
      slapd = await Slapd.start({ authority, entries: ENTRIES });
    });
    after(() => slapd?.stop());

    const way = (security: 'starttls' | 'tls' | 'none' = 'starttls', tls = { ca: authority.ca }) => ({
      host: 'localhost',
      port: security === 'tls' ? slapd.securePort : slapd.port,
      security,
      tls,
    });
    const ldap = (users: LdapSettings['users'], server = way(), timeoutMs = TIMEOUT_MS) =>
      backend({ type: 'ldap', name: 'ldap', server, users, timeoutMs });
    const direct = { dn: 'uid=%u,ou=people,dc=example,dc=com' };

    for (const security of ['starttls', 'tls', 'none'] as const) {
      it(`knows who is who, by name and by search (${security})`, async () => {
        for (const users of [direct, search]) {
          const checked = ldap(users, way(security));
          expect(await checked.verify('john', new Secret('secret'))).to.equal('john');
          expect(await checked.verify('JOHN', new Secret('secret'))).to.equal('john');
          expect(await checked.verify('john', new Secret('wrong'))).to.equal(undefined);
          expect(await checked.verify('nobody', new Secret('secret'))).to.equal(undefined);
        }
      });
    }

    it('finds one name for a user, whatever was typed', async () => {
      const checked = ldap(search);
      expect(await checked.verify('John@Example.com', new Secret('secret'))).to.equal('john');
    });

    it('asks for no empty password, though this directory would call it a success', async () => {
      for (const users of [direct, search]) {
        expect(await ldap(users).verify('john', new Secret(''))).to.equal(undefined);
      }
    });

    for (const user of [
      '*',
      'jo*',
      'john)(uid=*',
      'john*',
      '\\6aohn',
      'john,ou=people',
      'x)(objectClass=*',
    ] as const) {
      it(`takes "${user}" for a name and not for a part of the filter`, async () => {
        for (const users of [direct, search]) {
          expect(await ldap(users).verify(user, new Secret('secret'))).to.equal(undefined);
        }
      });
    }

    it('finds a user whose name is full of special characters', async () => {
      const name = 'o(b)r*ian, "jr" <x>\\+#=;';
      for (const users of [direct, search]) {
        expect(await ldap(users).verify(name, new Secret('secret'))).to.equal(name);
      }
    });

    it('knows nobody where two entries match', async () => {
      const checked = ldap({ ...search, filter: '(|(uid=%u)(sn=shared))' });
      expect(await checked.verify('john', new Secret('secret'))).to.equal(undefined);
      expect(log.lines.join('\n')).to.include('more than one entry');
    });

    it('knows nobody where the directory shows one of several entries', async () => {
      const stingy = await Slapd.start({ authority, entries: ENTRIES, settings: 'sizelimit 1' });
      try {
        const { bind: _, ...anonymous } = { ...search, filter: '(|(uid=%u)(sn=shared))' };
        const checked = ldap(anonymous, { ...way(), port: stingy.port });
        expect(await checked.verify('john', new Secret('secret'))).to.equal(undefined);
        expect(log.lines.join('\n')).to.include('more than one entry');
      } finally {
        await stingy.stop();
      }
    });

    it('follows no referral with a password in its hand', async () => {
      const checked = ldap({ dn: 'uid=%u,ou=far,dc=example,dc=com' });
      expect(await checked.verify('john', new Secret('secret'))).to.equal(undefined);
    });

    it('is unavailable where the service account is wrong', async () => {
      const checked = ldap({ ...search, bind: { dn: MANAGER.dn, password: new Secret('stale') } });
      expect(await codeOf(checked.verify('john', new Secret('secret')))).to.equal('auth.unavailable');
      expect(log.lines.join('\n')).to.include('service account').and.not.include('stale');
    });

    it('says no password to a server whose certificate is not trusted', async () => {
      for (const security of ['starttls', 'tls'] as const) {
        const checked = backend({
          type: 'ldap',
          name: 'ldap',
          server: { ...way(security), tls: {} },
          users: direct,
          timeoutMs: TIMEOUT_MS,
        });
        expect(await codeOf(checked.verify('john', new Secret('secret')))).to.equal('auth.unavailable');
      }
    });

    it('is unavailable while slapd is down and works again after', async () => {
      const checked = ldap(search);
      expect(await checked.verify('john', new Secret('secret'))).to.equal('john');
      await slapd.halt();
      expect(await codeOf(checked.verify('john', new Secret('secret')))).to.equal('auth.unavailable');
      await slapd.resume();
      expect(await checked.verify('john', new Secret('secret'))).to.equal('john');
    });
  });
});

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    return `resolved: ${String(await work)}`;
  } catch (error) {
    return error instanceof Fault ? error.code : String(error);
  }
}

const person = (dn: string, uid: string, more = ''): string => `dn: ${dn},ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid:: ${Buffer.from(uid).toString('base64')}
cn: somebody
userPassword: secret
${more}
`;

const ENTRIES = [
  person('uid=john', 'john', 'mail: john@example.com\nsn: Doe'),
  person('uid=jane', 'jane', 'sn: shared'),
  person(
    'uid=o(b)r*ian\\2C \\22jr\\22 \\3Cx\\3E\\5C\\2B\\23\\3D\\3B',
    'o(b)r*ian, "jr" <x>\\+#=;',
    'sn: Special',
  ),
  `dn: ou=far,dc=example,dc=com
objectClass: referral
objectClass: extensibleObject
ou: far
ref: ldap://127.0.0.1:1/ou=far,dc=example,dc=com
`,
].join('\n');
