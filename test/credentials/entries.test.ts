import { expect } from 'chai';
import { Fault } from '../../lib/base/errors.ts';
import { Secret } from '../../lib/base/secret.ts';
import { backendSettings } from '../../lib/credentials/entries.ts';
import type { BackendEntry } from '../../lib/credentials/settings.ts';

const settings = (entry: BackendEntry) => backendSettings(entry, { hostname: 'sms.example.com' });

describe('password backends as they stand in the configuration', () => {
  const ways: readonly [url: string, more: object, host: string, port: number, security: string][] = [
    ['ldap://ldap.example.com', {}, 'ldap.example.com', 389, 'starttls'],
    ['ldaps://ldap.example.com/', {}, 'ldap.example.com', 636, 'tls'],
    ['smtp://mail.example.com', {}, 'mail.example.com', 587, 'starttls'],
    ['smtp://mail.example.com:25', { starttls: false }, 'mail.example.com', 25, 'none'],
    ['smtps://mail.example.com', { starttls: false }, 'mail.example.com', 465, 'tls'],
    ['imap://mail.example.com', {}, 'mail.example.com', 143, 'starttls'],
    ['imaps://[2001:db8::1]', {}, '2001:db8::1', 993, 'tls'],
    ['imap://127.0.0.1', {}, '127.0.0.1', 143, 'none'],
    ['imap://[::1]', {}, '::1', 143, 'none'],
    ['imap://localhost', { starttls: true }, 'localhost', 143, 'starttls'],
    ['imap://127.0.0.1.example.com', {}, '127.0.0.1.example.com', 143, 'starttls'],
  ];
  for (const [url, more, host, port, security] of ways) {
    it(`reads ${url} ${JSON.stringify(more)} as ${host}, port ${port}, ${security}`, () => {
      const type = url.slice(0, 4) as 'ldap' | 'smtp' | 'imap';
      const made = settings(type === 'ldap' ? { type, url, dn: 'uid=%u', ...more } : { type, url, ...more });
      expect('server' in made ? made.server : made).to.deep.include({ host, port, security });
    });
  }

  const sockets: readonly [socket: string, to: object][] = [
    ['/run/dovecot/auth', { path: '/run/dovecot/auth' }],
    ['10.0.0.5:12345', { host: '10.0.0.5', port: 12345 }],
    ['[2001:db8::1]:12345', { host: '2001:db8::1', port: 12345 }],
  ];
  for (const [socket, to] of sockets) {
    it(`reads the socket ${socket}`, () => {
      expect(settings({ type: 'dovecot', socket })).to.deep.include({ socket: to });
    });
  }

  const url = 'ldap://ldap.example.com';
  const search = { type: 'ldap', url, base: 'dc=example' } as const;
  const wrong: readonly [entry: BackendEntry, words: string][] = [
    [{ type: 'dovecot', socket: 'auth' }, 'neither a path nor host:port'],
    [{ type: 'smtp', url: 'mail.example.com' }, 'not a URL'],
    [{ type: 'smtp', url: 'imap://mail.example.com' }, 'does not begin with smtp://'],
    [{ type: 'smtp', url: 'smtp://john@mail.example.com' }, 'more or less than a host'],
    [{ type: 'imap', url: 'imap://mail.example.com/INBOX' }, 'more or less than a host'],
    [{ type: 'ldap', url }, 'needs dn, or base and filter'],
    [{ type: 'ldap', url, dn: 'uid=john' }, 'no %u or %n'],
    [{ type: 'ldap', url, dn: 'uid=%%u' }, 'no %u or %n'],
    [{ ...search, dn: 'uid=%u' }, 'not both'],
    [{ ...search, filter: '(uid=john)' }, 'no %u or %n'],
    [{ ...search, filter: '(uid=%u)', bindDn: 'cn=x' }, 'go together'],
    [{ ...search, filter: '(uid=%u)', bindDn: 'cn=x', bindPassword: new Secret('') }, 'is empty'],
    [{ type: 'oauth' }, 'either introspection or userinfo'],
    [
      { type: 'oauth', introspection: 'https://a', userinfo: 'https://a' },
      'either introspection or userinfo',
    ],
    [{ type: 'oauth', introspection: 'http://id.example.com' }, 'not https:'],
    [{ type: 'oauth', userinfo: 'https://id.example.com', audience: 'x' }, 'use introspection'],
    [{ type: 'oauth', introspection: 'https://id.example.com', clientId: 'x' }, 'go together'],
  ];
  for (const [entry, words] of wrong) {
    it(`refuses ${JSON.stringify(entry)}: ${words}`, () => {
      expect(() => settings(entry))
        .to.throw(Fault, words)
        .with.property('code', 'config.invalid');
    });
  }

  it('takes a token to an issuer on this machine in the clear', () => {
    expect(settings({ type: 'oauth', userinfo: 'http://[::1]:8080/', ca: '/etc/ca.pem' })).to.deep.include({
      ca: '/etc/ca.pem',
    });
    expect(settings({ type: 'oauth', userinfo: 'http://127.0.0.1:8080/userinfo' })).to.deep.include({
      claim: 'email',
    });
  });
});
