import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { systemClock } from '../../lib/base/clock.ts';
import { systemRandom } from '../../lib/base/random.ts';
import { Secret } from '../../lib/base/secret.ts';
import { createBackends } from '../../lib/credentials/backends.ts';
import { backendSettings } from '../../lib/credentials/entries.ts';
import type { BackendEntry } from '../../lib/credentials/settings.ts';
import { Authority } from '../support/authority.ts';
import { needs } from '../support/clients.ts';
import { Dovecot, hashed } from '../support/dovecot.ts';
import { MemoryLog } from '../support/log.ts';
import { Slapd } from '../support/slapd.ts';

const PAGE = readFileSync(resolve(import.meta.dirname, '../../docs/passwords.md'), 'utf8');

/** Code blocks of the page that stand under this comment. */
function blocks(comment: string): string[] {
  const under = new RegExp(`<!-- ${comment} -->\\s*\`\`\`\\w*\\n([^]*?)\`\`\``, 'g');
  return [...PAGE.matchAll(under)].map((match) => match[1] ?? '');
}

describe('docs/passwords.md', () => {
  let authority: Authority;
  let dovecot: Dovecot;
  let slapd: Slapd;
  const issuer = createServer((request, response) => {
    const known = Buffer.from('mailsms:clientpw').toString('base64');
    const isKnown = request.headers.authorization === `Basic ${known}`;
    response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ active: true, username: 'john', aud: 'mailsms' }));
  });

  before(needs('dovecot', 'doveadm', 'slapd', 'openssl'));
  before(function () {
    if (process.getuid?.() === 0) return;
    process.stderr.write('    skipped: Dovecot is only started by root\n');
    this.skip();
  });
  before(async () => {
    authority = await Authority.make();
    const [service = ''] = blocks('dovecot');
    dovecot = await Dovecot.start({
      authority,
      users: [`john:${await hashed('SSHA512', 'secret')}::::::`],
      settings: service.replace('user = mailsms', 'user = root'),
    });
    slapd = await Slapd.start({ authority, entries: ENTRIES });
    issuer.listen(0, '127.0.0.1');
    await once(issuer, 'listening');
  });
  after(async () => {
    issuer.closeAllConnections();
    issuer.close();
    await dovecot?.stop();
    await slapd?.stop();
    authority?.remove();
  });

  /** The page's servers are ours. */
  const here = (text: string): string =>
    text
      .replace('/run/dovecot/auth-mailsms', join(dovecot.folder, 'run/auth-mailsms'))
      .replace('ldap://ldap.example.com', `ldap://localhost:${slapd.port}`)
      .replace('ldaps://ldap.example.com', `ldaps://localhost:${slapd.securePort}`)
      .replace('smtp://mail.example.com', `smtp://localhost:${dovecot.submissionPort}`)
      .replace('imaps://mail.example.com', `imaps://localhost:${dovecot.imapsPort}`)
      .replace('https://id.example.com', `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`);

  for (const [type, count] of [
    ['dovecot', 1],
    ['ldap', 2],
    ['smtp', 1],
    ['imap', 1],
    ['oauth', 1],
  ] as const) {
    it(`shows a configuration of ${type} that works`, async () => {
      const found = blocks(`backend: ${type}`);
      expect(found).to.have.lengthOf(count);
      for (const text of found) {
        const [entry] = parse(here(text)) as Record<string, unknown>[];
        for (const name of ['bindPassword', 'clientSecret']) {
          if (typeof entry?.[name] === 'string') entry[name] = new Secret(entry[name]);
        }
        const secured = type === 'dovecot' || type === 'oauth' ? {} : { ca: authority.ca, starttls: true };
        const settings = backendSettings({ ...entry, ...secured } as unknown as BackendEntry, {
          hostname: 'sms.example.com',
        });
        const checked = createBackends(
          { backends: [settings], cacheMs: 60_000 },
          { clock: systemClock, random: systemRandom, log: new MemoryLog() },
        );
        try {
          if (type === 'oauth') {
            expect(await checked.verifyToken?.('john', new Secret('token'))).to.equal('john');
            continue;
          }
          expect(await checked.verify('john', new Secret('secret'))).to.equal('john');
          expect(await checked.verify('john', new Secret('wrong'))).to.equal(undefined);
        } finally {
          await checked.close();
        }
      }
    });
  }
});

const ENTRIES = `dn: uid=john,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: john
cn: John
sn: Doe
mail: john@example.com
userPassword: secret

dn: ou=services,dc=example,dc=com
objectClass: organizationalUnit
ou: services

dn: cn=mailsms,ou=services,dc=example,dc=com
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: mailsms
userPassword: servicepw
`;
