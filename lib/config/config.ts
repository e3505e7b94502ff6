import type { Secret } from '../base/secret.ts';
import type { BackendEntry } from '../credentials/entries.ts';
import type { GatewayConfig } from '../transports/kinds.ts';

/**
 * The configuration as the rest of mailsms sees it: complete and checked.
 *
 * It has the shape and the names of the file (docs/configuration.md), with every default filled in. Durations
 * are milliseconds except where a name ends in `Minutes`, sizes are octets, paths are absolute, secrets are `Secret`s.
 */
export interface Config {
  /** Absolute. */
  readonly dataDir: string;
  /** ISO 3166 two-letter code of the country that national numbers belong to. */
  readonly country?: string;
  /** IANA time zone of calendar months and dates. */
  readonly zone: string;
  /** One at least, names in lower case. */
  readonly domains: readonly DomainConfig[];
  readonly addresses: AddressConfig;
  readonly smtp: SmtpConfig;
  readonly lmtp?: LmtpConfig;
  readonly http: HttpConfig;
  readonly mail: MailConfig;
  readonly queue: QueueConfig;
  readonly incoming: IncomingConfig;
  readonly text: TextConfig;
  readonly gateways: readonly GatewayConfig[];
  readonly accounts: readonly AccountConfig[];
  readonly auth: AuthConfig;
  readonly limits: LimitsConfig;
  readonly senderProof: SenderProofConfig;
  readonly rules: RulesConfig;
  readonly outside: OutsideConfig;
  /** Databases by name. */
  readonly sql: Readonly<Record<string, SqlConfig>>;
  readonly helpers: readonly HelperConfig[];
  readonly lists: readonly ListConfig[];
  readonly log: LogConfig;
}

/** A TCP address to listen on. Port 0 takes any free port. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** A Unix socket to listen on. */
export interface SocketPath {
  /** Absolute. */
  readonly path: string;
}

export interface DomainConfig {
  readonly name: string;
  readonly country?: string;
  /** The name is a closed carrier domain; the country of its numbers. */
  readonly carrier?: string;
}

export interface AddressConfig {
  /** Read the last `%` or `/` of a user name as the at sign. */
  readonly userAt: boolean;
  /** What may stand after `sms` instead of the colon. */
  readonly separators: string;
}

export interface SmtpConfig {
  /** Empty: off. */
  readonly listen: readonly HostPort[];
  /** Listeners that speak TLS from the first octet. */
  readonly implicitTls: readonly HostPort[];
  /** Our name in the banner, in trace headers and in reports. */
  readonly hostname: string;
  /** IP addresses and networks (CIDR) whose senders are taken at their word. */
  readonly trusted: readonly string[];
  readonly tls?: TlsFiles;
  readonly auth: {
    /** A client that is not trusted must log in before MAIL. */
    readonly required: boolean;
    /** Offer AUTH without TLS to other machines too. */
    readonly insecure: boolean;
  };
  /** Octets of one mail. */
  readonly maxSize: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  /** Recipients of one mail. */
  readonly maxRecipients: number;
  /** How long a client may be silent, ms. */
  readonly timeout: number;
}

/** PEM files; absolute paths. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

export interface LmtpConfig {
  readonly listen: HostPort | SocketPath;
}

export interface HttpConfig {
  /** Empty: off. */
  readonly listen: readonly HostPort[];
}

/** The mail server that takes our mail. */
export interface Relay {
  readonly protocol: 'smtp' | 'smtps' | 'lmtp';
  readonly host: string;
  readonly port: number;
  /** A unix socket, in place of host and port. */
  readonly path?: string;
  readonly user?: string;
  readonly password?: Secret;
}

export interface MailConfig {
  /** Absent: mail is written to `maildir`. */
  readonly relay?: Relay;
  readonly tls?: 'required' | 'may' | 'off';
  /** PEM file; an absolute path. */
  readonly ca?: string;
  readonly dkim?: {
    readonly domain: string;
    readonly selector: string;
    /** PEM file; an absolute path. */
    readonly keyFile: string;
  };
  /** Who is told of mail that was given up; an addr-spec. */
  readonly operator?: string;
  /** Header From of reports; an addr-spec. */
  readonly from: string;
  /** Absolute. */
  readonly maildir: string;
}

export interface QueueConfig {
  readonly expireMinutes: number;
  readonly warnMinutes: number;
  /** The pause after each failed attempt, ms; the last one repeats. */
  readonly retry: readonly number[];
  /** What becomes of a message whose hand-over was cut off. */
  readonly unknown: 'resend' | 'fail' | 'ask';
  /** How long the same mail to the same number counts as one, ms. */
  readonly dedupe: number;
  /** How long settled messages are kept, ms. */
  readonly keep: number;
}

