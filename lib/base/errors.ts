/**
 * Errors that carry the decision.
 *
 * Whoever throws a Fault has decided: which catalogue entry it is (and so the SMTP reply, the enhanced status
 * code of RFC 3463 and whether trying again can help), what the peer may be told, and what only the log is told.
 * An error that is not a Fault is unknown, and unknown errors are temporary (see `asFault`): a message is never
 * given up because of a bug.
 */

export interface FaultKind {
  /** SMTP reply code, RFC 5321 4.2. */
  readonly smtp: number;
  /** Enhanced mail system status code, RFC 3463. */
  readonly enhanced: string;
  /** May the same thing succeed later without anybody changing it? */
  readonly temporary: boolean;
  /** One sentence for the peer, used where the thrower gives none. */
  readonly told: string;
}

/** The catalogue: one line to add a kind. `test/base/errors.test.ts` holds it to its own rules. */
export const FAULTS = {
  'address.syntax': kind(553, '5.1.3', false, 'the address is not a valid sms: address'),
  'address.unknown': kind(550, '5.1.1', false, 'no such address here'),
  'address.domain': kind(550, '5.7.1', false, 'relaying to that domain is not done here'),
  'auth.required': kind(550, '5.7.1', false, 'authentication is needed to send to a phone'),
  'auth.credentials': kind(535, '5.7.8', false, 'authentication failed'),
  'auth.denied': kind(550, '5.7.1', false, 'this account may not send'),
  'auth.unavailable': kind(454, '4.7.0', true, 'authentication is temporarily unavailable'),
  'auth.throttled': kind(454, '4.7.0', true, 'too many failed logins, try again later'),
  'auth.destination': kind(550, '5.7.1', false, 'this account may not send to that number'),
  'limit.month': kind(550, '5.7.1', false, 'the monthly message limit is reached'),
  'limit.rate': kind(450, '4.7.1', true, 'too many messages, try again later'),
  'mail.empty': kind(550, '5.6.0', false, 'the mail has no text to send'),
  'mail.malformed': kind(554, '5.6.0', false, 'the mail could not be read'),
  'mail.hostile': kind(554, '5.6.0', false, 'the mail is too deeply nested or its header too large'),
  'mail.loop': kind(554, '5.4.6', false, 'the mail loops'),
  'mail.automatic': kind(550, '5.7.1', false, 'automatic replies and bounces are not sent to phones'),
  'mail.size': kind(552, '5.3.4', false, 'the mail is too large'),
  'message.size': kind(552, '5.2.3', false, 'the text does not fit into the allowed number of parts'),
  'message.content': kind(554, '5.6.0', false, 'the message content is not valid'),
  'rule.rejected': kind(550, '5.7.1', false, 'the message is refused by a rule'),
  'rule.destination': kind(550, '5.3.5', false, 'a rule gives the message a destination that is none'),
  'message.expired': kind(554, '5.4.7', false, 'the message expired before it could be sent'),
  'message.cancelled': kind(554, '5.7.0', false, 'the message was cancelled'),
  'store.full': kind(452, '4.3.1', true, 'insufficient storage, try again later'),
  'store.down': kind(451, '4.3.0', true, 'the message store is not available, try again later'),
  'store.locked': kind(451, '4.3.0', true, 'the data directory is in use by another process'),
  'store.version': kind(451, '4.3.0', true, 'the message store was written by a newer version of mailsms'),
  'gateway.refused': kind(550, '5.4.1', false, 'the mobile network refused the message'),
  'gateway.number': kind(550, '5.1.1', false, 'the mobile network does not know the number'),
  'gateway.deferred': kind(450, '4.4.2', true, 'the mobile network does not take the message now'),
  'gateway.busy': kind(450, '4.4.5', true, 'the gateway is busy'),
  'gateway.down': kind(450, '4.4.1', true, 'the gateway is not reachable'),
  'gateway.unknown': kind(450, '4.4.0', true, 'it is not known whether the network took the message'),
  'gateway.none': kind(450, '4.4.3', true, 'no gateway can take the message now'),
  'relay.refused': kind(550, '5.3.0', false, 'the mail relay refused the mail'),
  'relay.deferred': kind(451, '4.3.0', true, 'the mail relay does not take the mail now'),
  'relay.down': kind(451, '4.4.1', true, 'the mail relay is not reachable'),
  'effect.failed': kind(550, '5.3.0', false, 'what a rule wanted done outside failed'),
  'effect.down': kind(451, '4.3.0', true, 'what a rule wanted done outside cannot be done now'),
  'smtp.banner': kind(554, '5.5.1', false, 'you talked before the greeting'),
  'smtp.line': kind(500, '5.5.2', false, 'the line is too long'),
  'smtp.sequence': kind(503, '5.5.1', false, 'the command does not come in order'),
  'smtp.parameter': kind(501, '5.5.4', false, 'a parameter is not valid'),
  'smtp.unsupported': kind(555, '5.5.4', false, 'a parameter is not supported'),
  'smtp.sender': kind(501, '5.1.7', false, 'the sender address is not valid'),
  'smtp.recipient': kind(501, '5.1.3', false, 'the recipient address is not valid'),
  'smtp.recipients': kind(452, '4.5.3', true, 'too many recipients for one mail'),
  'smtp.login': kind(530, '5.7.0', false, 'authentication is required'),
  'smtp.encryption': kind(538, '5.7.11', false, 'encryption is required before authentication'),
  'smtp.connections': kind(421, '4.3.2', true, 'too many connections, try again later'),
  'smtp.address': kind(421, '4.7.0', true, 'too many connections from your address'),
  'smtp.errors': kind(421, '4.7.0', true, 'too many errors'),
  'smtp.timeout': kind(421, '4.4.2', true, 'time-out'),
  'request.invalid': kind(501, '5.5.4', false, 'the request is not valid'),
  'request.absent': kind(550, '5.1.1', false, 'there is no such thing'),
  'request.conflict': kind(554, '5.5.1', false, 'its present state does not allow that'),
  'request.size': kind(552, '5.3.4', false, 'the request is too large'),
  'server.stopped': kind(451, '4.3.2', true, 'mailsms is not running'),
  'server.closing': kind(421, '4.3.2', true, 'the server is shutting down, try again later'),
  'config.invalid': kind(554, '5.3.5', false, 'the configuration is not valid'),
  internal: kind(451, '4.3.0', true, 'internal error, try again later'),
} as const satisfies Record<string, FaultKind>;

