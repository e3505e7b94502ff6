import { Fault } from '../../base/errors.ts';
import type { SmtpLimits } from './settings.ts';

/** Commands that don't bring a mail further. */
const IDLE_COMMAND = /^(?:noop|rset|vrfy|help|ehlo|helo|lhlo)\b/i;

/** Counts what a client does without sending mail. A trusted relay may do so for ever. */
export class Patience {
  readonly #limits: SmtpLimits;
  readonly #endless: boolean;
  #errors = 0;
  #idleCommands = 0;
  #failedLogins = 0;

  constructor(limits: SmtpLimits, endless: boolean) {
    this.#limits = limits;
    this.#endless = endless;
  }

  /** A command was refused. */
  refused(): void {
    this.#errors++;
  }

  /** Somebody was not who they said to be: by AUTH, or by user and password in an address. */
  loginFailed(error: unknown): void {
    if (error instanceof Fault && error.code === 'auth.credentials') this.#failedLogins++;
  }

  /** A mail was accepted: all but the failed logins is forgotten. */
  mailAccepted(): void {
    this.#errors = 0;
    this.#idleCommands = 0;
  }

  /** Why a command that begins so ends the session; undefined where it doesn't. */
  exhausted(start: string): Fault | undefined {
    if (this.#endless) return undefined;
    const { errors, failedLogins, idleCommands } = this.#limits;
    if (this.#errors >= errors) return new Fault('smtp.errors');
    if (this.#failedLogins >= failedLogins)
      return new Fault('smtp.errors', { told: 'too many failed logins' });
    if (IDLE_COMMAND.test(start) && this.#idleCommands++ >= idleCommands) {
      return new Fault('smtp.errors', { told: 'too many commands without a mail' });
    }
    return undefined;
  }
}