export interface IncomingConfig {
  readonly replyLog: {
    readonly minutes: number;
    readonly conflict: 'ask' | 'last';
    /** With `{choices}`. */
    readonly conflictText: string;
    readonly conflictMinutes: number;
    readonly separateGateways: boolean;
  };
  /** Domains and mail addresses that a text may name. */
  readonly addressTag: { readonly allow: readonly string[] };
  readonly replyAddress: { readonly signed: boolean; readonly days: number };
  /** How long the missing parts of a message are waited for. */
  readonly reassemblyMinutes: number;
  /** Where messages go that nothing else has a place for; an addr-spec. */
  readonly mailbox?: string;
}

export interface TextConfig {
  /** Parts a message may take where neither address nor account says otherwise. */
  readonly maxmsgs: number;
  /** Replace typographic characters where that saves parts. */
  readonly smart: boolean;
  /** Leave out quoted replies, signatures and disclaimers. */
  readonly strip: boolean;
  /** Kinds of automatic mail (mail/automatic.ts) that may become a message. */
  readonly automatic: readonly ('auto-generated' | 'auto-replied' | 'bounce' | 'list' | 'bulk')[];
  /** Layout of the text, such as `{subject}: {text}`. */
  readonly template?: string;
}

/** A user (`john`), all of a domain (`@example.com`) or everybody (`*`): see accounts/accounts.ts. */
export interface AccountConfig {
  readonly user: string;
  /** The password, or its hash. Absent: it cannot log in, but a trusted relay's sender of that name is charged to it. */
  readonly password?: Secret;
  readonly group?: string;
  readonly description?: string;
  /** The gateway its messages are pinned to. */
  readonly gateway?: string;
  /** Parts a calendar month, a day, and any 60 seconds; 0: no limit. */
  readonly monthlyLimit: number;
  readonly dailyLimit?: number;
  readonly minuteLimit?: number;
  /** `2027-01-31`: from the start of that day, in `zone`, it may not send (see `startOfDay`). */
  readonly expire?: string;
  readonly active: boolean;
  readonly maxmsgs?: number;
  /** Prefixes or countries. */
  readonly allowed?: readonly string[];
  readonly denied?: readonly string[];
  readonly alias?: string;
  /** Caller id; `%alias%` stands for the alias. */
  readonly sender?: string;
  readonly template?: string;
  /** Milliseconds. */
  readonly collapse?: number;
  readonly mailFrom?: readonly string[];
}

export interface AuthConfig {
  readonly backends: readonly BackendEntry[];
  /** Milliseconds. */
  readonly cache: number;
  readonly blankPasswords: boolean;
  readonly failures: {
    readonly perAddress: number;
    readonly perAccount: number;
    /** Milliseconds. */
    readonly window: number;
  };
}

export interface SenderProofConfig {
  readonly accept: 'off' | 'dmarc' | 'dkim';
  readonly dns?: readonly string[];
  /** Milliseconds. */
  readonly lookupTimeout: number;
  readonly timeout: number;
  /** Octets. */
  readonly maxSize: number;
}

/** 0: no limit. */
export interface LimitsConfig {
  readonly recipientsPerMinute: number;
  readonly connectionsPerMinute: number;
  readonly sendersPerNumber: number;
  readonly answersPerNumber: number;
}

/** Absolute paths. */
export interface RulesConfig {
  readonly outgoing: readonly string[];
  readonly incoming: readonly string[];
  /** Files of lists by their names. */
  readonly lists: Readonly<Record<string, string>>;
  readonly folders: 'plus' | 'header';
}

export interface OutsideConfig {
  /** Absolute paths of programs, and of folders of programs. */
  readonly programs: readonly string[];
  /** PATH of the programs. */
  readonly path: string;
  /** Hosts and networks. */
  readonly urls: readonly string[];
}

export type SqlConfig =
  | { readonly type: 'sqlite'; /** Absolute. */ readonly file: string }
  | { readonly type: 'postgres' | 'mysql'; readonly url: Secret; readonly connections: number };

export interface HelperConfig {
  /** `sms`, or `sms@sms.example.com`. */
  readonly address: string;
  readonly forward: string;
}

export interface ListConfig {
  readonly address: string;
  readonly senders: 'known' | 'anyone';
  readonly members: readonly (string | { readonly sms: string; readonly account?: string })[];
}

export interface LogConfig {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly format: 'pretty' | 'json';
  /** Write texts too. */
  readonly bodies: boolean;
}