export type FaultCode = keyof typeof FAULTS;

export interface FaultDetail {
  /** What the peer may be told; default: the catalogue's sentence. One line, no secrets. */
  readonly told?: string;
  /** What only the log is told. */
  readonly detail?: string;
  /** The enhanced code, where the cause is known better than the catalogue's. */
  readonly enhanced?: string;
  readonly cause?: unknown;
  /** Of a temporary one: the other side asked not to be tried again before so many milliseconds. */
  readonly afterMs?: number;
}

/** An error with its decision: see the head of this file. */
export class Fault extends Error {
  override readonly name: string = 'Fault';
  readonly code: FaultCode;
  readonly smtp: number;
  readonly enhanced: string;
  readonly temporary: boolean;
  readonly told: string;
  readonly detail: string | undefined;
  readonly afterMs: number;

  constructor(code: FaultCode, more: FaultDetail = {}) {
    const entry: FaultKind = FAULTS[code];
    const told = more.told ?? entry.told;
    super(more.detail === undefined ? told : `${told} (${more.detail})`, { cause: more.cause });
    this.code = code;
    this.smtp = entry.smtp;
    this.enhanced = more.enhanced ?? entry.enhanced;
    this.temporary = entry.temporary;
    this.afterMs = more.afterMs ?? 0;
    this.told = told;
    this.detail = more.detail;
  }
}

/** Any thrown value as a Fault: one that is already stays, everything else becomes `internal` (temporary). */
export function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  return new Fault('internal', { detail: messageOf(error), cause: error });
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function kind(smtp: number, enhanced: string, temporary: boolean, told: string): FaultKind {
  return { smtp, enhanced, temporary, told };
}
