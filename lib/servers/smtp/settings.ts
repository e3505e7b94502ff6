import type { With } from '../../settings/section.ts';
import type { CertificatePair } from '../certificates.ts';
import type { HostPort, SocketPath } from '../listen.ts';
import type { LmtpSection, SmtpSection } from './section.ts';

/** Where to listen. A unix socket (for LMTP) is open to whoever its mode lets in; default mode: owner and group. */
export type SmtpListen = HostPort | (SocketPath & { readonly mode?: number });

/** One server: what the section says of all of them, and what is its own. */
export interface SmtpSettings extends Pick<With<SmtpSection, 'hostname'>, 'hostname' | 'trusted' | 'auth'> {
  readonly listen: SmtpListen;
  /** Speak LMTP (RFC 2033) instead of SMTP. */
  readonly lmtp: boolean;
  /**
   * Networks that are this machine, default: loopback. No banner wait for them, and AUTH without TLS. Empty where a
   * proxy on this machine makes strangers look local.
   */
  readonly local?: readonly string[];
  /** PEM. STARTTLS is offered where given; `implicit`: TLS from the first octet (RFC 8314). */
  readonly tls?: {
    readonly key: string | Buffer;
    readonly cert: string | Buffer;
    readonly implicit?: boolean;
  };
  readonly limits: Omit<SmtpLimits, keyof typeof SMTP_LIMITS> & Partial<typeof SMTP_LIMITS>;
}

/** One server for each address that the sections name. @param tls the certificate, where there is one */
export function mailServers(
  { smtp, lmtp, connectionsPerMinute }: MailServerSections,
  tls: CertificatePair | undefined,
): { name: string; settings: SmtpSettings }[] {
  const { hostname, trusted, auth } = smtp;
  const server = (name: string, listen: SmtpListen, implicit: boolean) => ({
    name,
    settings: {
      ...{ hostname, trusted, auth, listen, lmtp: name === 'LMTP' },
      limits: { ...smtp, connectionsPerMinute },
      ...(tls === undefined ? {} : { tls: { ...tls, implicit } }),
    },
  });
  return [
    ...smtp.listen.map((listen) => server('SMTP', listen, false)),
    ...smtp.implicitTls.map((listen) => server('SMTPS', listen, true)),
    ...(lmtp === undefined ? [] : [server('LMTP', lmtp.listen, false)]),
  ];
}

export interface MailServerSections {
  readonly smtp: With<SmtpSection, 'hostname'>;
  readonly lmtp?: LmtpSection | undefined;
  /** Of one client; 0: no limit. */
  readonly connectionsPerMinute: number;
}

/** Sizes in octets, times in milliseconds. */
export interface SmtpLimits extends Pick<
  SmtpSection,
  'maxSize' | 'maxConnections' | 'maxConnectionsPerAddress' | 'maxRecipients' | 'timeout'
> {
  /** All mails together that are being received and stored. */
  readonly pendingOctets: number;
  /** New connections in a minute from one IPv4 address or one IPv6 /64; trusted relays are not counted. 0: no limit. */
  readonly connectionsPerMinute: number;
  /** Refused commands of a client since its last accepted mail; trusted relays are not counted. */
  readonly errors: number;
  /** Commands that get no mail further (NOOP, RSET, EHLO ...) since the last accepted mail. */
  readonly idleCommands: number;
  /** Failed logins of a session, by AUTH or in an address. */
  readonly failedLogins: number;
  /** From the connection until TLS is there, where it comes before the session. */
  readonly handshakeMs: number;
  /** From DATA until the whole mail is there. */
  readonly dataMs: number;
  /** Until the store has answered, well below the 10 minutes that clients wait (RFC 5321 4.5.3.2.6). */
  readonly answerMs: number;
  /** How long a stranger must be silent before the banner. */
  readonly earlyTalkerMs: number;
}

/** What no setting says. */
export const SMTP_LIMITS = {
  pendingOctets: 256 * 1024 ** 2,
  errors: 20,
  idleCommands: 100,
  failedLogins: 5,
  handshakeMs: 30_000,
  dataMs: 600_000,
  answerMs: 120_000,
  earlyTalkerMs: 100,
};
