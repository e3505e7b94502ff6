/** Settings of logging in, and of passwords that are checked elsewhere (docs/passwords.md). */
import { z } from 'zod';
import { failures } from '../accounts/settings.ts';
import type { Section } from '../settings/section.ts';
import { path, duration, secret, text } from '../settings/values.ts';

const word = () => text((value) => (value === '' ? 'must not be empty' : undefined));

const timeout = duration()
  .exactOptional()
  .meta({ description: 'How long its answer is waited for.', examples: ['5s'], 'x-default': '10s' });

const authorities = path()
  .exactOptional()
  .meta({
    description: 'PEM file with the authorities to trust.',
    examples: ['/etc/ssl/own-ca.pem'],
    'x-default': "the system's",
  });

const secured = {
  url: word().meta({
    description:
      'Where it is: `ldap://`, `ldaps://`, `smtp://`, `smtps://`, `imap://` or `imaps://` and a host.',
    examples: ['ldaps://ldap.example.com', 'imaps://mail.example.com'],
  }),
  starttls: z
    .boolean()
    .exactOptional()
    .meta({
      description: 'Begin TLS before anything is said, where the URL does not say TLS.',
      examples: [true],
      'x-default': 'yes, but not on loopback',
    }),
  ca: authorities,
  servername: word()
    .exactOptional()
    .meta({
      description: 'The name in its certificate.',
      examples: ['ldap.example.com'],
      'x-default': 'the host in `url`',
    }),
  verify: z
    .boolean()
    .exactOptional()
    .meta({
      description: '`false` takes any certificate: whoever sits in between reads the passwords.',
      examples: [false],
      'x-default': 'yes',
    }),
  timeout,
};

const dovecot = z.strictObject({
  type: z.literal('dovecot').meta({ description: "Dovecot's auth socket.", examples: ['dovecot'] }),
  socket: word().meta({
    description: 'Path of the socket, or `host:port`.',
    examples: ['/run/dovecot/auth-mailsms'],
  }),
  service: word()
    .exactOptional()
    .meta({
      description: "What we are called in Dovecot's log.",
      examples: ['mailsms'],
      'x-default': '`smtp`',
    }),
  oauth: z
    .boolean()
    .exactOptional()
    .meta({ description: 'Pass bearer tokens on to it.', examples: [true], 'x-default': 'no' }),
  timeout,
});

const ldap = z.strictObject({
  type: z.literal('ldap').meta({ description: 'A bind at an LDAP directory.', examples: ['ldap'] }),
  ...secured,
  dn: word()
    .exactOptional()
    .meta({
      description: 'The name of a user in the directory; `%u`, `%n` and `%d` stand for what was typed.',
      examples: ['uid=%u,ou=people,dc=example,dc=com'],
      'x-default': 'none: users are searched for',
    }),
  bindDn: word()
    .exactOptional()
    .meta({
      description: 'Who searches.',
      examples: ['cn=mailsms,ou=services,dc=example,dc=com'],
      'x-default': 'nobody in particular',
    }),
  bindPassword: secret()
    .exactOptional()
    .meta({
      description: 'The password for that.',
      examples: ['${MAILSMS_LDAP_PASSWORD}'],
      'x-default': 'none',
    }),
  base: word()
    .exactOptional()
    .meta({
      description: 'Where users are searched for.',
      examples: ['ou=people,dc=example,dc=com'],
      'x-default': 'none',
    }),
  filter: word()
    .exactOptional()
    .meta({ description: 'How a user is found.', examples: ['(|(uid=%u)(mail=%u))'], 'x-default': 'none' }),
  attribute: word()
    .exactOptional()
    .meta({
      description: "The attribute that is the account's name.",
      examples: ['uid'],
      'x-default': 'none',
    }),
});

const login = (type: 'smtp' | 'imap', what: string) =>
  z.strictObject({
    type: z.literal(type).meta({ description: `A login at ${what}.`, examples: [type] }),
    ...secured,
  });

const oauth = z.strictObject({
  type: z.literal('oauth').meta({ description: 'Bearer tokens of an OAuth server.', examples: ['oauth'] }),
  introspection: word()
    .exactOptional()
    .meta({
      description: 'Where tokens are asked about (RFC 7662).',
      examples: ['https://id.example.com/introspect'],
      'x-default': 'none',
    }),
  userinfo: word()
    .exactOptional()
    .meta({
      description: 'Where OpenID Connect says whose a token is.',
      examples: ['https://id.example.com/userinfo'],
      'x-default': 'none',
    }),
  clientId: word()
    .exactOptional()
    .meta({ description: 'Our name there.', examples: ['mailsms'], 'x-default': 'none' }),
  clientSecret: secret()
    .exactOptional()
    .meta({
      description: 'The secret for that.',
      examples: ['${MAILSMS_OAUTH_SECRET}'],
      'x-default': 'none',
    }),
  audience: word()
    .exactOptional()
    .meta({ description: 'Whom a token must be for.', examples: ['mailsms'], 'x-default': 'anybody' }),
  scope: word()
    .exactOptional()
    .meta({ description: 'What a token must allow.', examples: ['sms'], 'x-default': 'anything' }),
  claim: word()
    .exactOptional()
    .meta({
      description: 'What names the account.',
      examples: ['email'],
      'x-default': '`username`, or `email` with userinfo',
    }),
  ca: authorities,
  timeout,
});

export const backend = z.discriminatedUnion('type', [
  dovecot,
  ldap,
  login('smtp', 'an SMTP server'),
  login('imap', 'an IMAP server'),
  oauth,
]);

/** A backend as it stands in the configuration: addresses as URLs. */
export type BackendEntry = Section<typeof backend>;

/** The section `auth`. */
export const auth = z.strictObject({
  backends: z
    .array(backend)
    .prefault([])
    .meta({ description: 'Where passwords are checked that stand in no account, in this order.' }),
  cache: duration({ zero: true })
    .prefault('60s')
    .meta({
      description: 'How long a password that one of them knew is not asked for again; `0s`: never.',
      examples: ['5m'],
    }),
  blankPasswords: z
    .boolean()
    .default(false)
    .meta({
      description:
        'An account whose password is empty (`""`) need not authenticate: whoever names it may send. Without this, nobody can log in with such an account.',
      examples: [true],
    }),
  failures: failures.prefault({}).meta({ description: 'Failed logins after which no more are tried.' }),
});

export type AuthSettings = Section<typeof auth>;
