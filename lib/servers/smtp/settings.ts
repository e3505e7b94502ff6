/** Where to listen. A unix socket (for LMTP) is open to whoever its mode lets in; default mode: owner and group. */
export type SmtpListen =
  { readonly host: string; readonly port: number } | { readonly path: string; readonly mode?: number };

export interface SmtpSettings {
  readonly listen: SmtpListen;
  /** The name in the banner and in the answer to EHLO. */
  readonly hostname: string;
  /** Speak LMTP (RFC 2033) instead of SMTP. */
  readonly lmtp: boolean;
  /** Addresses and CIDR blocks of relays that vouch for their senders, and may use XCLIENT and XFORWARD. */
  readonly trusted: readonly string[];
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
  readonly auth: {
    /** Nobody but trusted relays may send without logging in. */
    readonly required: boolean;
    /** AUTH without TLS also for clients beyond this machine. */
    readonly insecure: boolean;
  };
  readonly limits?: Partial<SmtpLimits>;
}

/** Sizes in octets, times in milliseconds. */
export interface SmtpLimits {
  /** The largest mail. */
  readonly mailOctets: number;
  /** All mails together that are being received and stored. */
  readonly pendingOctets: number;
  readonly connections: number;
  /** From one IPv4 address or one IPv6 /64; trusted relays are not counted. */
  readonly connectionsPerAddress: number;
  /** New ones in a minute, counted likewise; 0: no limit. */
  readonly connectionsPerMinute: number;
  readonly recipients: number;
  /** Refused commands of a client since its last accepted mail; trusted relays are not counted. */
  readonly errors: number;
  /** Commands that get no mail further (NOOP, RSET, EHLO ...) since the last accepted mail. */
  readonly idleCommands: number;
  /** Failed logins of a session, by AUTH or in an address. */
  readonly failedLogins: number;
  /** From the connection until TLS is there, where it comes before the session. */
  readonly handshakeMs: number;
  /** Until the whole next command is there, RFC 5321 4.5.3.2.7. */
  readonly commandMs: number;
  /** From DATA until the whole mail is there. */
  readonly dataMs: number;
  /** Until the store has answered, well below the 10 minutes that clients wait (RFC 5321 4.5.3.2.6). */
  readonly answerMs: number;
  /** How long a stranger must be silent before the banner. */
  readonly earlyTalkerMs: number;
}

export const SMTP_LIMITS: SmtpLimits = {
  mailOctets: 10 * 1024 ** 2,
  pendingOctets: 256 * 1024 ** 2,
  connections: 1000,
  connectionsPerAddress: 50,
  connectionsPerMinute: 0,
  recipients: 1000,
  errors: 20,
  idleCommands: 100,
  failedLogins: 5,
  handshakeMs: 30_000,
  commandMs: 300_000,
  dataMs: 600_000,
  answerMs: 120_000,
  earlyTalkerMs: 100,
};
