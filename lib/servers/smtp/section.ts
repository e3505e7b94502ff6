import { z } from 'zod';
import { domain, network } from '../../settings/names.ts';
import type { Section } from '../../settings/section.ts';
import { duration, listOf, path, size } from '../../settings/values.ts';
import { listenerOrSocket, listeners } from '../listen.ts';

const tls = z.strictObject({
  cert: path().meta({
    description: 'PEM file with the certificate and its chain.',
    examples: ['tls/fullchain.pem'],
  }),
  key: path().meta({ description: 'PEM file with the private key.', examples: ['tls/privkey.pem'] }),
});

export type TlsFiles = Section<typeof tls>;

/** The section `smtp`. */
export const smtp = z.strictObject({
  listen: listeners()
    .prefault('127.0.0.1:2525')
    .meta({
      description: 'Where mail comes in: an address and port, a list of them, or `false` for none.',
      examples: ['0.0.0.0:25', ['127.0.0.1:2525', '[::1]:2525'], false],
    }),
  implicitTls: listeners()
    .prefault(false)
    .meta({
      description: 'The same with TLS from the first octet; needs `smtp.tls`.',
      examples: ['0.0.0.0:465'],
    }),
  hostname: domain()
    .exactOptional()
    .meta({
      description: 'Our name in the banner and in reports.',
      examples: ['mx.example.com'],
      'x-default': 'the first of `domains`',
    }),
  trusted: listOf(network())
    .prefault(['127.0.0.0/8', '::1/128'])
    .meta({
      description:
        'Addresses and networks whose clients may send without a login, and vouch for their senders.',
      examples: [['127.0.0.1/32', '192.0.2.0/24']],
    }),
  tls: tls
    .exactOptional()
    .meta({ description: 'Certificate for STARTTLS and implicit TLS.', 'x-default': 'no TLS' }),
  auth: z
    .strictObject({
      required: z
        .boolean()
        .default(false)
        .meta({
          description: 'A client that is not trusted must log in before it may send.',
          examples: [true],
        }),
      insecure: z
        .boolean()
        .default(false)
        .meta({ description: 'Offer AUTH without TLS to other machines too.', examples: [true] }),
    })
    .prefault({})
    .meta({ description: 'Logging in.' }),
  maxSize: size()
    .prefault('10MB')
    .meta({ description: 'The largest mail.', examples: ['1MB'] }),
  maxConnections: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(1000)
    .meta({ description: 'Connections at once.', examples: [200] }),
  maxConnectionsPerAddress: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(100)
    .meta({ description: 'Connections at once from one IP address.', examples: [10] }),
  maxRecipients: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(100)
    .meta({ description: 'Recipients of one mail.', examples: [20] }),
  timeout: duration()
    .prefault('5m')
    .meta({ description: 'How long a client may be silent.', examples: ['90s'] }),
});

export type SmtpSection = Section<typeof smtp>;

/** The section `lmtp`. */
export const lmtp = z.strictObject({
  listen: listenerOrSocket().meta({
    description: 'An address and port, or `unix:` and the path of a socket.',
    examples: ['unix:/run/mailsms/lmtp.sock', '127.0.0.1:2424'],
  }),
});

export type LmtpSection = Section<typeof lmtp>;
