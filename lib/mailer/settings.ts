import { z } from 'zod';
import { isLoopback } from '../base/host.ts';
import { domain, mailbox } from '../settings/names.ts';
import type { Section } from '../settings/section.ts';
import { matching, path } from '../settings/values.ts';
import { type Relay, relay } from './relay-url.ts';

/** The section `mail`: where our own mail goes. */
export const mail = z.strictObject({
  relay: relay()
    .exactOptional()
    .meta({
      description:
        'The mail server that takes our mail: `smtp://`, `smtps://` or `lmtp://`, with user and password if needed; LMTP over a unix socket is `lmtp:///path`.',
      examples: ['smtp://127.0.0.1:25', 'smtps://sms:secret@mail.example.com:465'],
      'x-default': 'none: mail is written to `mail.maildir`',
    }),
  tls: z
    .enum(['required', 'may', 'off'])
    .exactOptional()
    .meta({
      description:
        'TLS with the relay: `required`, with a certificate that is verified; `may`, where it is offered and whatever the certificate; `off`, no STARTTLS.',
      examples: ['required'],
      'x-default': '`required` where a password is sent to another machine, and with `smtps://`; else `may`',
    }),
  ca: path()
    .exactOptional()
    .meta({
      description: "PEM file with the authorities to trust for the relay's certificate.",
      examples: ['/etc/ssl/own-ca.pem'],
      'x-default': "the system's",
    }),
  dkim: z
    .strictObject({
      domain: domain().meta({ description: 'The domain that signs.', examples: ['sms.example.com'] }),
      selector: matching(
        /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/i,
        'is not a selector',
        'the key stands in DNS under SELECTOR._domainkey.DOMAIN',
      ).meta({ description: 'The name of the key.', examples: ['sms2026'] }),
      keyFile: path().meta({
        description: 'PEM file with the private key, RSA or Ed25519.',
        examples: ['/etc/mailsms/dkim.pem'],
      }),
    })
    .exactOptional()
    .meta({ description: 'Sign our mail (DKIM).', 'x-default': 'off' }),
  operator: mailbox()
    .exactOptional()
    .meta({
      description: 'Who is told of mail that could not be delivered.',
      examples: ['postmaster@example.com'],
      'x-default': 'nobody: it stands in the log alone',
    }),
  from: mailbox()
    .exactOptional()
    .meta({
      description: 'From of reports.',
      examples: ['postmaster@example.com'],
      'x-default': '`MAILER-DAEMON@` and the first of `domains`',
    }),
  maildir: path()
    .exactOptional()
    .meta({
      description: 'The Maildir that takes our mail where no relay is set.',
      examples: ['/var/mail/sms'],
      'x-default': '`Maildir` in `dataDir`',
    }),
});

export type MailSettings = Section<typeof mail>;

/** What a connection to the relay is made from. */
export interface RelaySettings extends Relay {
  /** The name in our EHLO. */
  readonly hostname: string;
  /**
   * `required`: no mail without TLS and a certificate of that host. `may`: TLS where it is offered, whatever the certificate:
   * it keeps listeners out and nobody else. `off`: no STARTTLS. With smtps there is always TLS.
   */
  readonly tls: NonNullable<MailSettings['tls']>;
  /** PEM, in place of the system's authorities; with it, certificates are verified under `may` too. */
  readonly ca?: string;
}

/** Absent where mail goes to a Maildir. @param ca the authorities, as PEM */
export function relaySettings(
  { relay, tls }: MailSettings,
  hostname: string,
  ca: string | undefined,
): RelaySettings | undefined {
  if (relay === undefined) return undefined;
  const near = relay.path !== undefined || isLoopback(relay.host);
  const needed = relay.protocol === 'smtps' || (relay.password !== undefined && !near);
  return {
    ...relay,
    hostname,
    tls: tls ?? (needed ? 'required' : 'may'),
    ...(ca === undefined ? {} : { ca }),
  };
}
